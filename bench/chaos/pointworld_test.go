package chaos

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"calbell"
	"calbell/caldav/caldavtest"
	"calbell/scheduler/schedulertest"
	"calbell/store"
	"calbell/store/bolt"
	"calbell/store/record"
)

// The files of fail points, in a world's folder.
const (
	pointLog    = "points.log"
	pointSocket = "points.sock"
)

// pointWorld is a world whose daemon has fail points and whose calendar is at a server, where
// people edit it all the time. A model knows what the chat may receive.
type pointWorld struct {
	*world
	dav     *caldavtest.FaultServer
	side    *receiver // of the calendar beside the one that is judged
	model   *schedulertest.Model
	r       *rand.Rand
	server  string         // where the calendars are
	rules   string         // in force
	since   map[string]int // acted when they came into force
	made    int            // events
	exits   int            // of the daemon, at a fail point
	acted   map[string]int // how often each "PLACE=ACTION" acted
	reached map[string]bool
	log     *os.File
}

// newPointWorld makes a world with an empty calendar.
func newPointWorld(t testing.TB, seed uint64) *pointWorld {
	t.Helper()
	w := &pointWorld{
		world: newWorld(t, options{slow: 10 * time.Millisecond}), dav: caldavtest.NewFaultServer(caldavtest.Options{}),
		side: newReceiver(t, 0), model: schedulertest.NewModel(t), r: rand.New(rand.NewPCG(seed, 14)), acted: map[string]int{}, reached: map[string]bool{},
	}
	w.dav.AddUser("alice", "open-sesame")
	for _, name := range []string{"chaos", "side"} {
		w.dav.AddCalendar("alice", caldavtest.Calendar{Path: name, Name: name})
	}
	w.server = "http://" + listen(t, w.dav).name
	w.configure(true)
	w.chat.told = func(p post) {
		w.model.Posted(schedulertest.Post{
			ID: calbell.ReminderID(p.id), Webhook: "chat", At: p.at, Verdict: calbell.Accepted, Arrived: true, Marked: p.repeat,
		})
	}
	w.serves = programWithPoints(t)
	var err error
	if w.log, err = os.Create(filepath.Join(w.dir, pointLog)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.log.Close() })
	return w
}

// configure writes the configuration: the calendar that is judged, and another one if it is wanted,
// whose webhook, rules and pauses concern nobody.
func (w *pointWorld) configure(side bool) {
	w.t.Helper()
	calendars := "{name: chaos, webhook: chat}"
	if side {
		calendars += ", {name: side, webhook: side}"
	}
	w.write("config.yaml", fmt.Sprintf(`time_zone: UTC
locale: en
data: {path: calbell.db, backup: backup, keep_snapshots: 1}
server: {listen: "127.0.0.1:0", socket: calbell.sock}
sync: {interval: 10s, timeout: 2s}
delivery: {private_networks: [127.0.0.0/8]}
accounts:
  - {name: home, url: %q, username: alice, password: open-sesame, write_back: true, calendars: [%s]}
webhooks:
  - {name: chat, kind: json, success: ok, url: %q, template: "%%subject%%"}
  - {name: side, kind: json, success: ok, url: %q, template: "%%subject%% (%d)"}
`, w.server, calendars, w.chat.server.URL+"/", w.side.server.URL+"/", len(calendars)))
}

// launchWith launches the daemon with rules from its start on.
func (w *pointWorld) launchWith(rules string) {
	w.t.Helper()
	w.expect(rules)
	w.env = pointEnv(rules)
	w.launch()
}

// pointEnv is the environment of a program with fail points, which runs in a world's folder.
func pointEnv(rules string) []string {
	return []string{"CALBELL_FAILPOINTS=" + rules, "CALBELL_FAILPOINTS_LOG=" + pointLog, "CALBELL_FAILPOINTS_SOCKET=" + pointSocket}
}

// switchOn replaces the rules of the running daemon. The error is that it runs no more.
func (w *pointWorld) switchOn(rules string) error {
	w.t.Helper()
	w.expect(rules)
	// The path that is dialled may not be longer than some 100 bytes.
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(w.dir, pointSocket))
	}}}
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPut, "http://points/", strings.NewReader(rules))
	if err != nil {
		w.t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(resp.Body)
		w.t.Fatalf("switch on %q: %s", rules, text)
	}
	return nil
}

