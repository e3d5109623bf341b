package calbell

import (
	"slices"
	"time"
)

// quietAhead is how far ahead the end of quiet hours is searched for. If a week has a time that
// is not quiet, it lies within this. Quiet hours that never end are checked again then.
const quietAhead = 8 * 24 * time.Hour

// End reports whether at, in the webhook's zone, lies in the quiet hours, and when these end.
// Quiet hours that follow without a gap, such as a night and a Saturday, end as one. end is
// meaningless when at is not quiet. For quiet hours that never end, end is eight days later.
//
// The hours follow the wall clock: a time that a change of the clocks skips is taken with the
// offset before it, and a time that comes twice means the first (as in RFC 5545 §3.3.5). So a
// webhook is not quiet a second time in the repeated hour.
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

// endOfSpan returns the latest end of the quiet spans that contain an instant; the instant
// itself when there is none.
func (q Quiet) endOfSpan(at time.Time) time.Time {
	end := at
	hold := func(from, to time.Time) {
		if !at.Before(from) && to.After(end) {
			end = to
		}
	}
	y, m, d := at.Date()
	for day := d - 2; day <= d; day++ { // a span may end on the next day, and a zone may skip a day
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

// works reports whether a day is not quiet as a whole.
func (q Quiet) works(d time.Weekday) bool {
	switch {
	case !q.WorkingDays:
		return true
	case len(q.Working) == 0:
		return d != time.Saturday && d != time.Sunday
	}
	return slices.Contains(q.Working, d)
}

// wallInstant returns the instant at which clocks in a zone show a time of a day. It decides
// what [time.Date] leaves open: which of two possible instants is meant.
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
