package service

import (
	"testing"
	"time"
)

// What people write is a time by their clock, also when the clock skips it or shows it twice.
func TestWallTime(t *testing.T) {
	for _, c := range []struct{ zone, text, want string }{
		{"Europe/Zurich", "2026-12-01T14:00", "2026-12-01T14:00:00+01:00"},
		{"Europe/Zurich", " 2026-12-01T14:00:30 ", "2026-12-01T14:00:30+01:00"},
		{"America/New_York", "2027-03-14T02:30", "2027-03-14T03:30:00-04:00"}, // skipped: by the offset before
		{"America/New_York", "2027-11-07T01:30", "2027-11-07T01:30:00-04:00"}, // twice: the first
		{"America/Santiago", "2027-09-05T00:15", "2027-09-05T01:15:00-03:00"}, // skipped at midnight
		{"America/Santiago", "2027-09-05", "2027-09-05T00:00:00Z"},            // a day has no clock
		{"Europe/Zurich", "2040-12-31T09:00", "2040-12-31T09:00:00+01:00"},
		{"Europe/Zurich", "9998-12-31T09:00", "9998-12-31T09:00:00+01:00"},
		{"Europe/Zurich", "9999-12-31", ""},
		{"Europe/Zurich", "1899-12-31", ""},
		{"Europe/Zurich", "2026-02-30", ""},
		{"Europe/Zurich", "2026-12-01T24:00", ""},
		{"Europe/Zurich", "", ""},
	} {
		z, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := wallTime("start", c.text, z)
		if said := got.Format(time.RFC3339); err == nil && said != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%q in %s: %s, %v; want %s", c.text, c.zone, said, err, c.want)
		}
	}
}
