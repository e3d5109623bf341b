package chaos

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"calbell/internal/failpoint"
)

// stepTime is the longest that a rule is waited for: some do not act, such as one of a file that
// is written once.
const stepTime = 3 * time.Second

// playTraffic disturbs a daemon under traffic, at places chosen at random, and starts it again
// after each end. The model judges what the chat saw.
func playTraffic(t *testing.T, seed uint64) *pointWorld {
	const steps = 300
	w := newPointWorld(t, seed)
	w.launchWith("")
	w.ready()
	if !w.sync() {
		t.Fatalf("the first sync failed:\n%s", w.daemon.log)
	}
	w.write("side.url", w.side.server.URL)
	w.write("password", "a password that is long enough")
	w.run("user", "add", "anna", "--password-file", "password", "--admin")
	acts, silent := w.activities(), 0
	for range steps {
		rules, do := w.disturb(acts)
		if w.r.IntN(3) == 0 { // two at a time
			more, also := w.disturb(acts)
			rules, do.start = rules+";"+more, do.start || also.start
			first := do.do
			do.do = func() { first(); also.do() }
		}
		if !w.step(rules, do) {
			silent++
		}
	}
	t.Logf("%d of %d steps did not act in time", silent, steps)
	w.finish()
	return w
}

// disturb chooses a place that has an activity, and what happens there.
func (w *pointWorld) disturb(acts map[failpoint.Point]activity) (rule string, do activity) {
	places := failpoint.Places()
	for {
		place := places[w.r.IntN(len(places))]
		if do, ok := acts[place.Point]; ok {
			return disturbance(w.r, place), do
		}
	}
}

// activity is what reaches a point, beside the traffic.
type activity struct {
	start bool // the start, or the end, of the daemon does
	do    func()
}

// step disturbs some places, and leaves a running daemon behind. It reports whether all rules acted.
func (w *pointWorld) step(rule string, act activity) bool {
	w.t.Helper()
	if act.start || w.r.IntN(5) == 0 {
		w.end()
		w.launchWith(rule)
	} else if err := w.switchOn(rule); err != nil {
		w.t.Fatalf("switch on %q: %v\n%s", rule, err, w.daemon.log)
	}
	left, ended := w.goOn(stepTime, act.do)
	switch {
	case ended:
	case act.start && len(left) > 0: // the end of the run may reach it
		w.end()
	case w.switchOn("") == nil:
		return len(left) == 0
	default: // it acts at last
		w.rules = rule
		w.daemon.end(w.t)
		w.excuse()
	}
	w.look()
	if !w.wasKilled() {
		w.mayEnd(rule)
	}
	w.launchWith("")
	w.ready()
	return len(left) == 0
}

// end ends the daemon, in order or not.
func (w *pointWorld) end() {
	w.t.Helper()
	if w.r.IntN(2) == 0 {
		w.daemon.signal(w.t, syscall.SIGTERM)
		w.daemon.end(w.t)
	} else {
		w.daemon.kill()
	}
	w.excuse()
}

// mayEnd wants the daemon to have ended by a failure that ends it: one of its start, or of its end.
func (w *pointWorld) mayEnd(rule string) {
	w.t.Helper()
	log := w.daemon.log.String()
	switch {
	case w.daemon.crashed():
		w.t.Errorf("with the rule %q the daemon crashed:\n%s", rule, log)
	case w.daemon.cmd.ProcessState.ExitCode() == -1: // the test killed it
	case !strings.Contains(log, "msg=ready") && !strings.Contains(log, "fail point "):
		w.t.Errorf("with the rule %q the daemon did not start, and does not say why:\n%s", rule, log)
	case strings.Contains(log, "msg=ready") && !strings.Contains(log, "msg=stopping") && !strings.Contains(rule, "recover:"):
		w.t.Errorf("the rule %q ended the daemon:\n%s", rule, log)
	}
}

