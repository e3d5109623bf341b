package ical

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math"
	"slices"
	"strconv"

	"calbell"
	"calbell/ical/recur"
	"calbell/ical/zone"
)

// newer orders versions of one component (D12), the last in the text behind its equals.
func newer(a, b *component) int {
	return cmp.Or(version(a, b), cmp.Compare(a.line, b.line))
}

// version compares what tells versions apart: SEQUENCE, LAST-MODIFIED, DTSTAMP.
func version(a, b *component) int {
	return cmp.Or(
		cmp.Compare(a.sequence, b.sequence),
		cmp.Compare(a.modified, b.modified),
		cmp.Compare(a.stamped, b.stamped),
	)
}

// nameless makes up UIDs for components that have none.
type nameless map[calbell.UID]int

// uidOf makes a UID from the content of a component, so that reading the same text again
// finds the same event, however its lines are folded and whenever it was written. Of
// several with the same content, each is an event of its own.
func (n nameless) uidOf(c *component) calbell.UID {
	sum := sha256.New()
	for walk := c.body.All(); ; {
		l, ok := walk.Scan()
		if !ok {
			break
		}
		if l.Name() != "DTSTAMP" {
			io.WriteString(sum, l.Whole()+"\n")
		}
	}
	uid := calbell.UID("no-uid-" + hex.EncodeToString(sum.Sum(nil)[:8]))
	n[uid]++
	if again := n[uid]; again > 1 {
		return uid + calbell.UID("-"+strconv.Itoa(again))
	}
	return uid
}

// assemble makes an event of the components of one UID.
func (r *reader) assemble(group []*component) *Event {
	masters := mastersOf(group)
	if len(masters) == 0 {
		e := r.event(group[0], nil)
		e.orphans(group)
		return e
	}
	events := make([]*Event, len(masters))
	for i, m := range masters {
		events[i] = r.event(m, m)
		if m.set != nil {
			r.probe(m)
		}
		events[i].series()
	}
	if len(events) == 1 {
		events[0].complete(r, group)
		return events[0]
	}
	for i, overrides := range divide(events, group) {
		events[i].complete(r, overrides)
	}
	r.Warn(masters[0].line, masters[0].uid, calbell.WarnSharedUID, strconv.Itoa(len(events)))
	events[0].share(events[1:])
	return events[0]
}

// event returns an event that is still empty.
func (r *reader) event(c, master *component) *Event {
	return &Event{uid: c.uid, kind: c.kind, master: master, loc: r.file.Zone, local: r.file.Zone, steps: r.steps}
}

// mastersOf returns the components that are in force: the newest version, and those with other
// starts that are not told from it by anything: they are no versions of each other, but events
// that share a UID (D12). They stand in the order of the text.
func mastersOf(group []*component) []*component {
	var newest *component
	for _, c := range group {
		if c.rid.form == formNone && (newest == nil || newer(c, newest) > 0) {
			newest = c
		}
	}
	if newest == nil {
		return nil
	}
	if len(group) == 1 {
		return group
	}
	type start struct {
		form form
		at   int64
	}
	starts := map[start]int{}
	var masters []*component
	for _, c := range group {
		if c.rid.form != formNone || version(c, newest) != 0 {
			continue
		}
		at := start{formNone, int64(c.start.wall)}
		if c.start.form != formNone && c.start.form != formDate {
			at = start{formUTC, c.start.unix()}
		}
		if i, again := starts[at]; again {
			masters[i] = c
			continue
		}
		starts[at] = len(masters)
		masters = append(masters, c)
	}
	return masters
}

// complete adds to a series the components that override it, and its absolute triggers.
func (e *Event) complete(r *reader, overrides []*component) {
	e.override(r, overrides)
	e.absolutes()
}

// divide gives each override to the event that has an instance at its RECURRENCE-ID; what none
// has is the first one's.
func divide(events []*Event, group []*component) [][]*component {
	parts := make([][]*component, len(events))
	for _, c := range group {
		if c.rid.form == formNone {
			continue
		}
		owner := slices.IndexFunc(events, func(e *Event) bool { return len(e.segments) > 0 && e.gives(e.original(c.rid)) })
		parts[max(owner, 0)] = append(parts[max(owner, 0)], c)
	}
	return parts
}

