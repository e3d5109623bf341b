package daemon

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"calbell"

	"calbell/scheduler/dispatch"
	"calbell/store/bolt"
	"calbell/store/record"
)

// A clock that stands in the past is waited for: until it is set, and no longer than said.
func TestAwaitClock(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		behind time.Duration
		set    bool
		waited time.Duration
	}{
		{"right", 0, true, 0},
		{"what a time server corrects", clockSlack, true, 0},
		{"set after a minute", clockSlack + time.Minute, true, time.Minute},
		{"set at the last moment", clockSlack + clockWait, true, clockWait},
		{"never set", 24 * 365 * time.Hour, false, clockWait},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begun, told := time.Now(), 0
				set := awaitClock(t.Context(), begun.Add(tt.behind), func() { told++ })
				if waited := time.Since(begun); set != tt.set || waited != tt.waited {
					t.Errorf("set %v after %v, want %v after %v", set, waited, tt.set, tt.waited)
				}
				if want := int(tt.waited / clockLook); told < want {
					t.Errorf("systemd was told %d times, want %d", told, want)
				}
			})
		})
	}
}

func TestAwaitClockStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		begun := time.Now()
		if awaitClock(ctx, begun.Add(time.Hour), func() {}) || time.Since(begun) != 3*time.Second {
			t.Errorf("it went on for %v after the end", time.Since(begun))
		}
	})
}

func TestTroubleIsNotedOnce(t *testing.T) {
	t.Parallel()
	var h health
	if !h.begin(trouble{about: aboutStore, reason: calbell.Plain("first")}) || h.begin(trouble{about: aboutStore, reason: calbell.Plain("again")}) {
		t.Error("trouble is not new, or is new twice")
	}
	if s := h.look(); !s.has(aboutStore) || s.has(aboutClock) || len(s.troubles) != 1 || s.troubles[0].text().English != "the database: first" {
		t.Errorf("noted: %+v", s.troubles)
	}
	if !h.end(aboutStore.English) || h.end(aboutStore.English) || len(h.look().troubles) != 0 {
		t.Error("it does not end, or ends twice")
	}
}

func TestIsFull(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]bool{
		nil: false, errors.New("other"): false, syscall.EIO: false, syscall.ENOSPC: true,
		fmt.Errorf("write: %w", syscall.EDQUOT): true,
	} {
		if isFull(err) != want {
			t.Errorf("%v: %v", err, !want)
		}
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	if f, err := findings(t.Context(), nil); f == nil || len(f) != 0 || err != nil {
		t.Errorf("a sound database: %q, %v", f, err)
	}
	bad := fmt.Errorf("check database: %w", errors.Join(errors.New("a"), errors.New("b")))
	if f, err := findings(t.Context(), bad); err != nil || len(f) != 2 || f[0] != "a" || f[1] != "b" {
		t.Errorf("a damaged one: %q, %v", f, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if f, err := findings(ctx, bad); f != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("a check that was broken off: %q, %v", f, err)
	}
}

// A loop that does not turn, or a database that is not written, is told after a while, and
// not while the program starts.
func TestUnwell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := bolt.Open(filepath.Join(t.TempDir(), "calbell.db"), record.Key{1}, bolt.Options{NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		p := &probes{health: &health{}, store: s, dispatcher: dispatch.New(dispatch.Store{}, nil, nil, dispatch.Options{InFlight: 1})}
		time.Sleep(time.Hour)
		if why := p.unwell(); why != "" {
			t.Errorf("unwell while it starts: %q", why)
		}
		if why := p.unready(); why != "starting or stopping" {
			t.Errorf("ready while it starts: %q", why)
		}
		p.health.note(func(s *state) { s.begunAt, s.wrote, s.writtenAt = time.Now(), true, time.Now() })
		p.ready.Store(true)
		time.Sleep(staleTurn - time.Second)
		if why := p.unwell() + p.unready(); why != "" {
			t.Errorf("unwell after %v: %q", staleTurn-time.Second, why)
		}
		time.Sleep(time.Second)
		if why := p.unwell(); why != "the loop that sends reminders has not turned for 1m0s" {
			t.Errorf("after %v: %q", staleTurn, why)
		}
		time.Sleep(staleBeat - staleTurn)
		if why := p.unready(); !strings.Contains(why, "\nthe database could not be written for 1m30s") {
			t.Errorf("after %v: %q", staleBeat, why)
		}
		p.health.note(func(s *state) { s.writeErr = syscall.EIO })
		if why := p.unready(); !strings.HasPrefix(why, "the database cannot be written\n") || strings.Contains(why, "input/output") {
			t.Errorf("after a failure: %q", why)
		}
		for errno, want := range map[error]string{
			syscall.ENOSPC: "the disk is full: what is new in calendars is not taken in\n",
			syscall.EROFS:  "the database cannot be written: its disk is read-only\n",
		} {
			p.health.note(func(s *state) { s.writeErr = fmt.Errorf("write database: %w", errno) })
			if why := p.unready(); !strings.HasPrefix(why, want) {
				t.Errorf("after %v: %q", errno, why)
			}
		}
	})
}
