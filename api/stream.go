package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/sse"
)

// streamWait limits how long a client may take to read an event.
const streamWait = 30 * time.Second

// gap is the data of an event that says that more happened than was sent.
type gap struct{}

// registerStream registers the stream of events. huma's sse writes and describes the events;
// docs/decisions/0009 says what it lacks, which is done here.
func (a *api) registerStream() {
	o := op("GET", "/stream", "stream", "Deliveries that end and how far syncs are, as it happens")
	o.Description = "Server-sent events, each with a name and, in one line, JSON. `delivery`: one was sent, given up, or ended otherwise. " +
		"`sync`: how far the syncs under way are; none: they have ended. `gap`: more happened than was sent. " +
		"A line \": …\" comes now and then although nothing happens. After a gap, and after a break, lists are to be asked for anew."
	o.Responses = map[string]*huma.Response{"200": {Description: "Events, until the client goes, is signed out, or an hour is over"}}
	o.Middlewares = huma.Middlewares{through}
	sse.Register(a.API, o, streamEvents(), func(ctx context.Context, _ *none, send sse.Sender) {
		s, ok := ctx.Value(streamKey{}).(*stream)
		if !ok { // not a server of net/http
			return
		}
		l, err := a.s.Feed.Listen(ctx, caller(ctx))
		if err != nil { // nothing is written yet
			refuse(s.asked, problem(err))
			return
		}
		defer l.Close()
		if s.write("retry: 5000\n\n") == nil && s.asked.Method() != http.MethodHead {
			_ = l.Each(ctx, func(n service.News) error { return s.send(send, n) }) // an error means that the client has gone
		}
	})
}

// streamEvents are the events by name, with the type of their data.
func streamEvents() map[string]any {
	return map[string]any{"delivery": types.DeliveryRow{}, "sync": []calbell.SyncProgress{}, "gap": gap{}}
}

type streamKey struct{}

// stream is the connection of somebody who listens. sse writes through it.
type stream struct {
	http.ResponseWriter
	out    *http.ResponseController
	asked  huma.Context
	failed error // the first error of a flush, which sse does not see
}

// through has a request answered through a stream, and leaves the connection as it was.
func through(c huma.Context, next func(huma.Context)) {
	w, ok := c.BodyWriter().(http.ResponseWriter)
	if !ok {
		next(c)
		return
	}
	s := &stream{ResponseWriter: w, out: http.NewResponseController(w), asked: c}
	defer func() { _ = s.out.SetWriteDeadline(time.Time{}) }() // the connection may be used again
	c.SetHeader("X-Accel-Buffering", "no")                     // otherwise proxies may buffer the stream
	next(streaming{huma.WithValue(c, streamKey{}, s), s})
}

// humaContext is embedded by a name that its method Context does not have.
type humaContext = huma.Context

// streaming is the context of a request whose answer goes through a stream.
type streaming struct {
	humaContext
	s *stream
}

// BodyWriter implements huma.Context.
func (c streaming) BodyWriter() io.Writer { return c.s }

// SetWriteDeadline gives the client its time, whatever time is asked for: sse has five seconds for all.
func (s *stream) SetWriteDeadline(time.Time) error {
	return s.out.SetWriteDeadline(time.Now().Add(streamWait))
}

// Flush implements http.Flusher.
func (s *stream) Flush() {
	if err := s.out.Flush(); err != nil && s.failed == nil {
		s.failed = err
	}
}

// write writes what is no event.
func (s *stream) write(text string) error {
	if err := s.SetWriteDeadline(time.Time{}); err != nil {
		return err
	}
	if _, err := io.WriteString(s.ResponseWriter, text); err != nil {
		return err
	}
	return s.out.Flush()
}

// send writes news as an event; no news is a comment, which keeps the connection open.
func (s *stream) send(send sse.Sender, n service.News) (err error) {
	switch {
	case n.Delivery != nil:
		err = send.Data(*n.Delivery)
	case n.Syncing != nil:
		err = send.Data(n.Syncing)
	case n.Gap:
		err = send.Data(gap{})
	default:
		err = s.write(": nothing new\n\n")
	}
	if err == nil {
		err = s.failed
	}
	return err
}
