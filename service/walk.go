package service

import (
	"cmp"
	"container/heap"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"calbell"
	"calbell/ical"
	"calbell/scheduler/plan"
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

// maxVain bounds the instances that are looked at for one answer and not wanted: of a daily event
// that no search means there are more than anybody waits for. Who wants the rest goes on there.
const maxVain = 1000

// verdict is what becomes of an instance on a walk.
type verdict int

const (
	taken verdict = iota
	left          // it was not wanted
	full          // it is wanted, but not now: the walk ends before it
)

// walk calls fn for the instances that a query means and the caller sees, by start, until the
// answer is full, or too many were looked at in vain. Only events of which an instance is that
// early are read. It returns the place after which to go on; nil: everything was seen.
func (s *Service) walk(ctx context.Context, who calbell.Caller, q calbell.EventQuery, fn func(listed) verdict) (next *place, err error) {
	after, err := placeOf(q.Cursor)
	if err != nil {
		return nil, err
	}
	leave, err := s.looks.enter(ctx, who)
	if err != nil {
		return nil, err
	}
	defer leave()
	calendars, err := s.calendars(ctx, who)
	if err == nil && q.Calendar != "" {
		calendars, err = s.findCalendars(ctx, who, q.Calendar)
	}
	if err != nil {
		return nil, err
	}
	if after != nil && after.start().After(q.From) {
		if q.From = after.start(); !q.From.Before(q.To) {
			return nil, nil
		}
	}
	w := walker{s: s, q: q, search: fold(q.Search), from: q.From.Unix(), to: ceil(q.To)}
	now := time.Now()
	for _, c := range calendars {
		if err := w.add(ctx, c, now); err != nil {
			return nil, err
		}
	}
	heap.Init(&w.queue)
	for vain := 0; len(w.queue) > 0; {
		group, err := w.group(ctx)
		if err != nil {
			return nil, err
		}
		for _, l := range group {
			here := placeIn(l)
			if after != nil && here.compare(after) <= 0 {
				continue
			}
			v := left
			if matches(l.instance, q.Search) {
				v = fn(l)
			}
			switch v {
			case full:
				return next, nil
			case left:
				vain++
			}
			if next = here; vain >= maxVain {
				return next, nil
			}
		}
	}
	return nil, nil
}

// place is where an instance stands in a list: by its start, then by its title, or as much of
// that as a cursor holds, and its names. It stays where it is, whatever comes and goes around it.
type place struct {
	Start    int64                `json:"s"` // Unix seconds
	Title    string               `json:"t"`
	Event    string               `json:"e"` // [EventID]
	Instance calbell.RecurrenceID `json:"i,omitempty"`
}

// maxPlaced is how much of a title decides in which order events of one instant are listed.
const maxPlaced = 64

func placeIn(l listed) *place {
	title := l.instance.Summary
	if len(title) > maxPlaced {
		title = title[:maxPlaced]
	}
	return &place{l.instance.Start.Unix(), strings.ToValidUTF8(title, ""), l.entry.id, l.instance.RecurrenceID}
}

func (p *place) start() time.Time { return time.Unix(p.Start, 0) }

func (p *place) compare(o *place) int {
	return cmp.Or(cmp.Compare(p.Start, o.Start), cmp.Compare(p.Title, o.Title), cmp.Compare(p.Event, o.Event), cmp.Compare(p.Instance, o.Instance))
}

// cursor writes a place as a text that is passed on as it is; "" is none.
func (p *place) cursor() string {
	if p == nil {
		return ""
	}
	text, err := json.Marshal(p)
	if err != nil { // of plain fields: cannot happen
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// placeOf reads a cursor; nil is the beginning.
func placeOf(cursor string) (*place, error) {
	if cursor == "" {
		return nil, nil
	}
	p := &place{}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(text, p)
	}
	if err != nil {
		return nil, noCursor(cursor)
	}
	return p, nil
}

// noCursor is the error of a cursor that this list did not give.
func noCursor(cursor string) error {
	return field("cursor", fmt.Sprintf("%.100q is no cursor of this list", cursor), "begin without one")
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
	left     []*calbell.Instance    // the next ones
	more     bool                   // there are others behind them
	ahead    int                    // how many were found the last time
	last     *calbell.Instance      // that was taken; nil: none was
	taken    []calbell.RecurrenceID // those that start with it
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
			group = append(group, listed{*one.calendar, one.object, one.event, one.take(), one.entry})
			if len(one.left) == 0 && one.more {
				w.fill(one)
			}
		}
		w.advance(one)
	}
	slices.SortFunc(group, func(a, b listed) int { return placeIn(a).compare(placeIn(b)) })
	return group, nil
}

// take takes the next instance.
func (one *walking) take() *calbell.Instance {
	i := one.left[0]
	if one.last == nil || !one.last.Start.Equal(i.Start) {
		one.taken = one.taken[:0]
	}
	one.last, one.taken, one.left = i, append(one.taken, i.RecurrenceID), one.left[1:]
	return i
}

// leastAhead and mostAhead are how many instances of an event are found before they are wanted:
// more of those of which some were.
const leastAhead, mostAhead = 4, 64

// fill finds the next instances of an event. Those that began before the last one and still go
// on are found again, and left out.
func (w *walker) fill(one *walking) {
	from := w.q.From
	if one.last != nil && one.last.Start.After(from) {
		from = one.last.Start
	}
	one.ahead = min(max(leastAhead, 2*one.ahead), mostAhead)
	for n := one.ahead; ; n *= 2 {
		one.left, one.more = one.event.Instances(from, w.q.To, n)
		one.left = slices.DeleteFunc(one.left, one.had)
		if len(one.left) > 0 || !one.more || n >= maxEvents {
			one.more = one.more && len(one.left) > 0
			return
		}
	}
}

// had reports whether an instance was taken.
func (one *walking) had(i *calbell.Instance) bool {
	return one.last != nil && (i.Start.Before(one.last.Start) || i.Start.Equal(one.last.Start) && slices.Contains(one.taken, i.RecurrenceID))
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
	for _, e := range plan.Read(o, w.s.daemon.Policy().Options(*one.calendar)).Events {
		if e.UID() != one.entry.uid {
			continue
		}
		one.object, one.event = o, e
		w.fill(one)
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
