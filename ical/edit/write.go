package edit

import (
	"fmt"
	"strings"
	"time"

	"calbell"
)

// Draft is an event to be written as a new object.
type Draft struct {
	UID   calbell.UID
	Title string
	// Start and End carry the zone in which the event is written. Of an all-day event only
	// their days count; End is exclusive.
	Start, End            time.Time
	AllDay                bool
	Location, Description string
}

// Write returns the text of an object that holds the event, made at the instant now. A zone
// that has no name to be found by is written as UTC.
func (d Draft) Write(now time.Time) []byte {
	var b strings.Builder
	line := func(text string) { writeLine(&b, text, "\r\n") }
	line("BEGIN:VCALENDAR")
	line("VERSION:2.0")
	line("PRODID:-//Calbell//EN")
	zone := d.Start.Location()
	named := !d.AllDay && zone != time.UTC && strings.Contains(zone.String(), "/")
	if named {
		for _, text := range timezone(zone, d.Start) {
			line(text)
		}
	}
	line("BEGIN:VEVENT")
	line("UID:" + escaped(string(d.UID)))
	line("DTSTAMP:" + now.UTC().Format(utcForm))
	line("DTSTART" + d.stamp(d.Start, named))
	line("DTEND" + d.stamp(d.End, named))
	line("SUMMARY:" + escaped(d.Title))
	if d.Location != "" {
		line("LOCATION:" + escaped(d.Location))
	}
	if d.Description != "" {
		line("DESCRIPTION:" + escaped(d.Description))
	}
	line("END:VEVENT")
	line("END:VCALENDAR")
	return []byte(b.String())
}

// The forms of times (RFC 5545 §3.3.5).
const (
	localForm = "20060102T150405"
	utcForm   = "20060102T150405Z"
	dateForm  = "20060102"
)

// stamp writes a time with its parameters.
func (d Draft) stamp(t time.Time, named bool) string {
	switch {
	case d.AllDay:
		return ";VALUE=DATE:" + t.Format(dateForm)
	case named:
		return ";TZID=" + d.Start.Location().String() + ":" + t.In(d.Start.Location()).Format(localForm)
	}
	return ":" + t.UTC().Format(utcForm)
}

// timezone is a VTIMEZONE with the changes of the clock from a year before an instant to a
// year after it: those who do not know the zone's name need no others.
func timezone(z *time.Location, around time.Time) []string {
	lines := []string{"BEGIN:VTIMEZONE", "TZID:" + z.String()}
	first, last := around.AddDate(-1, 0, 0).In(z), around.AddDate(1, 0, 0)
	begin, _ := first.ZoneBounds()
	if begin.IsZero() { // no change before
		begin = first
	}
	_, before := begin.Add(-time.Second).In(z).Zone()
	for !begin.IsZero() && !begin.After(last) {
		name, offset := begin.In(z).Zone()
		lines = append(lines, clockChange(begin.In(z), name, before, offset)...)
		begin, before = nextChange(begin, last), offset
	}
	return append(lines, "END:VTIMEZONE")
}

// nextChange is when the offset of a zone changes after an instant; zero when it does not
// until last. Package time names the ends of years too, where nothing changes, and some of
// them as the end of themselves: for ever.
func nextChange(after, last time.Time) time.Time {
	_, offset := after.Zone()
	for at := after; ; {
		_, end := at.ZoneBounds()
		if end.IsZero() || end.After(last) {
			return time.Time{}
		}
		if _, changed := end.Zone(); changed != offset {
			return end
		}
		if !end.After(at) {
			end = at.AddDate(0, 0, 1)
		}
		at = end
	}
}

// clockChange is one change of the clock; its start is by the clock of before.
func clockChange(at time.Time, name string, before, after int) []string {
	kind := "STANDARD"
	if at.IsDST() {
		kind = "DAYLIGHT"
	}
	return []string{
		"BEGIN:" + kind, "DTSTART:" + at.UTC().Add(time.Duration(before)*time.Second).Format(localForm),
		"TZOFFSETFROM:" + offsetText(before), "TZOFFSETTO:" + offsetText(after), "TZNAME:" + escaped(name), "END:" + kind,
	}
}

// offsetText writes a UTC offset (RFC 5545 §3.3.14).
func offsetText(seconds int) string {
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	text := fmt.Sprintf("%s%02d%02d", sign, seconds/3600, seconds/60%60)
	if s := seconds % 60; s > 0 {
		text += fmt.Sprintf("%02d", s)
	}
	return text
}
