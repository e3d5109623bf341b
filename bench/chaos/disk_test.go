package chaos

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// smallDisk mounts a file system of its own for a world; only root can.
func smallDisk(t testing.TB, megabytes int) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a small file system")
	}
	dir, err := os.MkdirTemp("", "calbell-chaos-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := syscall.Mount("chaos", dir, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=0700", megabytes)); err != nil {
		t.Skipf("cannot mount a small file system here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir
}

// fill takes all that is free, to the last page.
func fill(t testing.TB, dir string) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	for range 1 << 16 {
		switch _, err := f.Write(page); {
		case errors.Is(err, syscall.ENOSPC):
			return
		case err != nil:
			t.Fatal(err)
		}
	}
	t.Fatal("the disk is not small")
}

func empty(t testing.TB, dir string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, "filler")); err != nil {
		t.Fatal(err)
	}
}

// A disk that fills up while reminders fall due and new ones come, with a kill while it is
// full: what cannot be written is not forgotten.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	rounds, n := size(1, 10), 400
	for range rounds {
		disk := smallDisk(t, 24)
		w := newWorld(t, options{data: disk, slow: 10 * time.Millisecond})
		w.prepare(n, 50)
		w.wait(time.Until(w.last().Add(-6 * time.Second)))
		fill(t, disk)
		w.begin(n)
		w.lay(n, 200)
		if a := w.run("sync", "--wait"); a.code == 0 {
			t.Log("the full disk took all that is new")
		} else if !strings.Contains(a.err, "the disk is full") {
			t.Errorf("a sync to a full disk says: %s", a.err)
		} else if why := w.unready(); !strings.Contains(why, "the disk is full") {
			t.Errorf("with a full disk the daemon is ready, or says: %q", why)
		} else if a := w.run("status"); !strings.Contains(a.out, "the disk is full") {
			t.Errorf("with a full disk the status is:\n%s", a.out)
		}
		w.wait(2 * time.Second)
		before := len(w.chat.seen())
		w.kill()
		w.restarts(2 * time.Second)
		t.Logf("%d came before the kill on a full disk, %d after it, still full", before, len(w.chat.seen())-before)
		empty(t, disk)
		w.relaunch()
		w.ready()
		w.roomAgain()
		if why := w.unready(); why != "" {
			t.Errorf("with room again the daemon is not ready: %s", why)
		}
		w.finish("disk full, a kill, space again", 1)
	}
}

// A disk that is full when Calbell comes for the first time: it says so and makes no ruin.
func TestDiskFullFirst(t *testing.T) {
	t.Parallel()
	for range size(1, 20) {
		disk := smallDisk(t, 24)
		w := newWorld(t, options{data: disk, slow: 10 * time.Millisecond})
		fill(t, disk)
		w.launch()
		if code := w.daemon.end(t); code <= 0 || w.daemon.crashed() || !strings.Contains(w.daemon.log.String(), "no space left on device") {
			t.Errorf("on a full disk the daemon ended with code %d:\n%s", code, w.daemon.log)
		}
		empty(t, disk)
		w.prepare(200, 100)
		w.finish("disk full at the first start", 1)
	}
}

// roomAgain waits until the daemon has noticed that there is room, and syncs.
func (w *world) roomAgain() {
	w.t.Helper()
	begin := time.Now()
	for a := w.run("sync", "--wait"); a.code != 0; a = w.run("sync", "--wait") {
		if time.Since(begin) > patience {
			w.t.Fatalf("%v after there was room again, a sync says: %s", patience, a.err)
		}
		w.wait(500 * time.Millisecond)
	}
	w.t.Logf("room was noticed after %v", time.Since(begin).Round(100*time.Millisecond))
}

// restarts launches the daemon again and again for a while, as systemd does, and wants a
// word from each run that ends.
func (w *world) restarts(during time.Duration) {
	w.t.Helper()
	for end := time.Now().Add(during); time.Now().Before(end); {
		w.relaunch()
		w.wait(250 * time.Millisecond)
	}
}

// relaunch launches the daemon unless it runs.
func (w *world) relaunch() {
	w.t.Helper()
	select {
	case <-w.daemon.ended:
		if w.daemon.crashed() {
			w.t.Errorf("the daemon crashed:\n%s", w.daemon.log)
		}
		w.launch()
	default:
	}
}

// refuse makes system calls of the running daemon fail with an error for a while, and
// reports whether any did.
func (w *world) refuse(calls, errno string, during time.Duration) bool {
	w.t.Helper()
	tracer, err := exec.LookPath("strace")
	if err != nil {
		w.t.Skip("strace is not there")
	}
	p := start(w.t, w.dir, tracer, "-f", "-qq", "-p", fmt.Sprint(w.daemon.cmd.Process.Pid),
		"-e", "trace="+calls, "-e", "inject="+calls+":error="+errno)
	w.wait(during)
	_ = p.cmd.Process.Signal(syscall.SIGINT) // it lets go of the daemon
	p.end(w.t)
	log := p.log.String()
	if strings.Contains(log, "ptrace(PTRACE_SEIZE") {
		w.t.Skipf("this machine does not let processes be traced: %s", log)
	}
	return strings.Contains(log, "(INJECTED)")
}

// Writes that fail, as on a disk that went read-only, is broken, or cannot be written
// through: what was not recorded stays in memory, and is recorded when it works again.
func TestWritesRefused(t *testing.T) {
	t.Parallel()
	faults := []struct{ name, calls, errno string }{
		{"writes fail, as on a read-only disk (EROFS)", "pwrite64,ftruncate", "EROFS"},
		{"writes fail, as on a broken disk (EIO)", "pwrite64", "EIO"},
		{"fdatasync fails (EIO)", "fdatasync,fsync", "EIO"},
	}
	for _, f := range faults[:size(1, len(faults))] {
		w := newWorld(t, options{slow: 10 * time.Millisecond})
		w.prepare(size(400, 1500), 50)
		w.wait(2 * time.Second)
		injected := 0
		for range size(1, 5) {
			if w.refuse(f.calls, f.errno, size(2*time.Second, 4*time.Second)) {
				injected++
			}
			w.wait(time.Second)
		}
		if injected == 0 {
			t.Errorf("%s: no write met the fault", f.name)
		}
		if v := w.finish(f.name, injected); v.Marked > 0 {
			t.Errorf("%s: %d repeats", f.name, v.Marked)
		}
	}
}
