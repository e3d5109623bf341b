package chaos

import (
	"compress/gzip"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calbell/internal/failpoint"
)

// command runs a command of the program with fail points and rules.
func (w *pointWorld) command(rules string, args ...string) *process {
	w.t.Helper()
	return launch(w.t, w.dir, func(cmd *exec.Cmd) error {
		cmd.Env = append(cmd.Env, pointEnv(rules)[:2]...) // the socket is the daemon's
		return cmd.Start()
	}, w.serves, args...)
}

// bothSides returns an end and a failure before and after each of some points.
func bothSides(points ...failpoint.Point) (rules []string) {
	for _, p := range points {
		for _, side := range []failpoint.Side{failpoint.BeforeIt, failpoint.AfterIt} {
			place := failpoint.Place{Point: p, Side: side}.String()
			rules = append(rules, place+"=exit", place+"=error(EIO)", place+"=exit@2")
		}
	}
	return rules
}

// afterReady is how long a rule is waited for that may act when a start is done.
const afterReady = time.Second

// starts launches the daemon with a rule, and once more without: that one must be ready.
func (w *pointWorld) starts(rule string, launch func()) {
	w.t.Helper()
	w.expect(rule)
	w.env = pointEnv(rule)
	launch()
	if w.daemon.says(w.t, "msg=ready") {
		for end := time.Now().Add(afterReady); time.Now().Before(end) && !w.daemon.hasEnded(); w.wait(10 * time.Millisecond) {
			if w.look(); len(w.waiting()) == 0 && !strings.Contains(rule, "=exit") {
				break
			}
		}
	}
	if w.look(); w.daemon.hasEnded() && !w.wasKilled() {
		w.mayEnd(rule)
	}
	w.daemon.kill()
	w.env = pointEnv("")
	launch()
	w.ready()
}

// playFirstStart disturbs the start that makes database, key, journal and ballast: the next one
// makes what is missing.
func playFirstStart(t *testing.T, seed uint64) *pointWorld {
	w := newPointWorld(t, seed)
	for _, rule := range bothSides(failpoint.FileSync, failpoint.FileRename, failpoint.FolderSync, failpoint.OpenDatabase, failpoint.MarkOpen,
		failpoint.Create, failpoint.Ballast, failpoint.OpenJournal, failpoint.WriteJournal, failpoint.Epoch, failpoint.FileWebhooks) {
		w.removeDatabase()
		w.starts(rule, w.launch)
		w.stop()
		w.checkStore()
	}
	return w
}

func (w *pointWorld) removeDatabase() {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, "calbell.db*"))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil && !errors.Is(err, fs.ErrNotExist) {
			w.t.Fatal(err)
		}
	}
}

// playRestore restores a backup under traffic, in an order that may be broken off at any place: the
// database is the one of before or the restored one then, and what was sent since the backup is not
// sent again.
func playRestore(t *testing.T, seed uint64) *pointWorld {
	w := newPointWorld(t, seed)
	w.launchWith("")
	w.ready()
	if !w.sync() {
		t.Fatalf("the first sync failed:\n%s", w.daemon.log)
	}
	traffic := func(d time.Duration) { w.goOn(d, func() {}) }
	for _, rule := range bothSides(failpoint.KeepReplaced, failpoint.PlaceRestored, failpoint.Restore, failpoint.Epoch, failpoint.OpenDatabase,
		failpoint.CloseDatabase, failpoint.OpenJournal, failpoint.WriteJournal, failpoint.FileSync, failpoint.FileRename, failpoint.FolderSync) {
		traffic(500 * time.Millisecond)
		if a := w.run("backup", "--force", "backup.db"); a.code != 0 {
			t.Fatalf("backup: %s", a.err)
		}
		traffic(1200 * time.Millisecond) // somewhat more than from one second to the next
		w.stop()
		p := w.command(rule, "restore", "-y", "backup.db", "-c", "config.yaml")
		p.end(t)
		if p.crashed() {
			t.Errorf("restore with the rule %q crashed:\n%s", rule, p.log)
		}
		w.launchWith("")
		w.ready()
	}
	w.finish()
	return w
}

// playLater lets a week pass between two starts: layouts are continued, old history is forgotten,
// what fell due meanwhile has been missed, and the sent journal gets shorter. No
// disturbance of that repeats a message without its mark.
func playLater(t *testing.T, seed uint64) *pointWorld {
	const week = 8 * 24 * time.Hour
	w := newPointWorld(t, seed)
	w.write("config.yaml", strings.Replace(string(w.read("config.yaml")), "keep_snapshots: 1", "keep_snapshots: 1, keep_deliveries: 7d", 1))
	var ahead time.Duration
	launch := func() { w.launchMovable(ahead) }
	w.env = pointEnv("")
	w.chat.told = nil
	launch()
	w.ready()
	w.sync()
	for i, rule := range bothSides(failpoint.Extend, failpoint.Prune, failpoint.Expire, failpoint.ShortenJournal) {
		w.layDaily(fmt.Sprintf("daily-%d", i), time.Now().Add(ahead+2*time.Second))
		w.sync()
		w.quiet(3 * time.Second)
		w.stop()
		ahead += week
		w.starts(rule, launch)
	}
	for end := time.Now().Add(patience); ; w.wait(100 * time.Millisecond) {
		if s := w.states(); s["waiting"]+s["in_flight"]+s["held"] == 0 { // the next days are planned
			break
		} else if time.Now().After(end) {
			t.Fatalf("after %v there are still %v", patience, s)
		}
	}
	w.stop()
	w.checkStore()
	w.noUnmarkedRepeat()
	return w
}

// layDaily puts an event into the calendar that is each day.
func (w *pointWorld) layDaily(subject string, due time.Time) {
	text := strings.Replace(event(subject, due, 0), "SUMMARY:", "RRULE:FREQ=DAILY\r\nSUMMARY:", 1)
	w.dav.Put("alice", "chaos", subject+".ics", calendarOf(text))
}

// noUnmarkedRepeat wants no message to have come again without its mark.
func (w *pointWorld) noUnmarkedRepeat() {
	w.t.Helper()
	seen := map[string]bool{}
	for _, p := range w.chat.seen() {
		if seen[p.id] && !p.repeat {
			w.t.Errorf("it came again, unmarked: %+v", p)
		}
		seen[p.id] = true
	}
	w.t.Logf("%d messages", len(seen))
}

// playUpgrade disturbs the upgrade of a database that an older program wrote: the next start makes it.
func playUpgrade(t *testing.T, seed uint64) *pointWorld {
	w := newPointWorld(t, seed)
	f, err := os.Open("../../store/bolt/testdata/schema1.db.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	image, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range bothSides(failpoint.Upgrade, failpoint.FileSync, failpoint.FileRename, failpoint.FolderSync) {
		w.removeDatabase()
		w.put("calbell.db", image)
		w.put("calbell.db.key", []byte(hex.EncodeToString(append([]byte{1, 2, 3}, make([]byte, 29)...))))
		w.starts(rule, w.launch)
		w.stop()
		w.checkStore()
	}
	return w
}
