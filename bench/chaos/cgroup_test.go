package chaos

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// memoryMax returns the MemoryMax of the unit that is shipped, in bytes.
func memoryMax(t testing.TB) int64 {
	t.Helper()
	unit, err := os.ReadFile("../../systemd/calbell.service")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^MemoryMax=(\d+)([MG])$`).FindSubmatch(unit)
	if found == nil {
		t.Fatal("the unit has no MemoryMax")
	}
	n, err := strconv.ParseInt(string(found[1]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n << map[string]uint{"M": 20, "G": 30}[string(found[2])]
}

// cage is a cgroup with a memory limit: the kernel kills what takes more.
type cage struct {
	dir   string // "": the test may not make one
	limit int64
}

// newCage makes a cgroup, of version 2 or 1. Where that is not possible the limit is told to
// the program alone, and the test still judges what it takes.
func newCage(t testing.TB, limit int64) *cage {
	t.Helper()
	c := &cage{limit: limit}
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return c
	}
	for line := range strings.Lines(string(own)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		roots, file := []string{"/sys/fs/cgroup/memory"}, "memory.limit_in_bytes"
		switch {
		case parts[0] == "0":
			roots, file = []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}, "memory.max"
		case parts[1] != "memory":
			continue
		}
		for _, root := range roots {
			if c.try(filepath.Join(root, parts[2], fmt.Sprintf("calbell-chaos-%d", os.Getpid())), file) {
				t.Cleanup(func() { _ = os.Remove(c.dir) })
				return c
			}
		}
	}
	return c
}

// try makes a cgroup in a folder, and reports whether its memory can be limited.
func (c *cage) try(dir, file string) bool {
	if os.Mkdir(dir, 0o755) != nil {
		return false
	}
	if os.WriteFile(filepath.Join(dir, file), []byte(strconv.FormatInt(c.limit, 10)), 0o644) != nil {
		_ = os.Remove(dir)
		return false
	}
	c.dir = dir
	return true
}

// command returns a command that runs in the cage.
func (c *cage) command(name string, args ...string) (string, []string) {
	script := `exec "$@"`
	if c.dir != "" {
		script = `echo $$ > ` + c.dir + `/cgroup.procs && ` + script
	} else {
		script = fmt.Sprintf("GOMEMLIMIT=%d ", c.limit*75/100) + `exec "$@"`
	}
	return "sh", append([]string{"-c", script, "sh", name}, args...)
}

// peak returns the most memory that a process had at once.
func peak(t testing.TB, pid int) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^VmHWM:\s*(\d+) kB$`).FindSubmatch(status)
	if found == nil {
		t.Fatalf("no VmHWM in %s", status)
	}
	kb, err := strconv.ParseInt(string(found[1]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kb << 10
}
