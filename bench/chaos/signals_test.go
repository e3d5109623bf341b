package chaos

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// inFlight is how many posts are under way at most, as the configuration has it by default.
const inFlight = 64

// A kill at any time loses nothing; what was under way comes again, and says so.
func TestKill(t *testing.T) {
	t.Parallel()
	const each = 100
	rounds, kills := size(1, 10), size(50, 1000)
	w := newWorld(t, options{slow: 10 * time.Millisecond})
	w.serve()
	w.sync()
	for range rounds {
		w.clear()
		w.lay(kills/rounds*30, each) // at each full second, as calendars know no finer time
		w.sync()
		w.wait(time.Until(w.last().Add(-time.Duration(kills/rounds*30/each-1) * time.Second)))
		w.killed(kills/rounds, 20*time.Millisecond, 560*time.Millisecond)
	}
	v := w.finish("SIGKILL at 100/s", kills)
	if v.Worst > inFlight {
		t.Errorf("%d repeats after one kill, at most %d are in flight", v.Worst, inFlight)
	}
	// At quick size, other tests have the machine too.
	if full() && v.Marked > 2*kills {
		t.Errorf("%d repeats after %d kills, at most 2 a kill are promised at 100/s", v.Marked, kills)
	}
	if again := w.chat.afterStart(); full() && again > 2*time.Second {
		t.Errorf("what was in flight came again %v after the start, 2 s are promised", again)
	}
}

// killed kills the daemon so often, each time somewhere between two ages, and leaves one
// running.
func (w *world) killed(times int, from, to time.Duration) {
	w.t.Helper()
	for range times {
		w.wait(from + rand.N(to-from))
		w.kill()
		w.launch()
	}
	w.ready()
}

// Many at one instant, and kills among them: no more come twice than were in flight.
func TestBurst(t *testing.T) {
	t.Parallel()
	const n = 3000
	rounds := size(1, 10)
	w := newWorld(t, options{slow: 5 * time.Millisecond})
	w.serve()
	w.sync()
	for range rounds {
		w.lay(n, n)
		w.sync()
		w.wait(time.Until(w.last()))
		for range 10 {
			w.wait(50*time.Millisecond + rand.N(500*time.Millisecond))
			w.kill()
			w.launch()
		}
		w.ready()
		w.arrived(patience)
	}
	if v := w.finish("SIGKILL in bursts of 3,000", rounds*10); v.Worst > inFlight {
		t.Errorf("%d repeats after one kill, at most %d are in flight", v.Worst, inFlight)
	}
}

// A stop in order loses nothing and repeats nothing.
func TestTerm(t *testing.T) {
	t.Parallel()
	stops, n := size(10, 200), size(500, 10_000)
	w := newWorld(t, options{slow: 30 * time.Millisecond})
	w.prepare(n, 100)
	for range stops {
		w.wait(rand.N(600 * time.Millisecond))
		w.stop()
		w.serve()
	}
	if v := w.finish("SIGTERM at 100/s", stops); v.Marked > 0 {
		t.Errorf("%d repeats after stops in order", v.Marked)
	}
}

// Reloads in storms, with good files and broken ones.
func TestHangup(t *testing.T) {
	t.Parallel()
	n := size(500, 6000)
	w := newWorld(t, options{slow: 20 * time.Millisecond})
	w.prepare(n, 100)
	text, err := os.ReadFile(filepath.Join(w.dir, "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	good := string(text)
	files := []string{
		good,
		strings.Replace(good, "%subject%", "%sujbect%", 1),
		strings.Replace(good, "time_zone: UTC", "time_zone: Europe/Zurich", 1),
		good[:len(good)-5], // cut in the middle of a quoted text
		good + "no such key: 1\n",
	}
	hangups := 0
	for ; time.Now().Before(w.last()); hangups++ {
		w.write("config.yaml", files[hangups%len(files)])
		w.daemon.signal(t, syscall.SIGHUP)
		w.wait(rand.N(10 * time.Millisecond))
	}
	w.write("config.yaml", good)
	log := w.daemon.log.String()
	for _, want := range []string{"configuration reloaded", "reload failed, the old configuration stays in force"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log does not say %q", want)
		}
	}
	if v := w.finish("SIGHUP storm, files broken too", hangups); v.Marked > 0 {
		t.Errorf("%d repeats after reloads", v.Marked)
	}
}

// A file that was emptied by mistake names no account, so nothing is wanted any more: that
// is obeyed. Put right before the reminders fall due, none is lost.
func TestEmptied(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{slow: 10 * time.Millisecond})
	good := string(w.read("config.yaml"))
	w.serve()
	w.sync()
	for range size(1, 10) {
		w.clear()
		w.lay(100, 100)
		for subject, due := range w.plan {
			if !w.over[subject] {
				w.plan[subject] = due.Add(5 * time.Second)
			}
		}
		w.write("chaos.ics", string(w.calendar()))
		w.sync()
		for _, text := range []string{"time_zone: UTC\n", good} {
			w.write("config.yaml", text)
			w.daemon.signal(t, syscall.SIGHUP)
			w.wait(time.Second)
		}
	}
	if v := w.finish("a reload of an emptied file, then of the right one", size(1, 10)); v.Marked > 0 {
		t.Errorf("%d repeats", v.Marked)
	}
}

// A second daemon on the same database is turned away, and the first goes on.
func TestTwoDaemons(t *testing.T) {
	t.Parallel()
	seconds, n := size(5, 100), size(300, 3000)
	w := newWorld(t, options{slow: 10 * time.Millisecond})
	w.prepare(n, 50)
	for range seconds {
		p := start(t, w.dir, program(t), "serve", "-c", "config.yaml")
		if code := p.end(t); code != 10 || !strings.Contains(p.log.String(), "another process has it open") {
			t.Errorf("the second daemon ended with code %d:\n%s", code, p.log)
		}
	}
	if v := w.finish("a second daemon on the database", seconds); v.Marked > 0 {
		t.Errorf("%d repeats", v.Marked)
	}
}

// A process that stands still, as a machine that sleeps, tells what it is late with; what
// falls due after it goes on comes first.
func TestSleep(t *testing.T) {
	t.Parallel()
	still, perSecond := size(5*time.Second, 90*time.Second), size(20, 200)
	w := newWorld(t, options{slow: 20 * time.Millisecond})
	w.prepare(perSecond*int(3+still/time.Second+6), perSecond)
	w.wait(3 * time.Second)
	w.daemon.signal(t, syscall.SIGSTOP)
	w.wait(still)
	w.daemon.signal(t, syscall.SIGCONT)
	awake := time.Now()
	w.arrived(patience)
	var worst time.Duration
	late := 0
	for _, p := range w.chat.seen() {
		if due := w.plan[p.subject]; due.After(awake) {
			worst = max(worst, p.at.Sub(due))
		}
		if p.late {
			late++
		}
	}
	t.Logf("on time after the sleep: at most %v late; %d said how late they were", worst.Round(time.Millisecond), late)
	if worst > 3*time.Second {
		t.Errorf("what fell due after the sleep came %v late: it did not go first", worst)
	}
	if full() && late == 0 {
		t.Error("nothing said that it was late")
	}
	if v := w.finish("SIGSTOP for "+still.String(), 1); v.Marked > 0 {
		t.Errorf("%d repeats after a sleep", v.Marked)
	}
}
