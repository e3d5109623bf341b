package scheduler_test

import (
	"testing"
	"time"
)

// What a first sync left silent because it had passed stays so, whatever happens to its event
// later: an edit, or something that is attached.
func TestQuietedStaysQuiet(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", event("a", "Talk", 12*time.Hour, "-P1D", "-PT1H"))
		w.server.put("/b.ics", event("b", "Lunch", 12*time.Hour, "-P1D"))
		w.sync() // the day before is past: quiet
		w.pass(time.Minute)
		w.server.put("/a.ics", event("a", "Talk, by phone", 12*time.Hour, "-P1D", "-PT1H"))
		w.sync()
		w.attach("1", "b", "2h", "other", "")
		w.attach("2", "b", "11h59m", "other", "") // this one is news
		w.pass(12 * time.Hour)
		w.posts("1m0s Lunch", "10h0m0s Lunch", "11h0m0s Talk, by phone")
	})
}

// An alarm that is new when its time has passed rings once, also beside one that was quieted;
// and so does one of an event that is moved.
func TestNewAlarmBesideQuieted(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", event("a", "Talk", 12*time.Hour, "-P1D"))
		w.sync()
		w.server.put("/a.ics", event("a", "Talk", 12*time.Hour, "-P1D", "-PT13H"))
		w.sync()
		w.pass(time.Minute)
		w.server.put("/a.ics", event("a", "Talk", 20*time.Hour, "-P1D"))
		w.sync()
		w.pass(time.Hour)
		w.posts("0s Talk / (1 h late)", "1m0s Talk / (4 h 1 min late)")
	})
}
