package webhook

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"calbell"
	"calbell/webhook/webhooktest"
)

// brittleConn fails the writes that its plan names.
type brittleConn struct {
	net.Conn
	writes atomic.Int32
	plan   map[int32]int // number of the write → how many bytes it takes before it fails
}

var errBrittle = errors.New("broken pipe")

func (c *brittleConn) Write(p []byte) (int, error) {
	take, fails := c.plan[c.writes.Add(1)]
	if !fails {
		return c.Conn.Write(p)
	}
	n, _ := c.Conn.Write(p[:take])
	c.Conn.Close()
	return n, errBrittle
}

// Writes that fail on a new and on a kept connection, before and after the first byte.
// net/http may begin again by itself in one of the four cases only.
func TestSendOnABrittleConnection(t *testing.T) {
	for _, tt := range []struct {
		name     string
		plan     map[int32]int // of the first connection
		want     []calbell.Verdict
		received int // requests that came whole
		dials    int32
	}{
		{"new, nothing written", map[int32]int{1: 0}, []calbell.Verdict{calbell.NotSent, calbell.Accepted}, 1, 2},
		{"new, one byte", map[int32]int{1: 1}, []calbell.Verdict{calbell.Unknown, calbell.Accepted}, 1, 2},
		{"kept, nothing written", map[int32]int{2: 0}, []calbell.Verdict{calbell.Accepted, calbell.Accepted}, 2, 2},
		{"kept, one byte", map[int32]int{2: 1}, []calbell.Verdict{calbell.Accepted, calbell.Unknown}, 1, 2},
		{"sound", nil, []calbell.Verdict{calbell.Accepted, calbell.Accepted}, 2, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			chat := webhooktest.New()
			defer chat.Close()
			s := NewSender(Options{PrivateNetworks: []calbell.Network{{Prefix: netip.MustParsePrefix("127.0.0.0/8")}}})
			defer s.Close()
			var dials atomic.Int32
			plain := s.own.DialContext
			s.own.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
				c, err := plain(ctx, network, addr)
				if err == nil && dials.Add(1) == 1 {
					counted := c.(*countedConn)
					counted.Conn = &brittleConn{Conn: counted.Conn, plan: tt.plan}
				}
				return c, err
			}
			w := calbell.Webhook{URL: calbell.Secret(chat.URL("/hooks/abc")), WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat}}
			for i, want := range tt.want {
				if try := s.Send(t.Context(), w, calbell.Message{Text: "hello"}, time.Now()); try.Verdict != want {
					t.Errorf("post %d: %+v, want %s", i, try, want)
				}
			}
			// After a broken one, the next attempt needs a connection of its own.
			if tt.dials > dials.Load() {
				if try := s.Send(t.Context(), w, calbell.Message{Text: "again"}, time.Now()); try.Verdict != calbell.Accepted {
					t.Errorf("afterwards: %+v", try)
				}
			}
			whole := 0
			for _, q := range chat.Requests() {
				if q.Text == "hello" {
					whole++
				}
			}
			if whole != tt.received || dials.Load() != tt.dials {
				t.Errorf("%d came whole over %d connections, want %d over %d", whole, dials.Load(), tt.received, tt.dials)
			}
		})
	}
}
