package demodata

import (
	"strings"
	"testing"
	"time"

	"calbell/ical"
)

// The demo's calendars read as they are meant, without a warning: a stand-up with one occurrence moved
// and one cancelled, two whole days, a call in another zone, and texts that are hostile.
func TestDemoEventsAreRead(t *testing.T) {
	now := time.Date(2026, 10, 24, 14, 3, 12, 0, time.UTC) // the clocks change in the night
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		events []event
		starts string // of the first instances from now on
	}{
		{"standup", standup(now), "25 Oct 10:00 Stand-up (later today) · 27 Oct 09:15 Stand-up · 28 Oct 09:15 Stand-up"},
		{"offsite", []event{offsite(now)}, "31 Oct 00:00 Team off-site"},
		{"call", []event{newYorkCall(now)}, "25 Oct 16:00 Call with New York"}, // New York's clocks change a week later
		{"coffee", []event{soon(now, 5*time.Minute, 8*time.Second, event{summary: "Tea, or coffee; *bold*", what: strings.Repeat("long ", 40)})}, "24 Oct 16:08 Tea, or coffee; *bold*"},
	} {
		text := write(tt.name, tt.events)
		for line := range strings.SplitSeq(string(text), "\r\n") {
			if len(line) > 75 {
				t.Errorf("%s: a line of %d bytes", tt.name, len(line))
			}
		}
		f, err := ical.Parse(text, ical.Options{Fallback: zurich})
		if err != nil || len(f.Events) != 1 || len(f.Problems) != 0 {
			t.Fatalf("%s: %v, %+v\n%s", tt.name, err, f, text)
		}
		var got []string
		list, _ := f.Events[0].Instances(now, now.AddDate(0, 0, 30), 4)
		for _, i := range list {
			if i.Status != "CANCELLED" && len(got) < 3 {
				got = append(got, i.Start.In(zurich).Format("2 Jan 15:04 ")+i.Summary)
			}
		}
		if strings.Join(got, " · ") != tt.starts {
			t.Errorf("%s: %q, want %q", tt.name, strings.Join(got, " · "), tt.starts)
		}
	}
}
