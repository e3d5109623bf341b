package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"calbell/api/types"
	"calbell/caldav/caldavtest"
	"calbell/webhook/webhooktest"
)

// calendarServer is where a world's events are: a real server, or the one in memory.
type calendarServer interface {
	put(t testing.TB, name string, text []byte)
	remove(t testing.TB, name string)
}

// realCalendar is a calendar on Radicale or Xandikos.
type realCalendar struct {
	*caldavtest.Real
	url string
}

func (c realCalendar) put(t testing.TB, name string, text []byte) {
	t.Helper()
	if err := c.Put(patient(t), c.url+name, text); err != nil {
		t.Fatal(err)
	}
}

func (c realCalendar) remove(t testing.TB, name string) {
	t.Helper()
	if err := c.Delete(patient(t), c.url+name); err != nil {
		t.Fatal(err)
	}
}

// memoryCalendar is a calendar of the server in memory.
type memoryCalendar struct{ *caldavtest.Server }

func (c memoryCalendar) put(_ testing.TB, name string, text []byte) {
	c.Put("alice", "team", name, text)
}

func (c memoryCalendar) remove(_ testing.TB, name string) { c.Delete("alice", "team", name) }

// world is a daemon between a calendar server and a chat.
type world struct {
	calendarServer
	t    testing.TB
	dir  string
	chat *webhooktest.Receiver
	// daemon is the running one; nil before serve.
	daemon *process
}

// password is alice's, in the servers that ask for one.
const password = "open-sesame"

// newWorld writes the configuration of README's example with the addresses changed.
func newWorld(t testing.TB, url string, c calendarServer) *world {
	t.Helper()
	// Not t.TempDir: a socket's path may not be longer than some 100 bytes.
	dir, err := os.MkdirTemp("", "calbell-")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{calendarServer: c, t: t, dir: dir, chat: webhooktest.New()}
	t.Cleanup(func() {
		w.chat.Close()
		os.RemoveAll(dir)
	})
	w.write("alice.password", password+"\n")
	w.configure("http://127.0.0.1:5232/", url)
	return w
}

