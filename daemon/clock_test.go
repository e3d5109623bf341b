package daemon_test

import (
	"strings"
	"testing"
	"time"

	"calbell/store/bolt"
	"calbell/store/record"
)

// beat makes the database's latest run end at a time.
func (h *house) beat(at time.Time) {
	h.Helper()
	key, err := record.LoadKey(h.cfg.Data.Path, h.cfg.Data.KeyFile)
	h.ok(err)
	s, err := bolt.Open(h.cfg.Data.Path, key, bolt.Options{})
	h.ok(err)
	h.ok(s.Beat(h.Context(), at))
	h.ok(s.Close())
}

// With a clock that stands in the past the start waits, and says so to whoever asks.
func TestClockInThePast(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	h.beat(time.Now().Add(24 * time.Hour))
	h.start()
	h.eventually("the status says what it waits for", func() bool { // it answers before it looks at the clock
		s, err := h.client.Status(t.Context())
		h.ok(err)
		return len(s.Troubles) == 1 && strings.Contains(s.Troubles[0].English, "the clock: it stands 2")
	})
	if code, text := h.get("/readyz"); code != 503 || !strings.Contains(text, "starting") {
		t.Errorf("/readyz: %d %q", code, text)
	}
	if code, _ := h.get("/healthz"); code != 200 {
		t.Errorf("/healthz: %d: to start again would heal nothing", code)
	}
	if v := h.metric("calbell_clock_behind"); v != "1" {
		t.Errorf("calbell_clock_behind is %q", v)
	}
}

// A start goes on when the clock is set.
func TestClockIsSet(t *testing.T) {
	if testing.Short() {
		t.Skip("takes its time: left out of make quick")
	}
	t.Parallel()
	h := newHouse(t)
	h.beat(time.Now().Add(time.Minute + 3*time.Second)) // a minute is not worth waiting for
	h.start()
	h.eventually("the clock was set", func() bool { return strings.Contains(h.log.String(), "msg=ready") })
	if s, err := h.client.Status(t.Context()); err != nil || len(s.Troubles) != 0 {
		t.Errorf("status: %q, %v", s.Troubles, err)
	}
	h.sync()
	h.put("a@example.org", "Subject", 5*time.Second)
	h.sync()
	_, err := h.chat.Wait(t.Context(), 1)
	h.ok(err)
}

// A start that waits for the clock ends when it is told to.
func TestStopWhileWaitingForTheClock(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.beat(time.Now().Add(24 * time.Hour))
	h.start()
	begun := time.Now()
	h.ok(h.stop())
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("the stop took %v", took)
	}
	if strings.Contains(h.log.String(), "msg=ready") {
		t.Error("it did not wait")
	}
}
