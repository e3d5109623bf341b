package caldav

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calbell/caldav/transport"

	"calbell"
)

// step is a part of an answer: what is written, after a while.
type step struct {
	after time.Duration
	text  string
}

// pipes are a network on the time of a bubble, with one server behind every address.
func pipes(t *testing.T, h http.Handler) *http.Transport {
	t.Helper()
	accept, done := make(chan net.Conn), make(chan struct{})
	s := &http.Server{Handler: h} //nolint:gosec // pipes, and bubble time
	go func() { _ = s.Serve(pipe{accept, done}) }()
	dial := func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		accept <- theirs
		return ours, nil
	}
	pipes := &http.Transport{DialContext: dial, DialTLSContext: dial}
	t.Cleanup(func() { pipes.CloseIdleConnections(); close(done); _ = s.Close() })
	return pipes
}

// pipe is a listener on pipes.
type pipe struct {
	accept chan net.Conn
	done   chan struct{}
}

func (p pipe) Accept() (net.Conn, error) {
	select {
	case c := <-p.accept:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p pipe) Close() error   { return nil }
func (p pipe) Addr() net.Addr { return &net.UnixAddr{} }

// A server may think for as long as the configuration allows, and take long over an answer that
// goes on. It may not stop in the middle, or drip; and less is waited for where that was asked for.
func TestPatience(t *testing.T) {
	t.Parallel()
	drip := func(n int, every time.Duration, text string) (steps []step) {
		for range n {
			steps = append(steps, step{every, text})
		}
		return steps
	}
	kilo := strings.Repeat("x", 1<<10)
	for name, tt := range map[string]struct {
		first, each time.Duration
		answers     [][]step // of one request after the other
		took        time.Duration
		err         string // of the last one
	}{
		"prompt":                   {answers: [][]step{{{time.Second, kilo}}}, took: time.Second},
		"thinks for long":          {answers: [][]step{{{290 * time.Second, "x"}}}, took: 290 * time.Second},
		"never answers":            {answers: [][]step{{{time.Hour, "x"}}}, took: 300 * time.Second, err: "within 5m0s"},
		"a long answer":            {answers: [][]step{drip(9, 30*time.Second, kilo)}, took: 270 * time.Second},
		"longer than allowed":      {answers: [][]step{drip(12, 30*time.Second, kilo)}, took: 300 * time.Second, err: "no whole answer within 5m0s"},
		"stops":                    {answers: [][]step{{{0, kilo}, {time.Hour, "x"}}}, took: time.Minute, err: "the answer stopped for 1m0s"},
		"drips":                    {answers: [][]step{append([]step{{0, "x"}}, drip(200, time.Second, "x")...)}, took: time.Minute, err: "the answer stopped for 1m0s"},
		"hurried, prompt":          {first: 30 * time.Second, each: 30 * time.Second, answers: [][]step{{{time.Second, "x"}}}, took: time.Second},
		"hurried, never answers":   {first: 30 * time.Second, each: 30 * time.Second, answers: [][]step{{{time.Hour, "x"}}}, took: 30 * time.Second, err: "no answer within 30s"},
		"hurried, stops":           {first: 30 * time.Second, each: 30 * time.Second, answers: [][]step{{{time.Second, "x"}, {time.Hour, "x"}}}, took: 31 * time.Second, err: "stopped for 30s"},
		"hurried, the second one":  {first: 30 * time.Second, each: 30 * time.Second, answers: [][]step{{{time.Second, "x"}}, {{time.Hour, "x"}}}, took: 31 * time.Second, err: "no answer within 30s"},
		"hurried at first, thinks": {first: 30 * time.Second, answers: [][]step{{{time.Second, "x"}}, {{200 * time.Second, "x"}}}, took: 201 * time.Second},
		"hurried at first, hangs":  {first: 30 * time.Second, answers: [][]step{{{time.Hour, "x"}}}, took: 30 * time.Second, err: "no answer within 30s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				left := tt.answers
				network := pipes(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					steps := left[0]
					left = left[1:]
					for _, s := range steps {
						select {
						case <-time.After(s.after):
						case <-r.Context().Done():
							return
						}
						_, _ = io.WriteString(w, s.text)
						_ = http.NewResponseController(w).Flush()
					}
				}))
				c, err := New(calbell.Account{Name: "a", URL: "https://dav.example.org/"}, Options{Transport: network})
				if err != nil {
					t.Fatal(err)
				}
				c.SetPatience(tt.first, tt.each)
				began := time.Now()
				for range tt.answers {
					err = c.wire.Do(t.Context(), transport.Request{Method: http.MethodGet, URL: c.start, Limit: 1 << 20}, func(a *transport.Answer) error {
						_, err := io.ReadAll(a.Body)
						return err
					})
				}
				if took := time.Since(began).Round(time.Second); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v, want %q", err, tt.err)
				}
				c.CloseIdle()
			})
		})
	}
}

// What is done with an answer between two parts of it does not count as the server's pause.
func TestPatienceIsWithTheServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		network := pipes(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "first")
			_ = http.NewResponseController(w).Flush()
			_, _ = io.WriteString(w, "second")
		}))
		c, err := New(calbell.Account{Name: "a", URL: "https://dav.example.org/"}, Options{Transport: network})
		if err != nil {
			t.Fatal(err)
		}
		err = c.wire.Do(t.Context(), transport.Request{Method: http.MethodGet, URL: c.start, Limit: 1 << 20}, func(a *transport.Answer) error {
			if _, err := io.ReadFull(a.Body, make([]byte, 5)); err != nil {
				return err
			}
			<-time.After(2 * time.Minute)
			_, err := io.ReadAll(a.Body)
			return err
		})
		if err != nil {
			t.Error(err)
		}
		c.CloseIdle()
	})
}
