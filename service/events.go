package service

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"calbell"
	"calbell/ical"
	"calbell/scheduler/plan"
	"calbell/service/eventindex"
	"calbell/store"
)

const (
	// defaultEvents is how many instances a list shows when it is not told.
	defaultEvents = 200
	// maxEvents bounds what one list may ask for.
	maxEvents = 10000
	// nextAlarms is how many coming alarms an event shows.
	nextAlarms = 10
	// shownDeliveries is how many past deliveries an event shows.
	shownDeliveries = 20
)

// Events is about what the calendars hold.
type Events struct {
	*finder
	syncs      Syncs
	servers    Servers
	deliveries *Deliveries
	reminders  *Reminders
}

// List lists the instances of a time, by start.
func (s *Events) List(ctx context.Context, who calbell.Caller, q calbell.EventQuery) ([]calbell.EventRow, error) {
	rows, _, err := s.Page(ctx, who, q)
	return rows, err
}

// Page is Events in parts: next is the Cursor of what follows, "" when nothing does.
func (s *Events) Page(ctx context.Context, who calbell.Caller, q calbell.EventQuery) (rows []calbell.EventRow, next string, err error) {
	bindings, err := s.bindings(ctx)
	if err != nil {
		return nil, "", err
	}
	p := s.config.Policy()
	return page(ctx, s, who, q, func(i eventindex.Item) (calbell.EventRow, bool) {
		wanted := !q.Unrouted || unrouted(p.Routing(i.Calendar).On(bindings.of(i.Calendar, i.Event)), i.Event, i.Instance)
		return eventRow(i.Calendar, i.Object, i.Instance), wanted
	})
}

// page is a part of a list of instances, as row makes rows of those that are wanted.
func page[T any](ctx context.Context, s *Events, who calbell.Caller, q calbell.EventQuery, row func(eventindex.Item) (r T, wanted bool)) ([]T, string, error) {
	limit, rows := min(cmp.Or(q.Limit, defaultEvents), maxEvents), []T{}
	next, err := s.each(ctx, who, q, func(i eventindex.Item) eventindex.Verdict {
		switch r, wanted := row(i); {
		case !wanted:
			return eventindex.Skipped
		case len(rows) == limit:
			return eventindex.Full
		default:
			rows = append(rows, r)
			return eventindex.Taken
		}
	})
	return rows, next.Cursor(), err
}

// each calls fn for the instances that a query means and the caller sees; see [eventindex.Index.Each].
func (s *Events) each(ctx context.Context, who calbell.Caller, q calbell.EventQuery, fn func(eventindex.Item) eventindex.Verdict) (next *eventindex.Place, err error) {
	after, err := eventindex.ParseCursor(q.Cursor)
	if err != nil {
		return nil, noCursor(q.Cursor)
	}
	leave, err := s.readers.Enter(ctx, who)
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
	return s.index.Each(ctx, calendars, eventindex.Query{From: q.From, To: q.To, Search: q.Search, After: after}, time.Now(), fn)
}

// noCursor returns the error for a cursor that this list did not give.
func noCursor(cursor string) error {
	return field("cursor", fmt.Sprintf("%.100q is no cursor of this list", cursor), "begin without one")
}

func eventRow(c calbell.Calendar, o calbell.Object, i *calbell.Instance) calbell.EventRow {
	return calbell.EventRow{
		ID: calbell.EventID(o.Calendar, o.Href, i.UID), UID: i.UID, RecurrenceID: i.RecurrenceID, Kind: i.Kind,
		Account: c.Account, Calendar: c.Name, Start: i.Start, End: i.End, AllDay: i.AllDay,
		Subject: i.Summary, Location: i.Location,
	}
}

