package service

import (
	"context"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"calbell"
	"calbell/ical"
	"calbell/scheduler/plan"
	"calbell/store"
)

const (
	// maxIndexed bounds the memory of all indexes, in bytes as they are reckoned; those that
	// were asked longest ago are forgotten first.
	maxIndexed = 96 << 20
	// maxText bounds the text that an index keeps of one event; what is longer is opened when
	// it is searched.
	maxText = 400
	// entryCost is about what an entry takes beside its texts, with its place in the map.
	entryCost = 220
	// indexBack is how long before now an index knows what comes next: an agenda begins at a
	// midnight, of any zone.
	indexBack = 48 * time.Hour
	// farAhead is how many years ahead a next occurrence is looked for.
	farAhead = 50
)

// index remembers of each calendar what tells which of its events a question cannot mean, so
// that only the others are read and parsed. It is made when it is first asked for.
type index struct {
	mu        sync.Mutex
	calendars map[calbell.CalendarID]*calendarIndex
}

func newIndex() *index { return &index{calendars: map[calbell.CalendarID]*calendarIndex{}} }

// calendarIndex is that of one calendar.
type calendarIndex struct {
	id calbell.CalendarID
	// Guarded by index.mu.
	changed map[calbell.Href]struct{} // since it was last brought up to date
	usedAt  time.Time
	cost    int

	// mu guards what follows. It is held while the index is made and while it is read.
	mu      sync.Mutex
	made    bool
	reading string // how the objects are read; another way makes another index
	objects map[calbell.Href][]*entry
	entries []*entry // of objects, in one row
}

// entry is what is remembered of an event.
type entry struct {
	id   string // [EventID]
	href calbell.Href
	uid  calbell.UID
	// one: it takes place once, from start to end. Else start is that of its first instance.
	one        bool
	start, end int64 // Unix seconds
	// coming is what comes next from now on, and from what was looked at last before that.
	coming [2]next
	text   string // what it is searched by, folded
	cut    bool   // there is more of it
}

// next is the first instance that ends after asOf; math.MaxInt64: none.
type next struct{ asOf, start, end int64 }

// changedBy notes what a change makes of the indexes.
func (x *index) changedBy(c store.Change) {
	x.mu.Lock()
	defer x.mu.Unlock()
	ci := x.calendars[c.Calendar.ID]
	if ci == nil {
		return
	}
	for i := range c.Put {
		ci.changed[c.Put[i].Object.Href] = struct{}{}
	}
	for _, href := range c.Delete {
		ci.changed[href] = struct{}{}
	}
}

// of returns the index of a calendar, which may be stale, and forgets others when all are too
// large.
func (x *index) of(id calbell.CalendarID, now time.Time) *calendarIndex {
	x.mu.Lock()
	defer x.mu.Unlock()
	ci := x.calendars[id]
	if ci == nil {
		ci = &calendarIndex{id: id, changed: map[calbell.Href]struct{}{}}
		x.calendars[id] = ci
	}
	ci.usedAt = now
	total := 0
	for _, other := range x.calendars {
		total += other.cost
	}
	oldest := slices.SortedFunc(maps.Values(x.calendars), func(a, b *calendarIndex) int { return a.usedAt.Compare(b.usedAt) })
	for _, other := range oldest {
		if total <= maxIndexed || other == ci {
			break
		}
		total -= other.cost
		delete(x.calendars, other.id)
	}
	return ci
}

// made reports whether there is an index of a calendar.
func (x *index) made(id calbell.CalendarID) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	ci := x.calendars[id]
	return ci != nil && ci.cost > 0
}

// named are the events that have that ID or UID.
func (ci *calendarIndex) named(id string) (list []*entry) {
	for _, e := range ci.entries {
		if e.id == id || string(e.uid) == id {
			list = append(list, e)
		}
	}
	return list
}

// take returns what has changed since it was last taken.
func (x *index) take(ci *calendarIndex) map[calbell.Href]struct{} {
	x.mu.Lock()
	defer x.mu.Unlock()
	changed := ci.changed
	if len(changed) > 0 {
		ci.changed = map[calbell.Href]struct{}{}
	}
	return changed
}

func (x *index) setCost(ci *calendarIndex, cost int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	ci.cost = cost
}

