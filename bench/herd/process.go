package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a program under way.
type process struct {
	*exec.Cmd
	first string // its first line, when it prints one
}

// start runs a program; with line it waits for its first line on stdout.
func start(line bool, name string, args ...string) (*process, error) {
	p := &process{Cmd: exec.Command(name, args...)}
	p.Stderr = os.Stderr
	if !line {
		return p, p.Start()
	}
	out, err := p.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.Start(); err != nil {
		return nil, err
	}
	p.first, err = bufio.NewReader(out).ReadString('\n')
	p.first = strings.TrimSpace(p.first)
	return p, err
}

// self starts this program as one of its children.
func self(line bool, args ...string) (*process, error) {
	me, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(line, me, args...)
}

// stop ends the program in order and returns the processor time that it took.
func (p *process) stop() time.Duration {
	_ = p.Process.Signal(syscall.SIGTERM)
	_ = p.Wait()
	return p.ProcessState.UserTime() + p.ProcessState.SystemTime()
}

// spent is the processor time so far of a process and of those of its children that have
// ended (/proc/PID/stat).
func spent(pid int) (all time.Duration) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(raw), ") ")
	f := strings.Fields(rest)
	if len(f) < 15 {
		return 0
	}
	for _, field := range f[11:15] { // utime, stime, cutime, cstime
		n, _ := strconv.Atoi(field)
		all += time.Duration(n) * 10 * time.Millisecond // Linux counts in hundredths
	}
	return all
}

// ran is how long the threads of a process that are there have run so far. It is exact where spent
// guesses at clock ticks, which timers like to meet (/proc/PID/task/TID/schedstat).
func ran(pid int) (all time.Duration) {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	for _, t := range threads {
		raw, _ := os.ReadFile(t) // a thread may have ended
		ns, _, _ := strings.Cut(string(raw), " ")
		n, _ := strconv.ParseInt(ns, 10, 64)
		all += time.Duration(n)
	}
	return all
}

// anonymous is the anonymous memory of a process in bytes.
func anonymous(pid int) int64 {
	raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb << 10
		}
	}
	return 0
}

// catch starts a sink.
func catch(delay time.Duration) (*process, error) { return self(true, "sink", delay.String()) }

// expect tells a sink what is to come.
func (p *process) expect(jobs []job) error {
	body, err := json.Marshal(jobs)
	if err != nil {
		return err
	}
	r, err := http.Post(p.first+"/expect", "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	return r.Body.Close()
}

// report asks a sink what came.
func (p *process) report() (r report, err error) {
	resp, err := http.Get(p.first + "/report")
	if err != nil {
		return r, err
	}
	defer resp.Body.Close()
	return r, json.NewDecoder(resp.Body).Decode(&r)
}

// settled waits until all has come, and a little longer for what should not.
func (p *process) settled(within time.Duration) (report, error) {
	const after = 500 * time.Millisecond
	for end := time.Now().Add(within); ; {
		r, err := p.report()
		if err != nil {
			return r, err
		}
		if r.Got >= r.Want {
			time.Sleep(after)
			if r, err = p.report(); err == nil {
				err = r.wrong()
			}
			return r, err
		}
		if time.Now().After(end) {
			return r, errors.Join(r.wrong(), errors.New("waited long enough"))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// jobs returns n posts due at an instant, with texts that nobody can know before.
func jobs(n int, due time.Time, step time.Duration) []job {
	list := make([]job, n)
	nonce := time.Now().UnixNano()
	for i := range list {
		list[i] = job{Text: fmt.Sprintf("herd %x %d", nonce, i), Due: due.Add(time.Duration(i) * step)}
	}
	return list
}

func writeJSON(dir, name string, v any) (string, error) {
	path := filepath.Join(dir, name)
	body, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	return path, os.WriteFile(path, body, 0o600)
}