// Bad lists the objects that could not be read, or not wholly, and those that were
// mended.
func (s *Events) Bad(ctx context.Context, who calbell.Caller) ([]calbell.BadRow, error) {
	calendars, err := s.calendars(ctx, who)
	if err != nil {
		return nil, err
	}
	rows := []calbell.BadRow{}
	for _, c := range calendars {
		err := s.store.EachProblem(ctx, c.ID, func(o calbell.Object) error {
			rows = append(rows, badRow(c, o))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// badRow returns the row of an object that is bad or mended.
func badRow(c calbell.Calendar, o calbell.Object) calbell.BadRow {
	r := calbell.BadRow{
		Account: c.Account, Calendar: c.Name, UIDs: o.UIDs, Href: o.Href,
		Mended: o.Mended(), Reason: o.Problem, Warnings: o.Warnings,
	}
	if r.Mended {
		var said []string
		for _, w := range o.Warnings {
			said = append(said, w.String())
		}
		r.Reason = strings.Join(said, "; ")
	}
	return r
}

// found is an event with where it was found.
type found struct {
	calendar calbell.Calendar
	object   calbell.Object
	event    *ical.Event
	problems []string          // what is lost
	warnings []calbell.Warning // what was read otherwise than it is written
	shown    *calbell.Instance // the one that stands for it; nil: the next
}

// Get returns the event with that ID, or with that UID when only one has it.
func (s *Events) Get(ctx context.Context, who calbell.Caller, id string, now time.Time) (calbell.EventDetail, error) {
	return s.GetAt(ctx, who, id, "", now)
}

// whole is what is told of an event that was found.
func (s *Events) whole(ctx context.Context, who calbell.Caller, f found, now time.Time) (calbell.EventDetail, error) {
	bindings, err := s.bindings(ctx)
	if err != nil {
		return calbell.EventDetail{}, err
	}
	d := s.detail(f, bindings.of(f.calendar, f.event), now)
	d.Offered = s.offered(f.calendar, bindings[f.calendar.Account])
	v, err := s.sight(ctx, who)
	if err != nil {
		return d, err
	}
	past, _, err := s.deliveries.ended(ctx, v, store.HistoryQuery{UID: f.event.UID()}, shownDeliveries)
	if err != nil {
		return d, err
	}
	if d.Deliveries, err = s.deliveries.rows(ctx, past); err != nil {
		return d, err
	}
	d.Open, err = s.deliveries.open(ctx, v, f.event.UID(), now)
	return d, err
}

// offered returns the webhook to offer for a new reminder of a calendar's event; "" when there is
// none to prefer.
func (s *Events) offered(c calbell.Calendar, attached plan.Bindings) calbell.WebhookID {
	p, owner := s.config.Policy(), s.owners()[c.Account]
	for _, id := range p.Defaults(c) {
		if p.Authorized(owner, id) {
			return id
		}
	}
	var last calbell.Binding
	for _, list := range attached {
		for _, b := range standing(list) {
			if !b.Mute && b.MadeAt.After(last.MadeAt) && p.Authorized(owner, b.Webhook) {
				last = b
			}
		}
	}
	return last.Webhook
}

// findEvent looks an event up by ID or UID.
func (s *finder) findEvent(ctx context.Context, who calbell.Caller, id string) (found, error) {
	var list []found
	p := s.config.Policy()
	err := s.eachNamed(ctx, who, id, func(c calbell.Calendar, o calbell.Object, uid calbell.UID) {
		list = append(list, pick(c, o, uid, plan.Read(o, p.Options(c)))...)
	})
	switch {
	case err != nil:
		return found{}, err
	case len(list) == 0:
		return found{}, notFound("event", id, nil, "calbell event list")
	case len(list) > 1:
		return found{}, &calbell.Error{
			Kind: calbell.KindUsage, What: fmt.Sprintf("UID %q is in %d calendars", id, len(list)),
			Hint: "use the id that this shows: calbell event list --search TEXT",
		}
	}
	return list[0], nil
}

// eachNamed calls fn for the events that have that ID or UID. Where an index is there already
// it is asked; else only the objects that are meant are parsed.
func (s *finder) eachNamed(ctx context.Context, who calbell.Caller, id string, fn func(calbell.Calendar, calbell.Object, calbell.UID)) error {
	leave, err := s.readers.Enter(ctx, who)
	if err != nil {
		return err
	}
	defer leave()
	calendars, err := s.calendars(ctx, who)
	if err != nil {
		return err
	}
	now := time.Now()
	for _, c := range calendars {
		if s.index.Has(c.ID) {
			err = s.eachIndexed(ctx, c, id, now, fn)
		} else {
			err = s.store.EachObject(ctx, c.ID, func(o calbell.Object) error {
				for _, uid := range o.UIDs {
					if string(uid) == id || calbell.EventID(o.Calendar, o.Href, uid) == id {
						fn(c, o, uid)
					}
				}
				return nil
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// eachIndexed is eachNamed for a calendar with an index.
func (s *finder) eachIndexed(ctx context.Context, c calbell.Calendar, id string, now time.Time, fn func(calbell.Calendar, calbell.Object, calbell.UID)) error {
	named, err := s.index.Named(ctx, c, id, now)
	if err != nil {
		return err
	}
	for _, e := range named {
		o, err := s.store.Object(ctx, c.ID, e.Href)
		switch {
		case err == nil:
			fn(c, o, e.UID)
		case calbell.KindOf(err) != calbell.KindNotFound:
			return err
		}
	}
	return nil
}

// pick returns the event with that UID from an object's file.
func pick(c calbell.Calendar, o calbell.Object, uid calbell.UID, file *ical.File) []found {
	for _, e := range file.Events {
		if e.UID() != uid {
			continue
		}
		f := found{calendar: c, object: o, event: e}
		if o.Problem != "" {
			f.problems = append(f.problems, o.Problem)
		}
		for _, p := range file.Problems {
			switch {
			case p.Bad && p.UID == uid && p.Reason != o.Problem:
				f.problems = append(f.problems, p.Reason)
			case !p.Bad && (p.UID == uid || p.UID == "") && len(f.warnings) < calbell.MaxWarnings:
				f.warnings = append(f.warnings, p.Warning)
			}
		}
		return []found{f}
	}
	return nil
}

// shownInstance is the instance that stands for an event: the running or next one, else
// the first one that there ever was.
func shownInstance(e *ical.Event, now time.Time) *calbell.Instance {
	for _, from := range []time.Time{now, time.Unix(0, 0).AddDate(-300, 0, 0)} {
		if list, _ := e.Instances(from, now.AddDate(50, 0, 0), 1); len(list) > 0 {
			return list[0]
		}
	}
	return &calbell.Instance{UID: e.UID(), Kind: e.Kind()} // cancelled altogether
}

// GetAt is [Events.Get] with the instance of that name in the place of the next one.
func (s *Events) GetAt(ctx context.Context, who calbell.Caller, id string, instance calbell.RecurrenceID, now time.Time) (calbell.EventDetail, error) {
	f, err := s.findEvent(ctx, who, id)
	if err != nil {
		return calbell.EventDetail{}, err
	}
	if instance != "" {
		one, ok := f.event.Instance(instance)
		if !ok {
			return calbell.EventDetail{}, notFound("occurrence", string(instance), nil, "calbell event show "+id)
		}
		f.shown = one
	}
	return s.whole(ctx, who, f, now)
}

// detail gathers what Calbell makes of an event with these bindings.
func (s *finder) detail(f found, bs []calbell.Binding, now time.Time) calbell.EventDetail {
	shown := f.shown
	if shown == nil {
		shown = shownInstance(f.event, now)
	}
	d := calbell.EventDetail{Href: f.object.Href, Problems: f.problems, Warnings: f.warnings, Bindings: s.counting(f.calendar, bs), Instance: *shown}
	d.EventRow, d.TimeZone = eventRow(f.calendar, f.object, shown), shown.Start.Location().String()
	d.ReadOnly = f.calendar.ReadOnly
	p := s.config.Policy()
	if shown.AllDay {
		d.OnTheDay = calbell.Lead{AtClock: true, Clock: p.AllDayTime()}
	}
	router, usable := p.Routing(f.calendar).On(bs), p.Usable(f.calendar.Account)
	d.Reminders = alarmsAt(f.event, p.Routing(f.calendar).On(bs), shown)
	next := alarmsOf(f.event, router, now)
	d.Next = next.rows
	d.Silent = next.silent()
	d.Last = lastAlarm(f.event, router, now)
	for _, name := range next.unknown {
		d.Problems = append(d.Problems, unknownWebhook(name, usable))
	}
	d.Problems = append(d.Problems, router.BadLines(shown)...)
	for _, b := range d.Bindings {
		if _, there := usable[string(b.Webhook)]; !there && !b.Mute {
			d.Problems = append(d.Problems, goneWebhook(b))
		}
	}
	d.Problems = append(d.Problems, barredWebhooks(slices.Concat(d.Reminders, d.Next))...)
	return d
}

// counting returns the bindings that hold for a calendar's copy of their event.
func (s *finder) counting(c calbell.Calendar, bs []calbell.Binding) []calbell.Binding {
	r := s.config.Policy().Routing(c)
	return slices.DeleteFunc(standing(bs), func(b calbell.Binding) bool { return !r.Holds(b) })
}

// notFound is the error for a name that nothing has, with the nearest that something has.
func notFound(what, name string, names []string, list string) error {
	e := &calbell.Error{Kind: calbell.KindNotFound, What: fmt.Sprintf("no %s %q", what, name), Hint: "see " + list}
	if near := calbell.Nearest(name, names); near != "" {
		e.Hint = fmt.Sprintf("did you mean %q? See %s", near, list)
	}
	return e
}
