package ical

import (
	"math"
	"slices"
	"time"

	"calbell"
	"calbell/ical/recur"
	"calbell/ical/zone"
)

// Event is everything a text says under one UID: the master, its overrides, or
// overrides alone (D18). It does not change and may be used by many goroutines.
type Event struct {
	uid    calbell.UID
	kind   calbell.ComponentKind
	master *component // nil: overrides alone
	loc    *time.Location
	allDay bool // the series
	// local is whose clock tells the time of day of a start that is written in UTC.
	local *time.Location
	steps int // occurrences that one question may look at in vain

	dates      []occurrence // DTSTART when no rule gives it, and RDATE, by key
	segments   []segment    // the master's instances, by THISANDFUTURE
	singles    []single     // instances with a component or length of their own, by key
	overridden []int64      // keys that the singles replace, sorted
	leads      []alarm      // beside those of the components: see With

	twins []*Event // further events of this UID, which have no twins: see share
	named bool     // an instance that does not recur is named by its start
}

// segment is a stretch of the series in which instances follow one component: the
// master, or from its RECURRENCE-ID on a THISANDFUTURE override (D17).
type segment struct {
	key   int64 // of the first original start that belongs here
	unix  int64 // its instant
	c     *component
	shift recur.Wall // from original starts to starts, by the wall clock
	loc   *time.Location
}

// ringing says which alarms of its component ring for a single.
type ringing uint8

const (
	ringAll      ringing = iota
	ringRelative         // absolute triggers belong to the master (D22)
	ringAbsolute         // the single only stands for absolute triggers
)

// single is an instance that does not follow from the series: an override, an RDATE with
// a length of its own, or what absolute triggers are about.
type single struct {
	key    int64
	dated  bool // the RECURRENCE-ID is a date
	unname bool // it has no RECURRENCE-ID
	c      *component
	place  placement
	loc    *time.Location
	which  ringing
	// first and last bound the instants of its alarms; first > last when it has none.
	first, last int64
}

// UID returns the UID; one made from the content when the text gives none.
func (e *Event) UID() calbell.UID { return e.uid }

// Kind reports whether it is an event or a to-do.
func (e *Event) Kind() calbell.ComponentKind { return e.kind }

// recurs reports whether the event's own master recurs.
func (e *Event) recurs() bool { return e.master != nil && e.master.set.recurs() }

// gone reports whether an original start is no instance of the series: excluded, or replaced.
func (e *Event) gone(o occurrence) bool {
	if _, found := slices.BinarySearch(e.overridden, o.key); found {
		return true
	}
	return e.master.set != nil && e.master.set.excluded(o, e.master.start.wall)
}

// segmentAt returns the segment to which an original start belongs.
func (e *Event) segmentAt(key int64) *segment {
	i := len(e.segments) - 1
	for i > 0 && e.segments[i].key > key {
		i--
	}
	return &e.segments[i]
}

// place works out where the instance with an original start lies.
func (g *segment) place(o occurrence, c *zone.Clock) placement {
	p := placement{wall: o.wall + g.shift, unix: o.unix}
	if g.c.start.form == formDate {
		p.wall = day(p.wall)
	}
	if p.wall != o.wall || g.key != math.MinInt64 {
		p.unix = c.Unix(p.wall)
	}
	p.own = p.wall == g.c.start.wall && g.loc == g.c.start.loc
	return p
}

// name returns the RECURRENCE-ID of an original start.
func name(key int64, dated bool) calbell.RecurrenceID {
	t := time.Unix(key, 0).UTC()
	if dated {
		return calbell.RecurrenceID(t.Format(time.DateOnly))
	}
	return calbell.RecurrenceID(t.Format(time.RFC3339))
}

// keyOf reads a RECURRENCE-ID in its canonical spelling.
func keyOf(id calbell.RecurrenceID) (key int64, dated, ok bool) {
	if t, err := time.Parse(time.DateOnly, string(id)); err == nil {
		return t.Unix(), true, true
	}
	t, err := time.Parse(time.RFC3339, string(id))
	return t.Unix(), false, err == nil
}

// rid returns the RECURRENCE-ID of the single, "" when it has none.
func (s *single) rid() calbell.RecurrenceID {
	if s.unname {
		return ""
	}
	return name(s.key, s.dated)
}

// rings reports whether an alarm of the component rings for the single.
func (s *single) rings(a *alarm) bool {
	return s.which == ringAll || a.absolute == (s.which == ringAbsolute)
}

// bound works out first and last.
func (s *single) bound() {
	s.first, s.last = math.MaxInt64, math.MinInt64
	s.widen(s.c.alarms)
}

// widen makes first and last bound further alarms.
func (s *single) widen(alarms []alarm) {
	if s.c.silent {
		return
	}
	clock := zone.NewClock(s.loc)
	for i := range alarms {
		a := &alarms[i]
		if !s.rings(a) {
			continue
		}
		s.first = min(s.first, a.ring(&s.place, &s.c.extent, &clock, 0))
		s.last = max(s.last, a.ring(&s.place, &s.c.extent, &clock, a.repeat))
	}
}