// series lays out what the master alone gives.
func (e *Event) series() {
	m := e.master
	if m.start.form == formNone {
		return
	}
	e.loc, e.allDay = m.start.loc, m.start.form == formDate
	e.segments = []segment{{key: math.MinInt64, unix: math.MinInt64, c: m, loc: e.loc}}
	own := occurrence{int64(m.start.wall), m.start.wall, m.start.unix()}
	if !e.allDay {
		own.key = own.unix
	}
	switch {
	case m.set == nil:
		e.dates = []occurrence{own}
	case len(m.set.rules) > 0:
		e.dates = m.set.dates
	default:
		e.dates = m.set.dates
		if i, found := slices.BinarySearchFunc(e.dates, own, func(a, b occurrence) int { return cmp.Compare(a.key, b.key) }); !found {
			e.dates = slices.Insert(slices.Clone(e.dates), i, own)
		}
	}
}

// override applies the components with a RECURRENCE-ID and the RDATEs with a length.
func (e *Event) override(r *reader, group []*component) {
	if len(e.segments) == 0 {
		return
	}
	newest := map[int64]*component{} // by key
	var futures []segment
	for _, c := range group {
		if c.rid.form == formNone {
			continue
		}
		o := e.original(c.rid)
		if c.sequence < e.master.sequence && !e.gives(o) { // D16
			r.Warn(c.line, c.uid, calbell.WarnSuperseded, string(name(o.key, e.allDay)))
			continue
		}
		if c.future {
			futures = append(futures, e.future(c, o))
		} else if old := newest[o.key]; old == nil || newer(c, old) > 0 {
			newest[o.key] = c
		}
	}
	for key, c := range newest {
		e.singles = append(e.singles, overrideOf(c, key, e.allDay))
	}
	e.split(futures, newest)
	e.periods(newest)
	slices.SortFunc(e.singles, func(a, b single) int { return cmp.Compare(a.key, b.key) })
	for i := range e.singles {
		e.overridden = append(e.overridden, e.singles[i].key)
	}
}

// overrideOf returns the single of an override.
func overrideOf(c *component, key int64, dated bool) single {
	s := single{key: key, dated: dated, c: c, loc: c.start.loc}
	s.place = placement{wall: c.start.wall, unix: c.start.unix(), own: true}
	s.bound()
	return s
}

// original finds the original start that a RECURRENCE-ID names: by instant, by local
// date when one of the two is a date (D13). An excluded one is found as well: whether the
// override stays is another question (D16).
func (e *Event) original(rid stamp) occurrence {
	clock := zone.NewClock(e.loc)
	if rid.form == formFloating {
		rid.loc = e.loc // D3
	}
	if rid.form == formDate && !e.allDay {
		if o, ok := e.firstOn(rid.wall, clock.Unix(rid.wall)); ok {
			return o
		}
	}
	return occurrenceOf(e.master, rid, &clock)
}

// gives reports whether the series as it is now has an original start, overridden or not: the
// rules or dates give it, and nothing excludes it. Where that takes too long to tell, it has.
func (e *Event) gives(o occurrence) bool {
	set := e.master.set
	if set != nil {
		if set.excluded(o, e.master.start.wall) {
			return false
		}
		if slices.ContainsFunc(set.periods, func(p timespan) bool { return p.key == o.key }) {
			return true
		}
	}
	steps := e.steps
	w := e.walk(o.unix, &steps)
	w.all = true
	for {
		next, ok := w.next()
		if !ok || next.key >= o.key {
			return ok && next.key == o.key || !ok && steps <= 0
		}
	}
}

