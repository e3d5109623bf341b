package api

import (
	"context"
	"net/http"
	"time"

	"calbell"
	"calbell/api/types"

	"github.com/danielgtaylor/huma/v2"
)

func (a *api) registerCalendars() {
	huma.Register(a.API, op("GET", "/calendars", "calendars", "Calendars and the state of their sync"),
		func(ctx context.Context, _ *none) (*body[[]types.CalendarRow], error) {
			return answerList(a.s.Calendars.List(ctx, caller(ctx)))
		})
	huma.Register(a.API, op("POST", "/sync", "sync", "Sync, and say how each account fared"),
		func(ctx context.Context, in *struct {
			Calendar string `query:"calendar" doc:"Name or ID; all when absent"`
			Wait     bool   `query:"wait" doc:"Answer when it is stored and planned"`
		},
		) (*body[[]types.SyncRow], error) {
			if !in.Wait {
				_, _, err := a.s.Calendars.SyncSoon(ctx, caller(ctx), in.Calendar)
				return answerList([]types.SyncRow{}, err)
			}
			return answerList(a.s.Calendars.Sync(ctx, caller(ctx), in.Calendar))
		})
	huma.Register(a.API, op("GET", "/sync", "syncing", "How far the syncs under way are"),
		func(ctx context.Context, _ *none) (*body[[]calbell.SyncProgress], error) {
			return answerList(a.s.Calendars.Syncing(ctx, caller(ctx)))
		})
	huma.Register(a.API, op("GET", "/calendars/{name}", "calendar", "One calendar, by ID or name"),
		func(ctx context.Context, in *byName) (*body[types.CalendarRow], error) {
			return answer(a.s.Calendars.Get(ctx, caller(ctx), in.Name))
		})
	huma.Register(a.API, op("POST", "/calendars/{name}/apply", "apply-calendar", "Believe the server that the events held back were deleted"),
		func(ctx context.Context, in *byName) (*body[types.CalendarRow], error) {
			return answer(a.s.Calendars.ApplyNow(ctx, caller(ctx), in.Name))
		})
	huma.Register(a.API, op("GET", "/calendars/{name}/settings", "calendar-settings", "What people set for a calendar"),
		func(ctx context.Context, in *byName) (*tagged[types.CalendarEdit], error) {
			e, tag, err := a.s.Calendars.Settings(ctx, caller(ctx), in.Name)
			return answerTagged(tag, e, err)
		})
	registerPatch(a, op(http.MethodPatch, "/calendars/{name}/settings", "set-calendar", "Set where a calendar's reminders go, and which it has"), a.s.Calendars.Settings, a.s.Calendars.Set)
}

func (a *api) registerWebhooks() {
	huma.Register(a.API, op("GET", "/webhooks", "webhooks", "Webhooks and their health"),
		func(ctx context.Context, in *struct {
			Account []string `query:"account,explode" doc:"Only those to which the reminders of this account may go; of several: of each" maxItems:"100"`
		},
		) (*body[[]types.WebhookRow], error) {
			return answerList(a.s.Webhooks.ListFor(ctx, caller(ctx), in.Account...))
		})
	huma.Register(a.API, created(op("POST", "/webhooks", "add-webhook", "Store a webhook")),
		func(ctx context.Context, in *struct{ Body types.NewWebhook }) (*tagged[types.WebhookRow], error) {
			r, err := a.s.Webhooks.Add(ctx, caller(ctx), in.Body)
			return answerTagged(r.ETag, r, err)
		})
	huma.Register(a.API, op("GET", "/webhooks/{name}", "webhook", "One webhook, by ID or name"),
		func(ctx context.Context, in *byName) (*tagged[types.WebhookRow], error) {
			r, err := a.s.Webhooks.Get(ctx, caller(ctx), in.Name)
			return answerTagged(r.ETag, r, err)
		})
	registerPatch(a, op(http.MethodPatch, "/webhooks/{name}", "set-webhook", "Change a stored webhook; without a url it keeps the one it has"), a.s.Webhooks.Request, a.s.Webhooks.Set)
	huma.Register(a.API, op("DELETE", "/webhooks/{name}", "remove-webhook", "Remove a stored webhook that nothing uses"),
		func(ctx context.Context, in *edited) (*none, error) {
			return &none{}, problem(a.s.Webhooks.Remove(ctx, caller(ctx), in.Name, in.IfMatch))
		})
	huma.Register(a.API, op("POST", "/webhooks/{name}/test", "test-webhook", "Post a sample message"),
		func(ctx context.Context, in *struct {
			Name   string `path:"name" doc:"Name or slug"`
			Sample string `query:"sample" doc:"next (of one's own events), timed, all-day, empty or hostile; timed when absent" maxLength:"20"`
			Event  string `query:"event" doc:"ID of a real event, in the place of a sample" maxLength:"400"`
		},
		) (*body[types.TestResult], error) {
			return answer(a.s.Webhooks.Test(ctx, caller(ctx), in.Name, types.Sample{Event: in.Event, Name: in.Sample}))
		})
	huma.Register(a.API, scoped(op("POST", "/preview", "preview", "What a webhook would post, byte for byte; nothing is posted"), calbell.ScopeRead),
		func(ctx context.Context, in *struct{ Body types.PreviewRequest }) (*body[types.Preview], error) {
			return answer(a.s.Webhooks.Preview(ctx, caller(ctx), in.Body, time.Now()))
		})
}
