package api

import (
	"context"
	"net/http"
	"time"

	"calbell"
	"calbell/api/types"

	"github.com/danielgtaylor/huma/v2"
)

// forEvent is the request to attach something to an event.
type forEvent struct {
	ID   string `path:"id" doc:"ID of the event, or a UID that only one event has"`
	Body types.NewReminder
}

// reminder is the request with its event.
func (in *forEvent) reminder() types.NewReminder {
	n := in.Body
	n.Event = in.ID
	return n
}

// registerAttaching registers the operations of attached reminders, and explain.
func (a *api) registerAttaching() {
	add := op("POST", "/events/{id}/reminders", "add-reminder", "Attach reminders to an event, or mute it")
	add.DefaultStatus = http.StatusCreated
	huma.Register(a.API, add, func(ctx context.Context, in *forEvent) (*body[types.AttachedReminders], error) {
		return answer(a.s.Reminders.Add(ctx, caller(ctx), in.reminder()))
	})
	huma.Register(a.API, op("POST", "/events/{id}/reminders/preview", "preview-reminder", "When reminders would be sent if they were attached to an event"),
		func(ctx context.Context, in *forEvent) (*body[types.AttachedReminders], error) {
			return answer(a.s.Reminders.Preview(ctx, caller(ctx), in.reminder()))
		})
	huma.Register(a.API, op("DELETE", "/bindings/{id}", "remove-reminder", "Take an attached reminder, or a mute, back"),
		func(ctx context.Context, in *byID) (*none, error) {
			return &none{}, problem(a.s.Reminders.Remove(ctx, caller(ctx), calbell.BindingID(in.ID)))
		})
	huma.Register(a.API, op("POST", "/events/{id}/unmute", "unmute-event", "Let a muted event ring again"),
		func(ctx context.Context, in *struct {
			ID       string               `path:"id"`
			Instance calbell.RecurrenceID `query:"instance" doc:"Only what mutes this one" maxLength:"40"`
		},
		) (*body[types.Unmuted], error) {
			n, err := a.s.Reminders.Unmute(ctx, caller(ctx), in.ID, in.Instance)
			return answer(types.Unmuted{Removed: n}, err)
		})
	huma.Register(a.API, op("GET", "/explain/{id}", "explain", "Why an event, or a delivery's event, rings or does not"),
		func(ctx context.Context, in *byID) (*body[types.EventDetail], error) {
			return answer(a.s.Events.Explain(ctx, caller(ctx), in.ID, time.Now()))
		})
	huma.Register(a.API, op("GET", "/events/{id}/rules", "test-rules", "Which rules match an event, and which decides"),
		func(ctx context.Context, in *byID) (*body[[]types.RuleRow], error) {
			return answerList(a.s.Rules.Test(ctx, caller(ctx), in.ID, time.Now()))
		})
}
