package ical

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"calbell"
	"calbell/ical/syntax"
	"calbell/ical/zone"
)

// seed gives every vector's calendars to a fuzz target.
func seed(f *testing.F) {
	f.Helper()
	paths, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(paths) == 0 {
		f.Fatalf("no vectors: %v", err)
	}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		_, text, _ := strings.Cut(string(raw), ".ics --\n")
		text, _, _ = strings.Cut(text, "-- want.jsonl --")
		f.Add([]byte(text))
	}
}

// FuzzParse says that whatever the text, reading ends without a panic, and what is read
// answers in order, the same twice, and the same in one window and in two.
func FuzzParse(f *testing.F) {
	seed(f)
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		f.Fatal(err)
	}
	from := time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC)
	middle, to := from.AddDate(0, 0, 9), from.AddDate(0, 0, 20)
	leads := []calbell.Lead{{Days: 1, AtClock: true, Clock: 18 * time.Hour}, {Days: 2, Exact: time.Hour}}
	f.Fuzz(func(t *testing.T, raw []byte) {
		file, err := Parse(raw, Options{Subscribed: true, Fallback: zurich})
		if err != nil {
			return
		}
		for _, p := range file.Problems {
			if strings.Contains(p.Reason.English, "cannot be read: runtime error") {
				t.Errorf("a panic: %s", p.Reason)
			}
			if !utf8.ValidString(p.Reason.English) {
				t.Errorf("a reason that is no UTF-8: %q", p.Reason)
			}
		}
		for _, e := range file.Events {
			consistent(t, e, from, middle, to)
			consistent(t, e.With(leads), from, middle, to)
			e.Descriptions()
		}
	})
}

// consistent asks an event in several ways.
func consistent(t *testing.T, e *Event, from, middle, to time.Time) {
	t.Helper()
	const limit = 500
	all, more := e.Alarms(from, to, limit)
	if !slices.IsSortedFunc(all, func(a, b calbell.AlarmInstant) int { return a.Trigger.Compare(b.Trigger) }) {
		t.Errorf("alarms are not in order")
	}
	next, ok := e.NextAlarm(from)
	if ok && next.Trigger.Before(from) {
		t.Errorf("the next alarm at or after %v is %v", from, next.Trigger)
	}
	if len(all) > 0 && (!ok || !next.Trigger.Equal(all[0].Trigger)) {
		t.Errorf("the next alarm is %v %t, the first of the window %v", next.Trigger, ok, all[0].Trigger)
	}
	if more {
		return
	}
	first, _ := e.Alarms(from, middle, limit)
	second, _ := e.Alarms(middle, to, limit)
	if len(first)+len(second) != len(all) {
		t.Errorf("%d alarms in one window, %d and %d in two", len(all), len(first), len(second))
	}
	list, _ := e.Instances(from, to, limit)
	for i, in := range list {
		if in.End.Before(in.Start) || !in.Start.Before(to) || in.End.Before(from) {
			t.Errorf("instance from %v to %v", in.Start, in.End)
		}
		if i > 0 && in.Start.Before(list[i-1].Start) {
			t.Errorf("instances are not in order")
		}
	}
}

// FuzzZone says that go-ical never sees a line that it cannot read: whatever stands in one
// part of a VTIMEZONE, the other part is read.
func FuzzZone(f *testing.F) {
	for _, s := range []string{
		`X;CN="Doe, Jane":a`, `X;A="b"c:d`, `X;A="b:c`, "X;A", "X;=b:c", `X;A=b"c:d`, "X;A=b,,c:d", `X;A="b","c":d`, "X;A=b;;C=d:e",
		"BEGIN:DAYLIGHT", "END:STANDARD\nEND:VTIMEZONE", "DTSTART;TZID=x", "TZOFFSETTO:+9999", "RRULE:FREQ=SECONDLY",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, junk string) {
		if strings.Contains(strings.ToUpper(junk), "END") || strings.Contains(strings.ToUpper(junk), "BEGIN") {
			return // that is for FuzzParse
		}
		text := "BEGIN:VTIMEZONE\nTZID:mine\nBEGIN:DAYLIGHT\nX:y\n" + junk + "\nEND:DAYLIGHT\n" +
			"BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETTO:+0545\nTZOFFSETFROM:+0545\nEND:STANDARD\nEND:VTIMEZONE\n"
		r := &reader{file: &File{}, book: zone.NewBook()}
		syntax.Read(text, &r.Problems, r.keep, r.calendar)
		if loc, _ := r.book.Find("mine"); loc == nil {
			t.Errorf("the zone is not read: %v", r.List)
		}
	})
}

// FuzzStamp says that what is read as a date or time is one, and reads the same again.
func FuzzStamp(f *testing.F) {
	for _, s := range []string{"20260101", "20260101T000000Z", "2026-01-01T00:00:00", "20260101T2400", "00000101", "99991231T235960"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := readStamp(s)
		if err != nil {
			return
		}
		again, err := readStamp(got.wall.String())
		if err != nil || again.wall != got.wall {
			t.Errorf("%q is %v, and that %v %v", s, got.wall, again.wall, err)
		}
	})
}
