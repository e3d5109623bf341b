//go:build !race

package ical

import (
	"bytes"
	"fmt"
	"maps"
	"runtime"
	"strings"
	"testing"
	"time"

	"calbell/ical/syntax"

	"calbell"
)

// neighbour is an event that must ring whatever stands beside it.
const neighbour = "BEGIN:VEVENT\r\nUID:neighbour\r\nDTSTART:20260701T100000Z\r\nBEGIN:VALARM\r\nTRIGGER:PT0S\r\nEND:VALARM\r\nEND:VEVENT\r\n"

// mostBytes is what an object may keep of the memory. There is no such bound on the time
// here: a slow machine would break it. What never ends is ended by the test's own time-out.
const mostBytes = 64 << 20

// measure runs do and says how much memory it allocated and kept.
func measure(t *testing.T, do func()) (kept uint64) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	do()
	runtime.GC()
	runtime.ReadMemStats(&after)
	return max(after.HeapAlloc, before.HeapAlloc) - before.HeapAlloc
}

// ask puts every question to every event, as a sync and a page do.
func ask(t *testing.T, f *File) (neighbourRang bool) {
	t.Helper()
	from, to := utc(t, "2026-06-30"), utc(t, "2026-07-02")
	for _, e := range f.Events {
		e.NextAlarm(from)
		list, _ := e.Alarms(from, to, calbell.MaxRemindersPerLayout)
		if len(list) > calbell.MaxRemindersPerLayout {
			t.Errorf("%d alarms", len(list))
		}
		e.Instances(from, to, 100)
		e.Instance("2026-07-01T10:00:00Z")
		neighbourRang = neighbourRang || e.UID() == "neighbour" && len(list) == 1
	}
	return neighbourRang
}

// hostile writes a text that stands beside the neighbour in one VCALENDAR.
type hostile = func(b *bytes.Buffer)

// greedyAlarm asks for as much as an alarm may, and more.
const greedyAlarm = "BEGIN:VALARM\r\nTRIGGER:-P1D\r\nREPEAT:1000\r\nDURATION:P1D\r\nEND:VALARM\r\n"

// hostileEvent is an event of so many lines, with an alarm.
func hostileEvent(lines ...string) hostile {
	return func(b *bytes.Buffer) {
		b.WriteString("BEGIN:VEVENT\r\nUID:hostile\r\n" + strings.Join(lines, "\r\n") + "\r\n")
		b.WriteString("BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT\r\n")
	}
}

// hostileList is an event with n lines of one kind.
func hostileList(n int, line func(i int) string) hostile {
	return func(b *bytes.Buffer) {
		b.WriteString("BEGIN:VEVENT\r\nUID:hostile\r\nDTSTART:19700101T000000Z\r\n")
		for i := range n {
			b.WriteString(line(i))
		}
		b.WriteString("END:VEVENT\r\n")
	}
}

// hostileRules are rules that never end, never begin, or take long to tell.
func hostileRules() map[string]hostile {
	return map[string]hostile{
		"secondly":          hostileEvent("DTSTART:19700101T000000Z", "RRULE:FREQ=SECONDLY"),
		"count 10^9":        hostileEvent("DTSTART:19700101T000000Z", "RRULE:FREQ=DAILY;COUNT=1000000000"),
		"count secondly":    hostileEvent("DTSTART:19700101T000000Z", "RRULE:FREQ=SECONDLY;COUNT=1000000000"),
		"hourly never":      hostileEvent("DTSTART:19700101T000000Z", "RRULE:FREQ=HOURLY;INTERVAL=480;BYHOUR=5"),
		"minutely never":    hostileEvent("DTSTART:19700101T000000Z", "RRULE:FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30"),
		"interval 0":        hostileEvent("DTSTART:19700101T000000Z", "RRULE:FREQ=DAILY;INTERVAL=0"),
		"interval huge":     hostileEvent("DTSTART:19700101T000000Z", "RRULE:FREQ=YEARLY;INTERVAL=9223372036854775807"),
		"excluded for ever": hostileEvent("DTSTART:19700101T000000Z", "RRULE:FREQ=SECONDLY", "EXRULE:FREQ=SECONDLY"),
		"secondly in a gap": hostileEvent("DTSTART;TZID=Pacific/Apia:20111228T000000", "RRULE:FREQ=SECONDLY"),
		"year 0":            hostileEvent("DTSTART:00000101T000000Z", "RRULE:FREQ=SECONDLY;BYSECOND=59;BYMONTH=2;BYMONTHDAY=29"),
		"year 9999":         hostileEvent("DTSTART:99991231T235959Z", "DURATION:P36500D", "RRULE:FREQ=YEARLY"),
		"long and often":    hostileEvent("DTSTART:19700101T000000Z", "DURATION:P36500D", "RRULE:FREQ=SECONDLY"),
	}
}

