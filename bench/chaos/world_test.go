package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// world is a folder with a configuration, a calendar file and a daemon, and the receiver
// of its reminders.
type world struct {
	t      testing.TB
	dir    string
	chat   *receiver
	plan   map[string]time.Time // subject → due
	over   map[string]bool      // of these, what the calendar has no more
	begins map[string]bool      // of these, what begins when it is due
	daemon *process
	runs   int
	serves string   // the program that is the daemon; "": the one that people build
	env    []string // of the daemon, beside what all programs get
}

// options change a world.
type options struct {
	data   string // the folder of the database; "": the world's own
	slow   time.Duration
	config string // beside the usual
}

// newWorld makes a world whose calendar is empty.
func newWorld(t testing.TB, o options) *world {
	t.Helper()
	// Not t.TempDir: a socket's path may not be longer than some 100 bytes.
	dir, err := os.MkdirTemp("", "calbell-chaos-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	w := &world{t: t, dir: dir, chat: newReceiver(t, o.slow), plan: map[string]time.Time{}, over: map[string]bool{}, begins: map[string]bool{}}
	t.Cleanup(w.clean)
	w.write("config.yaml", w.config(o))
	w.write("chaos.ics", string(w.calendar()))
	return w
}

// clean ends what still runs; of a failed test it shows the last run.
func (w *world) clean() {
	if w.daemon == nil {
		return
	}
	w.daemon.kill()
	if w.t.Failed() {
		text := w.daemon.log.String()
		w.t.Logf("run %d of the daemon wrote:\n%s", w.runs, text[max(0, len(text)-6000):])
	}
}

func (w *world) config(o options) string {
	return fmt.Sprintf(`time_zone: UTC
locale: en
data:
  path: %s
  backup: "off"
server:
  listen: 127.0.0.1:0
  socket: calbell.sock
sync:
  interval: 10s
  before_reminders: false
delivery:
  private_networks: [127.0.0.0/8]
%saccounts:
  - name: home
    url: file://%s/chaos.ics
    calendars: [{name: chaos, webhook: chat}]
webhooks:
  - name: chat
    kind: json
    success: ok
    url: %s/
    template: "%%subject%%"
`, filepath.Join(o.data, "calbell.db"), o.config, w.dir, w.chat.server.URL)
}

func (w *world) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	// By rename, since the daemon may read at any time.
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		w.t.Fatal(err)
	}
}