// expect notes the rules that will be in force, and what has acted before: they may act at once.
func (w *pointWorld) expect(rules string) {
	w.t.Helper()
	w.look()
	w.rules, w.since = rules, maps.Clone(w.acted)
}

// look reads what is new in the log of the fail points.
func (w *pointWorld) look() {
	w.t.Helper()
	text, err := io.ReadAll(w.log) // each line is written in one call
	if err != nil {
		w.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if place, ok := strings.CutPrefix(line, "reached "); ok {
			w.reached[place] = true
		} else if what, ok := strings.CutPrefix(line, "acted "); ok {
			w.acted[what]++
		}
	}
}

// untilActed goes on with the traffic until each of the rules has acted, or one of them has ended
// the daemon: if one of them does that, until then. It reports whether the daemon ended.
func (w *pointWorld) untilActed() (ended bool) {
	w.t.Helper()
	left, ended := w.goOn(patience, func() {})
	switch {
	case ended && !w.wasKilled():
		w.t.Fatalf("with the rules %q the daemon ended (%v):\n%s", w.rules, w.daemon.err, w.daemon.log)
	case !ended && len(left) > 0:
		w.t.Errorf("within %v these did not act: %v", patience, left)
	}
	return ended
}

// goOn edits and syncs, and does more, until the rules have acted (none never have), the daemon
// ended, or so long. It returns what did not act, and whether the daemon ended.
func (w *pointWorld) goOn(most time.Duration, more func()) (left []string, ended bool) {
	w.t.Helper()
	kills := strings.Contains(w.rules, "=exit") && !strings.HasPrefix(w.rules, "backup-") // of a command
	for end := time.Now().Add(most); ; w.wait(10 * time.Millisecond) {
		w.edit()
		w.sync()
		more()
		if w.daemon.hasEnded() {
			w.look()
			w.excuse()
			return w.waiting(), true
		}
		w.look()
		left = w.waiting()
		if w.rules != "" && len(left) == 0 && !kills || time.Now().After(end) {
			return left, false
		}
	}
}

// waiting returns which of the rules in force have not acted.
func (w *pointWorld) waiting() (left []string) {
	for rule := range strings.SplitSeq(w.rules, ";") {
		name, _, _ := strings.Cut(rule, "@")
		name, _, _ = strings.Cut(name, "*")
		name, _, _ = strings.Cut(name, "(")
		if name != "" && w.acted[name] == w.since[name] {
			left = append(left, rule)
		}
	}
	return left
}

// wasKilled reports whether the daemon ended because one of the rules says so.
func (w *pointWorld) wasKilled() bool {
	status, ok := w.daemon.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || status.Signal() != syscall.SIGKILL || !strings.Contains(w.rules, "=exit") {
		return false
	}
	w.exits++
	return !w.daemon.crashed()
}

// excuse tells the model what was in flight when the daemon ended.
func (w *pointWorld) excuse() {
	w.t.Helper()
	s := w.openCopy()
	if s == nil {
		return
	}
	defer s.Close()
	waiting, err := s.Upcoming(w.t.Context(), store.UpcomingQuery{Limit: maxRows})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, d := range waiting {
		if d.Status == calbell.StatusInFlight {
			w.model.Excuse(d.ID)
		}
	}
}

