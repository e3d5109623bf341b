package webhook

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"calbell"
)

const (
	// defaultMaxPerHost equals the default number of posts in flight, so that a burst of
	// reminders to one chat opens each connection once.
	defaultMaxPerHost = 64
	// maxIdle limits the idle connections to all hosts together.
	maxIdle = 1024
	// idleTimeout is how long an unused connection is kept. Apache and Node close theirs after
	// 5 s. A POST that crosses such a close is lost, and nobody knows whether it was read. A
	// new handshake is cheaper than a doubtful reminder.
	idleTimeout = 4 * time.Second
	// maxHeaderBytes limits the header of an answer.
	maxHeaderBytes = 64 << 10
)

// Options configures how a [Sender] reaches webhooks. The zero value is safe: public addresses
// by https, 15 s for an attempt.
type Options struct {
	// PrivateNetworks are networks that the address guard permits although they are not public,
	// with plain http too: an on-site Mattermost.
	PrivateNetworks []calbell.Network
	// Self reports whether an address is a listener of this program. No webhook may reach it,
	// whatever PrivateNetworks contains; nil: there is none.
	Self func(netip.AddrPort) bool
	// Unguarded disables the address guard and permits http everywhere. It is only for URLs
	// that a person typed on the command line.
	Unguarded bool
	// Timeout limits one attempt, from the look-up of the name to the end of the answer; 0 =
	// [calbell.AttemptTimeout].
	Timeout time.Duration
	// UserAgent is sent unchanged; "" = "Calbell".
	UserAgent string
	// Transport replaces the Sender's own transport and its guard at dial; the URL itself is
	// still checked. Tests in a synctest bubble set it. nil = own.
	Transport http.RoundTripper
	// MaxPerHost is the number of idle connections kept to one host; 0 = 64.
	MaxPerHost int
	// Proxy is the proxy for https requests (http, https or socks5). nil = no proxy; the
	// environment is ignored. The proxy's own address is not guarded. The proxy resolves the
	// names, so it must itself refuse private addresses. Requests to literal addresses inside
	// PrivateNetworks and by plain http do not use it.
	Proxy *url.URL
	// RootCAs are the authorities that sign servers' certificates; nil = the system's.
	RootCAs *x509.CertPool
	// Resolver looks up names; nil = the system's.
	Resolver *net.Resolver
}

// Sender posts messages to webhooks. It is safe for concurrent use, and must be closed.
type Sender struct {
	opts  Options
	guard guard
	rt    http.RoundTripper
	own   *http.Transport // nil when Options.Transport is used
}

// NewSender returns a Sender. It opens no connection before the first Send.
func NewSender(o Options) *Sender {
	o.Timeout = cmp.Or(max(o.Timeout, 0), calbell.AttemptTimeout)
	o.UserAgent = cmp.Or(o.UserAgent, "Calbell")
	o.MaxPerHost = cmp.Or(max(o.MaxPerHost, 0), defaultMaxPerHost)
	s := &Sender{opts: o, guard: newGuard(o), rt: o.Transport}
	if s.rt == nil {
		s.own = s.transport()
		s.rt = s.own
	}
	return s
}

// Options returns the sender's options, with defaults filled in.
func (s *Sender) Options() Options { return s.opts }

// transport returns a Transport limited to HTTP/1.1. Only with one request at a time on a
// connection does its count of written bytes show whether the request was sent.
func (s *Sender) transport() *http.Transport {
	d := dialer{sender: s}
	t := &http.Transport{
		DialContext:            d.plain,
		DialTLSContext:         d.tls,
		TLSClientConfig:        s.tlsConfig(),
		Proxy:                  s.proxyFor,
		OnProxyConnectResponse: tunnelAnswered,
		DisableCompression:     true, // answers are not decompressed
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    s.opts.MaxPerHost,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeaderBytes,
		Protocols:              new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true)
	return t
}

func (s *Sender) tlsConfig() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: s.opts.RootCAs}
}

// proxyFor returns the proxy for a request, nil for a direct one.
func (s *Sender) proxyFor(r *http.Request) (*url.URL, error) {
	if s.opts.Proxy == nil || r.URL.Scheme != "https" {
		return nil, nil
	}
	if addr, ok := literal(r.URL); ok && s.guard.private(addr) {
		return nil, nil
	}
	return s.opts.Proxy, nil
}

// Close closes idle connections. It does not interrupt attempts under way: cancel their
// contexts.
func (s *Sender) Close() {
	if s.own != nil {
		s.own.CloseIdleConnections()
	}
}
