package caldavtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	osuser "os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// stopTimeout is how long a program may take to end when asked to.
	stopTimeout = 10 * time.Second
	// setupTimeout bounds each of the steps before a server can start.
	setupTimeout = 30 * time.Second
	// waitDelay is how long children that outlive a program may keep its output open.
	waitDelay = time.Second
)

// process is a program of which a real server consists.
type process struct {
	program string
	args    []string
	env     []string            // beside the test's own
	dir     string              // where it runs; "" = where the test does
	as      *syscall.Credential // nil = as the test's own user
	end     syscall.Signal      // asks it to end; 0 = SIGTERM
	group   bool                // its children have to be asked too

	cmd    *exec.Cmd
	output *bytes.Buffer
	ended  chan struct{}
}

// start starts the program; it does not wait until it is ready.
func (p *process) start() error {
	p.output = &bytes.Buffer{}
	// Not CommandContext: a test's context ends before its cleanups, which ask politely.
	p.cmd = exec.Command(p.program, p.args...)
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	p.cmd.Env, p.cmd.Dir = append(os.Environ(), p.env...), p.dir
	p.cmd.SysProcAttr = ownGroup()
	p.cmd.SysProcAttr.Credential = p.as
	p.cmd.WaitDelay = waitDelay
	if err := p.cmd.Start(); err != nil {
		p.cmd = nil
		return fmt.Errorf("start %s: %w", p.program, err)
	}
	ended := make(chan struct{})
	p.ended = ended
	cmd := p.cmd
	go func() {
		defer close(ended)
		_ = cmd.Wait() // its exit code says nothing: it is ended by a signal
	}()
	return nil
}

// stop ends the program and waits for its end. A stopped one is stopped already.
func (p *process) stop() {
	if p.cmd == nil {
		return
	}
	end := p.end
	if end == 0 {
		end = syscall.SIGTERM
	}
	asked := p.cmd.Process.Pid
	if p.group {
		asked = -asked
	}
	_ = syscall.Kill(asked, end)
	select {
	case <-p.ended:
	case <-time.After(stopTimeout):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // children that it left behind, if any
	p.cmd = nil
}

// run runs another program as this one is run: in its folder, as its user, with its environment.
func (p *process) run(ctx context.Context, input, program string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, setupTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdin = strings.NewReader(input)
	cmd.Env, cmd.Dir = append(os.Environ(), p.env...), p.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.as}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("run %s: %w: %s", program, err, out)
	}
	return nil
}

// ownGroup puts the server into a process group: Cyrus ends its children by signalling all
// of its group, of which a test must not be.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

// unprivileged returns the user as whom servers run that need no rights, and refuse root's; nil for
// the test's own user, when that is not root.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := osuser.Lookup("nobody")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// folder makes a temporary folder that belongs to a user; nil = the test's own. It is not below
// the test's, which others cannot enter.
func folder(t TB, name string, as *syscall.Credential) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "caldavtest-"+name+"-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = os.RemoveAll(dir), os.RemoveAll(dir+".kept") })
	if as != nil {
		if err := os.Chown(dir, int(as.Uid), int(as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// giveAway makes a folder, with all that is in it, a user's own.
func giveAway(dir string, uid int) error {
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Chown(path, uid, -1))
	})
}

// missing returns the first of some files that is not there, with the packages that have it; ""
// when all are there.
func missing(packages string, files ...string) string {
	for _, file := range files {
		if _, err := os.Stat(file); err != nil {
			return file + " is missing: apt-get install -y " + packages
		}
	}
	return ""
}

// writeFor writes a file that a user can read; nil = the test's own alone.
func writeFor(t TB, as *syscall.Credential, path, text string) {
	t.Helper()
	writeFile(t, path, text)
	if as != nil {
		if err := os.Chown(path, int(as.Uid), int(as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
}
