package words_test

import (
	"testing"
	"time"

	"calbell"
	"calbell/web/i18n"
	"calbell/web/words"
)

// An event is told by the reader's clock and, when that is another, by its own; a moved instance
// with when it would have been.
func TestTimesOfAnEvent(t *testing.T) {
	catalogue, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	zone := func(name string) *time.Location {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, zone("Europe/Zurich"))
	r := words.Reader{Words: catalogue.In("en"), Now: now, Zone: now.Location()}
	at := func(day, hour, minute int, in string) time.Time {
		return time.Date(2026, 11, day, hour, minute, 0, 0, zone(in))
	}
	for _, c := range []struct {
		start, end        time.Time
		allDay            bool
		moved             calbell.RecurrenceID
		here, there, told string
	}{
		{at(24, 14, 0, "Europe/Zurich"), at(24, 15, 0, "Europe/Zurich"), false, "", "Tuesday 24 November 2026, 14:00 – 15:00", "", ""},
		{at(24, 14, 0, "Europe/Paris"), at(24, 15, 0, "Europe/Paris"), false, "", "Tuesday 24 November 2026, 14:00 – 15:00", "", ""},
		{at(24, 13, 0, "UTC"), at(24, 14, 0, "UTC"), false, "", "Tuesday 24 November 2026, 14:00 – 15:00", "", ""},
		{
			at(24, 20, 0, "America/New_York"), at(24, 21, 0, "America/New_York"), false, "2026-11-25T01:00:00Z",
			"Wednesday 25 November 2026, 02:00 – 03:00", "Tuesday 24 November 2026, 20:00 – 21:00 America/New_York", "",
		},
		{at(24, 23, 0, "Europe/Zurich"), at(25, 1, 0, "Europe/Zurich"), false, "", "Tuesday 24 November 2026, 23:00 – Wednesday 25 November 2026, 01:00", "", ""},
		{at(24, 14, 0, "Europe/Zurich"), at(24, 14, 0, "Europe/Zurich"), false, "2026-11-24T12:00:00Z", "Tuesday 24 November 2026, 14:00", "", "Moved from Tue 24 Nov 13:00"},
		{at(24, 0, 0, "UTC"), at(25, 0, 0, "UTC"), true, "2026-11-23", "Tuesday 24 November 2026, all day", "", ""},
		{at(24, 0, 0, "UTC"), at(27, 0, 0, "UTC"), true, "", "Tuesday 24 November 2026 – Thursday 26 November 2026", "", ""},
	} {
		i := calbell.Instance{Start: c.start, End: c.end, AllDay: c.allDay, RecurrenceID: c.moved}
		if here, there := r.Times(i); here != c.here || there != c.there {
			t.Errorf("%v: %q, there %q; want %q, %q", c.start, here, there, c.here, c.there)
		}
		if got := r.Moved(i); got != c.told {
			t.Errorf("%v: moved %q, want %q", c.start, got, c.told)
		}
	}
}