// calendar is the plan as a calendar program writes it: an event half an hour after each
// reminder, or at once.
func (w *world) calendar() []byte {
	var b bytes.Buffer
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Chaos//EN\r\nX-WR-CALNAME:chaos\r\n")
	for subject, due := range w.plan {
		if !w.over[subject] {
			lead := 30 * time.Minute
			if w.begins[subject] {
				lead = 0
			}
			b.WriteString(event(subject, due, lead))
		}
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.Bytes()
}

func event(subject string, due time.Time, lead time.Duration) string {
	return fmt.Sprintf("BEGIN:VEVENT\r\nUID:%s@example.org\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:%s\r\nDURATION:PT30M\r\nSUMMARY:%s\r\n"+
		"BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Reminder\r\nTRIGGER:-PT%dM\r\nEND:VALARM\r\nEND:VEVENT\r\n",
		subject, due.Add(lead).UTC().Format("20060102T150405Z"), subject, int(lead.Minutes()))
}

// prepare starts the daemon, lets it sync the empty calendar (a first sync is quiet), and
// then plans n reminders, so many a second. What falls due before it was read fires late
// and is counted as such: a slow machine makes no test fail.
func (w *world) prepare(n, perSecond int) {
	w.t.Helper()
	w.serve()
	w.sync()
	w.lay(n, perSecond)
	w.sync()
}

// lay writes a plan of n more reminders into the calendar.
func (w *world) lay(n, perSecond int) {
	w.t.Helper()
	first := time.Now().Add(2*time.Second + time.Duration(n)*200*time.Microsecond).Truncate(time.Second)
	before := len(w.plan)
	for i := range n {
		w.plan[fmt.Sprintf("reminder-%d", before+i)] = first.Add(time.Duration(i/perSecond) * time.Second)
	}
	w.write("chaos.ics", string(w.calendar()))
}

// begin has what is laid from now on begin when it is due.
func (w *world) begin(subjects int) {
	for i := range subjects {
		w.begins[fmt.Sprintf("reminder-%d", len(w.plan)+i)] = true
	}
}

// unready asks the daemon's probe why nobody should rely on it; "" when they may.
func (w *world) unready() string {
	w.t.Helper()
	status, text := w.get("/readyz")
	if status == http.StatusOK {
		return ""
	}
	return text
}

// get asks the daemon's page, and returns the status and the answer.
func (w *world) get(path string) (status int, text string) {
	w.t.Helper()
	listens := regexp.MustCompile(`msg="the page's address" listen=(\S+)`).FindStringSubmatch(w.daemon.log.String())
	if listens == nil {
		w.t.Fatalf("no address in the log:\n%s", w.daemon.log)
	}
	r, err := http.Get("http://" + listens[1] + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

// clear takes what is planned out of the calendar, once all of it has come: a long plan is
// laid in parts, as each start reads the whole calendar. A calendar that is empty all at once is
// believed only when somebody says so.
func (w *world) clear() {
	w.t.Helper()
	if len(w.plan) == 0 {
		return
	}
	w.arrived(patience)
	w.settled()
	for subject := range w.plan {
		w.over[subject] = true
	}
	w.write("chaos.ics", string(w.calendar()))
	if a := w.run("sync", "--wait"); !strings.Contains(a.out+a.err, "absent") {
		w.t.Fatalf("sync of the empty calendar: %s%s", a.out, a.err)
	}
	if a := w.run("calendar", "apply", "chaos", "--yes"); a.code != 0 {
		w.t.Fatalf("apply: %s%s", a.out, a.err)
	}
}

// last is when the last reminder falls due.
func (w *world) last() (last time.Time) {
	for _, due := range w.plan {
		if due.After(last) {
			last = due
		}
	}
	return last
}

// launch starts the daemon and does not wait for it.
func (w *world) launch() {
	w.t.Helper()
	w.runs++
	w.chat.begin()
	w.daemon = launch(w.t, w.dir, w.startDaemon, w.program(), "serve", "-c", "config.yaml")
}

// program returns the path of the program that is the daemon.
func (w *world) program() string {
	w.t.Helper()
	if w.serves == "" {
		return program(w.t)
	}
	return w.serves
}

// startDaemon starts the daemon with the environment of this world.
func (w *world) startDaemon(cmd *exec.Cmd) error {
	cmd.Env = append(cmd.Env, w.env...)
	return cmd.Start()
}

// serve starts the daemon and waits until it is ready.
func (w *world) serve() {
	w.t.Helper()
	w.launch()
	w.ready()
}

// ready waits until the daemon is.
func (w *world) ready() {
	w.t.Helper()
	if !w.daemon.says(w.t, "msg=ready") {
		w.t.Fatalf("the daemon ended (%v):\n%s", w.daemon.err, w.daemon.log)
	}
}

// stop ends the daemon in order.
func (w *world) stop() {
	w.t.Helper()
	w.daemon.signal(w.t, syscall.SIGTERM)
	if code := w.daemon.end(w.t); code != 0 || w.daemon.crashed() {
		w.t.Errorf("after SIGTERM the daemon ended with code %d:\n%s", code, w.daemon.log)
	}
}

// kill kills the daemon, which must have run until now.
func (w *world) kill() {
	w.t.Helper()
	select {
	case <-w.daemon.ended:
		w.t.Errorf("the daemon ended by itself (%v):\n%s", w.daemon.err, w.daemon.log)
	default:
		w.daemon.kill()
	}
	if w.daemon.crashed() {
		w.t.Errorf("the daemon crashed:\n%s", w.daemon.log)
	}
}

func (w *world) sync() {
	w.t.Helper()
	if a := w.run("sync", "--wait"); a.code != 0 {
		w.t.Fatalf("sync: %s%s", a.out, a.err)
	}
}

// run runs a command that speaks to the daemon.
func (w *world) run(args ...string) answer {
	w.t.Helper()
	return cli(w.t, w.dir, append(args, "-c", "config.yaml")...)
}

// wait waits.
func (w *world) wait(d time.Duration) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), d)
	defer cancel()
	<-ctx.Done()
}

