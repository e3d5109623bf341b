package api

import (
	"context"
	"time"

	"calbell"
	"calbell/api/types"

	"github.com/danielgtaylor/huma/v2"
)

// defaultDays is the default length of the period of a list of events.
const defaultDays = 30

// During is the period of a list of instances.
type During struct {
	Paged
	From     time.Time `query:"from" doc:"Default: now"`
	To       time.Time `query:"to" doc:"Default: 30 days after from"`
	Calendar string    `query:"calendar" doc:"Name or ID"`
	Search   string    `query:"search" maxLength:"200"`
}

func (d During) query() types.EventQuery {
	q := types.EventQuery{From: d.From, To: d.To, Calendar: d.Calendar, Search: d.Search, Limit: d.Limit, Cursor: d.Cursor}
	if q.From.IsZero() {
		q.From = time.Now().UTC()
	}
	if q.To.IsZero() {
		q.To = q.From.AddDate(0, 0, defaultDays)
	}
	return q
}

func (a *api) registerEvents() {
	huma.Register(a.API, op("GET", "/events", "events", "Instances of events in a time"),
		func(ctx context.Context, in *struct {
			During
			Unrouted bool `query:"unrouted" doc:"Only those with an alarm that goes nowhere for want of a webhook"`
		},
		) (*paged[types.EventRow], error) {
			q := in.query()
			q.Unrouted = in.Unrouted
			rows, next, err := a.s.Events.Page(ctx, caller(ctx), q)
			return answerPaged(ctx, rows, next, err, q)
		})
	huma.Register(a.API, op("GET", "/agenda", "agenda", "Instances of events in a time, with their reminders"),
		func(ctx context.Context, in *struct {
			During
			Unreminded bool `query:"unreminded" doc:"Only those without a reminder that goes to a webhook"`
		},
		) (*paged[types.RemindedEvent], error) {
			q := in.query()
			q.Unreminded = in.Unreminded
			rows, next, err := a.s.Events.Agenda(ctx, caller(ctx), q)
			return answerPaged(ctx, rows, next, err, q)
		})
	huma.Register(a.API, created(op("POST", "/events", "create-event", "Write a new event into a calendar, with a reminder if wanted")),
		func(ctx context.Context, in *struct{ Body types.NewEvent }) (*body[types.EventDetail], error) {
			return answer(a.s.Events.Create(ctx, caller(ctx), in.Body, time.Now()))
		})
	huma.Register(a.API, op("GET", "/events/bad", "bad-events", "Objects that could not be read, or were mended"),
		func(ctx context.Context, _ *none) (*body[[]types.BadRow], error) {
			return answerList(a.s.Events.Bad(ctx, caller(ctx)))
		})
	huma.Register(a.API, op("GET", "/events/{id}", "event", "One event, by ID or unique UID"),
		func(ctx context.Context, in *struct {
			ID       string               `path:"id"`
			Instance calbell.RecurrenceID `query:"instance" doc:"The one to show; the next when absent" maxLength:"40"`
		},
		) (*body[types.EventDetail], error) {
			return answer(a.s.Events.GetAt(ctx, caller(ctx), in.ID, in.Instance, time.Now()))
		})
}

func (a *api) registerDeliveries() {
	huma.Register(a.API, op("GET", "/reminders", "reminders", "What falls due next, each occurrence of a series; at most 20,000 in all"),
		func(ctx context.Context, in *Paged) (*paged[types.UpcomingRow], error) {
			p, err := a.s.Deliveries.ComingPage(ctx, caller(ctx), in.Limit, in.Cursor, time.Now())
			return answerPaged(ctx, p.Rows, p.Next, err)
		})
	huma.Register(a.API, op("GET", "/deliveries", "deliveries", "What was sent, or why not; newest first"),
		func(ctx context.Context, in *struct {
			Paged
			Status  []calbell.Status `query:"status,explode" doc:"Only these states; several also with commas between"`
			Since   time.Time        `query:"since"`
			Webhook string           `query:"webhook" maxLength:"400"`
			UID     calbell.UID      `query:"uid" doc:"Of this event alone" maxLength:"4096"`
		},
		) (*paged[types.DeliveryRow], error) {
			p, err := a.s.Deliveries.History(ctx, caller(ctx), types.DeliveryQuery{
				Since: in.Since, Statuses: apart(in.Status), Webhook: in.Webhook, UID: in.UID, Limit: in.Limit, Cursor: in.Cursor,
			})
			return answerPaged(ctx, p.Rows, p.Next, err)
		})
	huma.Register(a.API, op("GET", "/deliveries/{id}", "delivery", "One delivery with its tries"),
		func(ctx context.Context, in *byID) (*body[calbell.Delivery], error) {
			return answer(a.s.Deliveries.Get(ctx, caller(ctx), calbell.ReminderID(in.ID)))
		})
}