// memoryWorld is a world whose calendar server is in memory.
func memoryWorld(t testing.TB) *world {
	t.Helper()
	s := caldavtest.New(caldavtest.Options{})
	s.AddUser("alice", password)
	s.AddCalendar("alice", caldavtest.Calendar{Path: "team", Name: "team"})
	if err := s.Start(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return newWorld(t, s.URL(), memoryCalendar{s})
}

// radicaleWorld is a world whose calendar server is Radicale.
func radicaleWorld(t testing.TB) *world {
	t.Helper()
	return realWorld(t, caldavtest.StartRadicale(t))
}

func realWorld(t testing.TB, s *caldavtest.Real) *world {
	t.Helper()
	url, err := s.AddCalendar(patient(t), "team", "team")
	if err != nil {
		t.Fatal(err)
	}
	return newWorld(t, s.URL, realCalendar{s, url})
}

func (w *world) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(name string) string {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

// configure writes the example's configuration, with these replacements too.
func (w *world) configure(oldNew ...string) {
	w.t.Helper()
	text, err := os.ReadFile("testdata/first.yaml")
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(w.dir, "config.yaml")); err == nil {
		text = []byte(w.read("config.yaml"))
	}
	oldNew = append(oldNew, "127.0.0.1:8470", "127.0.0.1:0", "http://127.0.0.1:9000", strings.TrimSuffix(w.chat.URL("/"), "/"))
	w.write("config.yaml", strings.NewReplacer(oldNew...).Replace(string(text)))
}

// serve starts the daemon and waits until it is ready.
func (w *world) serve() {
	w.t.Helper()
	w.daemon = start(w.t, w.dir, "serve", "-c", "config.yaml")
	w.daemon.waitFor(w.t, 1, "msg=ready")
}

// page is the address at which the daemon's page is.
func (w *world) page() string {
	w.t.Helper()
	listens := regexp.MustCompile(`msg="the page's address" listen=(\S+)`).FindStringSubmatch(w.daemon.errOut.String())
	if listens == nil {
		w.t.Fatalf("no address in the log:\n%s", w.daemon.errOut)
	}
	return listens[1]
}

// stop ends the daemon in an orderly way.
func (w *world) stop() {
	w.t.Helper()
	w.daemon.stop(w.t, syscall.SIGTERM)
}

// run runs a command that speaks to the daemon.
func (w *world) run(args ...string) answer {
	w.t.Helper()
	return cli(w.t, w.dir, "", append(args, "-c", "config.yaml")...)
}

// sync brings the calendars into the daemon.
func (w *world) sync() {
	w.t.Helper()
	w.run("sync", "--wait").want(w.t, 0)
}

// add puts an event on the server and syncs it.
func (w *world) add(e entry) {
	w.t.Helper()
	w.put(w.t, e.uid+".ics", e.ics())
	w.sync()
}

// arrives waits for the n-th message and wants it to be this one, not early.
func (w *world) arrives(n int, e entry) webhooktest.Request {
	w.t.Helper()
	got, err := w.chat.Wait(patient(w.t), n)
	if err != nil {
		w.t.Fatalf("wait for message %d: %v\nhave: %q", n, err, w.chat.Texts())
	}
	r := got[n-1]
	if r.Text != e.text() {
		w.t.Errorf("message %d is %q, want %q", n, r.Text, e.text())
	}
	late := r.At.Sub(e.due)
	if late < 0 {
		w.t.Errorf("message %d came %v early", n, -late)
	}
	w.t.Logf("%q came %v after it fell due", e.title, late.Round(time.Millisecond))
	return r
}

// only wants that no more than n messages have come, all told apart by their IDs.
func (w *world) only(n int) {
	w.t.Helper()
	seen := map[string]bool{}
	for _, r := range w.chat.Requests() {
		if r.ID == "" || seen[r.ID] {
			w.t.Errorf("%q came twice, or without an ID", r.Text)
		}
		seen[r.ID] = true
	}
	if len(seen) != n {
		w.t.Errorf("%d messages came, want %d: %q", len(seen), n, w.chat.Texts())
	}
}

// entry is an event of a test.
type entry struct {
	uid, title, place, text1 string
	start, due               time.Time
}

// ahead is an event half an hour from now whose alarm rings after a while: a whole number
// of seconds, as calendars know no others, and at least the while.
func ahead(uid, title string, in time.Duration) entry {
	due := time.Now().Add(in + time.Second - 1).Truncate(time.Second)
	return entry{uid: uid, title: title, place: "Room 1", text1: "Bring a pen.", start: due.Add(30 * time.Minute), due: due}
}

// ics is the event as a calendar program writes it.
func (e entry) ics() []byte {
	const utc = "20060102T150405Z"
	lines := []string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//Test//EN", "BEGIN:VEVENT",
		"UID:" + e.uid, "DTSTAMP:20260101T000000Z", "DTSTART:" + e.start.UTC().Format(utc), "DURATION:PT30M",
		"SUMMARY:" + e.title, "LOCATION:" + e.place, "DESCRIPTION:" + e.text1,
		"BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Reminder",
		fmt.Sprintf("TRIGGER:-PT%dS", int(e.start.Sub(e.due).Seconds())), "END:VALARM",
		"END:VEVENT", "END:VCALENDAR", "",
	}
	return []byte(strings.Join(lines, "\r\n"))
}

// zurich is the zone of the example's configuration.
func zurich() *time.Location {
	loc, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		panic(err) // the program carries the zones
	}
	return loc
}

// text is the message that the example's template makes of it.
func (e entry) text() string {
	return fmt.Sprintf("**%s**, %s, %s\n%s", e.title, e.start.In(zurich()).Format("Monday 2 January 2006, 15:04"), e.place, e.text1)
}

// until waits for an instant.
func until(t testing.TB, at time.Time) {
	t.Helper()
	ctx, cancel := context.WithDeadline(t.Context(), at)
	defer cancel()
	<-ctx.Done()
}

// deliveries are what the command lists.
func (w *world) deliveries(args ...string) []types.DeliveryRow {
	w.t.Helper()
	return decode[[]types.DeliveryRow](w.t, w.run(append([]string{"delivery", "list", "-o", "json"}, args...)...))
}
