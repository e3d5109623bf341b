package caldav_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/caldav"
	"calbell/caldav/caldavtest"
)

// braked is a bench of 30 events of which 20 are gone, as seen by one sync.
func braked(t *testing.T, o caldavtest.Options) *bench {
	t.Helper()
	b := newBench(t, o)
	b.client = b.newClient(caldav.Options{})
	b.fill(30)
	b.sync()
	for i := range 20 {
		b.server.Delete(user, "team", fmt.Sprintf("event-%d.ics", i))
	}
	b.cal.ReconciledAt = time.Time{}
	b.held(1)
	return b
}

// held syncs, and fails unless the brake holds after so many listings.
func (b *bench) held(seen int) {
	b.Helper()
	_, err := b.try()
	var brake *caldav.BrakeError
	if !errors.As(err, &brake) || brake.Seen != seen || b.cal.Brake.Seen != seen || b.cal.Brake.Absent != 20 || b.cal.Brake.Known != 30 || len(b.stored) < 30 {
		b.Fatalf("%v, %+v, %d stored", err, b.cal.Brake, len(b.stored))
	}
}

// wait lets time pass as the brake sees it.
func (b *bench) wait(d time.Duration) { b.cal.Brake.Since = b.cal.Brake.Since.Add(-d) }

// TestBrakeLetsGo: three listings that agree over a quarter of an hour are believed, at each
// level, and also by a client that was started meanwhile.
func TestBrakeLetsGo(t *testing.T) {
	for _, o := range []caldavtest.Options{{}, {NoReport: true}, {Plain: true}} {
		b := braked(t, o)
		b.client = b.newClient(caldav.Options{}) // all state is in the calendar
		b.wait(20 * time.Minute)
		b.held(2)
		b.sync()
		b.same()
		if b.cal.Brake != (calbell.Brake{}) || b.cal.ReconciledAt.IsZero() {
			t.Errorf("%+v", b.cal)
		}
	}
}

// TestBrakeWaits: many listings within the quarter of an hour are not believed.
func TestBrakeWaits(t *testing.T) {
	b := braked(t, caldavtest.Options{})
	for seen := range 8 {
		b.held(seen + 2)
	}
	b.wait(14 * time.Minute)
	b.held(10)
	b.wait(2 * time.Minute)
	b.sync()
	b.same()
}

// TestBrakeDisagreement: another set of absent objects begins the wait anew, and a listing
// that is whole again ends it.
func TestBrakeDisagreement(t *testing.T) {
	b := braked(t, caldavtest.Options{})
	b.wait(time.Hour)
	b.held(2)
	b.put("event-0.ics", "Back")
	b.server.Delete(user, "team", "event-25.ics")
	b.held(1)
	if time.Since(b.cal.Brake.Since) > time.Minute {
		t.Errorf("%+v", b.cal.Brake)
	}
	b.fill(30)
	b.sync()
	b.same()
	if b.cal.Brake != (calbell.Brake{}) {
		t.Errorf("%+v", b.cal.Brake)
	}
}

// TestBrakeSample: as long as the server still has what it does not list, nothing is deleted,
// however long that lasts.
func TestBrakeSample(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.client = b.newClient(caldav.Options{})
	b.fill(30)
	b.sync()
	b.play(func(w http.ResponseWriter, r *http.Request) bool {
		hide := func(s string) string {
			for i := range 20 {
				s = dropResponse(fmt.Sprintf("event-%d.ics", i))(s)
			}
			return s
		}
		return b.rewrite("REPORT", syncReport, hide)(w, r)
	})
	b.cal.ReconciledAt = time.Time{}
	for seen := range 5 {
		b.held(seen + 1)
		b.wait(time.Hour)
		b.asked()
	}
	b.held(6)
	if got := b.asked(); len(got) > 12 {
		t.Errorf("asked %v", got)
	}
	b.play(nil)
	b.sync()
	b.same()
}

// TestBrakeApply: a person's word is enough, but for no more than what was shown.
func TestBrakeApply(t *testing.T) {
	b := braked(t, caldavtest.Options{})
	b.cal.Brake.Apply = true
	b.sync()
	b.same()
	if b.cal.Brake != (calbell.Brake{}) {
		t.Errorf("%+v", b.cal.Brake)
	}

	b = braked(t, caldavtest.Options{})
	b.cal.Brake.Apply = true
	b.server.Delete(user, "team", "event-29.ics")
	_, err := b.try()
	if err == nil || len(b.stored) != 30 || b.cal.Brake.Apply || b.cal.Brake.Absent != 21 {
		t.Errorf("%v, %d stored, %+v", err, len(b.stored), b.cal.Brake)
	}
}

// TestBrakeKeepsWorking: while it holds, what is new and changed arrives.
func TestBrakeKeepsWorking(t *testing.T) {
	b := braked(t, caldavtest.Options{})
	b.put("new.ics", "New")
	b.put("event-25.ics", "Changed")
	if _, err := b.try(); err == nil || !strings.Contains(b.names(), "new") || title(string(b.stored["/alice/calendars/team/event-25.ics"].Raw)) != "Changed" {
		t.Errorf("%v: %s", err, b.names())
	}
}

// TestBrakeClock: a clock that was set back does not make the wait last for ever.
func TestBrakeClock(t *testing.T) {
	b := braked(t, caldavtest.Options{})
	b.wait(-1000 * time.Hour)
	b.held(1)
	b.wait(time.Hour)
	b.held(2)
	b.sync()
	b.same()
}
