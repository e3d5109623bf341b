package chaos

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// recording is what a run wrote to its database and what it posted meanwhile.
type recording struct {
	files []recorded // the database, and the list of what was sent
	ops   []op       // of the database
	posts []post
}

// recorded is a file as it was before, and what was written to it.
type recorded struct {
	name string
	base []byte
	ops  []op
}

// maxLies bounds the images of a disk that lies: more than half lose something at full size.
const maxLies = 60

// A power cut: of what was written since the last wait for the disk, a part is there and a
// part is not, sector by sector. On each such image the program goes on without a loss.
// A disk that lies about having written must show losses, or the test proves nothing.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	var total verdict
	images, lies, told := 0, 0, 0
	for range size(1, 5) {
		w := newWorld(t, options{slow: 10 * time.Millisecond})
		rec := w.record(size(100, 600), size(25, 50))
		for range size(10, 60) {
			v, started := w.after(rec, false)
			if bad := v.bad(); bad != "" || !started {
				t.Errorf("after a power cut (started: %v): %s\n%s", started, bad, w.daemon.log)
			}
			images++
			total.Planned += v.Planned
			total.Marked += v.Marked
			total.Worst = max(total.Worst, v.Marked)
		}
		// One such image alone may have lost nothing that matters: more of them are looked at
		// until one has.
		for n := range maxLies {
			if n >= size(6, 12) && told > 0 {
				break
			}
			lies++
			if v, started := w.after(rec, true); v.bad() != "" || !started {
				told++
			}
		}
	}
	t.Logf("| power cut, unsynced writes lost or torn | %d | %d | 0 | %d (%d) | 0 | most after one cut %d; of a disk that lies, %d of %d images lost something |",
		images, total.Planned, total.Marked, total.Marked, total.Worst, told, lies)
	if told == 0 {
		t.Error("a disk that lies lost nothing either: the test proves nothing")
	}
}

// record runs the daemon under a tracer while n reminders fall due, half of them planned
// meanwhile.
func (w *world) record(n, perSecond int) recording {
	w.t.Helper()
	tracer, err := exec.LookPath("strace")
	if err != nil {
		w.t.Skip("strace is not there")
	}
	w.prepare(n/2, perSecond)
	w.stop()
	var rec recording
	for _, name := range []string{"calbell.db", "calbell.db.sent"} {
		rec.files = append(rec.files, recorded{name: name, base: w.read(name)})
	}
	trace := filepath.Join(w.dir, "trace")
	w.chat.begin()
	// -D: the tracer stands aside, and the process that is started is the daemon.
	w.daemon = start(w.t, w.dir, tracer, "-D", "-f", "-qq", "--seccomp-bpf", "-ttt", "-T", "-y", "-xx", "-s", "100000000", "-e", "signal=none",
		"-e", "trace=pwrite64,pwritev,pwritev2,fsync,fdatasync,ftruncate,fallocate,sync_file_range,msync", "-o", trace,
		program(w.t), "serve", "-c", "config.yaml")
	if !w.daemon.says(w.t, "msg=ready") {
		w.t.Skipf("this machine does not let programs be traced:\n%s", w.daemon.log)
	}
	w.lay(n/2, perSecond)
	w.sync()
	w.arrived(patience)
	w.settled()
	w.stop()
	for i := range rec.files {
		if rec.files[i].ops, err = readTrace(trace, "/"+rec.files[i].name); err != nil {
			w.t.Fatal(err)
		}
	}
	rec.ops = rec.files[0].ops
	rec.posts = w.chat.seen()
	if bad := judge(w.plan, rec.posts).bad(); bad != "" {
		w.t.Fatalf("while it was recorded: %s", bad)
	}
	if got := cut(rec.files[0].base, rec.ops, time.Now(), false); !slices.Equal(got, w.read("calbell.db")) {
		w.t.Fatal("what was recorded does not give the file: some writes were missed")
	}
	if err := os.Remove(trace); err != nil {
		w.t.Fatal(err)
	}
	return rec
}

// after plays a power cut at a time when something was written, starts the daemon on what
// is left, and judges what came before and after.
func (w *world) after(rec recording, lies bool) (v verdict, started bool) {
	w.t.Helper()
	i := rand.IntN(len(rec.ops) - 1)
	at := rec.ops[i].begin.Add(rand.N(max(1, rec.ops[i+1].begin.Sub(rec.ops[i].begin))))
	for _, f := range rec.files {
		w.put(f.name, cut(f.base, f.ops, at, lies))
	}
	// The note that the database is open is not waited for: it may have arrived or not.
	note := filepath.Join(w.dir, "calbell.db.open")
	if err := os.Remove(note); err != nil && !os.IsNotExist(err) {
		w.t.Fatal(err)
	}
	if rand.IntN(4) > 0 {
		w.put("calbell.db.open", nil)
	}
	var before []post
	for _, p := range rec.posts {
		if p.at.Round(0).Before(at) {
			before = append(before, p)
		}
	}
	w.chat.reset()
	w.chat.resume(before)
	w.launch()
	started = w.daemon.says(w.t, "msg=ready")
	if started {
		w.quiet(3 * time.Second)
		w.wait(100 * time.Millisecond) // what should not come
	}
	started = started && !w.daemon.crashed()
	w.daemon.kill()
	return judge(w.plan, w.chat.seen()), started
}
