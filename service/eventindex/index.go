package eventindex

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"calbell"
	"calbell/ical"
	"calbell/store"
)

// maxIndexed bounds the memory of all indexes, in bytes as they are estimated; those that were
// asked longest ago are forgotten first.
const maxIndexed = 96 << 20

// Store is what the index reads.
type Store interface {
	// Object returns one object; a KindNotFound error when it is gone.
	Object(ctx context.Context, c calbell.CalendarID, h calbell.Href) (calbell.Object, error)
	// EachObject calls fn for the objects of a calendar.
	EachObject(ctx context.Context, c calbell.CalendarID, fn func(calbell.Object) error) error
}

// Reader reads objects as the configuration in force says.
type Reader struct {
	// Options returns how the objects of a calendar are read.
	Options func(calbell.Calendar) ical.Options
	// Read returns the events of an object.
	Read func(calbell.Object, ical.Options) *ical.File
}

// Index remembers of each calendar which of its events a question cannot mean, so that only the
// others are read and parsed. Make one with New; it is safe for concurrent use.
type Index struct {
	store  Store
	reader Reader

	mu        sync.Mutex
	calendars map[calbell.CalendarID]*calendarIndex
}

// New returns an index of what is stored.
func New(s Store, r Reader) *Index {
	return &Index{store: s, reader: r, calendars: map[calbell.CalendarID]*calendarIndex{}}
}

// calendarIndex is the index of one calendar.
type calendarIndex struct {
	id calbell.CalendarID
	// Guarded by Index.mu.
	changed map[calbell.Href]struct{} // since it was last brought up to date
	usedAt  time.Time
	cost    int

	// mu guards what follows. It is held while the index is built and while it is read.
	mu      sync.Mutex
	built   bool
	reading string // how the objects are read; another way makes another index
	objects map[calbell.Href][]*entry
	entries []*entry // of objects, in one row
}

// Changed marks the objects of a change as stale, whether it was stored or failed.
func (x *Index) Changed(c store.Change) {
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

// Has reports whether a calendar is indexed.
func (x *Index) Has(id calbell.CalendarID) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	ci := x.calendars[id]
	return ci != nil && ci.cost > 0
}

// Stale reports whether the index of a calendar is out of date, or is missing although there is room
// for it.
func (x *Index) Stale(id calbell.CalendarID) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if ci := x.calendars[id]; ci != nil && ci.cost > 0 {
		return len(ci.changed) > 0
	}
	total := 0
	for _, ci := range x.calendars {
		total += ci.cost
	}
	return total < maxIndexed/2
}

// Update brings the index of a calendar up to date.
func (x *Index) Update(ctx context.Context, c calbell.Calendar, now time.Time) error {
	ci, err := x.locked(ctx, c, now)
	if err == nil {
		ci.mu.Unlock()
	}
	return err
}

// Ref names an event by its object.
type Ref struct {
	Href calbell.Href
	UID  calbell.UID
}

// Named returns the events of a calendar that have that [calbell.EventID] or UID.
func (x *Index) Named(ctx context.Context, c calbell.Calendar, id string, now time.Time) (refs []Ref, err error) {
	ci, err := x.locked(ctx, c, now)
	if err != nil {
		return nil, err
	}
	defer ci.mu.Unlock()
	for _, e := range ci.entries {
		if e.id == id || string(e.uid) == id {
			refs = append(refs, Ref{e.href, e.uid})
		}
	}
	return refs, nil
}

// of returns the index of a calendar, which may be stale, and forgets others when all are too
// large.
func (x *Index) of(id calbell.CalendarID, now time.Time) *calendarIndex {
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

// takeChanged returns the objects that changed since this was last called.
func (x *Index) takeChanged(ci *calendarIndex) map[calbell.Href]struct{} {
	x.mu.Lock()
	defer x.mu.Unlock()
	changed := ci.changed
	if len(changed) > 0 {
		ci.changed = map[calbell.Href]struct{}{}
	}
	return changed
}

func (x *Index) setCost(ci *calendarIndex, cost int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	ci.cost = cost
}

// locked returns the index of a calendar as of now, locked: the caller unlocks its mu.
func (x *Index) locked(ctx context.Context, c calbell.Calendar, now time.Time) (*calendarIndex, error) {
	ci := x.of(c.ID, now)
	ci.mu.Lock()
	changed := x.takeChanged(ci)
	opt := x.reader.Options(c)
	var err error
	if reading := readingOf(opt); !ci.built || ci.reading != reading {
		ci.reading, ci.objects, ci.entries = reading, map[calbell.Href][]*entry{}, nil
		err = x.store.EachObject(ctx, c.ID, func(o calbell.Object) error {
			ci.put(o, x.reader.Read(o, opt), now)
			return nil
		})
		ci.built = err == nil
		changed = nil
	}
	for href := range changed {
		o, oErr := x.store.Object(ctx, c.ID, href)
		switch {
		case calbell.KindOf(oErr) == calbell.KindNotFound:
			delete(ci.objects, href)
		case oErr != nil:
			ci.built, err = false, oErr // its mark is gone: only building anew finds it again
		default:
			ci.put(o, x.reader.Read(o, opt), now)
		}
	}
	if err != nil {
		ci.mu.Unlock()
		return nil, err
	}
	if ci.entries == nil || len(changed) > 0 {
		x.setCost(ci, ci.lineUp())
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
func (ci *calendarIndex) put(o calbell.Object, file *ical.File, now time.Time) {
	var list []*entry
	for _, e := range file.Events {
		list = append(list, newEntry(o, e, now))
	}
	ci.objects[o.Href] = list
}

// lineUp puts the entries in one row, and returns an estimate of the memory that they take.
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
