package templates

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// style is the length of a written day, as CLDR counts them.
type style int

const (
	styleFull style = iota
	styleLong
	styleMedium
	styleShort
)

// view is how a moment is shown, as the modifiers say.
type view struct {
	style    style
	pattern  string         // "" = by style
	relative bool           // as seen from now
	zone     *time.Location // nil: the reader's
	locale   *locale        // nil: the reader's
}

// date is the day with the start time; of an all-day instance the day or the days.
func (s *scope) date() moment {
	if s.in.AllDay {
		return moment{from: s.in.Start, to: s.lastDay(), allDay: true}
	}
	return s.start()
}

// start is the start alone, whatever follows.
func (s *scope) start() moment { return moment{from: s.in.Start, allDay: s.in.AllDay} }

// end is the end as people say it: "until Friday" includes the Friday.
func (s *scope) end() moment {
	if s.in.AllDay {
		return moment{from: s.lastDay(), allDay: true}
	}
	return moment{from: s.in.End}
}

// startClock and endClock are times of day; an all-day instance has none.
func (s *scope) startClock() moment { return s.clockOf(s.in.Start) }
func (s *scope) endClock() moment   { return s.clockOf(s.in.End) }

func (s *scope) clockOf(t time.Time) moment {
	if s.in.AllDay {
		return moment{}
	}
	return moment{from: t, clock: true}
}

// lastDay is the last day of an all-day instance; End is exclusive.
func (s *scope) lastDay() time.Time {
	if last := s.in.End.AddDate(0, 0, -1); last.After(s.in.Start) {
		return last
	}
	return s.in.Start
}

// show writes a moment in words.
func (s *scope) show(m moment, v view) string {
	if m.from.IsZero() {
		return ""
	}
	if v.relative {
		return s.distance(m)
	}
	if m.allDay {
		return s.showDays(m, v)
	}
	zone := s.zone
	if v.zone != nil {
		zone = v.zone
	}
	at := m.from.In(zone)
	if v.pattern != "" {
		return string(appendPattern(nil, v.pattern, at, s.loc))
	}
	b := make([]byte, 0, 64)
	if m.clock {
		b = appendPattern(b, s.loc.clock, at, s.loc)
	} else {
		b = s.appendDayTime(b, v.style, at)
	}
	return string(s.appendZones(b, m, v, at))
}

// appendDayTime writes the day and the time, joined as the locale does.
func (s *scope) appendDayTime(b []byte, st style, at time.Time) []byte {
	join := s.loc.joins[st]
	day := strings.Index(join, "{1}")
	clock := strings.Index(join, "{0}")
	b = appendPattern(b, join[:day], at, s.loc)
	b = appendPattern(b, s.loc.dates[st], at, s.loc)
	b = appendPattern(b, join[day+3:clock], at, s.loc)
	b = appendPattern(b, s.loc.clock, at, s.loc)
	return appendPattern(b, join[clock+3:], at, s.loc)
}

// appendZones names the zone when the time alone could mislead. The time is the
// reader's own; people who wrote the event in another zone speak of another hour, so
// that hour follows with its zone. UTC is what programs write, not where people are.
func (s *scope) appendZones(b []byte, m moment, v view, at time.Time) []byte {
	own := m.from.In(s.zone)
	switch {
	case v.zone != nil && offsetOf(at) != offsetOf(own):
		b = append(b, " ("...)
		b = append(b, zoneName(at)...)
		return append(b, ')')
	case v.zone != nil || m.clock || offsetOf(m.from) == offsetOf(own) || isUTC(m.from):
		return b
	}
	b = append(b, " ("...)
	if m.from.Day() != own.Day() {
		b = appendPattern(b, "E ", m.from, s.loc)
	}
	b = appendPattern(b, s.loc.clock, m.from, s.loc)
	b = append(b, ' ')
	b = append(b, zoneName(m.from)...)
	return append(b, ')')
}

// isUTC reports whether an instant is written in UTC, under any of its names.
func isUTC(t time.Time) bool {
	switch t.Location().String() {
	case "UTC", "Etc/UTC", "Z", "Zulu", "Etc/Zulu", "GMT", "Etc/GMT", "Etc/UCT":
		return true
	}
	return false
}

