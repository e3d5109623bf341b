package webhook

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"net/url"
	"time"

	"calbell"
)

// Reached is the result of a probe.
type Reached struct {
	Host string // as in the URL, with port
	// Addr is the address that was reached: that of the proxy, if there is one.
	Addr netip.AddrPort
	// TLS is the protocol version ("TLS 1.3"); "" for plain http and behind a proxy.
	TLS string
	// Expires is when the certificate ends; zero without TLS.
	Expires time.Time
}

// Probe looks up the webhook's host, connects to it and performs the handshake. It is guarded
// like an attempt, and uses a socket of its own whatever Options.Transport is. It writes no
// byte of a request. The error is a [*calbell.Error] with a hint, of KindUnreachable when the
// host cannot be reached.
func (s *Sender) Probe(ctx context.Context, w calbell.Webhook) (Reached, error) {
	target, err := parseURL(w.URL.Reveal(), s.guard)
	if err != nil {
		return Reached{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.opts.Timeout)
	defer cancel()
	r, err := s.reach(ctx, target)
	if err != nil {
		return r, s.unreachable(ctx, target, err)
	}
	return r, nil
}

func (s *Sender) reach(ctx context.Context, target *url.URL) (Reached, error) {
	r := Reached{Host: target.Host}
	secure, addr := target.Scheme == "https", hostPort(target)
	if proxy := s.opts.Proxy; proxy != nil && secure {
		secure, addr = false, hostPort(proxy)
	}
	conn, err := dialer{s}.connect(ctx, "tcp", addr, secure)
	if err != nil {
		return r, err
	}
	defer conn.Close()
	if ap, err := netip.ParseAddrPort(conn.RemoteAddr().String()); err == nil {
		r.Addr = ap
	}
	if !secure {
		return r, nil
	}
	tc, err := handshake(ctx, conn, addr, s.tlsConfig())
	if err != nil {
		return r, err
	}
	state := tc.ConnectionState()
	r.TLS, r.Expires = tls.VersionName(state.Version), state.PeerCertificates[0].NotAfter
	return r, nil
}

// hostPort returns the address to dial for a URL.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func (s *Sender) unreachable(ctx context.Context, target *url.URL, err error) error {
	what, hint := explain(err)
	if isTimeout(ctx, err) {
		what, hint = calbell.T("webhook:no-connection-within", "no connection within %s", s.opts.Timeout.String()), calbell.T("webhook:firewall-may-drop-what", "a firewall may drop what goes there")
	}
	m := newMask(calbell.Secret(target.String()))
	return &calbell.Error{Kind: calbell.KindUnreachable, What: m.text(calbell.Chain(calbell.T("webhook:reach", "reach %s", target.Host), what)), Hint: hint}
}