// firstOn returns the first original start on a day of a timed series, excluded or not.
func (e *Event) firstOn(midnight recur.Wall, unix int64) (first occurrence, ok bool) {
	steps := e.steps
	w := e.walk(unix, &steps)
	w.all = true
	if first, ok = w.next(); ok {
		ok = day(first.wall) == midnight
	}
	if e.master.set == nil {
		return first, ok
	}
	for _, span := range e.master.set.periods { // in order
		if day(span.wall) == midnight && (!ok || span.key < first.key) {
			return span.occurrence, true
		}
	}
	return first, ok
}

// future returns the segment that a THISANDFUTURE override begins.
func (e *Event) future(c *component, from occurrence) segment {
	g := segment{key: from.key, unix: from.unix, c: c, loc: c.start.loc}
	wall := c.start.wall
	if c.start.form == formUTC {
		// UTC is how servers write a time, not where people meet: the shift is that of the
		// series' own clocks.
		g.loc = e.loc
		wall = c.start.in(e.loc)
	}
	g.shift = wall - from.wall
	return g
}

// split divides the series at its THISANDFUTURE overrides. Of two at one instance the
// newer counts. Each is an instance of its own too, as every override is: also when the
// series does not give it, or EXDATE takes it away (D16). A single override wins there.
func (e *Event) split(futures []segment, newest map[int64]*component) {
	slices.SortFunc(futures, func(a, b segment) int {
		return cmp.Or(cmp.Compare(a.key, b.key), newer(b.c, a.c))
	})
	futures = slices.CompactFunc(futures, func(a, b segment) bool { return a.key == b.key })
	e.segments = append(e.segments, futures...)
	for i := range futures {
		g := &futures[i]
		if newest[g.key] != nil {
			continue
		}
		newest[g.key] = g.c
		s := overrideOf(g.c, g.key, e.allDay)
		if s.loc != g.loc { // see future
			s.loc, s.place.wall, s.place.own = g.loc, g.c.start.in(g.loc), false
			s.bound()
		}
		e.singles = append(e.singles, s)
	}
}

// periods adds the RDATEs with a length of their own that are not overridden.
func (e *Event) periods(newest map[int64]*component) {
	set := e.master.set
	if set == nil {
		return
	}
	for _, span := range set.periods {
		if newest[span.key] != nil || set.excluded(span.occurrence, e.master.start.wall) {
			continue
		}
		g := e.segmentAt(span.key)
		clock := zone.NewClock(g.loc)
		s := single{key: span.key, c: g.c, loc: g.loc, which: ringRelative, place: g.place(span.occurrence, &clock)}
		s.place.endUnix = s.place.unix + span.end - span.unix
		s.place.endWall, s.place.reckoned, s.place.own = clock.Wall(s.place.endUnix), true, false
		s.bound()
		e.singles = append(e.singles, s)
	}
}

// absolutes adds what the absolute triggers of the master are about: each rings once (D22).
func (e *Event) absolutes() {
	m := e.master
	about := single{key: math.MinInt64, unname: true, c: m, loc: e.loc, which: ringAbsolute}
	about.place = placement{wall: m.start.wall, own: true}
	if m.start.form != formNone {
		about.place.unix = m.start.unix()
	} else {
		// A to-do without any date is about the time of its first alarm.
		about.bound()
		about.place.unix = about.first
	}
	if about.bound(); about.first <= about.last {
		e.singles = append(e.singles, about)
	}
}

// orphans makes an event of overrides alone: each stands for itself (D18).
func (e *Event) orphans(group []*component) {
	e.loc = group[0].start.loc
	e.allDay = group[0].rid.form == formDate
	newest := map[recur.Wall]*component{}
	for _, c := range group {
		if c.rid.form == formFloating {
			c.rid.loc = c.start.loc
		}
		key := c.rid.wall
		if c.rid.form != formDate {
			key = recur.Wall(c.rid.unix())
		}
		if old := newest[key]; old == nil || newer(c, old) > 0 {
			newest[key] = c
		}
	}
	for key, c := range newest {
		e.singles = append(e.singles, overrideOf(c, int64(key), c.rid.form == formDate))
	}
	slices.SortFunc(e.singles, func(a, b single) int { return cmp.Compare(a.key, b.key) })
}
