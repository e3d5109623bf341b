package chaos

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// outcomes are the ways in which a start on a damaged file may end.
const (
	firedAll   = "fired all"
	told       = "fired a part, and told why"
	turnedAway = "refused, with what to do"
	silent     = "lost something silently"
	crashedOut = "crashed"
)

// A database with bytes turned, or cut: each start fires all, or says what is wrong.
func TestDamaged(t *testing.T) {
	t.Parallel()
	runs := size(20, 200)
	w := newWorld(t, options{slow: time.Millisecond})
	w.prepare(120, 20)
	w.wait(time.Until(w.last().Add(-3 * time.Second)))
	w.kill() // half is sent, half is still to come
	image, sent := w.read("calbell.db"), w.read("calbell.db.sent")
	before := w.chat.seen()
	w.wait(time.Until(w.last()))
	count := map[string]int{}
	for i := range runs {
		bad := hurt(image, i%2 == 0)
		w.put("calbell.db", bad)
		w.put("calbell.db.sent", sent) // of a later run it would tell what that sent
		if i%4 < 2 {
			w.orderly()
		}
		outcome := w.outcome(before)
		count[outcome]++
		if outcome == silent || outcome == crashedOut {
			t.Errorf("run %d %s:\n%s", i, outcome, w.daemon.log)
		}
	}
	for _, o := range slices.Sorted(maps.Keys(count)) {
		t.Logf("| damaged and cut files: %s | %d of %d |", o, count[o], runs)
	}
	if count[turnedAway]+count[told] == 0 {
		t.Error("no damage was noticed: the test proves nothing")
	}
}

// orderly makes the database one whose daemon ended in order: then its pages are not walked
// at the start, and damage is met where it is.
func (w *world) orderly() {
	w.t.Helper()
	if err := os.Remove(filepath.Join(w.dir, "calbell.db.open")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.t.Fatal(err)
	}
}

func (w *world) read(name string) []byte {
	w.t.Helper()
	b, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

func (w *world) put(name string, b []byte) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), b, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// hurt cuts an image, or turns up to 64 of its bytes that are not zero: most of the file
// is empty, and what is turned there hurts nobody.
func hurt(image []byte, cut bool) []byte {
	if cut {
		return image[:rand.IntN(len(image))]
	}
	b := bytes.Clone(image)
	for range 1 << rand.IntN(7) {
		at := rand.IntN(len(b))
		for b[at] == 0 {
			at = (at + 1) % len(b)
		}
		b[at] ^= byte(1 + rand.IntN(255))
	}
	return b
}

// outcome starts the daemon on what is there and says how that ended.
func (w *world) outcome(before []post) string {
	w.t.Helper()
	w.chat.reset()
	w.chat.resume(before)
	w.launch()
	defer func() { w.daemon.kill() }()
	if !w.daemon.says(w.t, "msg=ready") {
		log := w.daemon.log.String()
		switch {
		case w.daemon.crashed():
			return crashedOut
		case strings.Contains(log, "calbell.db") && strings.Contains(log, "\n  "):
			return turnedAway
		}
		return silent
	}
	w.quiet(2 * time.Second)
	v := judge(w.plan, w.chat.seen())
	log := w.daemon.log.String()
	switch {
	case w.daemon.crashed():
		return crashedOut
	case v.Lost == 0 && v.Unmarked == 0:
		return firedAll
	case strings.Contains(log, "level=ERROR") || strings.Contains(log, "level=WARN"):
		return told
	}
	w.t.Logf("%s", v.bad())
	return silent
}

// quiet waits until all has come, or nothing does for a while.
func (w *world) quiet(while time.Duration) {
	w.t.Helper()
	for {
		n, more := w.chat.count()
		if n >= len(w.plan) {
			return
		}
		select {
		case <-more:
		case <-w.daemon.ended:
			return
		case <-time.After(while):
			return
		}
	}
}

// resume lets the receiver know what came before.
func (r *receiver) resume(before []post) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.posts = slices.Clone(before)
	for _, p := range before {
		if p.fate != refused {
			r.taken[p.subject] = true
		}
	}
}
