package dates

import (
	"strings"
	"time"

	"calbell"
)

// Reader is whom moments are written for.
type Reader struct {
	Locale *Locale
	Zone   *time.Location
	Now    time.Time
}

// Show writes a moment in words.
func (r Reader) Show(m Moment, v View) string {
	if m.From.IsZero() {
		return ""
	}
	if v.Relative {
		return r.Distance(m)
	}
	if m.AllDay {
		return r.showDays(m, v)
	}
	zone := r.Zone
	if v.Zone != nil {
		zone = v.Zone
	}
	at := m.From.In(zone)
	if v.Pattern != "" {
		return string(appendPattern(nil, v.Pattern, at, r.Locale))
	}
	b := make([]byte, 0, 64)
	if m.Clock {
		b = appendPattern(b, r.Locale.clock, at, r.Locale)
	} else {
		b = r.appendDayTime(b, v.Style, at)
	}
	return string(r.appendZones(b, m, v, at))
}

// appendDayTime writes the day and the time, joined as the locale does.
func (r Reader) appendDayTime(b []byte, st Style, at time.Time) []byte {
	join := r.Locale.joins[st]
	day := strings.Index(join, "{1}")
	clock := strings.Index(join, "{0}")
	b = appendPattern(b, join[:day], at, r.Locale)
	b = appendPattern(b, r.Locale.dates[st], at, r.Locale)
	b = appendPattern(b, join[day+3:clock], at, r.Locale)
	b = appendPattern(b, r.Locale.clock, at, r.Locale)
	return appendPattern(b, join[clock+3:], at, r.Locale)
}

// appendZones names the zone when the time alone could mislead. The time is the
// reader's own; people who wrote the event in another zone speak of another hour, so
// that hour follows with its zone. UTC is what programs write, not where people are.
func (r Reader) appendZones(b []byte, m Moment, v View, at time.Time) []byte {
	own := m.From.In(r.Zone)
	switch {
	case v.Zone != nil && offsetOf(at) != offsetOf(own):
		b = append(b, " ("...)
		b = append(b, ZoneName(at)...)
		return append(b, ')')
	case v.Zone != nil || m.Clock || offsetOf(m.From) == offsetOf(own) || isUTC(m.From):
		return b
	}
	b = append(b, " ("...)
	if m.From.Day() != own.Day() {
		b = appendPattern(b, "E ", m.From, r.Locale)
	}
	b = appendPattern(b, r.Locale.clock, m.From, r.Locale)
	b = append(b, ' ')
	b = append(b, ZoneName(m.From)...)
	return append(b, ')')
}

// showDays writes an all-day moment: its days are the same everywhere, so no zone
// plays a part.
func (r Reader) showDays(m Moment, v View) string {
	pattern := v.Pattern
	if pattern == "" {
		pattern = r.Locale.dates[v.Style]
	}
	b := make([]byte, 0, 64)
	if m.To.IsZero() || !m.To.After(m.From) {
		return string(appendPattern(b, pattern, m.From, r.Locale))
	}
	first := pattern
	if v.Pattern == "" && m.From.Year() == m.To.Year() && v.Style <= Long {
		// One year is said once: "Monday 23 November – Friday 4 December 2026".
		first = yearless(pattern)
	}
	b = appendPattern(b, first, m.From, r.Locale)
	b = append(b, " – "...)
	return string(appendPattern(b, pattern, m.To, r.Locale))
}

// yearless is a pattern of a day without the year that ends it.
func yearless(pattern string) string {
	return strings.TrimRight(strings.TrimSuffix(pattern, "y"), ", ")
}

// Span writes when something takes place, as %date% does.
func (r Reader) Span(s calbell.Span) string { return r.Show(Date(s), View{}) }

// Clock writes the time of day.
func (r Reader) Clock(t time.Time) string {
	return string(appendPattern(nil, r.Locale.clock, t.In(r.Zone), r.Locale))
}
