package caldav_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"calbell"
	"calbell/caldav"
	"calbell/caldav/ics"
)

// local is a calendar file of this machine, and what was stored of it.
type local struct {
	publisher
	path string
}

// newLocal writes a file of so many events.
func newLocal(t *testing.T, events int, o caldav.Options) *local {
	t.Helper()
	l := &local{publisher{T: t, stored: map[calbell.Href]calbell.Object{}}, filepath.Join(t.TempDir(), "team.ics")}
	l.events(events, "Event")
	l.client = newFeed(t, "file://"+l.path, o)
	return l
}

func (l *local) events(n int, title string) {
	l.Helper()
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf("u%d %s", i, title)
	}
	l.publisher.write(lines...)
	l.save()
}

func (l *local) save() {
	l.Helper()
	if err := os.WriteFile(l.path, []byte(l.text), 0o600); err != nil {
		l.Fatal(err)
	}
}

// bytesRead is how much this process has read from files so far.
func bytesRead(t *testing.T) int {
	t.Helper()
	raw, err := os.ReadFile("/proc/self/io")
	if err != nil {
		t.Skip(runtime.GOOS, "does not count what is read")
	}
	text, _, _ := strings.Cut(strings.TrimPrefix(string(raw), "rchar: "), "\n")
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%q", raw)
	}
	return n
}

// A file that is as it was is not read, however large it is and however often the program starts: of
// its text its head alone, for the calendar's name. One with another time and the same text is read
// once, and nothing of it is handed over; the daily comparison reads it whole.
func TestUnchangedFileIsNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(50 * 365 * 24 * time.Hour) // the clock of the bubble stands in 2000, that of the file does not
		const head = 64 << 10
		l := newLocal(t, 5_000, caldav.Options{})
		size := len(l.text)
		read := func(what string, atLeast, atMost int, f func()) {
			t.Helper()
			before := bytesRead(t)
			f()
			if n := bytesRead(t) - before; n < atLeast || n > atMost {
				t.Errorf("%s: %d bytes were read of %d, want %d to %d", what, n, size, atLeast, atMost)
			}
		}
		read("discovery", 1, head+4096, l.discover)
		read("the first sync", size, 4*size, func() { l.expect(5_000, 0, 0) })
		l.client = newFeed(t, "file://"+l.path, caldav.Options{}) // as after a restart
		id := l.cal.ID
		read("the next sync", 0, 4096, func() { l.expect(0, 0, 0) })
		if l.cal.ID != id || l.cal.SyncToken == "" {
			t.Errorf("%+v", l.cal)
		}
		if err := os.Chtimes(l.path, time.Time{}, time.Now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
		read("touched", size, size+4096, func() { l.expect(0, 0, 0) })
		read("after that", 0, 4096, func() { l.expect(0, 0, 0) })
		l.cal.ReconciledAt = time.Time{}
		read("the daily comparison", 2*size, 4*size, func() { l.expect(0, 0, 0) })
		l.events(5_000, "Other")
		read("changed", size, 5*size, func() { l.expect(5_000, 0, 0) })
	})
}

// A file that was written a moment ago is read again, since its next change may leave its size and
// its times as they are; so none is missed.
func TestJustWrittenFileIsReadAgain(t *testing.T) {
	l := newLocal(t, 3, caldav.Options{})
	l.discover()
	l.expect(3, 0, 0)
	at := time.Now()
	for _, title := range []string{"Anne", "Bert", "Carl"} {
		l.events(3, title)
		if err := os.Chtimes(l.path, at, at); err != nil {
			t.Fatal(err)
		}
		if l.expect(3, 0, 0); l.titles() != strings.Join([]string{title, title, title}, " ") {
			t.Errorf("stored %s, want %s", l.titles(), title)
		}
	}
}

// A file that somebody writes to while it is read ends the sync with an error; what came before is
// what was there, nothing is deleted, and the next sync finds the rest.
func TestFileChangesWhileItIsRead(t *testing.T) {
	for name, change := range map[string]func(l *local){
		"another text": func(l *local) { l.events(9, "Other") },
		"cut off":      func(l *local) { l.text = l.text[:len(l.text)/2]; l.save() },
	} {
		l := newLocal(t, 9, caldav.Options{Batch: 3})
		l.discover()
		changed := false
		err := l.client.Changes(t.Context(), l.cal, func() (map[calbell.Href]calbell.ETag, error) { return nil, nil }, func(b caldav.Batch) error {
			for _, o := range b.Objects {
				l.stored[o.Href] = o
			}
			if len(b.Deleted) > 0 || b.Last || b.Calendar.SyncToken != "" {
				t.Errorf("%s: %+v", name, b)
			}
			if !changed {
				changed = true
				change(l)
			}
			return nil
		})
		if !errors.Is(err, ics.ErrChanged) || calbell.KindOf(err) != calbell.KindFailed || len(l.stored) != 3 || l.titles() != "Event Event Event" {
			t.Errorf("%s: %v, stored %s", name, err, l.titles())
		}
		l.events(9, "Other")
		if l.expect(9, 0, 0); strings.Count(l.titles(), "Other") != 9 {
			t.Errorf("%s: stored %s", name, l.titles())
		}
	}
}

