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
	// defaultEvents is how many instances a list shows when it is not told.
	defaultEvents = 200
	// maxEvents bounds what one list may ask for.
	maxEvents = 10000
	// maxNextAlarms is how many coming alarms an event shows.
	maxNextAlarms = 10
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
func (s *Events) List(ctx context.Context, who calbell.Caller, q types.EventQuery) ([]types.EventRow, error) {
	rows, _, err := s.Page(ctx, who, q)
	return rows, err
}

// Page is Events in parts: next is the Cursor of what follows, "" when nothing does.
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

// page is a part of a list of instances, as row makes rows of those that are wanted.
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

// each calls fn for the instances that a query means and the caller sees; see [eventindex.Index.Each].
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

// Bad lists the objects that could not be read, or not wholly, and those that were
// mended.
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

// Get returns the event with that ID, or with that UID when only one has it.
func (s *Events) Get(ctx context.Context, who calbell.Caller, id string, now time.Time) (types.EventDetail, error) {
	return s.GetAt(ctx, who, id, "", now)
}

// describe is what is told of an event that was found.
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

// offeredWebhook returns the webhook to offer for a new reminder of a calendar's event; "" when there is
// none to prefer.
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

// GetAt is [Events.Get] with the instance of that name in the place of the next one.
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

// Explain says why an event, or a planned or ended delivery, rings, does not or did not. The
// ID of a delivery means its event.
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