// arrived waits until all of the plan was taken in, so long after the last is due; the
// judge says what is missing.
func (w *world) arrived(after time.Duration) {
	w.t.Helper()
	limit := time.NewTimer(time.Until(w.last()) + after)
	defer limit.Stop()
	for {
		n, more := w.chat.count()
		if n >= len(w.plan) {
			return
		}
		select {
		case <-more:
		case <-limit.C:
			return
		}
	}
}

// states asks the daemon how many deliveries are in each state.
func (w *world) states() map[string]int {
	w.t.Helper()
	var s struct {
		Deliveries map[string]int `json:"deliveries"`
	}
	a := w.run("status", "-o", "json")
	if err := json.Unmarshal([]byte(a.out), &s); a.code != 0 || err != nil {
		w.t.Fatalf("status: %v\n%s%s", err, a.out, a.err)
	}
	return s.Deliveries
}

// settled waits until no delivery is under way, and returns the final states.
func (w *world) settled() map[string]int {
	w.t.Helper()
	end, least := time.Now().Add(patience), len(w.plan)+1
	for ; ; w.wait(100 * time.Millisecond) {
		s := w.states()
		open := s["planned"] + s["waiting"] + s["in_flight"] + s["held"]
		switch {
		case open == 0:
			return s
		case open < least: // a chat that asks for rests takes its time, but goes on
			end, least = time.Now().Add(patience), open
		case time.Now().After(end):
			w.t.Fatalf("for %v there have been %v", patience, s)
		}
	}
}

// finish waits for the end of the plan and judges: the receiver's posts, the rows that
// people see, and the database itself.
func (w *world) finish(fault string, runs int) verdict {
	w.t.Helper()
	w.arrived(patience)
	states := w.settled()
	if states["sent"] != len(w.plan) {
		w.t.Errorf("%s: of %d deliveries: %v", fault, len(w.plan), states)
	}
	w.rows()
	w.stop()
	w.checkStore()
	v := judge(w.plan, w.chat.seen())
	if bad := v.bad(); bad != "" {
		w.t.Errorf("%s: %s", fault, bad)
	}
	w.t.Logf("| %s | %d | %d | %d | %d (%d) | %d | most after one kill %d, latest %v, repeats at most %v after a start |", fault, runs, v.Planned, v.Lost,
		v.Marked+v.Unmarked, v.Marked, v.Early, v.Worst, v.Latest.Round(time.Millisecond), w.chat.afterStart().Round(time.Millisecond))
	return v
}

// maxRows is the most that a list shows.
const maxRows = 10_000

// rows wants a row for each reminder, in the list that people see.
func (w *world) rows() {
	w.t.Helper()
	var rows []struct {
		UID    string `json:"uid"`
		Status string `json:"status"`
	}
	a := w.run("delivery", "list", "--limit", fmt.Sprint(maxRows), "-o", "json")
	if err := json.Unmarshal([]byte(a.out), &rows); a.code != 0 || err != nil {
		w.t.Fatalf("delivery list: %v\n%s", err, a.err)
	}
	have := map[string]string{}
	for _, r := range rows {
		have[strings.TrimSuffix(r.UID, "@example.org")] = r.Status
	}
	if want := min(len(w.plan), maxRows); len(have) < want {
		w.t.Errorf("%d reminders have a row, want %d", len(have), want)
	}
	for subject, status := range have {
		if _, ok := w.plan[subject]; !ok {
			w.t.Errorf("a row of %q (%s), which nobody planned", subject, status)
		}
	}
}

// checkStore lets the program check its database, if it knows how to.
func (w *world) checkStore() {
	w.t.Helper()
	if !strings.Contains(cli(w.t, w.dir, "check", "--help").out, "--store") {
		return
	}
	if a := w.run("check", "--store"); a.code != 0 {
		w.t.Errorf("the database is not sound: %s%s", a.out, a.err)
	}
}
