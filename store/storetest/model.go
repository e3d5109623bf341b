package storetest

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"calbell"
	"calbell/store"
)

// model is the contract in its shortest form: maps, no indexes, no persistence. It is
// what random operations on a backend are compared with, and runs the suite itself, which
// keeps the suite from asking for what only one backend does.
type model struct {
	mu     sync.Mutex
	cals   map[calbell.CalendarID]calbell.Calendar
	objs   map[place]*object
	dels   map[calbell.ReminderID]*calbell.Delivery
	hooks  map[hook]calbell.Webhook
	states map[calbell.WebhookID]calbell.WebhookState
	beat   time.Time

	bindings map[calbell.BindingID]calbell.Binding
	bound    map[string]store.BindingsState // by account
	pauses   map[scope]calbell.Pause

	persons
}

// scope is what a pause is about.
type scope struct {
	cal  calbell.CalendarID
	hook calbell.WebhookID
}

type place struct {
	cal  calbell.CalendarID
	href calbell.Href
}

type object struct {
	calbell.Object
	wants map[calbell.ReminderID]bool
}

type hook struct {
	origin calbell.Origin
	id     calbell.WebhookID
}

var _ Store = (*model)(nil)

func newModel() *model {
	return &model{
		cals:   make(map[calbell.CalendarID]calbell.Calendar),
		objs:   make(map[place]*object),
		dels:   make(map[calbell.ReminderID]*calbell.Delivery),
		hooks:  make(map[hook]calbell.Webhook),
		states: make(map[calbell.WebhookID]calbell.WebhookState),

		bindings: make(map[calbell.BindingID]calbell.Binding),
		bound:    make(map[string]store.BindingsState),
		pauses:   make(map[scope]calbell.Pause),
		persons:  newPersons(),
	}
}

// enter takes the lock; the caller defers what it returns.
func (m *model) enter(ctx context.Context) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return func() {}, err
	}
	m.mu.Lock()
	return m.mu.Unlock, nil
}

func (m *model) Close() error { return nil }

func notFound(what string, id any) error {
	return &calbell.Error{Kind: calbell.KindNotFound, What: calbell.T("storetest:no", "no %s %q", what, id)}
}

func (m *model) Calendars(ctx context.Context) ([]calbell.Calendar, error) {
	leave, err := m.enter(ctx)
	defer leave()
	return slices.SortedFunc(maps.Values(m.cals), func(a, b calbell.Calendar) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	}), err
}

func (m *model) CalendarsOf(ctx context.Context, accounts ...string) ([]calbell.Calendar, error) {
	all, err := m.Calendars(ctx)
	return slices.DeleteFunc(all, func(c calbell.Calendar) bool { return !slices.Contains(accounts, c.Account) }), err
}

func (m *model) CalendarsByID(ctx context.Context, ids ...calbell.CalendarID) ([]calbell.Calendar, error) {
	all, err := m.Calendars(ctx)
	return slices.DeleteFunc(all, func(c calbell.Calendar) bool { return !slices.Contains(ids, c.ID) }), err
}

func (m *model) Calendar(ctx context.Context, id calbell.CalendarID) (calbell.Calendar, error) {
	leave, err := m.enter(ctx)
	defer leave()
	c, ok := m.cals[id]
	if err == nil && !ok {
		err = notFound("calendar", id)
	}
	return c, err
}

func (m *model) SaveCalendar(ctx context.Context, c calbell.Calendar) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err == nil {
		m.cals[c.ID] = c
	}
	return err
}

func (m *model) RenameAccount(ctx context.Context, from, to string) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err == nil && (from == "" || to == "" || from == to) {
		err = &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("no two names")}
	}
	if err == nil {
		m.rename(from, to)
	}
	return err
}

func (m *model) RemoveCalendar(ctx context.Context, id calbell.CalendarID, now time.Time) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	for at := range m.objs {
		if at.cal == id {
			delete(m.objs, at)
		}
	}
	m.orphans(now, calbell.Text{})
	delete(m.cals, id)
	return nil
}

