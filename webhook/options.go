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
	// defaultMaxPerHost is as many as may be in flight by default, so that a herd of
	// reminders to one chat opens each connection once.
	defaultMaxPerHost = 64
	// maxIdle bounds the connections kept to all hosts together.
	maxIdle = 1024
	// idleTimeout is how long an unused connection is kept. Apache and Node close theirs
	// after 5 s: a POST that crosses such a close is lost, and nobody knows whether it was
	// read. A new handshake is cheaper than a doubtful reminder.
	idleTimeout = 4 * time.Second
	// maxHeaderBytes bounds the header of an answer.
	maxHeaderBytes = 64 << 10
)

// Options say how a [Sender] reaches webhooks. The zero value is the safe one: public
// addresses by https, 15 s for an attempt.
type Options struct {
	// PrivateNetworks are networks that the address guard would refuse and that may be
	// reached all the same, by plain http too: an on-site Mattermost.
	PrivateNetworks []calbell.Network
	// Self reports whether an address is a listener of this program, which no webhook reaches,
	// whatever PrivateNetworks say; nil: it has none.
	Self func(netip.AddrPort) bool
	// Unguarded switches the address guard off and allows http everywhere. Only for URLs
	// that the person at the keyboard typed for this one run.
	Unguarded bool
	// Timeout bounds one attempt, from the look-up of the name to the end of the answer;
	// 0 = [calbell.AttemptTimeout].
	Timeout time.Duration
	// UserAgent is sent as it is; "" = "Calbell".
	UserAgent string
	// Transport replaces the Sender's own, and with it the guard at dial; what the URL
	// alone tells is still checked. Tests inside a synctest bubble give one. nil = own.
	Transport http.RoundTripper
	// MaxPerHost is how many connections are kept open to one host; 0 = 64.
	MaxPerHost int
	// Proxy is where https requests go through (http, https or socks5). nil = no proxy:
	// the environment is never asked. The proxy's own address is not guarded, and it
	// resolves the names, so it must itself refuse private addresses. Literal addresses
	// inside PrivateNetworks, and plain http, go direct.
	Proxy *url.URL
	// RootCAs are the authorities that sign servers' certificates; nil = the system's.
	RootCAs *x509.CertPool
	// Resolver looks names up; nil = the system's.
	Resolver *net.Resolver
}

// Sender posts messages to webhooks. It is safe for concurrent use. Whoever made it
// closes it.
type Sender struct {
	opts  Options
	guard guard
	rt    http.RoundTripper
	own   *http.Transport // nil when Options.Transport is used
}

// NewSender returns a Sender. It opens nothing before the first Send.
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

// Options returns how the sender reaches webhooks, with defaults filled in.
func (s *Sender) Options() Options { return s.opts }

// transport returns a Transport that speaks HTTP/1.1 only: one request at a time on a
// connection is what makes its count of written bytes tell whether this request was sent.
func (s *Sender) transport() *http.Transport {
	d := dialer{sender: s}
	t := &http.Transport{
		DialContext:            d.plain,
		DialTLSContext:         d.tls,
		TLSClientConfig:        s.tlsConfig(),
		Proxy:                  s.proxyFor,
		OnProxyConnectResponse: tunnelAnswered,
		DisableCompression:     true, // an answer is read as it was sent: nothing to inflate
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

// Close closes the connections that are kept open. Attempts under way are not
// interrupted: their contexts do that.
func (s *Sender) Close() {
	if s.own != nil {
		s.own.CloseIdleConnections()
	}
}
