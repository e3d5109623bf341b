package ical

import (
	"bytes"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"calbell"

	goical "github.com/emersion/go-ical"
)

// manyEvents is a calendar of n events as a server would hold them, one in five recurring.
func manyEvents(n int) []byte {
	var b bytes.Buffer
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\n")
	for i := range n {
		start := time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(i) * 37 * time.Minute)
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:%d@example.org\r\nDTSTAMP:20260101T000000Z\r\n", i)
		fmt.Fprintf(&b, "DTSTART;TZID=Europe/Zurich:%s\r\nDTEND;TZID=Europe/Zurich:%s\r\n",
			start.Format("20060102T150405"), start.Add(time.Hour).Format("20060102T150405"))
		if i%5 == 0 {
			b.WriteString("RRULE:FREQ=WEEKLY;BYDAY=MO,WE\r\n")
		}
		fmt.Fprintf(&b, "SUMMARY:Meeting number %d\r\nLOCATION:Room %d\\, first floor\r\n", i, i%40)
		b.WriteString("DESCRIPTION:Points to talk about:\\n- the plan\\n- the figures of last mo\r\n nth\\n- what comes next\r\n")
		b.WriteString("ORGANIZER;CN=\"Doe, Jane\":mailto:jane@example.org\r\n")
		b.WriteString("ATTENDEE;CN=John;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT:mailto:john@example.org\r\n")
		b.WriteString("CATEGORIES:Work,Team\r\nSEQUENCE:1\r\nSTATUS:CONFIRMED\r\nTRANSP:OPAQUE\r\n")
		b.WriteString("BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nDESCRIPTION:Reminder\r\nEND:VALARM\r\nEND:VEVENT\r\n")
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.Bytes()
}

// cpu returns the processor time that the process has used: on a busy machine the clock
// on the wall measures the neighbours.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// perEvent runs do and reports processor time per event.
func perEvent(b *testing.B, events int, do func()) {
	b.ReportAllocs()
	began := cpu(b)
	n := 0
	for b.Loop() {
		do()
		n++
	}
	b.ReportMetric(float64(cpu(b)-began)/float64(n*events), "cpu-ns/event")
}

// BenchmarkParseAndPlan is P6: read events and find the next alarm of each, beside what
// go-ical takes to decode them.
func BenchmarkParseAndPlan(b *testing.B) {
	now := time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC)
	for _, events := range []int{1000, 100_000} {
		raw := manyEvents(events)
		b.Run(fmt.Sprintf("%d/calbell", events), func(b *testing.B) { perEvent(b, events, func() { plan(b, raw, events, now) }) })
		b.Run(fmt.Sprintf("%d/calbell-parse", events), func(b *testing.B) {
			perEvent(b, events, func() {
				if _, err := Parse(raw, Options{}); err != nil {
					b.Fatal(err)
				}
			})
		})
		b.Run(fmt.Sprintf("%d/go-ical", events), func(b *testing.B) { perEvent(b, events, func() { decode(b, raw) }) })
	}
}

// plan reads a text and finds the next alarm of each of its events.
func plan(b *testing.B, raw []byte, events int, now time.Time) {
	f, err := Parse(raw, Options{})
	if err != nil || len(f.Events) != events {
		b.Fatal(err)
	}
	for _, e := range f.Events {
		e.NextAlarm(now)
	}
}

// decode reads a text by go-ical.
func decode(b *testing.B, raw []byte) {
	if _, err := goical.NewDecoder(bytes.NewReader(raw)).Decode(); err != nil {
		b.Fatal(err)
	}
}

// object is a calendar with the i-th of many events alone.
func object(i int) []byte {
	parts := strings.SplitAfter(string(manyEvents(i+1)), "END:VEVENT\r\n")
	head, _, _ := strings.Cut(parts[0], "BEGIN:VEVENT")
	_, event, _ := strings.Cut(parts[i], "BEGIN:VEVENT")
	return []byte(head + "BEGIN:VEVENT" + event + "END:VCALENDAR\r\n")
}

// withZone adds the VTIMEZONE that calendar servers keep in every object.
func withZone(raw []byte) []byte {
	zone := "BEGIN:VTIMEZONE\r\nTZID:Europe/Zurich\r\nX-LIC-LOCATION:Europe/Zurich\r\n" +
		"BEGIN:DAYLIGHT\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\nDTSTART:19700329T020000\r\n" +
		"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n" +
		"BEGIN:STANDARD\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\nDTSTART:19701025T030000\r\n" +
		"RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
	return bytes.Replace(raw, []byte("BEGIN:VEVENT"), []byte(zone+"BEGIN:VEVENT"), 1)
}

// BenchmarkObjects is P6 as a sync does it: one object at a time.
func BenchmarkObjects(b *testing.B) {
	for i, name := range []string{"recurring", "single"} {
		raw := withZone(object(i))
		now := time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC)
		b.Run(name+"/calbell", func(b *testing.B) { perEvent(b, 1, func() { plan(b, raw, 1, now) }) })
		b.Run(name+"/go-ical", func(b *testing.B) { perEvent(b, 1, func() { decode(b, raw) }) })
	}
}

// BenchmarkNextAlarm is P4: the next alarm of a rule that never ends, from 1970 on.
func BenchmarkNextAlarm(b *testing.B) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, rule := range []string{"FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=YEARLY"} {
		for _, trigger := range []string{"-PT15M", "-P1D", "-P8W"} {
			b.Run(rule+"/"+trigger, func(b *testing.B) {
				text := strings.Join([]string{
					"BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:a", "DTSTART;TZID=Europe/Zurich:19700105T093000",
					"RRULE:" + rule, "BEGIN:VALARM", "TRIGGER:" + trigger, "END:VALARM", "END:VEVENT", "END:VCALENDAR", "",
				}, "\r\n")
				f, err := Parse([]byte(text), Options{})
				if err != nil {
					b.Fatal(err)
				}
				perEvent(b, 1, func() {
					if _, ok := f.Events[0].NextAlarm(now); !ok {
						b.Fatal("no alarm")
					}
				})
			})
		}
	}
}

// BenchmarkWithLeads is P4 for what bindings and defaults add: the next reminder of a rule
// that never ends, its leads put on each time.
func BenchmarkWithLeads(b *testing.B) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	f, err := Parse([]byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART;TZID=Europe/Zurich:19700105T093000\n"+
		"RRULE:FREQ=DAILY\nEND:VEVENT\nEND:VCALENDAR\n"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	for _, leads := range []string{"15m", "1d", "1d@18:00", "15m,1d@18:00,0d@09:00"} {
		parsed, err := calbell.ParseLeads(leads)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(leads, func(b *testing.B) {
			perEvent(b, 1, func() {
				if _, ok := f.Events[0].With(parsed).NextAlarm(now); !ok {
					b.Fatal("no alarm")
				}
			})
		})
	}
}
