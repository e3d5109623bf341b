package ical

import (
	"cmp"
	"math"
	"slices"
	"time"

	"calbell"
	"calbell/ical/zone"
)

// hit is an alarm instant that a search found.
type hit struct {
	at     int64 // Unix seconds
	key    int64 // of the instance
	single *single
	seg    *segment
	place  placement
	alarm  *alarm
	n      int // repetition
}

// search collects the first alarm instants of an event in [from, to).
type search struct {
	e        *Event
	from, to int64
	keep     int   // how many are wanted
	latest   int64 // no later one is wanted any more
	hits     []hit
	steps    int
}

// alarms is [Event.Alarms] of this event alone.
func (e *Event) alarms(from, to time.Time, limit int) (alarms []calbell.AlarmInstant, more bool) {
	s, more := e.search(from, to, limit)
	return s.instants(), more
}

// search does what [Event.Alarms] says and leaves the hits.
func (e *Event) search(from, to time.Time, limit int) (s search, more bool) {
	s = search{e: e, from: ceil(from), to: ceil(to), keep: max(limit, 1) + 1}
	s.run()
	more = len(s.hits) == s.keep || s.steps <= 0
	if len(s.hits) == s.keep {
		s.hits = s.hits[:s.keep-1]
	}
	return s, more
}

// nextAlarm is [Event.NextAlarm] of this event alone.
func (e *Event) nextAlarm(at time.Time) (calbell.AlarmInstant, bool) {
	s := search{e: e, from: ceil(at), to: math.MaxInt64, keep: 1}
	s.run()
	list := s.instants()
	if len(list) == 0 {
		return calbell.AlarmInstant{}, false
	}
	return list[0], true
}

// ceil returns t in Unix seconds, rounded up: triggers are whole seconds.
func ceil(t time.Time) int64 {
	if t.Nanosecond() > 0 {
		return t.Unix() + 1
	}
	return t.Unix()
}

// run collects the hits, in order.
func (s *search) run() {
	s.steps, s.latest = s.e.steps, min(s.to-1, lastTrigger)
	for i := range s.e.singles {
		if one := &s.e.singles[i]; one.first <= s.latest && one.last >= s.from {
			s.single(one, one.c.alarms)
			s.single(one, s.e.leads)
		}
	}
	for i := range s.e.segments {
		g := &s.e.segments[i]
		if g.c.silent {
			continue
		}
		s.segment(i, g.c.alarms)
		s.segment(i, s.e.leads)
	}
	s.compact()
}

// segment adds alarms for the instances of a segment.
func (s *search) segment(index int, alarms []alarm) {
	for i := range alarms {
		a := &alarms[i]
		for n := 0; n <= a.repeat && !a.absolute; n++ {
			s.series(index, a, n)
		}
	}
}

// lastTrigger is the last second that RFC 3339 can write.
const lastTrigger = 253402300799

// single adds alarms of an instance that stands alone.
func (s *search) single(one *single, alarms []alarm) {
	clock := zone.NewClock(one.loc)
	place := one.place
	for i := range alarms {
		a := &alarms[i]
		if !one.rings(a) {
			continue
		}
		for n := range a.repeat + 1 {
			at := a.ring(&place, &one.c.extent, &clock, n)
			s.add(hit{at: at, key: one.key, single: one, place: place, alarm: a, n: n})
		}
	}
}

// stream is the n-th repetitions of one alarm in one segment.
type stream struct {
	g      *segment
	end    int64 // key of the first original start that is another segment's
	a      *alarm
	n      int
	offset int64 // from original starts to alarms, with days of 24 hours
	spread int64 // by how much that differs among them, either way
	exact  bool  // offset holds to the second
	clock  *zone.Clock
	// stop and stopFor are the memory of beyond.
	stop, stopFor int64
}

// streamCost is what beginning a walk costs, counted in occurrences.
const streamCost = 10

