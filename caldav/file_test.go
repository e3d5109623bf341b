package caldav

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A file's state is another one when its size, its time, or the file itself is, and there is none as
// long as the next change could leave all of them as they are.
func TestFileState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.ics")
	write := func(text string, age time.Duration) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC).Add(-age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	state := func(now time.Time) string {
		t.Helper()
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return fileState(info, now)
	}
	later := time.Now().Add(time.Hour)
	write("a", time.Hour)
	first := state(later)
	if first == "" || strings.Contains(first, "\n") || state(later) != first {
		t.Errorf("got %q, then %q", first, state(later))
	}
	if got := state(time.Date(2026, 11, 1, 11, 0, 1, 0, time.UTC)); got != "" {
		t.Errorf("it was just written, and has the state %q", got)
	}
	write("ab", time.Hour)
	if state(later) == first {
		t.Error("another size is the same state")
	}
	write("a", 2*time.Hour)
	if state(later) == first {
		t.Error("another time is the same state")
	}
}

// A change that leaves size and time as they were is seen all the same, where the file system notes
// when it happened; so is another file in the place of the first.
func TestFileStateOfTwin(t *testing.T) {
	folder := t.TempDir()
	at := time.Now().Add(-time.Hour)
	var states []string
	for _, name := range []string{"a", "b"} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if number, _ := identity(info); number == 0 {
			t.Skip("files have no numbers here")
		}
		states = append(states, fileState(info, time.Now().Add(time.Hour)))
	}
	if states[0] == states[1] {
		t.Errorf("both are %q", states[0])
	}
}
