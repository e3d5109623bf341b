package ical

import (
	"strings"
	"testing"
	"time"
)

func TestCalendarZone(t *testing.T) {
	wrap := func(lines ...string) string {
		return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCALENDAR\r\n"
	}
	own := []string{
		"BEGIN:VTIMEZONE", "TZID:Our office", "BEGIN:STANDARD", "DTSTART:19700101T000000",
		"TZOFFSETFROM:+0545", "TZOFFSETTO:+0545", "END:STANDARD", "END:VTIMEZONE",
	}
	for _, tt := range []struct {
		name, value string
		hours       float64 // of the offset in July 2026; -99: no zone
	}{
		{"id", "Europe/Zurich", 2},
		{"id with space", " europe/zurich\n", 2},
		{"windows", "W. Europe Standard Time", 2},
		{"VTIMEZONE of a known name", wrap("BEGIN:VTIMEZONE", "TZID:Europe/Zurich", "END:VTIMEZONE"), 2},
		{"own VTIMEZONE", wrap(own...), 5.75},
		{"folded by LF only", strings.ReplaceAll(wrap(own...), "\r\n", "\n"), 5.75},
		{"none", "", -99},
		{"unknown", "Middle-earth/Shire", -99},
		{"Local is no zone", "Local", -99},
		{"VTIMEZONE without TZID", wrap("BEGIN:VTIMEZONE", "END:VTIMEZONE"), -99},
		{"no VTIMEZONE", wrap(), -99},
		{"garbage", "BEGIN:", -99},
	} {
		t.Run(tt.name, func(t *testing.T) {
			loc := CalendarZone(tt.value)
			if loc == nil {
				if tt.hours != -99 {
					t.Fatal("no zone")
				}
				return
			}
			_, offset := time.Date(2026, 7, 1, 12, 0, 0, 0, loc).Zone()
			if got := float64(offset) / 3600; got != tt.hours {
				t.Errorf("offset %v h, want %v", got, tt.hours)
			}
		})
	}
}
