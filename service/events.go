package service

import (
	"cmp"
	"context"
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/scheduler/plan"
	"calbell/service/eventindex"
	"calbell/store"
)

const (
	// defaultEvents is the default length of a list.
	defaultEvents = 200
	// maxEvents limits the length of a list.
	maxEvents = 10000
	// maxNextAlarms limits the next alarms that an event shows.
	maxNextAlarms = 10
	// shownDeliveries limits the past deliveries that an event shows.
	shownDeliveries = 20
)

// Events reads and creates events.
type Events struct {
	*finder
	syncs      Syncs
	servers    Servers
	deliveries *Deliveries
	reminders  *Reminders
}

// List returns the instances of a period, by start.
func (s *Events) List(ctx context.Context, who calbell.Caller, q types.EventQuery) ([]types.EventRow, error) {
	rows, _, err := s.Page(ctx, who, q)
	return rows, err
}

// Page is [Events.List] in pages. next is the cursor of the next page; "" on the last one.
func (s *Events) Page(ctx context.Context, who calbell.Caller, q types.EventQuery) (rows []types.EventRow, next string, err error) {
	bindings, err := s.bindings(ctx, who)
	if err != nil {
		return nil, "", err
	}
	p := s.config.Policy()
	return page(ctx, s, who, q, func(i eventindex.Item) (types.EventRow, bool) {
		wanted := !q.Unrouted || unrouted(p.Routing(i.Calendar).On(bindings.of(i.Calendar, i.Event)), i.Event, i.Instance)
		return eventRow(i.Calendar, i.Object, i.Instance), wanted
	})
}

// page returns a page of instances. row converts an instance, and reports whether it
// belongs to the list.
func page[T any](ctx context.Context, s *Events, who calbell.Caller, q types.EventQuery, row func(eventindex.Item) (r T, wanted bool)) ([]T, string, error) {
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

// each calls fn for the matching instances that the caller may see; see
// [eventindex.Index.Each].
func (s *Events) each(ctx context.Context, who calbell.Caller, q types.EventQuery, fn func(eventindex.Item) eventindex.Verdict) (next *eventindex.Place, err error) {
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

func eventRow(c calbell.Calendar, o calbell.Object, i *calbell.Instance) types.EventRow {
	return types.EventRow{
		ID: calbell.EventID(o.Calendar, o.Href, i.UID), UID: i.UID, RecurrenceID: i.RecurrenceID, Kind: i.Kind,
		Account: c.Account, Calendar: c.Name, Start: i.Start, End: i.End, AllDay: i.AllDay,
		Subject: i.Summary, Location: i.Location,
	}
}

// Bad returns the objects that could not be read, completely or in part, and those that
// were read differently from what they say.
func (s *Events) Bad(ctx context.Context, who calbell.Caller) ([]types.BadRow, error) {
	calendars, err := s.calendars(ctx, who)
	if err != nil {
		return nil, err
	}
	rows := []types.BadRow{}
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
func badRow(c calbell.Calendar, o calbell.Object) types.BadRow {
	r := types.BadRow{
		Account: c.Account, Calendar: c.Name, UIDs: o.UIDs, Href: o.Href,
		Mended: o.Mended(), Reason: o.Problem, Warnings: o.Warnings,
	}
	if r.Mended {
		var said []string
		for _, w := range o.Warnings {
			said = append(said, w.String())
		}
		r.Reason = calbell.Plain(strings.Join(said, "; "))
	}
	return r
}

// Get returns the event with this ID, or with this UID if it is unique.
func (s *Events) Get(ctx context.Context, who calbell.Caller, id string, now time.Time) (types.EventDetail, error) {
	return s.GetAt(ctx, who, id, "", now)
}

// describe returns the details of an event.
func (s *Events) describe(ctx context.Context, who calbell.Caller, f found, now time.Time) (types.EventDetail, error) {
	bindings, err := s.bindingsOf(ctx, f.calendar.Account)
	if err != nil {
		return types.EventDetail{}, err
	}
	d := s.detail(f, bindings.of(f.calendar, f.event), now)
	d.Offered = s.offeredWebhook(f.calendar, bindings[f.calendar.Account])
	v, err := s.visibility(ctx, who)
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
	d.Open, err = s.deliveries.unfinished(ctx, v, f.event.UID(), now)
	return d, err
}

// offeredWebhook returns the webhook to preselect for a new reminder on a calendar's event;
// "" for none.
func (s *Events) offeredWebhook(c calbell.Calendar, attached plan.Bindings) calbell.WebhookID {
	p := s.config.Policy()
	owner, _ := s.ownerOf(c.Account)
	for _, id := range p.Defaults(c) {
		if p.Authorized(owner, id) {
			return id
		}
	}
	var last calbell.Binding
	for _, list := range attached {
		for _, b := range active(list) {
			if !b.Mute && b.MadeAt.After(last.MadeAt) && p.Authorized(owner, b.Webhook) {
				last = b
			}
		}
	}
	return last.Webhook
}

// GetAt is [Events.Get] with the given instance instead of the next one.
func (s *Events) GetAt(ctx context.Context, who calbell.Caller, id string, instance calbell.RecurrenceID, now time.Time) (types.EventDetail, error) {
	f, err := s.findEvent(ctx, who, id)
	if err != nil {
		return types.EventDetail{}, err
	}
	if instance != "" {
		one, ok := f.event.Instance(instance)
		if !ok {
			err := calbell.NotFound(calbell.NounOccurrence, string(instance))
			err.Hint = calbell.T("service:see", "see %s", calbell.T("list:occurrences", "calbell event show %s", id))
			return types.EventDetail{}, err
		}
		f.shown = one
	}
	return s.describe(ctx, who, f, now)
}

// Explain returns the details of an event by its ID or UID, or by the ID of one of its
// deliveries.
func (s *Events) Explain(ctx context.Context, who calbell.Caller, ref string, now time.Time) (types.EventDetail, error) {
	d, err := s.deliveries.Get(ctx, who, calbell.ReminderID(ref))
	switch {
	case calbell.KindOf(err) == calbell.KindNotFound:
		return s.Get(ctx, who, ref, now)
	case err != nil:
		return types.EventDetail{}, err
	case d.UID == "":
		return types.EventDetail{}, &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("service:delivery-message-calbell-own", "delivery %s is a message of Calbell's own, not of an event", ref), Hint: calbell.T("service:see", "see %s", calbell.T("list:delivery", "calbell delivery show %s", ref))}
	}
	for _, src := range d.Sources {
		detail, err := s.Get(ctx, who, calbell.EventID(src.Calendar, src.Href, d.UID), now)
		if calbell.KindOf(err) != calbell.KindNotFound {
			return detail, err
		}
	}
	return s.Get(ctx, who, string(d.UID), now)
}
