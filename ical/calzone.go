package ical

import (
	"strings"
	"time"

	"calbell/ical/zone"
)

// CalendarZone returns the zone that a collection names as its own: the name that
// calendar-timezone-id holds (RFC 7809 §5.2), or the one VTIMEZONE in the text that
// calendar-timezone holds (RFC 4791 §5.2.2). Nil when it names none.
func CalendarZone(value string) *time.Location {
	value = strings.TrimSpace(value)
	if !strings.Contains(value, "BEGIN:") {
		loc, _ := zone.NewBook().Find(value)
		return loc
	}
	text, err := clean([]byte(value))
	if err != nil {
		return nil
	}
	r := &reader{text: text, file: &File{}, book: zone.NewBook()}
	var first string
	keep := func(b block) {
		if b.name == "VTIMEZONE" && first == "" {
			r.safely(b, func() { r.timezone(b); first = r.tzid(b) })
		}
	}
	s := structure{lines: linesOf(text, 1), report: r.report, keep: keep, calendar: func(line) {}}
	s.run()
	if first == "" {
		return nil
	}
	loc, _ := r.book.Find(first)
	return loc
}

// tzid returns the TZID of a VTIMEZONE; "" when it has none.
func (r *reader) tzid(b block) string {
	for walk := linesIn(r.text, b.body, b.first, b.skip); ; {
		l, ok := walk.scan()
		if !ok {
			return ""
		}
		if p, ok := propertyOf(l); ok && p.name == "TZID" {
			return p.value
		}
	}
}