// orphans takes away every source that no object stands for any more: the whole rule of
// how reminders end when what they come from changes.
func (m *model) orphans(now time.Time, reason calbell.Text) {
	for id, d := range m.dels {
		if d.Status.Final() || len(d.Sources) == 0 || !d.AskedAt.IsZero() {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(d.Sources), func(s calbell.Source) bool {
			o := m.objs[place{s.Calendar, s.Href}]
			return o == nil || !o.wants[id]
		})
		if len(left) > 0 || d.Status == calbell.StatusInFlight {
			d.Sources = left
			continue
		}
		end(d, calbell.StatusCancelled, now, cmp.Or(reason, calbell.Plain("gone")))
	}
}

func end(d *calbell.Delivery, s calbell.Status, at time.Time, reason calbell.Text) {
	d.Status, d.FinishedAt, d.Reason = s, at, reason
	d.NextAt, d.Worker, d.LeaseEnd = time.Time{}, "", time.Time{}
}

func queue(d *calbell.Delivery, s calbell.Status, at time.Time) {
	d.Status, d.NextAt = s, at
	d.Worker, d.LeaseEnd, d.FinishedAt, d.Reason, d.Untold = "", time.Time{}, time.Time{}, calbell.Text{}, false
}

func (m *model) Usage(ctx context.Context, id calbell.CalendarID) (objects int, bytes int64, err error) {
	leave, err := m.enter(ctx)
	defer leave()
	for at, o := range m.objs {
		if at.cal == id {
			objects, bytes = objects+1, bytes+int64(len(o.Raw))
		}
	}
	return objects, bytes, err
}

func (m *model) ETags(ctx context.Context, id calbell.CalendarID) (map[calbell.Href]calbell.ETag, error) {
	leave, err := m.enter(ctx)
	defer leave()
	tags := make(map[calbell.Href]calbell.ETag)
	for at, o := range m.objs {
		if at.cal == id {
			tags[at.href] = o.ETag
		}
	}
	return tags, err
}

func (m *model) Object(ctx context.Context, id calbell.CalendarID, href calbell.Href) (calbell.Object, error) {
	leave, err := m.enter(ctx)
	defer leave()
	o := m.objs[place{id, href}]
	switch {
	case err != nil:
		return calbell.Object{}, err
	case o == nil:
		return calbell.Object{}, notFound("object", href)
	}
	return o.Object, nil
}

func (m *model) ObjectsByUID(ctx context.Context, uid calbell.UID) ([]calbell.Object, error) {
	leave, err := m.enter(ctx)
	defer leave()
	var objs []calbell.Object
	for _, o := range m.objs {
		if slices.Contains(o.UIDs, uid) {
			objs = append(objs, o.Object)
		}
	}
	slices.SortFunc(objs, func(a, b calbell.Object) int {
		return cmp.Or(cmp.Compare(a.Calendar, b.Calendar), cmp.Compare(a.Href, b.Href))
	})
	return objs[:min(calbell.MaxSameUID, len(objs))], err
}

func (m *model) EachObject(ctx context.Context, id calbell.CalendarID, fn func(calbell.Object) error) error {
	tags, err := m.ETags(ctx, id)
	for _, href := range slices.Sorted(maps.Keys(tags)) {
		o, err := m.Object(ctx, id, href)
		if err == nil {
			err = fn(o)
		}
		if err != nil {
			return err
		}
	}
	return err
}

func (m *model) EachProblem(ctx context.Context, id calbell.CalendarID, fn func(calbell.Object) error) error {
	return m.EachObject(ctx, id, func(o calbell.Object) error {
		if !o.Bad() && !o.Mended() {
			return nil
		}
		o.Raw = nil
		return fn(o)
	})
}

func (m *model) Apply(ctx context.Context, c store.Change, now time.Time) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	for _, n := range c.Notices {
		if n.Notice == nil {
			return &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("no notice")}
		}
	}
	if c.Bound != nil && *c.Bound != m.bound[c.Calendar.Account] {
		return store.ErrBindingsChanged
	}
	m.cals[c.Calendar.ID] = c.Calendar
	put := make(map[calbell.Href]bool)
	for _, p := range c.Put {
		p.Object.Calendar = c.Calendar.ID
		put[p.Object.Href] = true
		m.put(p, now)
	}
	for _, href := range c.Delete {
		if !put[href] {
			delete(m.objs, place{c.Calendar.ID, href})
		}
	}
	m.orphans(now, c.Reason)
	for _, n := range c.Notices {
		m.notify(n)
	}
	return nil
}

