package eventindex

import (
	"container/heap"
	"context"
	"math"
	"slices"
	"time"

	"calbell"
	"calbell/ical"
)

const (
	// maxExamined limits how many non-matching instances one question examines: of a daily event
	// that no search means there are more than anybody waits for. The place lets the caller continue.
	maxExamined = 1000
	// leastAhead and mostAhead are how many instances of an event are found before they are wanted:
	// more of those of which some were.
	leastAhead, mostAhead = 4, 64
	// maxAtOnce bounds the instances of one event that begin at one instant and are passed over.
	maxAtOnce = 10_000
)

// Item is an instance with its event, and where that is stored.
type Item struct {
	Calendar calbell.Calendar
	Object   calbell.Object
	Event    *ical.Event
	Instance *calbell.Instance
	id       string // [calbell.EventID]
}

// Query says which instances are wanted.
type Query struct {
	From, To time.Time // that take place in [From, To)
	Search   string    // whose words hold this, whatever its letter case; "": all
	After    *Place    // that stand behind this one; nil: all
}

// Verdict is what becomes of an instance.
type Verdict int

const (
	Taken   Verdict = iota // it is part of the answer
	Skipped                // it is not wanted
	Full                   // it is wanted, but not now: the iteration ends before it
)

// Each calls fn for the instances of some calendars that a query means, by start, until the answer
// is full, or too many were examined in vain. Only events with an instance that early are read. It
// returns the place after which to continue; nil: everything was examined.
func (x *Index) Each(ctx context.Context, calendars []calbell.Calendar, q Query, now time.Time, fn func(Item) Verdict) (next *Place, err error) {
	if q.After != nil && q.After.start().After(q.From) {
		if q.From = q.After.start(); !q.From.Before(q.To) {
			return nil, nil
		}
	}
	q.Search = fold(q.Search)
	it := iterator{x: x, q: q, from: q.From.Unix(), to: ceil(q.To)}
	for _, c := range calendars {
		if err := it.add(ctx, c, now); err != nil {
			return nil, err
		}
	}
	heap.Init(&it.queue)
	for examined := 0; len(it.queue) > 0; {
		group, err := it.group(ctx)
		if err != nil {
			return nil, err
		}
		for _, i := range group {
			here := placeOf(i)
			if q.After != nil && here.compare(q.After) <= 0 {
				continue
			}
			verdict := Skipped
			if matches(i.Instance, q.Search) {
				verdict = fn(i)
			}
			switch verdict {
			case Full:
				return next, nil
			case Skipped:
				examined++
			}
			if next = here; examined >= maxExamined {
				return next, nil
			}
		}
	}
	return nil, nil
}

// ceil returns an instant in whole seconds, rounded up.
func ceil(t time.Time) int64 {
	if t.Nanosecond() > 0 {
		return t.Unix() + 1
	}
	return t.Unix()
}

// iterator merges the instances of many events.
type iterator struct {
	x        *Index
	q        Query // its Search is folded
	from, to int64
	queue    queue
}

// pending is an event whose instances are merged: not opened yet, or with the instances that are left.
type pending struct {
	key      int64 // start of the next instance, or a bound below it
	calendar *calbell.Calendar
	index    *calendarIndex
	entry    *entry
	object   calbell.Object
	event    *ical.Event
	left     []*calbell.Instance    // the next ones
	more     bool                   // there are others behind them
	ahead    int                    // how many were found the last time
	last     *calbell.Instance      // that was taken; nil: none was
	taken    []calbell.RecurrenceID // those that start with it
}

// add takes in the events of a calendar.
func (it *iterator) add(ctx context.Context, c calbell.Calendar, now time.Time) error {
	ci, err := it.x.locked(ctx, c, now)
	if err != nil {
		return err
	}
	defer ci.mu.Unlock()
	for _, e := range ci.entries {
		if key, ok := e.earliest(it.from, it.to); ok && e.mayHold(it.q.Search) {
			it.queue = append(it.queue, &pending{key: key, calendar: &c, index: ci, entry: e})
		}
	}
	return nil
}

// group returns the instances that start first, at one instant, in their order.
func (it *iterator) group(ctx context.Context) (group []Item, err error) {
	at := int64(math.MaxInt64)
	for len(it.queue) > 0 && (len(group) == 0 || it.queue[0].key <= at) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		one := it.queue[0]
		switch {
		case one.event == nil:
			if err := it.open(ctx, one); err != nil {
				return nil, err
			}
		default:
			at = one.key
			group = append(group, Item{*one.calendar, one.object, one.event, one.take(), one.entry.id})
			if len(one.left) == 0 && one.more {
				it.fill(one)
			}
		}
		it.advance(one)
	}
	slices.SortFunc(group, func(a, b Item) int { return placeOf(a).compare(placeOf(b)) })
	return group, nil
}

// take takes the next instance.
func (one *pending) take() *calbell.Instance {
	i := one.left[0]
	if one.last == nil || !one.last.Start.Equal(i.Start) {
		one.taken = one.taken[:0]
	}
	one.last, one.taken, one.left = i, append(one.taken, i.RecurrenceID), one.left[1:]
	return i
}

// fill finds the next instances of an event. Those that began before the last one and still go
// on are found again, and left out.
func (it *iterator) fill(one *pending) {
	from := it.q.From
	if one.last != nil && one.last.Start.After(from) {
		from = one.last.Start
	}
	one.ahead = min(max(leastAhead, 2*one.ahead), mostAhead)
	for n := one.ahead; ; n *= 2 {
		one.left, one.more = one.event.Instances(from, it.q.To, n)
		one.left = slices.DeleteFunc(one.left, one.had)
		if len(one.left) > 0 || !one.more || n >= maxAtOnce {
			one.more = one.more && len(one.left) > 0
			return
		}
	}
}

// had reports whether an instance was taken.
func (one *pending) had(i *calbell.Instance) bool {
	return one.last != nil && (i.Start.Before(one.last.Start) || i.Start.Equal(one.last.Start) && slices.Contains(one.taken, i.RecurrenceID))
}

// advance puts the first event of the queue where its next instance belongs.
func (it *iterator) advance(one *pending) {
	if len(one.left) == 0 {
		heap.Pop(&it.queue)
		return
	}
	one.key = one.left[0].Start.Unix()
	heap.Fix(&it.queue, 0)
}

// open reads an event and finds its instances. One that was removed meanwhile has none.
func (it *iterator) open(ctx context.Context, one *pending) error {
	o, err := it.x.store.Object(ctx, one.calendar.ID, one.entry.href)
	if calbell.KindOf(err) == calbell.KindNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range it.x.reader.Read(o, it.x.reader.Options(*one.calendar)).Events {
		if e.UID() != one.entry.uid {
			continue
		}
		one.object, one.event = o, e
		it.fill(one)
		if !one.entry.one && one.key == math.MinInt64 {
			one.index.mu.Lock()
			one.entry.note(e, it.q.From)
			one.index.mu.Unlock()
		}
	}
	return nil
}

// queue is a heap by the start of what comes next.
type queue []*pending

// Len implements heap.Interface.
func (q queue) Len() int { return len(q) }

// Less implements heap.Interface.
func (q queue) Less(i, j int) bool { return q[i].key < q[j].key }

// Swap implements heap.Interface.
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push implements heap.Interface.
func (q *queue) Push(x any) { *q = append(*q, x.(*pending)) }

// Pop implements heap.Interface.
func (q *queue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}