// hostileLists are events with very many lines.
func hostileLists() map[string]hostile {
	return map[string]hostile{
		"rdates": hostileList(250_000, func(i int) string { return "RDATE:20200101T000000Z\r\n" }),
		"rdates in a line": func(b *bytes.Buffer) {
			b.WriteString("BEGIN:VEVENT\r\nUID:hostile\r\nDTSTART:19700101T000000Z\r\nRDATE:20260701T000000Z")
			b.WriteString(strings.Repeat(",20260701T000000Z", 240_000) + "\r\nEND:VEVENT\r\n")
		},
		"a million rdates": func(b *bytes.Buffer) {
			b.WriteString("BEGIN:VEVENT\r\nUID:hostile\r\nDTSTART:19700101T000000Z\r\n")
			for range 1000 {
				b.WriteString("RDATE:20260701T000000Z" + strings.Repeat(",20260701T000000Z", 999) + "\r\n")
			}
			b.WriteString("END:VEVENT\r\n")
		},
		"exdates": hostileList(150_000, func(i int) string {
			return "EXDATE:" + time.Unix(int64(i)*86400, 0).UTC().Format("20060102T150405Z") + "\r\n"
		}),
		"alarms":           hostileList(50_000, func(int) string { return greedyAlarm }),
		"a million alarms": hostileList(1_000_000, func(int) string { return "BEGIN:VALARM\nTRIGGER:PT1S\nEND:VALARM\n" }),
		"rules":            hostileList(100_000, func(int) string { return "RRULE:FREQ=SECONDLY\r\n" }),
		"attendees": hostileList(40_000, func(i int) string {
			return fmt.Sprintf("ATTENDEE;CN=\"%s\";PARTSTAT=ACCEPTED:mailto:a@example.org\r\n", strings.Repeat("x", i%1000))
		}),
	}
}

// hostileTexts are texts that are hard to take apart.
func hostileTexts() map[string]hostile {
	return map[string]hostile{
		"nested": func(b *bytes.Buffer) {
			b.WriteString(strings.Repeat("BEGIN:A\r\n", 3_000_000))
		},
		"nested and closed": func(b *bytes.Buffer) {
			b.WriteString(strings.Repeat("BEGIN:A\n", 500_000) + strings.Repeat("END:A\n", 500_000))
		},
		"nested in an event": func(b *bytes.Buffer) {
			b.WriteString("BEGIN:VEVENT\r\nUID:hostile\r\nDTSTART:20260701T100000Z\r\n" + strings.Repeat("BEGIN:VALARM\r\nBEGIN:A\r\n", 100_000))
		},
		"ends": func(b *bytes.Buffer) { b.WriteString(strings.Repeat("END:VEVENT\n", 300_000)) },
		"long parameter": hostileEvent("DTSTART;TZID="+strings.Repeat("x", 400<<10)+":20260701T100000Z",
			"ATTENDEE;CN="+strings.Repeat("x", 400<<10)+":mailto:a@example.org", "DTSTART:20260701T100000Z"),
		"many parameters":  hostileEvent("DTSTART" + strings.Repeat(";A=b", 4000) + ":20260701T100000Z"),
		"long description": hostileEvent("DTSTART:20260701T100000Z", "DESCRIPTION:"+strings.Repeat(`\n\,x`, 700<<10)),
		"folds":            hostileEvent("DTSTART:20260701T100000Z", "DESCRIPTION:x"+strings.Repeat("\r\n \r\n x", 300_000)),
		"quotes":           hostileEvent("DTSTART:20260701T100000Z", `X-A;B="`, `ATTENDEE;A="b`, `ATTENDEE;A=b"c":d`, `X;A="b"`, `DTSTART;TZID=x`),
	}
}

