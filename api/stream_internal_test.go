package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/danielgtaylor/huma/v2/sse"
)

// bare registers a stream of our events alone, as huma's sse has it, after these middlewares.
func bare(f func(context.Context, sse.Sender), before ...func(huma.Context, func(huma.Context))) http.Handler {
	mux := http.NewServeMux()
	o := huma.Operation{Method: "GET", Path: "/", OperationID: "x", Middlewares: before}
	sse.Register(humago.New(mux, huma.DefaultConfig("x", "1")), o, streamEvents(), func(ctx context.Context, _ *struct{}, send sse.Sender) { f(ctx, send) })
	return mux
}

// Each kind of news is an event of its own name with JSON in one line; no news is a comment, which
// keeps the connection open.
func TestNewsOnTheWire(t *testing.T) {
	for _, tt := range []struct {
		news service.News
		want string
	}{
		{service.News{}, ": nothing new\n\n"},
		{service.News{Gap: true}, "event: gap\ndata: {}\n\n"},
		{service.News{Syncing: []calbell.SyncProgress{}}, "event: sync\ndata: []\n\n"},
		{
			service.News{Delivery: &types.DeliveryRow{ID: "x", Subject: "two\nlines <b>"}},
			"event: delivery\n" + `data: {"id":"x","status":"","due":"0001-01-01T00:00:00Z","sent_at":null,"late_ms":null,"webhook":"","uid":"","recurrence_id":"","subject":"two\nlines \u003cb\u003e","attempts":0,"error":""}` + "\n\n",
		},
	} {
		server := httptest.NewServer(bare(func(ctx context.Context, send sse.Sender) {
			if err := ctx.Value(streamKey{}).(*stream).send(send, tt.news); err != nil {
				t.Error(err)
			}
		}, through))
		resp, err := http.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		server.Close()
		if string(got) != tt.want || err != nil {
			t.Errorf("%+v: %q, %v, want %q", tt.news, got, err, tt.want)
		}
	}
}

// full is a connection whose client does not read.
type full struct {
	http.ResponseWriter
	until time.Time
}

func (f *full) SetWriteDeadline(t time.Time) error { f.until = t; return nil }
func (f *full) Flush()                             { _ = f.FlushError() }
func (f *full) FlushError() error                  { return errors.New("the client does not read") }

// What stream.go does, huma's sse does not. When it does, docs/decisions/0009 is to be looked at again.
func TestWhatSSELacks(t *testing.T) {
	const again = "huma's sse has changed: look at docs/decisions/0009 again: "
	var fields []string
	for f := range reflect.TypeFor[sse.Message]().Fields() {
		fields = append(fields, f.Name)
	}
	if len(fields) != 3 {
		t.Errorf(again+"comments, and a retry without an event: a message has %v", fields)
	}
	if f := reflect.TypeOf(sse.Register[struct{}]).In(3); f.NumOut() != 0 {
		t.Errorf(again+"a refusal before the first event: %v", f)
	}
	if sse.WriteTimeout != 5*time.Second {
		t.Errorf(again+"the time that a client has: %v", sse.WriteTimeout)
	}
	w := &full{ResponseWriter: httptest.NewRecorder()}
	bare(func(_ context.Context, send sse.Sender) {
		if err := send.Data(gap{}); err != nil {
			t.Errorf(again+"a flush that fails: %v", err)
		}
	}).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
	if w.until.IsZero() {
		t.Error(again + "the deadline of writing at the end")
	}
	bare(func(ctx context.Context, send sse.Sender) {
		if err := ctx.Value(streamKey{}).(*stream).send(send, service.News{Gap: true}); err == nil {
			t.Error("a stream goes on although its client does not read")
		}
	}, through).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
	if !w.until.IsZero() {
		t.Error("a stream leaves its deadline on the connection")
	}
}
