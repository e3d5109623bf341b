package ical

import (
	"math"
	"slices"
	"time"

	"calbell"
	"calbell/ical/recur"
	"calbell/ical/zone"
)

// instances is [Event.Instances] of this event alone.
func (e *Event) instances(from, to time.Time, limit int) (list []*calbell.Instance, more bool) {
	s := search{e: e, from: from.Unix(), to: ceil(to), keep: max(limit, 1) + 1}
	s.steps, s.latest = e.steps, s.to-1
	for i := range e.singles {
		one := &e.singles[i]
		if one.which != ringAbsolute && !one.c.cancelled {
			clock := zone.NewClock(one.loc)
			s.addInstance(hit{key: one.key, single: one, place: one.place, alarm: &alarm{}}, &one.c.extent, &clock)
		}
	}
	for i := range e.segments {
		if !e.segments[i].c.cancelled {
			s.overlapping(i)
		}
	}
	s.compact()
	more = len(s.hits) == s.keep || s.steps <= 0
	known := newShown(e, len(s.hits))
	for i := range s.hits[:min(len(s.hits), s.keep-1)] {
		list = append(list, known.instance(&s.hits[i]))
	}
	return list, more
}

// overlapping adds the instances of a segment.
func (s *search) overlapping(index int) {
	g := &s.e.segments[index]
	end := int64(math.MaxInt64)
	if index+1 < len(s.e.segments) {
		end = s.e.segments[index+1].key
	}
	reach := int64(g.c.extent.wall) + g.c.extent.length.seconds()
	shift := int64(g.shift)
	w := s.e.walk(max(s.from-reach-shift-maxShift, g.unix), &s.steps)
	clock := w.clockOf(g)
	for {
		before := s.steps
		o, ok := w.next()
		if !ok || o.key >= end || o.unix > s.latest-shift+maxShift {
			return
		}
		if o.key >= g.key && s.addInstance(hit{key: o.key, seg: g, place: g.place(o, clock), alarm: &alarm{}}, &g.c.extent, clock) {
			s.steps = before
		}
	}
}

// addInstance takes an instance that overlaps the wanted time; false when it does not.
func (s *search) addInstance(h hit, x *extent, clock *zone.Clock) bool {
	h.place.finish(x, clock)
	h.at = h.place.unix
	if h.at > s.latest || h.place.endUnix <= s.from && h.at < s.from {
		return false
	}
	s.hits = append(s.hits, h)
	if len(s.hits) == s.keep || len(s.hits) >= 2*s.keep {
		s.compact()
	}
	return true
}

// alarmsOf is [Event.AlarmsOf] of an instance that was found.
func (e *Event) alarmsOf(h hit, limit int) []calbell.AlarmInstant {
	if h.component().silent {
		return nil
	}
	s := search{e: e, from: math.MinInt64, to: math.MaxInt64, latest: lastTrigger, keep: max(limit, 1)}
	c := h.component()
	clock := zone.NewClock(h.loc())
	ring := func(list []alarm) {
		for i := range list {
			a := &list[i]
			for n := 0; n <= a.repeat && e.about(&h, a); n++ {
				one := h
				one.at, one.alarm, one.n = a.ring(&one.place, &c.extent, &clock, n), a, n
				s.add(one)
			}
		}
	}
	ring(c.alarms)
	if c.start.form != formNone {
		ring(e.leads)
	}
	s.compact()
	return s.instants()
}

// about reports whether an alarm of its component, or a lead, is about an instance: an absolute
// trigger of a series is about the master, and nothing else is (D22).
func (e *Event) about(h *hit, a *alarm) bool {
	switch {
	case h.single == nil:
		return !a.absolute
	case h.single.unname && h.single.c == e.master:
		return a.absolute || !e.recurs()
	}
	return h.single.rings(a)
}

// locate finds the instance of that name.
func (e *Event) locate(id calbell.RecurrenceID) (hit, bool) {
	if id == "" {
		return e.only()
	}
	key, dated, ok := keyOf(id)
	if !ok {
		return hit{}, false
	}
	for i := range e.singles {
		if s := &e.singles[i]; s.which != ringAbsolute && s.key == key && s.dated == dated {
			return hit{key: key, single: s, place: s.place}, true
		}
	}
	if len(e.segments) == 0 || dated != e.allDay || !e.recurs() && !e.named {
		return hit{}, false
	}
	clock := zone.NewClock(e.loc)
	from := key
	if dated {
		from = clock.Unix(recur.Wall(key))
	}
	steps := e.steps
	for w := e.walk(from, &steps); ; {
		o, ok := w.next()
		if !ok || o.key > key {
			return hit{}, false
		}
		if o.key == key {
			g := e.segmentAt(key)
			there := zone.NewClock(g.loc)
			return hit{key: key, seg: g, place: g.place(o, &there)}, true
		}
	}
}

// only finds the instance without a RECURRENCE-ID.
func (e *Event) only() (hit, bool) {
	i := slices.IndexFunc(e.singles, func(s single) bool { return s.unname })
	switch {
	case i >= 0:
		return hit{key: e.singles[i].key, single: &e.singles[i], place: e.singles[i].place}, true
	case e.master == nil:
		return hit{}, false
	}
	m := e.master
	own := single{unname: true, c: m, loc: e.loc, place: placement{wall: m.start.wall, own: true}}
	if m.start.form != formNone {
		own.place.unix = m.start.unix()
	}
	return hit{single: &own, place: own.place}, true
}
