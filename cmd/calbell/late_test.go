package main

import (
	"strings"
	"testing"
	"time"
)

// An event that begins and ends between two syncs is posted at the second one, and everybody can
// see when it was first known.
func TestBegunBetweenTwoSyncs(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	w.serve()
	w.sync()
	e := ahead("between@example.org", "Between", 0)
	e.start = e.due
	until(t, e.due.Add(500*time.Millisecond))
	w.put(t, "between.ics", []byte(strings.Replace(string(e.ics()), "DURATION:PT30M", "DURATION:PT0S", 1)))
	w.sync()
	w.arrives(1, e)
	eventually(t, "it is recorded", func() bool { return len(w.deliveries("--status", "sent")) == 1 })
	row := w.deliveries()[0]
	if row.KnownAt == nil || row.KnownAt.Before(e.due) {
		t.Errorf("known at %v", row.KnownAt)
	}
	w.run("explain", "between@example.org").want(t, 0, "sent first seen", "after it fell due")
	w.run("delivery", "show", string(row.ID)).want(t, 0, "first seen", "after it fell due")
	w.put(t, "between.ics", []byte(strings.Replace(string(e.ics()), "Between", "Renamed", 1)))
	w.sync()
	w.stop()
	w.only(1)
}
