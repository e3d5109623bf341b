package ical

import (
	"cmp"
	"math"
	"slices"

	"calbell/ical/recur"
	"calbell/ical/zone"
)

// Limits of one question to an event: occurrences looked at in vain. Ordinary events
// need some dozens. A text of very many events gets less for each, so that the whole text
// stays within bounds.
const (
	maxSteps   = 200_000
	minSteps   = 2_000
	fileSteps  = 4_000_000
	exruleCost = 20      // of asking one EXRULE
	maxQueue   = 100_000 // occurrences put in order at a change of offset
)

// stepsOf returns how many steps each of n events may take.
func stepsOf(n int) int { return max(minSteps, min(maxSteps, fileSteps/max(n, 1))) }

// walker goes through the original starts of an event in order: rules and RDATEs merged,
// nothing twice, exclusions left out, and those that are overridden.
type walker struct {
	e       *Event
	clock   zone.Clock
	dates   []occurrence // the rest
	sources []source
	last    int64     // key of the one given last
	from    int64     // Unix seconds: earlier ones are not wanted
	steps   *int      // of the whole question; at 0 the walk ends
	cost    int       // steps for one occurrence
	all     bool      // leave nothing out
	only    [1]source // room for sources: most events have one rule
}

// source is a rule on its way.
type source struct {
	rule  *rule
	it    *recur.Iterator
	queue []occurrence // in order, used up to at; used up: ask the iterator
	at    int
	ahead recur.Wall // taken from the iterator, but behind the queue
	hold  bool       // ahead is set
	done  bool
}

// walk returns a walker at the first original start at or after an instant.
func (e *Event) walk(from int64, steps *int) *walker {
	w := &walker{e: e, clock: zone.NewClock(e.loc), last: math.MinInt64, from: from, steps: steps, cost: 1}
	i, _ := slices.BinarySearchFunc(e.dates, from, func(o occurrence, from int64) int { return cmp.Compare(o.unix, from) })
	w.dates = e.dates[i:]
	if e.master == nil || e.master.set == nil || len(e.master.set.rules) == 0 {
		return w
	}
	set := e.master.set
	w.cost += exruleCost * len(set.except)
	w.sources = w.only[:0]
	at := recur.MinWall
	if from > int64(recur.MinWall) {
		at = w.clock.Earliest(min(from, int64(recur.MaxWall)))
	}
	for i := range set.rules {
		r := &set.rules[i]
		s := source{rule: r, it: r.Iterate(e.master.start.wall, r.until)}
		if at > e.master.start.wall {
			s.it.Seek(at)
		}
		w.sources = append(w.sources, s)
	}
	return w
}

// clockOf returns a clock for the instances of a segment.
func (w *walker) clockOf(g *segment) *zone.Clock {
	if g.loc == w.e.loc {
		return &w.clock
	}
	c := zone.NewClock(g.loc)
	return &c
}

// next returns the next original start; false at the end, or when the steps are spent.
func (w *walker) next() (occurrence, bool) {
	for *w.steps > 0 {
		*w.steps -= w.cost
		o, ok := w.earliest()
		if !ok {
			return occurrence{}, false
		}
		if o.key <= w.last || o.unix < w.from {
			continue
		}
		w.last = o.key
		if w.all || !w.e.gone(o) {
			return o, true
		}
	}
	return occurrence{}, false
}

// earliest takes the first of what the sources offer.
func (w *walker) earliest() (occurrence, bool) {
	var best *source
	for i := range w.sources {
		s := &w.sources[i]
		if s.fill(w) && (best == nil || s.queue[s.at].key < best.queue[best.at].key) {
			best = s
		}
	}
	if len(w.dates) > 0 && (best == nil || w.dates[0].key <= best.queue[best.at].key) {
		o := w.dates[0]
		w.dates = w.dates[1:]
		return o, true
	}
	if best == nil {
		return occurrence{}, false
	}
	o := best.queue[best.at]
	best.at++
	return o, true
}

// fill makes sure that the queue holds the rule's next occurrence; false at its end.
func (s *source) fill(w *walker) bool {
	if s.at < len(s.queue) {
		return true
	}
	for {
		wall, ok := s.next(w)
		if !ok {
			return false
		}
		o := w.occurrence(wall)
		shown := wall
		if !w.e.allDay {
			shown = w.clock.Wall(o.unix)
		}
		if o.unix > s.rule.last && wall != w.e.master.start.wall {
			// What follows a shifted reading can lie before it.
			s.done = shown == wall
			continue
		}
		s.queue, s.at = append(s.queue[:0], o), 0
		if shown != wall {
			s.order(w, shown)
		}
		return true
	}
}

// order queues what follows a reading that the clocks skip: it is shifted to shown, and
// what reads less than that comes before it (D23, D27).
func (s *source) order(w *walker, shown recur.Wall) {
	for len(s.queue) < maxQueue && *w.steps > 0 {
		*w.steps--
		wall, ok := s.next(w)
		if !ok {
			break
		}
		if wall >= shown {
			s.ahead, s.hold = wall, true
			break
		}
		o := w.occurrence(wall)
		shown = max(shown, w.clock.Wall(o.unix))
		if o.unix <= s.rule.last {
			s.queue = append(s.queue, o)
		}
	}
	slices.SortStableFunc(s.queue, func(a, b occurrence) int { return cmp.Compare(a.unix, b.unix) })
}

// next takes a reading from the iterator.
func (s *source) next(w *walker) (recur.Wall, bool) {
	if s.hold {
		s.hold = false
		return s.ahead, true
	}
	if s.done {
		return 0, false
	}
	wall, ok := s.it.Next()
	s.done = !ok
	return wall, ok
}

// occurrence returns the occurrence at a reading.
func (w *walker) occurrence(wall recur.Wall) occurrence {
	unix := w.clock.Unix(wall)
	if w.e.allDay {
		return occurrence{int64(wall), wall, unix}
	}
	return occurrence{unix, wall, unix}
}
