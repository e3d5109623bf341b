package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for what must happen: far more than it takes, since
// the machine may be busy.
const patience = 60 * time.Second

// patient bounds a wait by patience.
func patient(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// long leaves a test out of make quick: it waits for real servers, or runs dozens of commands.
func long(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes its time: left out of make quick")
	}
}

// eventually asks until it is true, or patience ends.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	ctx := patient(t)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// output collects what a process writes and tells who waits for a part of it.
type output struct {
	mu      sync.Mutex
	text    bytes.Buffer
	written chan struct{} // closed and replaced at each write
}

func newOutput() *output { return &output{written: make(chan struct{})} }

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.written)
	o.written = make(chan struct{})
	return o.text.Write(p)
}

// String is all that was written so far.
func (o *output) String() string {
	text, _ := o.state()
	return text
}

func (o *output) state() (string, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String(), o.written
}

// process is a running program.
type process struct {
	cmd         *exec.Cmd
	out, errOut *output
	ended       chan struct{}
	err         error // how it ended; after ended is closed
}

// start runs the built program until it ends, or the test does.
func start(t testing.TB, dir string, args ...string) *process {
	t.Helper()
	return startIn(t, dir, "", args...)
}

// startIn is start with one more setting in the environment.
func startIn(t testing.TB, dir, setting string, args ...string) *process {
	t.Helper()
	// Not CommandContext: a test's context ends before its cleanups, which ask politely.
	p := &process{cmd: exec.Command(program(t), args...), out: newOutput(), errOut: newOutput(), ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = dir, append(environment(), setting), p.out, p.errOut
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Logf("calbell %s\n%s%s", strings.Join(args, " "), p.out, p.errOut)
		}
	})
	return p
}

// waitFor waits until the process has written a text on its error stream n times.
func (p *process) waitFor(t testing.TB, n int, text string) {
	t.Helper()
	ctx := patient(t)
	for {
		got, more := p.errOut.state()
		if strings.Count(got, text) >= n {
			return
		}
		select {
		case <-more:
		case <-p.ended:
			t.Fatalf("the program ended (%v) without writing %q:\n%s", p.err, text, p.errOut)
		case <-ctx.Done():
			t.Fatalf("the program did not write %q %d times", text, n)
		}
	}
}

func (p *process) signal(t testing.TB, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// stop ends the process by a signal and wants exit code 0.
func (p *process) stop(t testing.TB, s os.Signal) {
	t.Helper()
	p.signal(t, s)
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Fatal("the program does not end")
	}
	if p.err != nil {
		t.Fatalf("after %v: %v\n%s", s, p.err, p.errOut)
	}
}

// answer is how a command ended.
type answer struct {
	out, err string
	code     int
}

// cli runs the built program in a folder and waits for its end.
func cli(t testing.TB, dir, stdin string, args ...string) answer {
	t.Helper()
	cmd := exec.CommandContext(patient(t), program(t), args...)
	var out, errOut bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, environment(), strings.NewReader(stdin), &out, &errOut
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return answer{out.String(), errOut.String(), cmd.ProcessState.ExitCode()}
}

// want fails the test unless a command ended with that code and wrote these texts.
func (a answer) want(t testing.TB, code int, texts ...string) answer {
	t.Helper()
	if a.code != code {
		t.Fatalf("exit code %d, want %d:\n%s%s", a.code, code, a.out, a.err)
	}
	for _, text := range texts {
		if !strings.Contains(a.out+a.err, text) {
			t.Fatalf("no %q in:\n%s%s", text, a.out, a.err)
		}
	}
	return a
}

// decode reads the JSON that a command printed.
func decode[T any](t testing.TB, a answer) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(a.want(t, 0).out), &v); err != nil {
		t.Fatal(fmt.Errorf("read %q: %w", a.out, err))
	}
	return v
}
