package caldav

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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

// newTransport returns the client's own transport: patient with the answer (the request's
// time-out sees to that), not with the dial.
func newTransport(o Options) *http.Transport {
	proxy := http.ProxyFromEnvironment
	if o.Guard != nil {
		proxy = nil
	}
	return &http.Transport{
		Proxy:                  proxy,
		DialContext:            dialer(o.Guard).DialContext,
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
				return fmt.Errorf("check address %q: %w", address, err)
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

// request is one question.
type request struct {
	method string
	url    *url.URL
	depth  string // "" = no Depth header
	body   []byte // XML, unless the header says otherwise; nil = none
	limit  int64  // of the answer's body, after inflating
	header http.Header
	writes bool // it changes something, and goes nowhere but to the account's server
}

// answer is what came back with a 2xx status. Its body ends with the call it is given to.
type answer struct {
	status int
	header http.Header
	url    *url.URL // where it came from in the end
	body   io.Reader
}

// do asks, waiting for the account's turn, and has read take the answer. Any status but
// 2xx is a *StatusError. The time-out covers everything from the dial to read's end.
func (c *Client) do(ctx context.Context, q request, read func(*answer) error) error {
	if !c.trusts(q.url) {
		return &pointerError{c.start, q.url}
	}
	select {
	case <-c.turn:
		defer func() { c.turn <- struct{}{} }()
	case <-ctx.Done():
		return &transportError{host: q.url.Host, err: context.Cause(ctx)}
	}
	limited, cancel := context.WithTimeoutCause(ctx, c.o.Timeout, errors.New("no whole answer within "+c.o.Timeout.String()))
	defer cancel()
	limited, wait := c.patiently(limited)
	defer wait.over()
	resp, at, err := c.follow(limited, q)
	if err != nil {
		return err
	}
	c.first = 0
	defer closeBody(resp.Body)
	body := &limitedBody{ctx: limited, r: wait.answered(resp.Body), left: q.limit, limit: q.limit, host: at.Host}
	if resp.StatusCode/100 != 2 {
		return c.statusError(q, resp, at, body)
	}
	return read(&answer{status: resp.StatusCode, header: resp.Header, url: at, body: body})
}

// closeBody reads a little more so that the connection can be used again.
func closeBody(b io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, b, maxErrorBytes)
	_ = b.Close()
}

// follow sends the request, and sends it again where redirects lead: with the same method
// and body, to the same origin or by https, and never from https down to http.
func (c *Client) follow(ctx context.Context, q request) (*http.Response, *url.URL, error) {
	at := q.url
	way, gate := c.newRetry(q), gate{first: q.url, set: cookies{}}
	for range maxRedirects + 1 {
		resp, err := way.send(ctx, at)
		if err == nil && c.challenged(resp, q.url, at) {
			closeBody(resp.Body)
			resp, err = way.send(ctx, at) // once: a second refusal is one
		}
		if err != nil {
			return nil, nil, &transportError{host: at.Host, err: timeoutCause(ctx, bare(err))}
		}
		location := resp.Header.Get("Location")
		if !isRedirect(resp.StatusCode) || location == "" {
			return resp, at, nil
		}
		closeBody(resp.Body)
		next, err := at.Parse(location)
		if err != nil {
			return nil, nil, &answerError{host: at.Host, why: "redirect to an address that cannot be read"}
		}
		next.User, next.Fragment, next.RawFragment = nil, "", ""
		if q.writes && (resp.StatusCode == http.StatusSeeOther || !credentialsMayGo(q.url, next)) {
			return nil, nil, &redirectError{at, next, true}
		}
		if !sameOrigin(at, next) && next.Scheme != "https" {
			return nil, nil, &redirectError{at, next, false}
		}
		gate.pass(c.cookies, resp, at, next)
		at = next
	}
	return nil, nil, &answerError{host: at.Host, why: fmt.Sprintf("more than %d redirects", maxRedirects)}
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

func (c *Client) send(ctx context.Context, q request, at *url.URL) (*http.Response, error) {
	ctx = context.WithValue(ctx, secureKey{}, at.Scheme == "https")
	r, err := http.NewRequestWithContext(ctx, q.method, at.String(), bytes.NewReader(q.body))
	if err != nil {
		return nil, err
	}
	maps.Copy(r.Header, q.header)
	r.URL = at // as it is: String and Parse may escape differently
	r.Header.Set("User-Agent", c.o.UserAgent)
	if q.body != nil && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/xml; charset=utf-8")
	}
	if q.depth != "" {
		r.Header.Set("Depth", q.depth)
	}
	if err := c.sign(r, q.url, at); err != nil {
		return nil, err
	}
	if !credentialsMayGo(q.url, at) {
		return c.foreign.Do(r)
	}
	for _, k := range c.cookies[originOf(at)] {
		r.AddCookie(k)
	}
	return c.http.Do(r)
}

// trusts reports whether a request may begin at u, with credentials: at the account's own
// origin, or at another server that answers of the account's server name (home sets of
// iCloud are on hosts of their own), if nobody can listen on the way.
func (c *Client) trusts(u *url.URL) bool {
	return u.Scheme == "https" || sameOrigin(c.start, u)
}

// credentialsMayGo reports whether a request that began at first may carry credentials to
// where a redirect led it: the same origin, or the same host by TLS instead of without.
func credentialsMayGo(first, at *url.URL) bool {
	return sameOrigin(first, at) || first.Scheme == "http" && at.Scheme == "https" &&
		strings.EqualFold(first.Hostname(), at.Hostname()) && port(first) == "80" && port(at) == "443"
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
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

// errTooLarge marks an answer that goes beyond its limit.
var errTooLarge = errors.New("it is larger than allowed")

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
		return n, &transportError{host: b.host, err: timeoutCause(b.ctx, err)}
	case err != nil && b.ctx.Err() != nil:
		// A server that sees us hang up may end its answer properly, in the middle.
		return n, &transportError{host: b.host, err: timeoutCause(b.ctx, b.ctx.Err())}
	}
	return n, err
}

func (b *limitedBody) tooLarge() error {
	return &answerError{host: b.host, why: fmt.Sprintf("the answer exceeds %d bytes", b.limit), err: errTooLarge}
}

// timeoutCause puts our own words in the place of "context deadline exceeded". The end of
// the caller's context stays what it is.
func timeoutCause(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}
