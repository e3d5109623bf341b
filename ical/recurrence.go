package ical

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"strings"

	"calbell"
	"calbell/ical/recur"
	"calbell/ical/syntax"
	"calbell/ical/zone"
)

// Limits of a recurrence.
const (
	maxRules = 16      // RRULEs and EXRULEs of one component; more than one is rare
	maxDates = 100_000 // dates in its RDATEs and EXDATEs; daily for 270 years
)

// occurrence is a member of the recurrence set before overrides: an original start.
type occurrence struct {
	// key names it among its siblings: the instant in Unix seconds; the reading of midnight
	// when all-day, because a zone that skips a day gives two days one midnight.
	key  int64
	wall recur.Wall // by the clock of the series
	unix int64
}

// recurrence is what makes a component recur (RFC 5545 §3.8.5).
type recurrence struct {
	rules   []rule
	except  []rule       // EXRULE
	dates   []occurrence // RDATE, by key
	periods []timespan   // RDATE with a length of its own
	exdates []int64      // keys, sorted
	exdays  []recur.Wall // whole days of a timed series, sorted (D11)
	source  string       // the first RRULE as written
}

// timespan is an occurrence of which the end is given too.
type timespan struct {
	occurrence
	end int64 // Unix seconds
}

// rule is a recurrence rule with its UNTIL worked out.
type rule struct {
	*recur.Rule
	until recur.Wall // last reading that may count
	last  int64      // last instant that may count
}

// recurs reports whether a rule or date was read.
func (s *recurrence) recurs() bool {
	return s != nil && (s.source != "" || len(s.dates)+len(s.periods) > 0)
}

// recurrence reads the rules and dates of a master.
func (r *reader) recurrence(d *draft) {
	if len(d.rules)+len(d.dates) == 0 || d.rid.form != formNone || d.start.form == formNone {
		return
	}
	set := &recurrence{}
	for _, p := range d.rules {
		r.rule(d.component, set, p)
	}
	room := maxDates
	for _, p := range d.dates {
		r.dates(d.component, set, p, &room)
	}
	byKey := func(a, b occurrence) int { return cmp.Compare(a.key, b.key) }
	slices.SortFunc(set.dates, byKey)
	set.dates = slices.CompactFunc(set.dates, func(a, b occurrence) bool { return a.key == b.key })
	slices.SortStableFunc(set.periods, func(a, b timespan) int { return cmp.Compare(a.key, b.key) })
	set.periods = slices.CompactFunc(set.periods, func(a, b timespan) bool { return a.key == b.key })
	slices.Sort(set.exdates)
	slices.Sort(set.exdays)
	d.set = set
}

// rule reads an RRULE or EXRULE. One that cannot be read leaves DTSTART (D14).
func (r *reader) rule(c *component, set *recurrence, p syntax.Property) {
	if len(set.rules)+len(set.except) == maxRules {
		r.Bad(p.Num, c.uid, calbell.T("ical:more-than-rules-one", "more than %d rules in one component", maxRules))
		return
	}
	parsed, err := recur.Parse(p.Value)
	if err != nil {
		r.WarnError(p.Num, c.uid, calbell.WarnNoRule, err, p.Name)
		return
	}
	if parsed.Odd {
		r.Warn(p.Num, c.uid, calbell.WarnRule, p.Name, p.Value, parsed.String())
	}
	one := bounded(c, parsed)
	if p.Name == "EXRULE" {
		set.except = append(set.except, one)
		return
	}
	if set.source == "" {
		set.source = p.Value
	}
	set.rules = append(set.rules, one)
}

// probe looks at the first instances of a master's rules. One that gives none beside
// DTSTART is not asked again: finding that out is the costliest thing that a rule can ask
// for. One that does not tell within its steps is reported.
func (r *reader) probe(c *component) {
	kept := c.set.rules[:0]
	for _, one := range c.set.rules {
		if one.plain() {
			kept = append(kept, one)
			continue
		}
		it := one.Iterate(c.start.wall, one.until)
		it.Next()
		_, more := it.Next()
		if errors.Is(it.Err(), recur.ErrBudget) {
			r.Warn(c.line, c.uid, calbell.WarnEmptyRule, one.Raw)
			more = true
		}
		if more {
			kept = append(kept, one)
		}
	}
	c.set.rules = kept
}

// plain reports whether a rule has no part that could contradict another.
func (x *rule) plain() bool {
	return x.Freq >= recur.Daily && len(x.ByMonth)+len(x.ByMonthDay)+len(x.ByYearDay)+len(x.ByWeekNo)+len(x.BySetPos) == 0
}

// bounded works out what UNTIL means for the component (D3, D5, D6).
func bounded(c *component, parsed *recur.Rule) rule {
	out := rule{Rule: parsed, until: recur.NoUntil, last: math.MaxInt64}
	allDay := c.start.form == formDate
	if allDay {
		out.Rule = parsed.ForDates()
	}
	u := parsed.Until
	if u == nil {
		return out
	}
	out.until = u.Bound()
	switch {
	case allDay && u.HasTime && u.UTC:
		out.until = stamp{formUTC, u.Bound(), nil}.date(c.start.loc) + daySeconds - 1
	case allDay:
		out.until = day(u.Bound()) + daySeconds - 1
	case u.HasTime && u.UTC && c.start.form != formUTC:
		// Compared as instants: readings around a change of offset are in no order.
		out.last = int64(u.Bound())
		clock := zone.NewClock(c.start.loc)
		out.until = min(clock.Wall(out.last)+maxShift, recur.MaxWall)
	}
	return out
}