// showDays writes an all-day moment: its days are the same everywhere, so no zone
// plays a part.
func (s *scope) showDays(m moment, v view) string {
	pattern := v.pattern
	if pattern == "" {
		pattern = s.loc.dates[v.style]
	}
	b := make([]byte, 0, 64)
	if m.to.IsZero() || !m.to.After(m.from) {
		return string(appendPattern(b, pattern, m.from, s.loc))
	}
	first := pattern
	if v.pattern == "" && m.from.Year() == m.to.Year() && v.style <= styleLong {
		// One year is said once: "Monday 23 November – Friday 4 December 2026".
		first = yearless(pattern)
	}
	b = appendPattern(b, first, m.from, s.loc)
	b = append(b, " – "...)
	return string(appendPattern(b, pattern, m.to, s.loc))
}

// yearless is a pattern of a day without the year that ends it.
func yearless(pattern string) string {
	return strings.TrimRight(strings.TrimSuffix(pattern, "y"), ", ")
}

// minutesTo counts whole minutes from now to t, to the nearest: a reminder that comes
// some milliseconds after its instant is still "15 minutes" before the start.
func (s *scope) minutesTo(t time.Time) int {
	return int(math.Round(t.Sub(s.d.Now).Minutes()))
}

// minutes is a bare number, for templates that have their own words.
func (s *scope) minutes() string {
	if s.in.Start.IsZero() {
		return ""
	}
	return strconv.Itoa(s.minutesTo(s.in.Start))
}

// when is the distance of the start.
func (s *scope) when() string {
	if s.in.Start.IsZero() {
		return ""
	}
	return s.distance(s.start())
}

// distance says how far away a moment is, in the words that a person would use.
func (s *scope) distance(m moment) string {
	// Days are counted on the reader's calendar: "tomorrow" begins at their midnight.
	days := daysBetween(s.d.Now.In(s.zone), s.dayOf(m))
	if m.allDay {
		if days >= -1 && days <= 1 {
			return s.loc.near[days+1]
		}
		return s.counted(s.loc.days, days)
	}
	n := s.minutesTo(m.from)
	// Up to two hours people count minutes, whole hours on the same day they count hours;
	// beyond, the clock says more.
	switch {
	case n == 0:
		return s.loc.now
	case abs(n)%60 == 0 && days == 0 || abs(n) == 60:
		return s.counted(s.loc.hours, n/60)
	case abs(n) < 120:
		return s.counted(s.loc.minutes, n)
	}
	return s.dayAt(m.from.In(s.zone), days)
}

// dayAt says a day and a time: "tomorrow at 09:00", "Wednesday at 09:00".
func (s *scope) dayAt(t time.Time, days int) string {
	var day string
	switch {
	case days >= -1 && days <= 1:
		day = s.loc.near[days+1]
	case days > 1 && days < 7:
		day = s.loc.weekdaysAlone[0][t.Weekday()]
	default:
		day = string(appendPattern(nil, s.loc.dates[styleFull], t, s.loc))
	}
	b := appendPattern(nil, s.loc.clock, t, s.loc)
	at := strings.ReplaceAll(s.loc.at, "'", "")
	return strings.NewReplacer("{1}", day, "{0}", string(b)).Replace(at)
}

// counted fills a number of units, before or after now.
func (s *scope) counted(c cldrCount, n int) string {
	if n < 0 {
		return s.loc.count(c.past, -n)
	}
	return s.loc.count(c.future, n)
}

// dayOf is the moment in the zone in which its day is meant.
func (s *scope) dayOf(m moment) time.Time {
	if m.allDay {
		return m.from
	}
	return m.from.In(s.zone)
}

// daysBetween counts calendar days, whatever the clocks do in between.
func daysBetween(a, b time.Time) int {
	midnight := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	return int(midnight(b).Sub(midnight(a)) / (24 * time.Hour))
}

func abs(n int) int { return max(n, -n) }

// duration is exact for a timed instance, also when the clocks change meanwhile; an
// all-day one counts days, of which one may have 23 hours.
func (s *scope) duration() string {
	if s.in.AllDay {
		return s.loc.count(s.loc.days.plain, daysBetween(s.in.Start, s.lastDay())+1)
	}
	return s.loc.span(s.in.End.Sub(s.in.Start), true)
}

// timeZone names the zone in which the event is written. An all-day one floats.
func (s *scope) timeZone() string {
	if s.in.AllDay || s.in.Start.IsZero() {
		return ""
	}
	return zoneName(s.in.Start)
}

// late says how late the reminder is; "" below a minute.
func (s *scope) late() string {
	span := s.loc.span(s.d.Now.Sub(s.d.Due), false)
	if span == "" || s.d.Due.IsZero() {
		return ""
	}
	return strings.Replace(s.loc.words.late, "{0}", span, 1)
}
