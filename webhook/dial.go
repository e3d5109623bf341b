package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"sync/atomic"
	"syscall"
	"time"

	"calbell"
)

// dialer opens the connections of a Sender's own transport.
type dialer struct {
	sender *Sender
}

// plain connects for http, and to the proxy.
func (d dialer) plain(ctx context.Context, network, addr string) (net.Conn, error) {
	c, err := d.connect(ctx, network, addr, false)
	if err != nil {
		return nil, err
	}
	return d.handOver(c, addr), nil
}

// tls connects for https and performs the handshake. It does so itself, not net/http, so that
// the count of written bytes begins with the first request.
func (d dialer) tls(ctx context.Context, network, addr string) (net.Conn, error) {
	// The context of the transport lacks the attempt's deadline: a connection that is too late
	// for one attempt may serve the next.
	ctx, cancel := context.WithTimeout(ctx, d.sender.opts.Timeout)
	defer cancel()
	c, err := d.connect(ctx, network, addr, true)
	if err != nil {
		return nil, err
	}
	tc, err := handshake(ctx, c, addr, d.sender.tlsConfig())
	if err != nil {
		return nil, err
	}
	return d.handOver(tc, addr), nil
}

// handOver prepares a connection for net/http. On a connection to a proxy, net/http sends
// CONNECT, SOCKS and TLS without a time limit or with one of a minute. A deadline limits that
// until [progress.gotConn] removes it.
func (d dialer) handOver(c net.Conn, addr string) net.Conn {
	if d.sender.isProxy(addr) {
		c.SetDeadline(time.Now().Add(d.sender.opts.Timeout))
	}
	return &countedConn{Conn: c}
}

// connect opens a TCP connection, guarded unless it leads to the proxy.
func (d dialer) connect(ctx context.Context, network, addr string, secure bool) (net.Conn, error) {
	nd := &net.Dialer{Timeout: d.sender.opts.Timeout, Resolver: d.sender.opts.Resolver}
	if d.sender.isProxy(addr) {
		return nd.DialContext(ctx, network, addr)
	}
	var tried atomic.Value // the last address that the guard let through
	check := d.sender.guard.control(secure)
	nd.ControlContext = func(ctx context.Context, network, address string, c syscall.RawConn) error {
		err := check(ctx, network, address, c)
		if err == nil {
			tried.Store(address)
		}
		return err
	}
	conn, err := nd.DialContext(ctx, network, addr)
	var refused *AddressError
	if address, ok := tried.Load().(string); ok && errors.As(err, &refused) {
		// For a name with several addresses the first error counts: that of the permitted
		// address which does not answer. People can act on that one.
		return nil, &partlyRefused{address}
	}
	return conn, err
}

// isProxy reports whether addr is the configured proxy. A webhook at the same address does not
// bypass the guard: its requests go through that proxy.
func (s *Sender) isProxy(addr string) bool {
	p := s.opts.Proxy
	if p == nil {
		return false
	}
	return addr == hostPort(p)
}

// handshake performs the TLS handshake with the host of addr over c, and closes c when it
// fails.
func handshake(ctx context.Context, c net.Conn, addr string, cfg *tls.Config) (*tls.Conn, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, calbell.Errorf("webhook:read-address", "read address %q: %w", addr, err)
	}
	cfg.ServerName = host
	cfg.NextProtos = []string{"http/1.1"}
	tc := tls.Client(c, cfg)
	if t := httptrace.ContextClientTrace(ctx); t != nil && t.TLSHandshakeStart != nil {
		t.TLSHandshakeStart()
	}
	if err := tc.HandshakeContext(ctx); err != nil {
		c.Close()
		return nil, &tlsError{err: err}
	}
	return tc, nil
}

// tlsError marks an error of the handshake.
type tlsError struct{ err error }

func (e *tlsError) Error() string { return "tls: " + e.err.Error() }
func (e *tlsError) Unwrap() error { return e.err }

// Text returns the error for people.
func (e *tlsError) Text() calbell.Text {
	return calbell.Chain(calbell.T("webhook:tls", "tls"), calbell.TextOfError(e.err))
}

// countedConn counts the request bytes that were passed to a connection.
type countedConn struct {
	net.Conn
	written atomic.Int64
}

// Write passes p on and counts the bytes written.
func (c *countedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.written.Add(int64(n))
	return n, err
}
