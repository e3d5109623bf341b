package calbell

import (
	"slices"
	"time"
)

// quietAhead is how far ahead the end of quiet hours is looked for. A week that has a time
// that is not quiet has it within that; hours that never end are looked at again then.
const quietAhead = 8 * 24 * time.Hour

// End reports whether at, in the webhook's zone, lies in the quiet hours, and when these end:
// those that follow without a gap, such as a night's and a Saturday's, end as one. end is
// meaningless when it is not quiet. Hours that never end are said to end in eight days.
//
// The hours are read off the wall: a time that a change of the clocks skips is taken with
// the offset before it, one that comes twice is the first (as RFC 5545 §3.3.5 has it). So
// the hour that comes twice does not make a webhook quiet a second time.
func (q Quiet) End(at time.Time) (end time.Time, quiet bool) {
	end = at
	for end.Sub(at) < quietAhead {
		next := q.endOfSpan(end)
		if !next.After(end) {
			break
		}
		end = next
	}
	return end, end.After(at)
}

// endOfSpan returns the end of the latest of the spans that hold an instant; at itself when
// none does.
func (q Quiet) endOfSpan(at time.Time) time.Time {
	end := at
	hold := func(from, to time.Time) {
		if !at.Before(from) && to.After(end) {
			end = to
		}
	}
	y, m, d := at.Date()
	for day := d - 2; day <= d; day++ { // a span reaches into the next day; a zone may skip a day
		if !q.works(time.Date(y, m, day, 12, 0, 0, 0, time.UTC).Weekday()) {
			hold(wallInstant(y, m, day, 0, at.Location()), wallInstant(y, m, day+1, 0, at.Location()))
		}
		switch {
		case q.From < q.To:
			hold(wallInstant(y, m, day, q.From, at.Location()), wallInstant(y, m, day, q.To, at.Location()))
		case q.From > q.To:
			hold(wallInstant(y, m, day, q.From, at.Location()), wallInstant(y, m, day+1, q.To, at.Location()))
		}
	}
	return end
}

// works reports whether a weekday is not quiet as a whole.
func (q Quiet) works(d time.Weekday) bool {
	switch {
	case !q.WorkingDays:
		return true
	case len(q.Working) == 0:
		return d != time.Saturday && d != time.Sunday
	}
	return slices.Contains(q.Working, d)
}

// wallInstant is when clocks in a zone show a time of a day. [time.Date] does not say which
// of two readings it takes.
func wallInstant(year int, month time.Month, day int, clock time.Duration, zone *time.Location) time.Time {
	wall := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Add(clock)
	offset := func(around time.Time) time.Duration {
		_, s := around.In(zone).Zone()
		return time.Duration(s) * time.Second
	}
	// No zone changes its offset twice within a day.
	before, after := offset(wall.Add(-24*time.Hour)), offset(wall.Add(24*time.Hour))
	t := wall.Add(-before)
	if later := wall.Add(-after); offset(t) != before && offset(later) == after {
		t = later
	}
	return t.In(zone)
}
