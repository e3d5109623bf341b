package ical

import (
	"strings"
	"time"

	"calbell/ical/syntax"
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
	text, err := syntax.Clean([]byte(value))
	if err != nil {
		return nil
	}
	r := &reader{file: &File{}, book: zone.NewBook()}
	var first string
	keep := func(b syntax.Block) {
		if b.Name == "VTIMEZONE" && first == "" {
			r.safely(b.Name, b.Line, func() { first = r.timezone(b) })
		}
	}
	syntax.Read(text, &r.Problems, keep, func(syntax.Line) {})
	if first == "" {
		return nil
	}
	loc, _ := r.book.Find(first)
	return loc
}