// series adds the n-th repetitions of an alarm for the instances of a segment.
func (s *search) series(index int, a *alarm, n int) {
	st := stream{g: &s.e.segments[index], end: math.MaxInt64, a: a, n: n, stopFor: math.MinInt64}
	if index+1 < len(s.e.segments) {
		st.end = s.e.segments[index+1].key
	}
	st.offset, st.exact = st.g.distance(s.e, a, n)
	if a.atClock {
		st.spread = daySeconds / 2
	}
	if st.g.unix > s.latest-st.offset+st.spread+maxShift || st.end < s.from-st.offset-st.spread-2*maxShift {
		return
	}
	if s.steps -= streamCost; s.steps <= 0 {
		return
	}
	w := s.e.walk(max(s.from-st.offset-st.slack(s.e, s.from), st.g.unix), &s.steps)
	st.clock = w.clockOf(st.g)
	for {
		before := s.steps
		o, ok := w.next()
		if !ok || o.key >= st.end || st.beyond(s, o) {
			return
		}
		if o.key < st.g.key {
			continue
		}
		place := st.g.place(o, st.clock)
		at := a.ring(&place, &st.g.c.extent, st.clock, n)
		if s.add(hit{at: at, key: o.key, seg: st.g, place: place, alarm: a, n: n}) {
			s.steps = before // only what is looked at in vain counts
		}
	}
}

// beyond reports whether an original start and all after it ring too late to be wanted.
func (st *stream) beyond(s *search, o occurrence) bool {
	if o.unix <= s.latest-st.offset {
		return false
	}
	if st.stopFor != s.latest {
		st.stopFor, st.stop = s.latest, s.latest-st.offset+st.slack(s.e, s.latest)
	}
	return o.unix > st.stop
}

// slack returns by how much the offset can be wrong for alarms around an instant: its
// spread, and the difference of the UTC offsets between there and the start that they
// belong to.
func (st *stream) slack(e *Event, around int64) int64 {
	switch {
	case st.exact:
		return 0
	case st.g.loc != e.loc, st.a.atClock && st.g.loc == time.UTC: // the lead has a clock of its own
		return st.spread + maxShift
	}
	reach := max(st.offset, -st.offset) + st.spread + maxShift
	return st.spread + zone.Variation(around-reach, around+reach, e.loc, maxShift)
}

// distance returns how far an alarm rings after the original start, and whether that is
// exact: days are not all of one length.
func (g *segment) distance(e *Event, a *alarm, n int) (offset int64, exact bool) {
	x := &g.c.extent
	offset = int64(g.shift) + a.offset.seconds() + int64(n)*a.every.seconds()
	if a.atClock {
		// From the middle of the start's day, wherever in that day it lies.
		return offset + a.clock - daySeconds/2, false
	}
	exact = g.shift == 0 && g.loc == e.loc && a.offset.days == 0 && a.every.days*int64(n) == 0
	if a.atEnd {
		offset += int64(x.wall)
		if x.nominal {
			offset += x.length.seconds()
		}
		exact = exact && x.nominal && x.length.days == 0
	}
	return offset, exact
}

// add takes a hit that is wanted; false when it is not.
func (s *search) add(h hit) bool {
	if h.at < s.from || h.at > s.latest {
		return false
	}
	s.hits = append(s.hits, h)
	if len(s.hits) == s.keep || len(s.hits) >= 2*s.keep {
		s.compact()
	}
	return true
}

// compact sorts the hits and drops those beyond the wanted number.
func (s *search) compact() {
	slices.SortFunc(s.hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.key, b.key), a.alarm.compare(b.alarm), a.n-b.n)
	})
	if len(s.hits) >= s.keep {
		s.hits = s.hits[:s.keep]
		s.latest = min(s.latest, s.hits[s.keep-1].at)
	}
}

// instants turns the hits into what the program speaks of.
func (s *search) instants() []calbell.AlarmInstant {
	if len(s.hits) == 0 {
		return nil
	}
	list := make([]calbell.AlarmInstant, 0, len(s.hits))
	known := newShown(s.e, len(s.hits))
	for i := range s.hits {
		h := &s.hits[i]
		instance := known.instance(h)
		list = append(list, calbell.AlarmInstant{
			Instance: instance,
			Alarm:    known.alarm(h),
			Trigger:  time.Unix(h.at, 0).UTC(),
		})
	}
	return list
}
