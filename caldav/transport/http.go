package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"calbell"
)

const (
	// dialTimeout bounds connecting and the TLS handshake; the answer may take longer.
	dialTimeout = 15 * time.Second
	// maxHeaderBytes bounds the header of an answer.
	maxHeaderBytes = 256 << 10
	// maxRedirects bounds a chain of redirects; discovery needs two.
	maxRedirects = 5
	// maxRetryAfter bounds the rest that a server may ask for: a slip of its clock must not
	// silence an account for a year.
	maxRetryAfter = 24 * time.Hour
)

// Options tune a [Client].
type Options struct {
	// Start is where the account's URL leads.
	Start *url.URL
	// Secret says that what is asked for names a secret in its URL, so that no words of a server may be
	// repeated.
	Secret bool
	// Timeout bounds one request with its whole answer.
	Timeout time.Duration
	// UserAgent is sent with each request.
	UserAgent string
	// Transport does the requests, whatever else these options say; nil = one of our own.
	Transport http.RoundTripper
	// RootCAs are the authorities that servers may be certified by; nil = the system's.
	RootCAs *x509.CertPool
	// Certificates sign in by TLS. They are shown to the account's servers alone.
	Certificates []tls.Certificate
	// Guard is asked about each address before it is connected to, after the DNS, and whether that is
	// for TLS; its error ends the request. With it, no proxy is used. nil = everything may be reached.
	Guard func(address netip.AddrPort, secure bool) error
}

// Client speaks to the servers of one account, one request at a time: servers throttle and lock
// accounts that knock on many doors at once. It is safe for concurrent use.
type Client struct {
	account calbell.Account
	o       Options
	own     *http.Client       // for the account's servers
	foreign *http.Client       // for others, to which redirects lead
	turn    chan struct{}      // holds one token: the right to make a request
	signIns map[string]*signIn // by host; whoever has the turn may use it
	cookies cookies            // likewise
	// first and each bound waits for answers, see SetPatience; whoever has the turn may use them.
	first, each time.Duration
}

// New returns a client for an account. It makes no request.
func New(a calbell.Account, o Options) *Client {
	c := &Client{account: a, o: o, turn: make(chan struct{}, 1), signIns: map[string]*signIn{}, cookies: cookies{}}
	// net/http keeps connections by host, not by who asked: one pool for both would hand a
	// connection on which the certificate was shown to anybody.
	c.own = &http.Client{Transport: o.roundTripper(o.Certificates), CheckRedirect: keepRedirect}
	c.foreign = &http.Client{Transport: o.roundTripper(nil), CheckRedirect: keepRedirect}
	c.turn <- struct{}{}
	return c
}

// keepRedirect hands redirects to our own code: net/http would turn a PROPFIND into a
// GET, and would carry credentials down from https to http.
func keepRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// CloseIdle closes connections that are kept for the next request. The client stays usable.
func (c *Client) CloseIdle() {
	c.own.CloseIdleConnections()
	c.foreign.CloseIdleConnections()
}