// A file that ends in the middle takes nothing away, be it cut in a line, in its line end or between
// two events.
func TestTruncatedFile(t *testing.T) {
	l := newLocal(t, 3, caldav.Options{})
	l.discover()
	l.expect(3, 0, 0)
	whole := l.text
	for _, n := range []int{1, 2, 3, 10, 16, 17, 30, len(whole) / 2, len(whole) - 20} {
		if l.text = strings.TrimSpace(whole)[:len(strings.TrimSpace(whole))-n]; n == 1 {
			l.text += "\r\nX"
		}
		l.save()
		if put, gone, err := l.sync(); err == nil || put+gone != 0 || len(l.stored) != 3 {
			t.Errorf("%d bytes less: %d came, %d went, %v", n, put, gone, err)
		}
	}
}

// A subscription that is too large for memory is read by way of a file that leaves nothing behind,
// and says the same as a small one; unchanged, it is not asked for, or not handed over.
func TestLargeSubscription(t *testing.T) {
	folder := t.TempDir()
	lines := make([]string, 0, 4000)
	for i := range 4000 {
		lines = append(lines, fmt.Sprintf("u%d %s", i, strings.Repeat("x", 1000)))
	}
	p := newPublisher(t, lines...)
	p.client = newFeed(t, p.stranger.URL+secretPath, caldav.Options{Batch: 500, Spool: folder})
	p.discover()
	p.expect(4000, 0, 1)
	p.expect(0, 0, 0) // 304
	p.validates = false
	p.expect(0, 0, 1) // the same text
	lines[17] = "u17 Changed"
	p.write(lines[:3999]...)
	p.expect(1, 1, 1)
	if got := p.titles(); !strings.HasPrefix(got, "Changed xxx") || len(p.stored) != 3999 {
		t.Errorf("%d are stored: %.20s", len(p.stored), got)
	}
	if list, err := os.ReadDir(folder); err != nil || len(list) != 0 {
		t.Errorf("%v stays, %v", list, err)
	}
	p.client = newFeed(t, p.stranger.URL+secretPath, caldav.Options{Spool: filepath.Join(folder, "missing")})
	p.cal.ReconciledAt = time.Time{}
	if put, gone, err := p.sync(); err == nil || put+gone != 0 || strings.Contains(err.Error(), folder) {
		t.Errorf("%d came, %d went, %v", put, gone, err)
	}
}

// So many files are read at a time, whatever account they are of: the others wait until their turn
// comes or their sync is broken off. What is unchanged waits for nothing.
func TestReadLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(50 * 365 * 24 * time.Hour)
		limit := caldav.NewReadLimit(2)
		unchanged := newLocal(t, 1, caldav.Options{Files: limit})
		unchanged.discover()
		unchanged.expect(1, 0, 0)
		var reading atomic.Int32
		goOn, ended := make(chan struct{}), make(chan error)
		for range 5 {
			l := newLocal(t, 1, caldav.Options{Files: limit})
			l.discover()
			go func() {
				ended <- l.client.Changes(t.Context(), l.cal, func() (map[calbell.Href]calbell.ETag, error) { return nil, nil }, func(caldav.Batch) error {
					reading.Add(1)
					<-goOn
					return nil
				})
			}()
			synctest.Wait()
		}
		if n := reading.Load(); n != 2 {
			t.Errorf("%d are read at a time", n)
		}
		unchanged.expect(0, 0, 0)
		close(goOn)
		for range 5 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		if n := reading.Load(); n != 5 {
			t.Errorf("%d were read", n)
		}
	})
}

// An override may stand at the end of a file whose master is at its beginning: it is one event, and
// a change of either is a change of it.
func TestOverrideFarFromItsMaster(t *testing.T) {
	l := newLocal(t, 0, caldav.Options{})
	far := strings.Repeat("X-FAR:"+strings.Repeat("x", 1000)+"\r\n", 2000)
	write := func(title string) {
		l.text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20261123T130000Z\r\nRRULE:FREQ=DAILY\r\nSUMMARY:Master\r\nEND:VEVENT\r\n" +
			"BEGIN:VJOURNAL\r\n" + far + "END:VJOURNAL\r\n" +
			"BEGIN:VEVENT\r\nUID:b\r\nDTSTART:20261123T130000Z\r\nSUMMARY:Other\r\nEND:VEVENT\r\n" +
			"BEGIN:VEVENT\r\nUID:a\r\nRECURRENCE-ID:20261124T130000Z\r\nDTSTART:20261124T140000Z\r\nSUMMARY:" + title + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
		l.save()
	}
	write("Override")
	l.discover()
	l.expect(2, 0, 0)
	write("Overridden")
	l.expect(1, 0, 0)
	var texts []string
	for _, o := range l.stored {
		texts = append(texts, string(o.Raw))
	}
	slices.SortFunc(texts, func(a, b string) int { return len(b) - len(a) })
	if master, override := strings.Index(texts[0], "SUMMARY:Master"), strings.Index(texts[0], "SUMMARY:Overridden"); master < 0 || override < master || strings.Count(texts[0], "UID:a") != 2 {
		t.Errorf("got %q", texts[0])
	}
}
