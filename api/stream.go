package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service"

	"github.com/danielgtaylor/huma/v2"
)

// streamWait limits how long a client may take to read an event.
const streamWait = 30 * time.Second

// registerStream registers the stream of events.
func (a *api) registerStream() {
	o := op("GET", "/stream", "stream", "Deliveries that end and how far syncs are, as it happens")
	o.Description = "Server-sent events. A line \": …\" comes now and then although nothing happens. After a gap, and after a break, lists are to be asked for anew."
	o.Responses = map[string]*huma.Response{"200": {
		Description: "Events, until the client goes, is signed out, or an hour is over",
		Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: a.eventSchema()}},
	}}
	huma.Register(a.API, o, func(ctx context.Context, _ *none) (*huma.StreamResponse, error) {
		l, err := a.s.Feed.Listen(ctx, caller(ctx))
		if err != nil {
			return nil, problem(err)
		}
		return &huma.StreamResponse{Body: func(c huma.Context) {
			defer l.Close()
			stream(c, l)
		}}, nil
	})
}

// eventSchema describes the events.
func (a *api) eventSchema() *huma.Schema {
	schemas := a.OpenAPI().Components.Schemas
	event := func(name, description string, data *huma.Schema) *huma.Schema {
		return &huma.Schema{
			Type: huma.TypeObject, Description: description, Required: []string{"event", "data"},
			Properties: map[string]*huma.Schema{"event": {Type: huma.TypeString, Enum: []any{name}}, "data": data},
		}
	}
	return &huma.Schema{
		Type: huma.TypeArray, Description: "Each event has a name and, in one line, JSON",
		Items: &huma.Schema{OneOf: []*huma.Schema{
			event("delivery", "A delivery was sent, given up, or ended otherwise", huma.SchemaFromType(schemas, reflect.TypeFor[types.DeliveryRow]())),
			event("sync", "How far the syncs under way are; none: they have ended", huma.SchemaFromType(schemas, reflect.TypeFor[[]calbell.SyncProgress]())),
			event("gap", "More happened than was told", &huma.Schema{Type: huma.TypeObject}),
		}},
	}
}

// stream writes events until the listener ends.
func stream(c huma.Context, l *service.Listener) {
	c.SetHeader("Content-Type", "text/event-stream")
	c.SetHeader("X-Accel-Buffering", "no") // otherwise proxies may buffer the stream
	w, ok := c.BodyWriter().(http.ResponseWriter)
	if !ok { // not a server of net/http
		return
	}
	out := http.NewResponseController(w)
	defer func() { _ = out.SetWriteDeadline(time.Time{}) }() // the connection may be used again
	write := func(text string) error {
		if err := out.SetWriteDeadline(time.Now().Add(streamWait)); err != nil {
			return err
		}
		if _, err := w.Write([]byte(text)); err != nil {
			return err
		}
		return out.Flush()
	}
	if write("retry: 5000\n\n") != nil || c.Method() == http.MethodHead {
		return
	}
	_ = l.Each(c.Context(), func(n service.News) error { // an error means that the client has gone
		text, err := eventText(n)
		if err != nil {
			return err
		}
		return write(text)
	})
}

// eventText formats news as a server-sent event.
func eventText(n service.News) (string, error) {
	name, data := "", any(struct{}{})
	switch {
	case n.Delivery != nil:
		name, data = "delivery", n.Delivery
	case n.Syncing != nil:
		name, data = "sync", n.Syncing
	case n.Gap:
		name = "gap"
	default:
		return ": nothing new\n\n", nil
	}
	line, err := json.Marshal(data) // JSON without line breaks
	return fmt.Sprintf("event: %s\ndata: %s\n\n", name, line), err
}
