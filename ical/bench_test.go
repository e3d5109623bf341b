package ical

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

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

// BenchmarkParseAndPlan is P6: read events and find the next alarm of each, beside what
// go-ical takes to decode them.
func BenchmarkParseAndPlan(b *testing.B) {
	const events = 1000
	raw := manyEvents(events)
	now := time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC)
	b.Run("calbell", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f, err := Parse(raw, Options{})
			if err != nil || len(f.Events) != events {
				b.Fatal(err)
			}
			for _, e := range f.Events {
				e.NextAlarm(now)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*events), "ns/event")
	})
	b.Run("calbell-parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Parse(raw, Options{}); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*events), "ns/event")
	})
	b.Run("go-ical", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := goical.NewDecoder(bytes.NewReader(raw)).Decode(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*events), "ns/event")
	})
}

// BenchmarkObjects is P6 as a sync does it: one object at a time.
func BenchmarkObjects(b *testing.B) {
	raw := manyEvents(1)
	now := time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC)
	b.Run("calbell", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f, err := Parse(raw, Options{})
			if err != nil {
				b.Fatal(err)
			}
			f.Events[0].NextAlarm(now)
		}
	})
	b.Run("go-ical", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := goical.NewDecoder(bytes.NewReader(raw)).Decode(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkNextAlarm is P4: the next alarm of a rule that never ends, from 1970 on.
func BenchmarkNextAlarm(b *testing.B) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, rule := range []string{"FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=YEARLY"} {
		for _, trigger := range []string{"-PT15M", "-P1D", "-P8W"} {
			b.Run(rule+"/"+trigger, func(b *testing.B) {
				text := strings.Join([]string{
					"BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:a", "DTSTART;TZID=Europe/Zurich:19700105T090000",
					"RRULE:" + rule, "BEGIN:VALARM", "TRIGGER:" + trigger, "END:VALARM", "END:VEVENT", "END:VCALENDAR", "",
				}, "\r\n")
				f, err := Parse([]byte(text), Options{})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				for b.Loop() {
					if _, ok := f.Events[0].NextAlarm(now); !ok {
						b.Fatal("no alarm")
					}
				}
			})
		}
	}
}