// roundTripper returns what does the requests: patient with the answer (the request's time-out sees
// to that), not with the dial.
func (o Options) roundTripper(certificates []tls.Certificate) http.RoundTripper {
	if o.Transport != nil {
		return o.Transport
	}
	proxy := http.ProxyFromEnvironment
	if o.Guard != nil {
		proxy = nil
	}
	return &http.Transport{
		Proxy:                  proxy,
		DialContext:            dialer(o.Guard).DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: o.RootCAs, Certificates: certificates, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    dialTimeout,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

// dialer returns one that asks the guard, if there is one.
func dialer(guard func(netip.AddrPort, bool) error) *net.Dialer {
	d := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	if guard != nil {
		d.ControlContext = func(ctx context.Context, _, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil {
				return calbell.Errorf("transport:check-address", "check address %q: %w", address, err)
			}
			secure, _ := ctx.Value(secureKey{}).(bool)
			return guard(at, secure)
		}
	}
	return d
}

// secureKey is under which a request's context reports whether it is made by TLS: the dialer
// is not told.
type secureKey struct{}

// Request is one question.
type Request struct {
	Method string
	URL    *url.URL
	Depth  string // "" = no Depth header
	Body   []byte // XML, unless the header says otherwise; nil = none
	Limit  int64  // of the answer's body, after inflating
	Header http.Header
	Writes bool // it changes something, and goes nowhere but to the account's server
}

// Answer is what came back with a 2xx status. Its body ends with the call it is given to.
type Answer struct {
	Status int
	Header http.Header
	URL    *url.URL // where it came from in the end
	Body   io.Reader
}

// Do asks, waiting for the account's turn, and has read take the answer. Any status but
// 2xx is a *StatusError. The time-out covers everything from the dial to read's end.
func (c *Client) Do(ctx context.Context, q Request, read func(*Answer) error) error {
	if err := c.Trusts(q.URL); err != nil {
		return err
	}
	select {
	case <-c.turn:
		defer func() { c.turn <- struct{}{} }()
	case <-ctx.Done():
		return &LostError{Host: q.URL.Host, Err: context.Cause(ctx)}
	}
	limited, cancel := context.WithTimeoutCause(ctx, c.o.Timeout, calbell.Errorf("transport:no-whole-answer", "no whole answer within %s", c.o.Timeout))
	defer cancel()
	limited, wait := c.patiently(limited)
	defer wait.over()
	resp, at, err := c.follow(limited, q)
	if err != nil {
		return err
	}
	c.first = 0
	defer closeBody(resp.Body)
	body := &limitedBody{ctx: limited, r: wait.answered(resp.Body), left: q.Limit, limit: q.Limit, host: at.Host}
	if resp.StatusCode/100 != 2 {
		return c.statusError(q, resp, at, body)
	}
	return read(&Answer{Status: resp.StatusCode, Header: resp.Header, URL: at, Body: body})
}

// closeBody reads a little more so that the connection can be used again.
func closeBody(b io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, b, maxErrorBytes)
	_ = b.Close()
}

// follow sends the request, and sends it again where redirects lead: with the same method
// and body, to the same origin or by https, and never from https down to http.
func (c *Client) follow(ctx context.Context, q Request) (*http.Response, *url.URL, error) {
	at := q.URL
	way, gate := c.newRetry(q), gate{first: q.URL, set: cookies{}}
	for range maxRedirects + 1 {
		resp, err := way.send(ctx, at)
		if err == nil && c.challenged(resp, q.URL, at) {
			closeBody(resp.Body)
			resp, err = way.send(ctx, at) // once: a second refusal is one
		}
		if err != nil {
			return nil, nil, &LostError{Host: at.Host, Err: timeoutCause(ctx, bare(err))}
		}
		location := resp.Header.Get("Location")
		if !isRedirect(resp.StatusCode) || location == "" {
			return resp, at, nil
		}
		closeBody(resp.Body)
		next, err := at.Parse(location)
		if err != nil {
			return nil, nil, &AnswerError{Why: calbell.T("transport:redirect-address-cannot-read", "redirect to an address that cannot be read")}
		}
		next.User, next.Fragment, next.RawFragment = nil, "", ""
		if q.Writes && (resp.StatusCode == http.StatusSeeOther || !CredentialsMayGo(q.URL, next)) {
			return nil, nil, &redirectError{at, next, true}
		}
		if !SameOrigin(at, next) && next.Scheme != "https" {
			return nil, nil, &redirectError{at, next, false}
		}
		gate.pass(c.cookies, resp, at, next)
		at = next
	}
	return nil, nil, &AnswerError{Why: calbell.T("transport:more-than-redirects", "more than %d redirects", maxRedirects)}
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

func (c *Client) send(ctx context.Context, q Request, at *url.URL) (*http.Response, error) {
	ctx = context.WithValue(ctx, secureKey{}, at.Scheme == "https")
	r, err := http.NewRequestWithContext(ctx, q.Method, at.String(), bytes.NewReader(q.Body))
	if err != nil {
		return nil, err
	}
	maps.Copy(r.Header, q.Header)
	r.URL = at // as it is: String and Parse may escape differently
	r.Header.Set("User-Agent", c.o.UserAgent)
	if q.Body != nil && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/xml; charset=utf-8")
	}
	if q.Depth != "" {
		r.Header.Set("Depth", q.Depth)
	}
	if err := c.sign(r, q.URL, at); err != nil {
		return nil, err
	}
	if !CredentialsMayGo(q.URL, at) {
		return c.foreign.Do(r)
	}
	for _, k := range c.cookies[originOf(at)] {
		r.AddCookie(k)
	}
	return c.own.Do(r)
}

// Trusts returns an error unless a request may begin at u, with credentials: at the account's own
// origin, or at another server that answers of the account's server name (home sets of
// iCloud are on hosts of their own), if nobody can listen on the way.
func (c *Client) Trusts(u *url.URL) error {
	if u.Scheme == "https" || SameOrigin(c.o.Start, u) {
		return nil
	}
	return &pointerError{c.o.Start, u}
}

// CredentialsMayGo reports whether a request that began at first may carry credentials to
// where a redirect led it: the same origin, or the same host by TLS instead of without.
func CredentialsMayGo(first, at *url.URL) bool {
	return SameOrigin(first, at) || first.Scheme == "http" && at.Scheme == "https" &&
		strings.EqualFold(first.Hostname(), at.Hostname()) && Port(first) == "80" && Port(at) == "443"
}

// SameOrigin reports whether two URLs are of one server, by its scheme, host and port.
func SameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && Port(a) == Port(b)
}

// Port returns the port of a URL, the usual one when it names none.
func Port(u *url.URL) string {
	switch p := u.Port(); {
	case p != "":
		return p
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// retryAfter reads Retry-After, seconds or a date (RFC 9110 §10.2.3). A date is measured
// from the answer's own Date: the server's clock may be wrong.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(v, 10, 32); err == nil {
		return min(time.Duration(seconds)*time.Second, maxRetryAfter)
	}
	until, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(0, until.Sub(now)), maxRetryAfter)
}

// ErrTooLarge marks an answer that goes beyond its limit.
var ErrTooLarge = calbell.Errorf("transport:larger-than-allowed", "it is larger than allowed")

// limitedBody fails beyond its limit instead of ending quietly, and tells a torn
// connection from a text that ends too soon.
type limitedBody struct {
	ctx   context.Context
	r     io.Reader
	left  int64
	limit int64
	host  string
}

func (b *limitedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, b.tooLarge()
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1] // one more than allowed tells "at the limit" from "beyond"
	}
	n, err := b.r.Read(p)
	b.left -= int64(n)
	switch {
	case b.left < 0:
		return n - 1, b.tooLarge()
	case err != nil && err != io.EOF:
		return n, &LostError{Host: b.host, Err: timeoutCause(b.ctx, err)}
	case err != nil && b.ctx.Err() != nil:
		// A server that sees us hang up may end its answer properly, in the middle.
		return n, &LostError{Host: b.host, Err: timeoutCause(b.ctx, b.ctx.Err())}
	}
	return n, err
}

func (b *limitedBody) tooLarge() error {
	return &AnswerError{Why: calbell.T("transport:answer-exceeds-bytes", "the answer exceeds %d bytes", b.limit), Err: ErrTooLarge}
}

// timeoutCause puts our own words in the place of "context deadline exceeded". The end of
// the caller's context stays what it is.
func timeoutCause(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}
