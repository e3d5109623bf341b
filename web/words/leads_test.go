package words_test

import (
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/web/i18n"
	"calbell/web/words"
)

// How long before a start is rounded as messages round it; before an all-day event it is a time of
// a day, not hours before a midnight.
func TestLeadsInWords(t *testing.T) {
	catalogue, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	r := words.Reader{Words: catalogue.In("en"), Zone: time.UTC}
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 3, 30, 0, 0, 0, 0, zurich) // the clocks went forward the day before
	exact := calbell.Lead{Days: 1}
	for _, c := range []struct {
		trigger     time.Time
		before      *calbell.Lead
		allDay      bool
		short, full string
	}{
		{start.Add(-14*time.Minute - 40*time.Second), nil, false, "15 min", "15 min before"},
		{start.Add(-20 * time.Second), nil, false, "20 s", "20 s before"},
		{start.Add(-59*time.Minute - 50*time.Second), nil, false, "1 h", "1 h before"},
		{start, nil, false, "at start", "At start"},
		{start.Add(-6 * time.Hour), nil, true, "The day before at 18:00", "The day before at 18:00"},
		{start.Add(9 * time.Hour), nil, true, "On the day at 09:00", "On the day at 09:00"},
		{start.Add(33 * time.Hour), nil, true, "1 day after the first day at 09:00", "1 day after the first day at 09:00"},
		{start.Add(-39 * time.Hour), nil, true, "2 days before at 08:00", "2 days before at 08:00"},
		{start.Add(-23 * time.Hour), &exact, true, "The day before at 00:00", "The day before at 00:00"},
	} {
		a := types.AlarmRow{Start: start, Trigger: c.trigger.UTC(), Before: c.before}
		if got := r.ShortAlarm(a, c.allDay); got != c.short {
			t.Errorf("%s: %q, want %q", c.trigger, got, c.short)
		}
		if got := r.AlarmText(a, c.allDay); got != c.full {
			t.Errorf("%s: %q, want %q", c.trigger, got, c.full)
		}
	}
}