// hostileCrowds are texts of very many components.
func hostileCrowds() map[string]hostile {
	return map[string]hostile{
		"zones": func(b *bytes.Buffer) {
			for i := range 20_000 {
				fmt.Fprintf(b, "BEGIN:VTIMEZONE\nTZID:z%d\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETTO:+0100\nRRULE:FREQ=SECONDLY\nEND:STANDARD\nEND:VTIMEZONE\n", i)
				fmt.Fprintf(b, "BEGIN:VEVENT\nUID:z%d\nDTSTART;TZID=z%d:20260701T100000\nEND:VEVENT\n", i, i)
			}
		},
		"overrides": func(b *bytes.Buffer) {
			b.WriteString("BEGIN:VEVENT\nUID:hostile\nDTSTART:20000101T000000Z\nRRULE:FREQ=DAILY\nEND:VEVENT\n")
			for i := range 35_000 {
				at := time.Date(2000, 1, 1+i, 0, 0, 0, 0, time.UTC).Format("20060102T150405Z")
				fmt.Fprintf(b, "BEGIN:VEVENT\nUID:hostile\nRECURRENCE-ID:%s\nDTSTART:%s\nBEGIN:VALARM\nTRIGGER:PT1S\nEND:VALARM\nEND:VEVENT\n", at, at)
			}
		},
		"overrides by date": func(b *bytes.Buffer) {
			b.WriteString("BEGIN:VEVENT\nUID:hostile\nDTSTART:20000101T000000Z\nRRULE:FREQ=MINUTELY;INTERVAL=7;BYMONTHDAY=31\nEND:VEVENT\n")
			for i := range 30_000 {
				at := time.Date(2000, 1, 1+i, 0, 0, 0, 0, time.UTC).Format("20060102")
				fmt.Fprintf(b, "BEGIN:VEVENT\nUID:hostile\nRECURRENCE-ID;RANGE=THISANDFUTURE:%s\nDTSTART:%s\nBEGIN:VALARM\nTRIGGER:PT1S\nEND:VALARM\nEND:VEVENT\n", at, at)
			}
		},
		"costly events": func(b *bytes.Buffer) {
			for i := range 300 {
				fmt.Fprintf(b, "BEGIN:VEVENT\nUID:%d\nDTSTART;TZID=Europe/Zurich:19700101T000000\nRRULE:FREQ=SECONDLY\nEXRULE:FREQ=SECONDLY\n", i)
				b.WriteString("RRULE:FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30\nBEGIN:VALARM\nTRIGGER:P1D\nREPEAT:99\nDURATION:P1D\nEND:VALARM\nEND:VEVENT\n")
			}
		},
		"alarmed events": func(b *bytes.Buffer) {
			for i := range 5 {
				fmt.Fprintf(b, "BEGIN:VEVENT\nUID:%d\nDTSTART;TZID=Europe/Zurich:19700101T000000\nRRULE:FREQ=SECONDLY\n", i)
				b.WriteString(strings.Repeat(greedyAlarm, calbell.MaxAlarms) + "END:VEVENT\n")
			}
		},
		"tiny events": func(b *bytes.Buffer) {
			b.WriteString(strings.Repeat("BEGIN:VEVENT\nDTSTART:20260101\nEND:VEVENT\n", 100_000))
		},
	}
}

// TestHostile says that no text costs much, and that none takes its neighbour along.
func TestHostile(t *testing.T) {
	all := hostileRules()
	for _, more := range []map[string]hostile{hostileLists(), hostileTexts(), hostileCrowds()} {
		maps.Copy(all, more)
	}
	for name, write := range all {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			b.WriteString("BEGIN:VCALENDAR\r\n" + neighbour)
			write(&b)
			after := strings.Replace(neighbour, "UID:neighbour", "UID:after", 1)
			b.WriteString(after + "END:VCALENDAR\r\n")
			var f *File
			kept := measure(t, func() {
				var err error
				if f, err = Parse(b.Bytes(), Options{}); err != nil {
					t.Fatal(err)
				}
				if !ask(t, f) {
					t.Error("the neighbour does not ring")
				}
			})
			if b.Len() <= calbell.MaxObjectBytes && kept > mostBytes {
				t.Errorf("%d kB of text keep %d MB", b.Len()>>10, kept>>20)
			}
			if len(f.Problems) > syntax.MaxProblems {
				t.Errorf("%d problems", len(f.Problems))
			}
			if name != "tiny events" && f.Events[len(f.Events)-1].UID() != "after" {
				t.Errorf("the event behind is gone; problems %v", f.Problems[:min(len(f.Problems), 5)])
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 100 MB")
	}
	raw := make([]byte, calbell.MaxFileBytes+1)
	if _, err := Parse(raw, Options{}); err == nil {
		t.Error("a file of more than MaxFileBytes is read")
	}
	copy(raw, "BEGIN:VCALENDAR\r\n"+neighbour+"X-JUNK:")
	for i := range raw {
		if raw[i] == 0 {
			raw[i] = 'x'
		}
	}
	var f *File
	measure(t, func() {
		var err error
		if f, err = Parse(raw[:calbell.MaxFileBytes], Options{}); err != nil {
			t.Fatal(err)
		}
	})
	if !ask(t, f) {
		t.Error("the neighbour of a line of 100 MB does not ring")
	}
}

func TestNotICalendar(t *testing.T) {
	for _, text := range []string{"", "\n", "<html>BEGIN:VCALENDAR</html>", "SUMMARY:x\r\n", "\xff\xfe", "{}", "END:VCALENDAR\r\n"} {
		if f, err := Parse([]byte(text), Options{}); err == nil {
			t.Errorf("%q: %v", text, f)
		}
	}
	if f, err := Parse([]byte("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"), Options{}); err != nil || len(f.Events) != 0 {
		t.Errorf("an empty calendar: %v", err)
	}
}
