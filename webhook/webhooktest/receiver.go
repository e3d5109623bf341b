package webhooktest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

const (
	// maxBody limits a recorded body.
	maxBody = 4 << 20
	// redirected is the path that [Redirect] points to.
	redirected = "/redirected"
	// inProcessHost looks like a public name, so that the address guard permits its URL.
	inProcessHost = "https://chat.example.org"
)

// Receiver records requests and answers them. It is safe for concurrent use, and must be
// closed.
type Receiver struct {
	server  *httptest.Server
	pipes   *pipeListener   // nil when it listens on a socket
	trip    *http.Transport // reaches the pipes
	base    string
	closing chan struct{} // closed by Close: ends answers that hang
	once    sync.Once

	mu      sync.Mutex
	got     []Request
	changed chan struct{} // closed and replaced when got grows
	script  []Reply
	answer  func(Request) Reply
	hits    int // requests at the target of a redirect
	conns   atomic.Int64
}

// New returns a receiver on a free port of 127.0.0.1. It panics when there is none.
func New() *Receiver {
	r := unstarted()
	r.server.Start()
	r.base = r.server.URL
	return r
}

// NewTLS returns a receiver that uses TLS. With nil it has a certificate for example.com and
// 127.0.0.1, which [Receiver.RootCAs] trusts.
func NewTLS(cfg *tls.Config) *Receiver {
	r := unstarted()
	r.server.TLS = cfg
	r.server.StartTLS()
	r.base = r.server.URL
	return r
}

// NewInProcess returns a receiver without sockets. [Receiver.Transport] reaches it whatever the
// host of the URL, and uses plain HTTP for https too. In a synctest bubble it must be created
// and closed inside.
func NewInProcess() *Receiver {
	r := unstarted()
	r.server.Listener.Close()
	r.pipes = newPipeListener()
	r.server.Listener = r.pipes
	r.server.Start()
	r.base = inProcessHost
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) { return r.pipes.dial(ctx) }
	r.trip = &http.Transport{DialContext: dial, DialTLSContext: dial, MaxIdleConnsPerHost: 64, DisableCompression: true}
	return r
}

func unstarted() *Receiver {
	r := &Receiver{closing: make(chan struct{}), changed: make(chan struct{})}
	r.answer = func(Request) Reply { return OK() }
	r.server = httptest.NewUnstartedServer(http.HandlerFunc(r.serve))
	r.server.Config.ErrorLog = log.New(io.Discard, "", 0) // tests break handshakes on purpose
	r.server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			r.conns.Add(1)
		}
	}
	return r
}

// Close ends hanging answers, closes all connections and waits for the handlers.
func (r *Receiver) Close() {
	r.once.Do(func() {
		close(r.closing)
		if r.trip != nil {
			r.trip.CloseIdleConnections()
		}
		r.server.Close()
	})
}

// URL returns the absolute URL of a path, which begins with "/".
func (r *Receiver) URL(path string) string { return r.base + path }

// Addr returns host and port of the listener; "" without one.
func (r *Receiver) Addr() string {
	if r.pipes != nil {
		return ""
	}
	return r.server.Listener.Addr().String()
}

// RootCAs returns a pool that trusts the receiver's certificate; nil without TLS.
func (r *Receiver) RootCAs() *x509.CertPool {
	cert := r.server.Certificate()
	if cert == nil {
		return nil
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return pool
}

// Transport returns a transport that reaches a receiver of [NewInProcess]; nil for others.
func (r *Receiver) Transport() http.RoundTripper {
	if r.trip == nil {
		return nil
	}
	return r.trip
}

// Script sets the answers to the next requests, one reply each in the order of arrival. It
// appends them to the rest of an earlier script.
func (r *Receiver) Script(replies ...Reply) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.script = append(r.script, replies...)
}

// Answer sets how requests beyond the script are answered; the default is [OK].
func (r *Receiver) Answer(choose func(Request) Reply) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = choose
}

// Always answers every request beyond the script with reply.
func (r *Receiver) Always(reply Reply) { r.Answer(func(Request) Reply { return reply }) }

// Requests returns the requests so far, in the order of arrival.
func (r *Receiver) Requests() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// Texts returns the texts of the requests so far.
func (r *Receiver) Texts() []string {
	got := r.Requests()
	texts := make([]string, len(got))
	for i, q := range got {
		texts[i] = q.Text
	}
	return texts
}

// Connections returns how many connections have been made.
func (r *Receiver) Connections() int { return int(r.conns.Load()) }

// Redirected returns how many requests came to the target of a [Redirect].
func (r *Receiver) Redirected() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.hits
}

// Wait returns the requests once there are at least n. When ctx ends before, it returns an
// error and the requests so far.
func (r *Receiver) Wait(ctx context.Context, n int) ([]Request, error) {
	var got []Request
	err := r.until(ctx, func(all []Request) bool {
		got = slices.Clone(all)
		return len(all) >= n
	})
	if err != nil {
		return got, fmt.Errorf("wait for %d requests, got %d: %w", n, len(got), err)
	}
	return got, nil
}

// WaitFor returns the first request that match accepts, received before or after the call.
func (r *Receiver) WaitFor(ctx context.Context, match func(Request) bool) (Request, error) {
	var found Request
	err := r.until(ctx, func(all []Request) bool {
		i := slices.IndexFunc(all, match)
		if i >= 0 {
			found = all[i]
		}
		return i >= 0
	})
	if err != nil {
		return Request{}, fmt.Errorf("wait for a matching request, got %q: %w", r.Texts(), err)
	}
	return found, nil
}

// until calls done with all requests after each arrival until it returns true.
func (r *Receiver) until(ctx context.Context, done func([]Request) bool) error {
	for {
		r.mu.Lock()
		ok, changed := done(r.got), r.changed
		r.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-r.closing:
			return net.ErrClosed
		}
	}
}

func (r *Receiver) serve(w http.ResponseWriter, req *http.Request) {
	if strings.HasPrefix(req.URL.Path, redirected) {
		r.mu.Lock()
		r.hits++
		r.mu.Unlock()
		return
	}
	reply, scripted := r.next()
	got := newRequest(req, scripted && reply.early)
	r.record(got)
	if !scripted {
		r.mu.Lock()
		choose := r.answer
		r.mu.Unlock()
		reply = choose(got)
	}
	reply.serve(exchange{w: w, r: req, closing: r.closing})
}

// next removes the next reply from the script and returns it.
func (r *Receiver) next() (reply Reply, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.script) == 0 {
		return Reply{}, false
	}
	reply, r.script = r.script[0], r.script[1:]
	return reply, true
}

func (r *Receiver) record(q Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, q)
	close(r.changed)
	r.changed = make(chan struct{})
}