// maxShift bounds how far the same reading lies apart in two zones, or on two sides of a
// change of offset: Samoa once skipped a whole day.
const maxShift = 27 * 3600

// dates reads an RDATE or EXDATE.
func (r *reader) dates(c *component, set *recurrence, p syntax.Property, room *int) {
	p = r.parameters(p, c.uid)
	clock := zone.NewClock(c.start.loc)
	for one := range strings.SplitSeq(p.Value, ",") {
		if *room == 0 {
			r.Bad(p.Num, c.uid, calbell.T("ical:more-than-dates-one", "more than %d dates in one component; the others are not read", maxDates))
			*room = -1
		}
		if *room < 0 {
			return
		}
		*room--
		begin, _, period := strings.Cut(one, "/")
		s, err := readStamp(begin)
		if err != nil {
			r.Warn(p.Num, c.uid, calbell.WarnNoTime, p.Name, one)
			continue
		}
		s = r.inSeries(c, r.typed(s, withValue(p, begin), c.uid), p)
		switch {
		case p.Name == "EXDATE":
			set.exclude(c, s, &clock)
		case period && c.start.form != formDate:
			r.period(c, set, s, withValue(p, one))
		default:
			set.dates = append(set.dates, occurrenceOf(c, s, &clock))
		}
	}
}

// withValue returns a property as if it had another value.
func withValue(p syntax.Property, value string) syntax.Property {
	p.Value = value
	return p
}

// inSeries gives a stamp its zone: floating ones mean that of the series, and so do those in
// a zone that nobody knows (D3).
func (r *reader) inSeries(c *component, s stamp, p syntax.Property) stamp {
	if s = r.placed(s, p, c.uid); s.form == formFloating {
		s.loc = c.start.loc
	}
	return s
}

// occurrenceOf returns the occurrence that a date or time names in a series (D15).
func occurrenceOf(c *component, s stamp, clock *zone.Clock) occurrence {
	if c.start.form == formDate {
		midnight := s.date(c.start.loc)
		return occurrence{int64(midnight), midnight, clock.Unix(midnight)}
	}
	if s.form == formDate {
		wall := s.wall + c.start.wall - day(c.start.wall)
		unix := clock.Unix(wall)
		return occurrence{unix, wall, unix}
	}
	unix := s.unix()
	wall := s.wall
	if s.loc != c.start.loc {
		wall = clock.Wall(unix)
	}
	return occurrence{unix, wall, unix}
}

// exclude takes an EXDATE (D11).
func (s *recurrence) exclude(c *component, date stamp, clock *zone.Clock) {
	if date.form == formDate && c.start.form != formDate {
		s.exdays = append(s.exdays, date.wall)
		return
	}
	s.exdates = append(s.exdates, occurrenceOf(c, date, clock).key)
}

// period takes an RDATE that is a PERIOD. An end that cannot be read, or lies before
// the start, is as absent (D9).
func (r *reader) period(c *component, set *recurrence, start stamp, p syntax.Property) {
	clock := zone.NewClock(c.start.loc)
	o := occurrenceOf(c, start, &clock)
	_, end, _ := strings.Cut(p.Value, "/")
	span := timespan{o, math.MinInt64}
	if l, err := r.duration(withValue(p, end), c.uid); err == nil {
		own := zone.NewClock(start.loc)
		span.end = l.after(o.unix, start.wall, &own)
	} else if t, err := readStamp(end); err == nil && t.form != formDate {
		span.end = r.inSeries(c, t, p).unix()
	}
	if span.end < o.unix {
		r.Warn(p.Num, c.uid, calbell.WarnPeriod, p.Name, end)
		set.dates = append(set.dates, o)
		return
	}
	set.periods = append(set.periods, span)
}

// excluded reports whether EXDATE or EXRULE takes an occurrence away.
func (s *recurrence) excluded(o occurrence, start recur.Wall) bool {
	if _, found := slices.BinarySearch(s.exdates, o.key); found {
		return true
	}
	if _, found := slices.BinarySearch(s.exdays, day(o.wall)); found {
		return true
	}
	for _, x := range s.except {
		if x.gives(start, o) {
			return true
		}
	}
	return false
}

// gives reports whether a rule gives an occurrence by itself: DTSTART is only one of its
// own when it fits.
func (x *rule) gives(start recur.Wall, o occurrence) bool {
	switch {
	case o.unix > x.last:
		return false
	case o.wall == start:
		return start <= x.until && x.StartFits(start)
	}
	it := x.Iterate(start, x.until)
	it.Seek(o.wall)
	w, ok := it.Next()
	return ok && w == o.wall
}
