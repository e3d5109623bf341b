// Package api is the daemon's HTTP + JSON interface (OpenAPI 3.1), spoken over the unix
// socket by the command line. Each operation is a few lines: decode, ask service, encode.
// Errors are RFC 9457 problem details.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"calbell"
	"calbell/service"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// maxBody bounds a request's body.
const maxBody = 1 << 20

// Handler returns the API at /api/v1, answering in the name of the caller that who gives
// for a request.
func Handler(s *service.Service, version string, who func(*http.Request) calbell.Caller) http.Handler {
	mux := http.NewServeMux()
	c := huma.DefaultConfig("Calbell", version)
	c.DocsPath = ""                   // its page loads scripts from elsewhere
	c.SchemasPath = ""                // the schemas are in the OpenAPI document
	c.OpenAPIPath = "/api/v1/openapi" // .json, .yaml
	c.CreateHooks = nil               // no $schema links in answers
	c.Transformers = append(c.Transformers, withoutValues)
	a := &api{huma.NewGroup(humago.New(mux, c), "/api/v1"), s}
	a.register()
	return withCaller(http.MaxBytesHandler(mux, maxBody), who)
}

// withoutValues drops from an error what was sent: it may be a webhook's URL.
func withoutValues(_ huma.Context, _ string, v any) (any, error) {
	if m, ok := v.(*huma.ErrorModel); ok {
		for _, d := range m.Errors {
			d.Value = nil
		}
	}
	return v, nil
}

// api holds the operations. They are registered with API itself: huma looks at its type.
type api struct {
	huma.API
	s *service.Service
}

type callerKey struct{}

// withCaller notes who asks.
func withCaller(h http.Handler, who func(*http.Request) calbell.Caller) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, who(r))))
	})
}

// caller returns who asks; nobody when the middleware did not say.
func caller(ctx context.Context) calbell.Caller {
	c, _ := ctx.Value(callerKey{}).(calbell.Caller)
	return c
}

// body is an answer with a JSON body.
type body[T any] struct{ Body T }

// answer turns a rule's result into an answer.
func answer[T any](v T, err error) (*body[T], error) {
	if err != nil {
		return nil, problem(err)
	}
	return &body[T]{v}, nil
}

// op describes an operation.
func op(method, path, id, summary string) huma.Operation {
	return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary}
}

type none struct{}

// Limited is the bound of a list. It is exported because huma does not look into embedded
// types that are not.
type Limited struct {
	Limit int `query:"limit" minimum:"1" maximum:"10000" default:"100" doc:"At most so many"`
}

type byName struct {
	Name string `path:"name" doc:"Name or slug"`
}

type byID struct {
	ID string `path:"id"`
}

func (a *api) register() {
	huma.Register(a.API, op("GET", "/status", "status", "State of the daemon"),
		func(ctx context.Context, _ *none) (*body[calbell.StatusReport], error) {
			return answer(a.s.Status(ctx, caller(ctx)))
		})
	huma.Register(a.API, op("POST", "/reload", "reload", "Read the configuration again"),
		func(ctx context.Context, _ *none) (*none, error) {
			return &none{}, problem(a.s.Reload(ctx, caller(ctx)))
		})
	a.registerCalendars()
	a.registerWebhooks()
	a.registerEvents()
	a.registerDeliveries()
	a.registerUpkeep()
	a.registerPauses()
	a.registerAttaching()
}

func (a *api) registerCalendars() {
	huma.Register(a.API, op("GET", "/calendars", "calendars", "Calendars and the state of their sync"),
		func(ctx context.Context, _ *none) (*body[[]calbell.CalendarRow], error) {
			return answer(a.s.Calendars(ctx, caller(ctx)))
		})
	huma.Register(a.API, op("POST", "/sync", "sync", "Sync, and say how each account fared"),
		func(ctx context.Context, in *struct {
			Calendar string `query:"calendar" doc:"Name or ID; all when absent"`
			Wait     bool   `query:"wait" doc:"Answer when it is stored and planned"`
		},
		) (*body[[]calbell.SyncRow], error) {
			if !in.Wait {
				return answer([]calbell.SyncRow{}, a.s.SyncSoon(ctx, caller(ctx), in.Calendar))
			}
			return answer(a.s.Sync(ctx, caller(ctx), in.Calendar))
		})
	huma.Register(a.API, op("GET", "/sync", "syncing", "How far the syncs under way are"),
		func(ctx context.Context, _ *none) (*body[[]calbell.SyncProgress], error) {
			return answer(a.s.Syncing(ctx, caller(ctx)))
		})
	huma.Register(a.API, op("GET", "/calendars/{name}", "calendar", "One calendar, by ID or name"),
		func(ctx context.Context, in *byName) (*body[calbell.CalendarRow], error) {
			return answer(a.s.Calendar(ctx, caller(ctx), in.Name))
		})
	huma.Register(a.API, op("POST", "/calendars/{name}/apply", "apply-calendar", "Believe the server that the events held back, or the calendar, were deleted"),
		func(ctx context.Context, in *byName) (*body[calbell.CalendarRow], error) {
			return answer(a.s.ApplyNow(ctx, caller(ctx), in.Name))
		})
}