// put stores an object and names its reminders. What it wanted before is forgotten with it.
func (m *model) put(p store.Planned, now time.Time) {
	o := &object{Object: p.Object, wants: make(map[calbell.ReminderID]bool)}
	m.name(o, p.Reminders, now)
	m.objs[place{p.Object.Calendar, p.Object.Href}] = o
}

// name makes an object a source of reminders.
func (m *model) name(o *object, rs []store.PlannedReminder, now time.Time) {
	for _, r := range rs {
		d := m.dels[r.ID]
		again := d != nil && d.Status == calbell.StatusCancelled &&
			(!r.KeepOnly && (!d.Due.Before(now) || r.KnownLate) || d.Due.Before(now) && now.Sub(d.FinishedAt) <= calbell.MoveWindow)
		switch {
		case d == nil && r.KeepOnly, d != nil && d.Status.Final() && !again:
			continue
		case d == nil:
			d = &calbell.Delivery{Reminder: r.Reminder, Status: calbell.StatusPlanned}
			d.Due, d.NextAt, d.Sources = r.Due.UTC(), r.Due.UTC(), nil
			d.KnownAt = knownAt(r, d, now)
			m.dels[r.ID] = d
		case again:
			queue(d, calbell.StatusPlanned, d.Due)
			d.KnownAt = knownAt(r, d, now)
			d.Sources = slices.DeleteFunc(slices.Clone(d.Sources), func(s calbell.Source) bool {
				other := m.objs[place{s.Calendar, s.Href}]
				return other == nil || !other.wants[r.ID]
			})
		}
		src := calbell.Source{Calendar: o.Calendar, Href: o.Href, Alarm: r.Sources[0].Alarm}
		if !o.wants[r.ID] { // its alarms may be numbered anew
			d.Sources = slices.DeleteFunc(slices.Clone(d.Sources), func(s calbell.Source) bool {
				return s.Calendar == o.Calendar && s.Href == o.Href
			})
		}
		if !slices.Contains(d.Sources, src) {
			d.Sources = append(slices.Clone(d.Sources), src)
		}
		d.Subject, d.Start, d.End = r.Subject, r.Start.UTC(), r.End.UTC()
		o.wants[r.ID] = true
	}
}

// knownAt returns the KnownAt of a delivery that is made, or planned again.
func knownAt(r store.PlannedReminder, d *calbell.Delivery, now time.Time) time.Time {
	if r.KnownLate {
		return now.UTC()
	}
	return d.KnownAt
}

func (m *model) DuePlans(ctx context.Context, now time.Time, limit int) ([]calbell.Object, error) {
	leave, err := m.enter(ctx)
	defer leave()
	var objs []calbell.Object
	for _, o := range m.objs {
		if !o.Replan.IsZero() && !o.Replan.After(now) {
			objs = append(objs, o.Object)
		}
	}
	slices.SortFunc(objs, func(a, b calbell.Object) int { return a.Replan.Compare(b.Replan) })
	return objs[:min(limit, len(objs))], err
}

func (m *model) Extend(ctx context.Context, ext []store.Planned, now time.Time) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	for _, e := range ext {
		o := m.objs[place{e.Object.Calendar, e.Object.Href}]
		if o == nil || o.ETag != e.Object.ETag || o.ETag == "" && !bytes.Equal(o.Raw, e.Object.Raw) {
			continue
		}
		o.Until, o.Replan = e.Object.Until, e.Object.Replan
		m.name(o, e.Reminders, now)
	}
	return nil
}

// wanted reports whether a source, or a person, wants a delivery; a notice wants itself.
func wanted(d *calbell.Delivery) bool {
	return len(d.Sources) > 0 || d.Notice != nil || !d.AskedAt.IsZero()
}