// indexed returns the index of a calendar as of now, locked: whoever gets it unlocks ci.mu.
func (s *Service) indexed(ctx context.Context, c calbell.Calendar, now time.Time) (*calendarIndex, error) {
	ci := s.index.of(c.ID, now)
	ci.mu.Lock()
	changed := s.index.take(ci)
	opt := s.daemon.Policy().Options(c)
	var err error
	if reading := readingOf(opt); !ci.made || ci.reading != reading {
		ci.reading, ci.objects, ci.entries = reading, map[calbell.Href][]*entry{}, nil
		err = s.store.EachObject(ctx, c.ID, func(o calbell.Object) error {
			ci.put(o, opt, now)
			return nil
		})
		ci.made = err == nil
		changed = nil
	}
	for href := range changed {
		o, oErr := s.store.Object(ctx, c.ID, href)
		switch {
		case calbell.KindOf(oErr) == calbell.KindNotFound:
			delete(ci.objects, href)
		case oErr != nil:
			ci.made, err = false, oErr // what is not looked at now is not known later
		default:
			ci.put(o, opt, now)
		}
	}
	if err != nil {
		ci.mu.Unlock()
		return nil, err
	}
	if ci.entries == nil || len(changed) > 0 {
		s.index.setCost(ci, ci.lineUp())
	}
	return ci, nil
}

// readingOf names how objects are read.
func readingOf(opt ical.Options) string {
	name := func(z *time.Location) string {
		if z == nil {
			return ""
		}
		return z.String()
	}
	return name(opt.Zone) + " " + name(opt.Fallback)
}

// put remembers an object.
func (ci *calendarIndex) put(o calbell.Object, opt ical.Options, now time.Time) {
	var list []*entry
	for _, e := range plan.Read(o, opt).Events {
		list = append(list, newEntry(o, e, now))
	}
	ci.objects[o.Href] = list
}

// lineUp puts the entries in one row, and reckons the memory that they take.
func (ci *calendarIndex) lineUp() int {
	n := 1
	ci.entries = make([]*entry, 0, len(ci.objects))
	for href, list := range ci.objects {
		n += 2 * len(href)
		for _, e := range list {
			n += entryCost + len(e.text) + len(e.uid)
		}
		ci.entries = append(ci.entries, list...)
	}
	return n
}

func newEntry(o calbell.Object, e *ical.Event, now time.Time) *entry {
	n := &entry{id: EventID(o.Calendar, o.Href, e.UID()), href: o.Href, uid: e.UID()}
	n.text, n.cut = searchText(e)
	list, more := e.Instances(time.Unix(0, 0).AddDate(-2000, 0, 0), now.AddDate(farAhead, 0, 0), 2)
	switch {
	case len(list) == 0:
		n.one, n.start, n.end = true, math.MaxInt64, math.MaxInt64
	case len(list) == 1 && !more:
		n.one, n.start, n.end = true, list[0].Start.Unix(), list[0].End.Unix()
	default:
		n.start = list[0].Start.Unix()
	}
	if !n.one || len(list) == 0 && more {
		n.one = false
		n.look(e, now.Add(-indexBack))
	}
	return n
}

// look finds what comes next from an instant on.
func (n *entry) look(e *ical.Event, from time.Time) {
	found := next{from.Unix(), math.MaxInt64, math.MaxInt64}
	list, more := e.Instances(from, from.AddDate(farAhead, 0, 0), 1)
	switch {
	case len(list) > 0:
		found.start, found.end = list[0].Start.Unix(), list[0].End.Unix()
	case more: // too costly to know: it is opened each time
		found.start = math.MinInt64
	}
	if found.asOf >= n.coming[0].asOf {
		n.coming[0] = found
	} else {
		n.coming[1] = found
	}
}

// earliest is when, at the earliest, an instance starts that takes place in [from, to); ok is
// false when none does, math.MinInt64 that only opening it tells.
func (n *entry) earliest(from, to int64) (start int64, ok bool) {
	switch {
	case n.start >= to, n.one && n.end <= from && n.start < from:
		return 0, false
	case n.one:
		return n.start, true
	}
	for _, c := range n.coming {
		if from >= c.asOf && from < c.end {
			return c.start, c.start < to
		}
	}
	return math.MinInt64, true
}

// searchText is what an event is searched by; cut says that there is more of it.
func searchText(e *ical.Event) (text string, cut bool) {
	text = fold(strings.Join(e.Words(), "\n"))
	if len(text) <= maxText {
		return text, false
	}
	return strings.ToValidUTF8(text[:maxText], ""), true
}

// fold makes texts comparable in which letter case does not count.
func fold(text string) string { return strings.ToLower(text) }

// may reports whether the event may hold a folded text.
func (n *entry) may(search string) bool {
	return search == "" || n.cut || strings.Contains(n.text, search)
}
