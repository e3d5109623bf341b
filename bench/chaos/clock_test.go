package chaos

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// movedClock stands in the place of the function that tells a process the time, in the
// page of code that the kernel maps into it (vDSO): it asks the kernel, and adds the eight
// bytes that follow it to the seconds of the wall clock. The monotonic clock goes on as it
// does when somebody sets the clock of a machine.
//
//	mov eax, 228 (clock_gettime); syscall; test edi, edi (CLOCK_REALTIME); jne end
//	mov rdx, [rip+4]; add [rsi], rdx; end: ret; the seconds
func movedClock() []byte {
	return []byte{
		0xb8, 0xe4, 0, 0, 0, 0x0f, 0x05, 0x85, 0xff, 0x75, 0x0a,
		0x48, 0x8b, 0x15, 0x04, 0, 0, 0, 0x48, 0x01, 0x16, 0xc3,
		0, 0, 0, 0, 0, 0, 0, 0,
	}
}

// launchMovable launches the daemon with a clock that is so far ahead and can be moved, and
// returns what moves it. The machine's own clock stays.
func (w *world) launchMovable(ahead time.Duration) (move func(by time.Duration)) {
	w.t.Helper()
	if runtime.GOARCH != "amd64" {
		w.t.Skip("the clock of a process is moved on amd64 alone")
	}
	w.runs++
	w.chat.begin()
	var memory *os.File
	var at int64
	set := func(by time.Duration) error {
		w.chat.moved.Store(int64(by))
		_, err := memory.WriteAt(binary.LittleEndian.AppendUint64(nil, uint64(by/time.Second)), at)
		return err
	}
	w.daemon = w.startStopped(func(pid int) (err error) {
		if memory, at, err = patchClock(pid); err != nil {
			return err
		}
		return set(ahead)
	}, "serve", "-c", "config.yaml")
	w.t.Cleanup(func() { memory.Close() })
	return func(by time.Duration) {
		if err := set(by); err != nil {
			w.t.Fatal(err)
		}
	}
}

// startStopped starts the world's program and lets fn change it before its first instruction.
func (w *world) startStopped(fn func(pid int) error, args ...string) *process {
	w.t.Helper()
	runtime.LockOSThread() // who traces is a thread, not a process
	defer runtime.UnlockOSThread()
	return launch(w.t, w.dir, func(cmd *exec.Cmd) error {
		cmd.SysProcAttr.Ptrace = true
		if err := w.startDaemon(cmd); err != nil {
			return err
		}
		var status syscall.WaitStatus
		if _, err := syscall.Wait4(cmd.Process.Pid, &status, 0, nil); err != nil {
			return err
		}
		if err := fn(cmd.Process.Pid); err != nil {
			return err
		}
		return syscall.PtraceDetach(cmd.Process.Pid)
	}, w.program(), args...)
}

// patchClock puts movedClock in its place and returns where its seconds are.
func patchClock(pid int) (memory *os.File, seconds int64, err error) {
	base, size, err := findVDSO(pid)
	if err != nil {
		return nil, 0, err
	}
	if memory, err = os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0); err != nil {
		return nil, 0, err
	}
	image := make([]byte, size)
	if _, err := memory.ReadAt(image, base); err != nil {
		return nil, 0, err
	}
	at, err := clockIn(image)
	if err != nil {
		return nil, 0, err
	}
	code := movedClock()
	_, err = memory.WriteAt(code, base+at)
	return memory, base + at + int64(len(code)) - 8, err
}

func findVDSO(pid int) (base, size int64, err error) {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(maps)) {
		var end int64
		if strings.Contains(line, "[vdso]") {
			_, err := fmt.Sscanf(line, "%x-%x", &base, &end)
			return base, end - base, err
		}
	}
	return 0, 0, fmt.Errorf("process %d has no vDSO", pid)
}

// clockIn finds the function in the page.
func clockIn(image []byte) (int64, error) {
	f, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return 0, err
	}
	all, err := f.DynamicSymbols()
	if err != nil {
		return 0, err
	}
	for _, s := range all {
		if s.Name == "__vdso_clock_gettime" {
			return int64(s.Value), nil
		}
	}
	return 0, fmt.Errorf("the vDSO has no __vdso_clock_gettime")
}

// The clock is set forward, back, and far back, while reminders fall due: nothing is lost,
// nothing comes twice, nothing comes early by the daemon's own clock.
func TestClockMoved(t *testing.T) {
	t.Parallel()
	jump, span := size(15*time.Second, 90*time.Second), size(26, 110)
	for range size(1, 5) {
		w := newWorld(t, options{slow: 10 * time.Millisecond})
		move := w.launchMovable(0)
		w.ready()
		w.sync()
		w.lay(20*span, 20)
		w.sync()
		// Between two seconds: nothing is under way then.
		first := w.last().Add(-time.Duration(span-1) * time.Second)
		at := func(s int) { w.wait(time.Until(first.Add(time.Duration(s)*time.Second + 600*time.Millisecond))) }
		at(2)
		move(jump)
		s, jumped := 2, 0
		for before := -1000; jumped-before > 20; { // all that the jump made due, then 20 a second
			if s++; s > 12 {
				t.Fatalf("%d came within 10 s after a jump of %v, and there is no end", jumped, jump)
			}
			at(s)
			before, jumped = jumped, len(w.chat.seen())
		}
		if fast := 20 * int(jump/time.Second); jumped < fast {
			t.Errorf("%d came after a jump of %v, want %d", jumped, jump, fast)
		}
		move(0)
		at(s + 2)
		if n := len(w.chat.seen()); n != jumped {
			t.Errorf("%d came again when the clock went back", n-jumped)
		}
		move(-time.Hour)
		at(s + 4)
		if n := len(w.chat.seen()); n != jumped {
			t.Errorf("%d came although the clock stands an hour back", n-jumped)
		}
		move(0)
		if v := w.finish("clock set forward "+jump.String()+", back, an hour back, and right", 4); v.Marked > 0 {
			t.Errorf("%d repeats", v.Marked)
		}
	}
}
