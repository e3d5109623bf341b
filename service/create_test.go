package service

import (
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/ical/edit"
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

// The end of a new event is as it is asked for, an hour after a start that is a time, and the same day
// for one that is a day; never before the start, and never of the other kind.
func TestWithEnd(t *testing.T) {
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, zurich)
	day := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		start  time.Time
		allDay bool
		end    string
		want   time.Time // zero: it is refused
	}{
		{noon, false, "", noon.Add(time.Hour)},
		{noon, false, "2026-12-01T14:30", noon.Add(150 * time.Minute)},
		{noon, false, "2026-12-01T12:00", noon},
		{noon, false, "2026-12-01T11:59", time.Time{}},
		{noon, false, "2026-12-02", time.Time{}},
		{noon, false, "later", time.Time{}},
		{day, true, "", day.AddDate(0, 0, 1)},
		{day, true, "2026-12-01", day.AddDate(0, 0, 1)},
		{day, true, "2026-12-03", day.AddDate(0, 0, 3)},
		{day, true, "2026-11-30", time.Time{}},
		{day, true, "2026-12-01T14:00", time.Time{}},
	} {
		d, err := withEnd(edit.Draft{Start: tt.start, AllDay: tt.allDay}, tt.end, zurich)
		if (err == nil) == tt.want.IsZero() || err == nil && !d.End.Equal(tt.want) {
			t.Errorf("from %s to %q: %s, %v, want %s", tt.start, tt.end, d.End, err, tt.want)
		}
		if fields := calbell.FieldsOf(err); err != nil && (len(fields) != 1 || fields[0].Name != "end") {
			t.Errorf("to %q: %+v", tt.end, fields)
		}
	}
}

// A new object has a name that nobody can guess, below its calendar's address.
func TestNameOfANewObject(t *testing.T) {
	a, b := newUID(), newUID()
	if a == b || len(a) != 36 || a[14] != '4' || strings.Trim(string(a), "0123456789abcdef-") != "" {
		t.Errorf("UIDs %q and %q", a, b)
	}
	for url, want := range map[string]calbell.Href{
		"https://cal.example.org/bob/own/":   "/bob/own/x@y.ics",
		"https://cal.example.org/bob/own":    "/bob/own/x@y.ics",
		"https://cal.example.org/b%20b/own/": "/b%20b/own/x@y.ics",
		"https://cal.example.org/%zz":        "",
	} {
		if got, err := hrefIn(calbell.Calendar{URL: url}, "x@y"); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", url, got, err)
		}
	}
}
