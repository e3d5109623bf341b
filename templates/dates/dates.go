package dates

import (
	"time"

	"calbell"
)

// Style is the length of a written day, as CLDR counts them.
type Style int

// The styles, of which the zero value is the default.
const (
	Full Style = iota
	Long
	Medium
	Short
)

// View says how a moment is shown.
type View struct {
	Style    Style
	Pattern  string         // "" = by style
	Relative bool           // as seen from now
	Zone     *time.Location // nil: the reader's
}

// Moment is a day, a time of day, or both.
type Moment struct {
	From   time.Time // in the zone in which it is written; zero: nothing to show
	To     time.Time // last day shown, for all-day ranges; zero: From alone
	AllDay bool      // days without a time of day
	Clock  bool      // the time of day alone
}

// Date returns the day with the start time; of an all-day span the day or the days.
func Date(s calbell.Span) Moment {
	if s.AllDay {
		return Moment{From: s.Start, To: lastDay(s), AllDay: true}
	}
	return Start(s)
}

// Start returns the start alone, whatever follows.
func Start(s calbell.Span) Moment { return Moment{From: s.Start, AllDay: s.AllDay} }

// End returns the end as people say it: "until Friday" includes the Friday.
func End(s calbell.Span) Moment {
	if s.AllDay {
		return Moment{From: lastDay(s), AllDay: true}
	}
	return Moment{From: s.End}
}

// StartClock returns the time of day of the start; an all-day span has none.
func StartClock(s calbell.Span) Moment { return clockOf(s, s.Start) }

// EndClock returns the time of day of the end; an all-day span has none.
func EndClock(s calbell.Span) Moment { return clockOf(s, s.End) }

func clockOf(s calbell.Span, t time.Time) Moment {
	if s.AllDay {
		return Moment{}
	}
	return Moment{From: t, Clock: true}
}

// Zone names the zone in which a span is written. An all-day one floats.
func Zone(s calbell.Span) string {
	if s.AllDay || s.Start.IsZero() {
		return ""
	}
	return ZoneName(s.Start)
}

// lastDay returns the last day of an all-day span; its end is exclusive.
func lastDay(s calbell.Span) time.Time {
	if last := s.End.AddDate(0, 0, -1); last.After(s.Start) {
		return last
	}
	return s.Start
}

// DaysBetween counts calendar days, whatever the clocks do in between.
func DaysBetween(a, b time.Time) int {
	midnight := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	return int(midnight(b).Sub(midnight(a)) / (24 * time.Hour))
}
