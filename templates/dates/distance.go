package dates

import (
	"math"
	"strconv"
	"strings"
	"time"

	"calbell"
)

// minutesTo counts whole minutes from now to t, to the nearest: a reminder that comes
// some milliseconds after its instant is still "15 minutes" before the start.
func (r Reader) minutesTo(t time.Time) int {
	return int(math.Round(t.Sub(r.Now).Minutes()))
}

// Minutes returns the minutes until t as a bare number, for templates that have their own
// words; "" without t.
func (r Reader) Minutes(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.Itoa(r.minutesTo(t))
}

// Distance says how far away a moment is, in the words that a person would use; "" when there
// is nothing to show.
func (r Reader) Distance(m Moment) string {
	if m.From.IsZero() {
		return ""
	}
	// Days are counted on the reader's calendar: "tomorrow" begins at their midnight.
	days := DaysBetween(r.Now.In(r.Zone), r.DayOf(m))
	if m.AllDay {
		if days >= -1 && days <= 1 {
			return r.Locale.near[days+1]
		}
		return r.counted(r.Locale.days, days)
	}
	n := r.minutesTo(m.From)
	// Up to two hours people count minutes, whole hours on the same day they count hours;
	// beyond, the clock says more.
	switch {
	case n == 0:
		return r.Locale.now
	case abs(n)%60 == 0 && days == 0 || abs(n) == 60:
		return r.counted(r.Locale.hours, n/60)
	case abs(n) < 120:
		return r.counted(r.Locale.minutes, n)
	}
	return r.dayAt(m.From.In(r.Zone), days)
}

// dayAt says a day and a time: "tomorrow at 09:00", "Wednesday at 09:00".
func (r Reader) dayAt(t time.Time, days int) string {
	var day string
	switch {
	case days >= -1 && days <= 1:
		day = r.Locale.near[days+1]
	case days > 1 && days < 7:
		day = r.Locale.weekdaysAlone[0][t.Weekday()]
	default:
		day = string(appendPattern(nil, r.Locale.dates[Full], t, r.Locale))
	}
	b := appendPattern(nil, r.Locale.clock, t, r.Locale)
	at := strings.ReplaceAll(r.Locale.at, "'", "")
	return strings.NewReplacer("{1}", day, "{0}", string(b)).Replace(at)
}

// counted fills a number of units, before or after now.
func (r Reader) counted(c cldrCount, n int) string {
	if n < 0 {
		return r.Locale.count(c.past, -n)
	}
	return r.Locale.count(c.future, n)
}

// DayOf returns the moment in the zone in which its day is meant.
func (r Reader) DayOf(m Moment) time.Time {
	if m.AllDay {
		return m.From
	}
	return m.From.In(r.Zone)
}

func abs(n int) int { return max(n, -n) }

// Duration is exact for a timed span, also when the clocks change meanwhile; an all-day
// one counts days, of which one may have 23 hours.
func (l *Locale) Duration(s calbell.Span) string {
	if s.AllDay {
		return l.count(l.days.plain, DaysBetween(s.Start, lastDay(s))+1)
	}
	return l.Length(s.End.Sub(s.Start), true)
}