// openCopy opens a copy of the database, which stays as it is: to open it would change it. nil: the
// daemon ended before there was one.
func (w *pointWorld) openCopy() *bolt.Store {
	w.t.Helper()
	dir := w.t.TempDir()
	for _, name := range []string{"calbell.db", "calbell.db.key", "calbell.db.sent"} {
		b, err := os.ReadFile(filepath.Join(w.dir, name))
		if err != nil {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "calbell.db")
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return nil
	}
	key, err := record.LoadKey(path, "")
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := bolt.Open(path, key, bolt.Options{NoSync: true})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

const (
	// ahead is for how long the calendar has reminders at any time, perSecond each second: enough
	// for one to be due at each moment, few enough for a busy machine.
	ahead     = 3 * time.Second
	perSecond = 12
	// soon is how near a reminder may be that is edited no more: a claim may have been made that
	// the change comes too late for.
	soon = 2 * time.Second
)

// edit is what people do to the calendar: some events are made, a few moved, one is deleted.
func (w *pointWorld) edit() {
	w.t.Helper()
	now := time.Now()
	next, changed := maps.Clone(w.plan), []string{}
	for s := now.Truncate(time.Second).Add(2 * time.Second); s.Before(now.Add(ahead)); s = s.Add(time.Second) {
		for n := w.dueAt(s); n < perSecond; n++ {
			w.made++
			subject := fmt.Sprintf("reminder-%d", w.made)
			next[subject] = s
			changed = append(changed, subject)
		}
	}
	if subject := w.pending(now); subject != "" {
		changed = append(changed, subject)
		if next[subject] = now.Truncate(time.Second).Add(ahead + time.Second); w.r.IntN(3) == 0 {
			delete(next, subject)
		}
	}
	w.model.Synced(wanted(next), false) // the daemon may find the change at any time
	w.plan = next
	for _, subject := range changed {
		if due, ok := next[subject]; ok {
			w.dav.Put("alice", "chaos", subject+".ics", calendarOf(event(subject, due, 30*time.Minute)))
		} else {
			w.dav.Delete("alice", "chaos", subject+".ics")
		}
	}
}

// calendarOf returns the text of a calendar object.
func calendarOf(event string) []byte {
	return []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Chaos//EN\r\n" + event + "END:VCALENDAR\r\n")
}

// dueAt counts the reminders of a second.
func (w *pointWorld) dueAt(s time.Time) (n int) {
	for _, due := range w.plan {
		if due.Equal(s) {
			n++
		}
	}
	return n
}

// pending returns an event that can still be changed, now and then; else "".
func (w *pointWorld) pending(now time.Time) string {
	var all []string
	for subject, due := range w.plan {
		if due.After(now.Add(soon)) {
			all = append(all, subject)
		}
	}
	if len(all) == 0 || w.r.IntN(2) == 0 {
		return ""
	}
	slices.Sort(all)
	return all[w.r.IntN(len(all))]
}

// wanted is a plan as the model knows it.
func wanted(plan map[string]time.Time) map[calbell.ReminderID]schedulertest.Reminder {
	all := map[calbell.ReminderID]schedulertest.Reminder{}
	for subject, due := range plan {
		all[calbell.NewReminderID("chat", calbell.UID(subject+"@example.org"), "", due)] = schedulertest.Reminder{Webhook: "chat", Due: due}
	}
	return all
}

// sync asks for a sync and tells the model if it was whole: a fault may end it, or the daemon.
func (w *pointWorld) sync() bool {
	w.t.Helper()
	whole := w.run("sync", "--wait").code == 0
	w.model.Synced(wanted(w.plan), whole)
	return whole
}

// finish switches all off, waits until nothing is left to do, and judges.
func (w *pointWorld) finish() {
	w.t.Helper()
	for end := time.Now().Add(patience); !w.sync(); w.wait(100 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("no sync succeeds although no fail point is on:\n%s", w.daemon.log)
		}
	}
	w.wait(time.Until(w.last()))
	w.settled()
	w.stop()
	w.checkStore()
	w.look()
	w.judge()
	w.t.Logf("%s; %d exits; acted %v", w.model.Summary(), w.exits, w.acted)
}

// judge has the model look at the database. What it has as a lost answer was one: the chat gave it,
// and a fail point took it away.
func (w *pointWorld) judge() {
	w.t.Helper()
	s := w.openCopy()
	defer s.Close()
	for _, p := range w.chat.seen() {
		d, err := s.Delivery(w.t.Context(), calbell.ReminderID(p.id))
		if err != nil {
			w.t.Errorf("%+v was posted and has no row: %v", p, err)
		}
		for _, try := range d.Tries {
			if try.Verdict == calbell.Unknown {
				w.model.Excuse(d.ID)
			}
		}
	}
	w.model.Judge(w.t.Context(), s)
}
