package transport

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
)

// retry sends the steps of one request (redirects, the answer to a challenge), and one of them a
// second time when its connection ends before a byte of an answer came. Servers close connections
// that are kept for the next request at any time, and net/http repeats GET alone.
type retry struct {
	c    *Client
	q    Request
	used bool // a step was repeated, or none may be
}

// newRetry returns the way to send a request. What writes is not repeated: it may have been done.
func (c *Client) newRetry(q Request) *retry { return &retry{c: c, q: q, used: q.Writes} }

func (r *retry) send(ctx context.Context, at *url.URL) (*http.Response, error) {
	var connected, answered atomic.Bool // net/http calls from other goroutines
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              func(httptrace.GotConnInfo) { connected.Store(true) },
		GotFirstResponseByte: func() { answered.Store(true) },
	})
	resp, err := r.c.send(traced, r.q, at)
	lost := err != nil && connected.Load() && !answered.Load() && ctx.Err() == nil
	if !lost || r.used || !CertificateHint(err).IsZero() {
		return resp, err
	}
	r.used = true
	r.c.CloseIdle() // others that were kept are as old
	return r.c.send(ctx, r.q, at)
}
