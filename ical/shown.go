package ical

import (
	"time"

	"calbell"
	"calbell/ical/zone"
)

// shown makes instances of hits and placements, each component read and each instance
// made once.
type shown struct {
	e         *Event
	last      *described // of the component asked for last
	about     map[*component]*described
	instances map[shownKey]*calbell.Instance // nil: one alone is asked for
}

// shownKey names an instance among those of an event.
type shownKey struct {
	single *single
	key    int64
}

// newShown returns a shown for about so many hits.
func newShown(e *Event, hits int) *shown {
	s := &shown{e: e}
	if hits > 1 {
		s.about, s.instances = map[*component]*described{}, map[shownKey]*calbell.Instance{}
	}
	return s
}

// describe returns what people read of a component.
func (s *shown) describe(c *component) *described {
	if s.last != nil && s.last.of == c {
		return s.last
	}
	d := s.about[c]
	if d == nil {
		d = c.describe()
		s.inherit(d)
		if s.about != nil {
			s.about[c] = d
		}
	}
	s.last = d
	return d
}

// inherit adds what a component leaves to its master: how the series recurs, and who organises
// it. RFC 6638 §3.1 wants the ORGANIZER in each override too, and not all texts have it there;
// an invitation stays one.
func (s *shown) inherit(d *described) {
	m := s.e.master
	if m == nil {
		return
	}
	if m.set != nil {
		d.Recurrence = m.set.source
	}
	if d.of != m && d.Organizer == (calbell.Person{}) {
		d.Organizer = s.describe(m).Organizer
	}
}

// instance returns the instance of a hit.
func (s *shown) instance(h *hit) *calbell.Instance {
	k := shownKey{h.single, h.key}
	if known := s.instances[k]; known != nil {
		return known
	}
	var out *calbell.Instance
	if h.single != nil {
		out = s.ofSingle(h.single)
	} else {
		out = s.ofSeries(h.seg, h.key, h.place)
	}
	if s.instances != nil {
		s.instances[k] = out
	}
	return out
}

// ofSingle returns the instance that a single is.
func (s *shown) ofSingle(one *single) *calbell.Instance {
	out := s.times(one.c, one.place, one.loc)
	out.RecurrenceID = one.rid()
	return out
}

// ofSeries returns an instance of the series.
func (s *shown) ofSeries(g *segment, key int64, p placement) *calbell.Instance {
	out := s.times(g.c, p, g.loc)
	if s.e.recurs() || s.e.named {
		out.RecurrenceID = name(key, s.e.allDay)
	}
	return out
}

// times returns a component's instance at a placement.
func (s *shown) times(c *component, p placement, loc *time.Location) *calbell.Instance {
	out := &s.describe(c).Instance
	if s.instances != nil {
		own := *out
		out = &own
	}
	clock := zone.NewClock(loc)
	p.finish(&c.extent, &clock)
	out.Start, out.End = time.Unix(p.unix, 0).In(loc), time.Unix(p.endUnix, 0).In(loc)
	if p.own && c.extent.loc != nil {
		out.End = out.End.In(c.extent.loc)
	}
	out.AllDay = c.start.form == formDate
	if c.start.form == formNone {
		out.End = out.Start
	}
	return out
}

// alarm returns the alarm of a hit.
func (s *shown) alarm(h *hit) calbell.Alarm {
	c := h.component()
	a := h.alarm.describe()
	a.Repeat = h.n
	if ack := s.describe(c).lastAck; ack.After(a.Acknowledged) {
		a.Acknowledged = ack
	}
	return a
}

// component returns the component whose alarm the hit is.
func (h *hit) component() *component {
	if h.single != nil {
		return h.single.c
	}
	return h.seg.c
}

// loc returns the zone by whose clock the hit was placed.
func (h *hit) loc() *time.Location {
	if h.single != nil {
		return h.single.loc
	}
	return h.seg.loc
}