// activities returns what reaches each point under traffic.
func (w *pointWorld) activities() map[failpoint.Point]activity {
	nothing := func() {}
	start, traffic := activity{start: true, do: nothing}, activity{do: nothing}
	acts := map[failpoint.Point]activity{
		failpoint.Beat: start, failpoint.Recover: start, failpoint.OpenDatabase: start, failpoint.MarkOpen: start,
		failpoint.CloseDatabase: start, failpoint.OpenJournal: start,
		failpoint.Apply: traffic, failpoint.SaveCalendar: traffic, failpoint.Claim: traffic, failpoint.Finish: traffic,
		failpoint.WriteJournal: traffic, failpoint.Post: traffic, failpoint.PostWritten: traffic,
		failpoint.RemoveCalendar: {do: w.toggleSide}, failpoint.Reload: {do: w.toggleSide}, failpoint.FileWebhooks: {do: w.toggleSide},
		failpoint.Attach: {do: w.attach}, failpoint.Put: {do: w.attach},
		failpoint.Notify: {do: func() { w.run("webhook", "test", "side") }},
		failpoint.Resend: {do: w.resend},
		failpoint.Webhook: {do: func() {
			w.run("webhook", "add", "spare", "--url-file", "side.url", "--kind", "json")
			w.run("webhook", "remove", "-y", "spare")
		}},
		failpoint.Settings: {do: func() {
			w.run("rule", "add", "spare", "--subject", "nothing has this subject", "--mode", "off")
			w.run("rule", "remove", "-y", "spare")
		}},
		failpoint.Pause: {do: func() {
			w.run("pause", "--webhook", "side", "--for", "1m")
			w.run("resume", "--webhook", "side")
		}},
		failpoint.People: {do: func() {
			w.run("user", "add", "bob", "--password-file", "password")
			w.run("token", "create", "spare", "--user", "bob")
			w.run("user", "remove", "-y", "bob")
		}},
		failpoint.Session:    {do: w.signIn},
		failpoint.BackupSync: {do: w.backup}, failpoint.BackupName: {do: w.backup},
	}
	for _, p := range []failpoint.Point{failpoint.Snapshot, failpoint.FileSync, failpoint.FileRename, failpoint.FolderSync} {
		acts[p] = activity{start: true, do: func() { _ = os.RemoveAll(filepath.Join(w.dir, "backup")) }}
	}
	return acts
}

// toggleSide takes the other calendar out of the configuration, and back.
func (w *pointWorld) toggleSide() {
	for _, side := range []bool{false, true} {
		w.configure(side)
		w.run("reload")
	}
}

// attach attaches a reminder to an event of the other calendar, which is written into it by the next
// sync, and takes those of before back.
func (w *pointWorld) attach() {
	uid := fmt.Sprintf("side-%d", w.made)
	w.dav.Put("alice", "side", uid+".ics", calendarOf(event(uid, time.Now().Add(2*time.Second), 30*time.Minute)))
	w.sync()
	w.run("reminder", "add", uid+"@example.org", "--before", "29m", "--webhook", "side")
}

// resend has something that was sent to the other webhook sent once more.
func (w *pointWorld) resend() {
	var rows []struct {
		ID string `json:"id"`
	}
	a := w.run("delivery", "list", "--webhook", "side", "--status", "sent", "--limit", "1", "-o", "json")
	if json.Unmarshal([]byte(a.out), &rows) != nil || len(rows) == 0 {
		w.attach()
		return
	}
	w.run("delivery", "resend", "-y", rows[0].ID)
}

// signIn signs in at the page.
func (w *pointWorld) signIn() {
	found := pageAddress.FindStringSubmatch(w.daemon.log.String())
	if found == nil {
		return
	}
	body := strings.NewReader(`{"name":"anna","password":"a password that is long enough"}`)
	resp, err := http.Post("http://"+found[1]+"/api/v1/session", "application/json", body)
	if err == nil {
		resp.Body.Close()
	}
}

// backup runs a command of the program with fail points: it writes the file.
func (w *pointWorld) backup() {
	w.t.Helper()
	w.command(w.rules, "backup", "--force", "backup.db", "-c", "config.yaml").end(w.t)
}
