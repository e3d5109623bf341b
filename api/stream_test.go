package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calbell"
	"calbell/api/types"
)

// stream is a connection over which a client reads what happens.
type stream struct {
	mu     sync.Mutex
	text   strings.Builder
	header http.Header
	status int
	slow   time.Duration // how long it takes to read
	until  time.Time     // the deadline of writing
}

func (s *stream) Header() http.Header    { return s.header }
func (s *stream) WriteHeader(status int) { s.status = status }
func (s *stream) Flush()                 {}

func (s *stream) SetWriteDeadline(t time.Time) error {
	s.until = t
	return nil
}

func (s *stream) Write(b []byte) (int, error) {
	if s.slow > 0 && time.Now().Add(s.slow).After(s.until) {
		return 0, context.DeadlineExceeded
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

// events returns what was read, without the lines that keep the connection open.
func (s *stream) events() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for e := range strings.SplitSeq(s.text.String(), "\n\n") {
		if strings.HasPrefix(e, "event: ") {
			all = append(all, e)
		}
	}
	return all
}

// listen opens the stream. ended is closed when it ends.
func (i *inhabited) listen(ctx context.Context, who calbell.Caller, s *stream) (ended chan struct{}) {
	s.header, ended = http.Header{}, make(chan struct{})
	r := httptest.NewRequestWithContext(ctx, "GET", "/api/v1/stream", nil)
	i.who = who
	go func() {
		defer close(ended)
		i.handler.ServeHTTP(s, r)
	}()
	synctest.Wait()
	return ended
}

// Whoever listens is sent each delivery that ends and that they may see, as an event with a row of the
// history, until they go; others are sent nothing of it.
func TestStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := inhabit(t)
		ctx, cancel := context.WithCancel(t.Context())
		running := make(chan struct{})
		go func() { defer close(running); i.Feed.Run(ctx) }()
		var bobs, carols stream
		bob, carol := i.listen(ctx, i.bob, &bobs), i.listen(ctx, i.carol, &carols)
		i.who = i.bob
		result, err := i.Webhooks.Test(ctx, i.bob, "mine", types.Sample{})
		i.OK(err)
		time.Sleep(time.Minute)
		synctest.Wait()
		cancel()
		<-bob
		<-carol
		<-running
		if got := carols.events(); len(got) > 0 && strings.Contains(strings.Join(got, ""), "delivery") {
			t.Errorf("Carol reads %q", got)
		}
		told := false
		for _, e := range bobs.events() {
			name, data, _ := strings.Cut(strings.TrimPrefix(e, "event: "), "\ndata: ")
			var row types.DeliveryRow
			if name == "delivery" && json.Unmarshal([]byte(data), &row) == nil && row.ID == result.Delivery && row.Status == calbell.StatusSent {
				told = true
			}
		}
		if !told || bobs.header.Get("Content-Type") != "text/event-stream" || !strings.HasPrefix(bobs.text.String(), "retry: 5000\n\n") {
			t.Errorf("Bob reads %q with %v", bobs.text.String(), bobs.header)
		}
		if !bobs.until.IsZero() {
			t.Errorf("the connection keeps the deadline %s", bobs.until)
		}
	})
}

// A stream ends when its reader takes too long, is signed out, or asked for the headers alone; of one
// user so many are open at a time.
func TestStreamsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := inhabit(t)
		ctx, cancel := context.WithCancel(t.Context())
		running := make(chan struct{})
		go func() { defer close(running); i.Feed.Run(ctx) }()
		defer func() { cancel(); <-running }()
		slow := stream{slow: time.Minute}
		<-i.listen(ctx, i.bob, &slow)
		if text := slow.text.String(); text != "" {
			t.Errorf("a slow reader was sent %q", text)
		}
		rec := httptest.NewRecorder()
		i.who = i.bob
		i.handler.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, "HEAD", "/api/v1/stream", nil))
		if rec.Code != http.StatusOK {
			t.Errorf("HEAD: %d", rec.Code)
		}
		var open []*stream
		var ends []chan struct{}
		for range 12 {
			s := &stream{}
			open, ends = append(open, s), append(ends, i.listen(ctx, i.bob, s))
		}
		for n, s := range open {
			if limited := s.status == http.StatusTooManyRequests; limited != (n >= 10) {
				t.Errorf("stream %d: %d", n, s.status)
			}
		}
		other := &stream{}
		if i.listen(ctx, i.carol, other); other.status != http.StatusOK && other.status != 0 {
			t.Errorf("another user: %d", other.status)
		}
		i.OK(i.People.SignOutEverywhere(ctx, i.bob, "bob", time.Now()))
		for _, end := range ends {
			<-end
		}
	})
}
