package chaos

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for what must happen: far more than it takes.
const patience = 90 * time.Second

// keptLog is how much of what a run wrote is kept: its beginning and its end.
const keptLog = 64 << 10

// output keeps the beginning and the end of what a process writes.
type output struct {
	mu      sync.Mutex
	head    []byte
	tail    []byte
	written chan struct{} // closed and replaced at each write
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.written)
	o.written = make(chan struct{})
	n := min(len(p), keptLog-len(o.head))
	o.head = append(o.head, p[:n]...)
	o.tail = append(o.tail, p[n:]...)
	if len(o.tail) > 2*keptLog {
		o.tail = append([]byte(nil), o.tail[len(o.tail)-keptLog:]...)
	}
	return len(p), nil
}

func (o *output) state() (string, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(bytes.Join([][]byte{o.head, o.tail}, nil)), o.written
}

// String is what was kept.
func (o *output) String() string {
	text, _ := o.state()
	return text
}

// process is a run of the program.
type process struct {
	cmd   *exec.Cmd
	log   *output
	ended chan struct{}
	err   error // how it ended; after ended is closed
}

// start runs a command until it ends, or the test does.
func start(t testing.TB, dir, name string, args ...string) *process {
	t.Helper()
	return launch(t, dir, (*exec.Cmd).Start, name, args...)
}

// launch is start with another way to begin.
func launch(t testing.TB, dir string, begin func(*exec.Cmd) error, name string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(name, args...), log: &output{written: make(chan struct{})}, ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = dir, environment(), p.log, p.log
	p.cmd.WaitDelay = patience // for what a tracer still has to write
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := begin(p.cmd); err != nil {
		t.Fatal(err)
	}
	go func() { // ends with the process
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	return p
}

// hasEnded reports whether the process has ended.
func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// kill ends the process at once.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// signal sends a signal.
func (p *process) signal(t testing.TB, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatalf("send %v: %v\n%s", s, err, p.log)
	}
}

// says waits until the process has written a text; false when it ended without.
func (p *process) says(t testing.TB, text string) bool {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		got, more := p.log.state()
		if strings.Contains(got, text) {
			return true
		}
		select {
		case <-more:
		case <-p.ended:
			return strings.Contains(p.log.String(), text)
		case <-limit.C:
			t.Fatalf("not within %v: %q\n%s", patience, text, p.log)
		}
	}
}

// end waits for the end and returns the exit code; -1 is a signal.
func (p *process) end(t testing.TB) int {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case <-p.ended:
	case <-limit.C:
		t.Fatalf("the program does not end:\n%s", p.log)
	}
	var exit *exec.ExitError
	if p.err != nil && !errors.As(p.err, &exit) {
		t.Fatal(p.err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// crash is what Go writes when a program ends by a mistake of its own.
var crash = regexp.MustCompile(`(?m)^(panic:|fatal error:|unexpected fault address|SIG[A-Z]+:|goroutine \d+ \[)`)

// crashed reports whether the process wrote such a thing.
func (p *process) crashed() bool { return crash.MatchString(p.log.String()) }

// answer is how a command ended.
type answer struct {
	out, err string
	code     int
}

// cli runs the program in a folder and waits for its end.
func cli(t testing.TB, dir string, args ...string) answer {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program(t), args...)
	var out, errOut bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, environment(), &out, &errOut
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return answer{out.String(), errOut.String(), cmd.ProcessState.ExitCode()}
}
