package service

import (
	"cmp"
	"container/heap"
	"context"
	"math"
	"slices"
	"time"

	"calbell"
	"calbell/ical"
	"calbell/scheduler"
)

// listed is an instance with all that is known of it.
type listed struct {
	calendar calbell.Calendar
	object   calbell.Object
	event    *ical.Event
	instance *calbell.Instance
	entry    *entry
}

// row is the instance as lists show it.
func (l *listed) row() calbell.EventRow { return eventRow(l.calendar, l.object, l.instance) }

// walk calls fn for the instances that a query means and the caller sees, by start, until it
// says that it wants no more. Only events of which an instance is that early are read.
func (s *Service) walk(ctx context.Context, who calbell.Caller, q calbell.EventQuery, fn func(listed) (more bool)) error {
	calendars, err := s.calendars(ctx, who)
	if err == nil && q.Calendar != "" {
		calendars, err = s.findCalendars(ctx, who, q.Calendar)
	}
	if err != nil {
		return err
	}
	w := walker{s: s, q: q, search: fold(q.Search), from: q.From.Unix(), to: ceil(q.To)}
	now := time.Now()
	for _, c := range calendars {
		if err := w.add(ctx, c, now); err != nil {
			return err
		}
	}
	heap.Init(&w.queue)
	for len(w.queue) > 0 {
		group, err := w.group(ctx)
		if err != nil {
			return err
		}
		for _, l := range group {
			if !fn(l) {
				return nil
			}
		}
	}
	return nil
}

// ceil is an instant in whole seconds, rounded up.
func ceil(t time.Time) int64 {
	if t.Nanosecond() > 0 {
		return t.Unix() + 1
	}
	return t.Unix()
}

// walker holds the events that may come, by their next instance.
type walker struct {
	s        *Service
	q        calbell.EventQuery
	search   string // folded
	from, to int64
	queue    walkQueue
}

// walking is an event on the way: not opened yet, or with the instances that are left.
type walking struct {
	key      int64 // start of the next instance, or a bound below it
	calendar *calbell.Calendar
	index    *calendarIndex
	entry    *entry
	object   calbell.Object
	event    *ical.Event
	left     []*calbell.Instance
}

// add takes in the events of a calendar.
func (w *walker) add(ctx context.Context, c calbell.Calendar, now time.Time) error {
	ci, err := w.s.indexed(ctx, c, now)
	if err != nil {
		return err
	}
	defer ci.mu.Unlock()
	for _, e := range ci.entries {
		if key, ok := e.earliest(w.from, w.to); ok && e.may(w.search) {
			w.queue = append(w.queue, &walking{key: key, calendar: &c, index: ci, entry: e})
		}
	}
	return nil
}

// group returns the instances that start first, at one instant, in their order.
func (w *walker) group(ctx context.Context) (group []listed, err error) {
	at := int64(math.MaxInt64)
	for len(w.queue) > 0 && (len(group) == 0 || w.queue[0].key <= at) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		one := w.queue[0]
		switch {
		case one.event == nil:
			if err := w.open(ctx, one); err != nil {
				return nil, err
			}
		default:
			at = one.key
			group = append(group, listed{*one.calendar, one.object, one.event, one.left[0], one.entry})
			one.left = one.left[1:]
		}
		w.advance(one)
	}
	slices.SortFunc(group, byStart)
	return group, nil
}

// advance puts the first event of the queue where its next instance belongs.
func (w *walker) advance(one *walking) {
	if len(one.left) == 0 {
		heap.Pop(&w.queue)
		return
	}
	one.key = one.left[0].Start.Unix()
	heap.Fix(&w.queue, 0)
}

// open reads an event and finds its instances. One that has gone meanwhile has none.
func (w *walker) open(ctx context.Context, one *walking) error {
	o, err := w.s.store.Object(ctx, one.calendar.ID, one.entry.href)
	if calbell.KindOf(err) == calbell.KindNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range scheduler.Read(o, w.s.daemon.Planner().Options(*one.calendar)).Events {
		if e.UID() != one.entry.uid {
			continue
		}
		one.object, one.event = o, e
		one.left, _ = e.Instances(w.q.From, w.q.To, min(cmp.Or(w.q.Limit, defaultEvents), maxEvents))
		one.left = slices.DeleteFunc(one.left, func(i *calbell.Instance) bool { return !matches(i, w.q.Search) })
		if !one.entry.one && one.key == math.MinInt64 {
			one.index.mu.Lock()
			one.entry.look(e, w.q.From)
			one.index.mu.Unlock()
		}
	}
	return nil
}

// walkQueue is a heap by the start of what comes next.
type walkQueue []*walking

// Len implements heap.Interface.
func (q walkQueue) Len() int { return len(q) }

// Less implements heap.Interface.
func (q walkQueue) Less(i, j int) bool { return q[i].key < q[j].key }

// Swap implements heap.Interface.
func (q walkQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push implements heap.Interface.
func (q *walkQueue) Push(x any) { *q = append(*q, x.(*walking)) }

// Pop implements heap.Interface.
func (q *walkQueue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}
