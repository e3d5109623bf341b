package webhook

import (
	"errors"
	"net"
	"net/http/httptrace"
	"net/netip"
	"sync"
	"time"

	"calbell"
	"calbell/internal/failpoint"
)

// progress tracks one attempt, to tell "not sent" from "unknown". The hooks run in goroutines
// of net/http, some after RoundTrip has returned.
type progress struct {
	own bool // the transport is ours, and reports each connection it asks for

	mu      sync.Mutex
	traced  bool         // the transport reports at all
	conn    *countedConn // nil when the connection is not ours
	before  int64        // bytes that conn had written before this request
	headers bool         // the request's header was written to the connection's buffer
	stage   calbell.Text // the current stage, for people
	remote  net.Addr     // of the current connection; nil: none yet
}

// connectingTo returns the stage of connecting to an address.
func connectingTo(addr string) calbell.Text {
	return calbell.T("webhook:connecting-to", "connecting to %s", addr)
}

// trace returns the hooks. GetConn starts again, because net/http asks for a second connection
// only when nothing was written to the first.
func (p *progress) trace() *httptrace.ClientTrace {
	trace := &httptrace.ClientTrace{
		GetConn:           func(string) { p.begin() },
		GotConn:           p.gotConn,
		WroteHeaders:      p.wroteHeaders,
		DNSStart:          func(i httptrace.DNSStartInfo) { p.at(calbell.T("webhook:looking-up", "looking up %q", i.Host)) },
		ConnectStart:      func(_, addr string) { p.at(connectingTo(addr)) },
		TLSHandshakeStart: func() { p.at(calbell.T("webhook:handshake", "the TLS handshake")) },
	}
	if failpoint.Enabled {
		trace.WroteRequest = func(httptrace.WroteRequestInfo) { failpoint.At(failpoint.PostWritten) }
	}
	return trace
}

func (p *progress) at(stage calbell.Text) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stage = stage
}

// doing returns the latest stage; the zero Text when there is none.
func (p *progress) doing() calbell.Text {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stage
}

// reached returns the remote address; invalid when there is none.
func (p *progress) reached() netip.AddrPort {
	p.mu.Lock()
	defer p.mu.Unlock()
	if a, ok := p.remote.(*net.TCPAddr); ok {
		return a.AddrPort()
	}
	return netip.AddrPort{}
}

func (p *progress) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.traced, p.conn, p.before, p.headers, p.stage = true, nil, 0, false, calbell.Text{}
}

func (p *progress) gotConn(info httptrace.GotConnInfo) {
	if p.own {
		info.Conn.SetDeadline(time.Time{}) // removes the deadline of handOver
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.traced, p.remote = true, info.Conn.RemoteAddr()
	if c, ok := info.Conn.(*countedConn); ok {
		p.conn, p.before = c, c.written.Load()
	}
}

func (p *progress) wroteHeaders() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.traced, p.headers = true, true
}

// sent reports whether any byte of the request may have reached the server, after an attempt
// that ended with err and no answer. In doubt it returns true.
func (p *progress) sent(err error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !p.traced:
		return !p.own && !neverConnected(err)
	case p.conn != nil:
		return p.conn.written.Load() > p.before
	}
	return p.headers
}

// neverConnected reports whether an error alone shows that there was no connection, for
// transports without httptrace.
func neverConnected(err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	return errors.As(err, &dns) || errors.As(err, &op) && op.Op == "dial"
}