func (a *api) registerWebhooks() {
	huma.Register(a.API, op("GET", "/webhooks", "webhooks", "Webhooks and their health"),
		func(ctx context.Context, _ *none) (*body[[]calbell.WebhookRow], error) {
			return answer(a.s.Webhooks(ctx, caller(ctx)))
		})
	add := op("POST", "/webhooks", "add-webhook", "Store a webhook")
	add.DefaultStatus = http.StatusCreated
	huma.Register(a.API, add, func(ctx context.Context, in *struct{ Body calbell.NewWebhook }) (*body[calbell.WebhookRow], error) {
		return answer(a.s.AddWebhook(ctx, caller(ctx), in.Body))
	})
	huma.Register(a.API, op("DELETE", "/webhooks/{name}", "remove-webhook", "Remove a stored webhook that nothing uses"),
		func(ctx context.Context, in *byName) (*none, error) {
			return &none{}, problem(a.s.RemoveWebhook(ctx, caller(ctx), in.Name))
		})
	huma.Register(a.API, op("POST", "/webhooks/{name}/test", "test-webhook", "Post a sample message"),
		func(ctx context.Context, in *struct {
			Name   string `path:"name" doc:"Name or slug"`
			Sample string `query:"sample" doc:"timed, all-day, empty or hostile; timed when absent" maxLength:"20"`
		},
		) (*body[calbell.TestResult], error) {
			return answer(a.s.TestWebhook(ctx, caller(ctx), in.Name, in.Sample))
		})
}

// defaultDays is how far ahead a list of events looks when it is not told.
const defaultDays = 30

func (a *api) registerEvents() {
	huma.Register(a.API, op("GET", "/events", "events", "Instances of events in a time"),
		func(ctx context.Context, in *struct {
			Limited
			From     time.Time `query:"from" doc:"Default: now"`
			To       time.Time `query:"to" doc:"Default: 30 days after from"`
			Calendar string    `query:"calendar" doc:"Name or ID"`
			Search   string    `query:"search" maxLength:"200"`
			Unrouted bool      `query:"unrouted" doc:"Only those with an alarm that goes nowhere for want of a webhook"`
		},
		) (*body[[]calbell.EventRow], error) {
			q := calbell.EventQuery{From: in.From, To: in.To, Calendar: in.Calendar, Search: in.Search, Unrouted: in.Unrouted, Limit: in.Limit}
			if q.From.IsZero() {
				q.From = time.Now()
			}
			if q.To.IsZero() {
				q.To = q.From.AddDate(0, 0, defaultDays)
			}
			return answer(a.s.Events(ctx, caller(ctx), q))
		})
	huma.Register(a.API, op("GET", "/events/bad", "bad-events", "Objects that could not be read"),
		func(ctx context.Context, _ *none) (*body[[]calbell.BadRow], error) {
			return answer(a.s.BadEvents(ctx, caller(ctx)))
		})
	huma.Register(a.API, op("GET", "/events/{id}", "event", "One event, by ID or unique UID"),
		func(ctx context.Context, in *byID) (*body[calbell.EventDetail], error) {
			return answer(a.s.Event(ctx, caller(ctx), in.ID, time.Now()))
		})
}

func (a *api) registerDeliveries() {
	huma.Register(a.API, op("GET", "/reminders", "reminders", "What falls due next"),
		func(ctx context.Context, in *Limited) (*body[[]calbell.DeliveryRow], error) {
			return answer(a.s.Upcoming(ctx, caller(ctx), in.Limit))
		})
	huma.Register(a.API, op("GET", "/deliveries", "deliveries", "What was sent, or why not; newest first"),
		func(ctx context.Context, in *struct {
			Limited
			Status  []calbell.Status `query:"status" doc:"Only these states"`
			Since   time.Time        `query:"since"`
			Webhook string           `query:"webhook"`
		},
		) (*body[[]calbell.DeliveryRow], error) {
			return answer(a.s.History(ctx, caller(ctx), service.HistoryQuery{
				Since: in.Since, Statuses: in.Status, Webhook: calbell.WebhookID(calbell.Slug(in.Webhook)), Limit: in.Limit,
			}))
		})
	huma.Register(a.API, op("GET", "/deliveries/{id}", "delivery", "One delivery with its tries"),
		func(ctx context.Context, in *byID) (*body[calbell.Delivery], error) {
			return answer(a.s.Delivery(ctx, caller(ctx), calbell.ReminderID(in.ID)))
		})
}

// status says which HTTP status an error's kind becomes.
func status(k calbell.ErrorKind) int {
	switch k {
	case calbell.KindUsage, calbell.KindConfig:
		return http.StatusUnprocessableEntity
	case calbell.KindNotAllowed:
		return http.StatusForbidden
	case calbell.KindNotFound:
		return http.StatusNotFound
	case calbell.KindUnreachable, calbell.KindRefused:
		return http.StatusBadGateway
	}
	return http.StatusInternalServerError
}

// Problem is an RFC 9457 problem with what the command line needs: kind and next step.
type Problem struct {
	huma.ErrorModel
	Kind calbell.ErrorKind `json:"kind,omitempty"`
	Hint string            `json:"hint,omitempty"`
}

// problem turns an error into the answer that tells it; nil stays nil.
func problem(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) {
		return huma.Error503ServiceUnavailable("the request was cancelled")
	}
	k := calbell.KindOf(err)
	p := &Problem{Kind: k, Hint: calbell.HintOf(err)}
	p.Status, p.Title, p.Detail = status(k), http.StatusText(status(k)), err.Error()
	return p
}

// MarshalJSON writes the embedded model's members beside our own.
func (p *Problem) MarshalJSON() ([]byte, error) {
	type flat struct {
		Title  string              `json:"title,omitempty"`
		Status int                 `json:"status,omitempty"`
		Detail string              `json:"detail,omitempty"`
		Errors []*huma.ErrorDetail `json:"errors,omitempty"`
		Kind   calbell.ErrorKind   `json:"kind,omitempty"`
		Hint   string              `json:"hint,omitempty"`
	}
	return json.Marshal(flat{p.Title, p.Status, p.Detail, p.Errors, p.Kind, p.Hint})
}
