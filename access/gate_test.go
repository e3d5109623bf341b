package access_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"calbell"
	"calbell/access"
	"calbell/store"
)

// town knows Anna, at her present epoch, and one token.
type town struct{ epoch int64 }

func (t *town) Caller(_ context.Context, name string, epoch int64) (calbell.Caller, bool, error) {
	if name == "broken" {
		return calbell.Caller{}, false, errors.New("the disk is full")
	}
	return calbell.Caller{Name: name}, name == "Anna" && epoch == t.epoch, nil
}

func (t *town) Bearer(_ context.Context, text string, _ time.Time) (calbell.Caller, bool, error) {
	return calbell.Caller{Name: "Bob", Admin: text == "admin", Scopes: []calbell.Scope{calbell.ScopeRead}}, text == "token" || text == "admin", nil
}

// drawer keeps sessions.
type drawer struct {
	mu  sync.Mutex
	all map[string]store.Session
}

func (d *drawer) Session(_ context.Context, id string, now time.Time) ([]byte, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, ok := d.all[id]
	return s.Data, ok && s.ExpiresAt.After(now), nil
}

func (d *drawer) PutSession(_ context.Context, s store.Session, _ time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all[s.ID] = s
	return nil
}

func (d *drawer) RemoveSession(_ context.Context, id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.all, id)
	return nil
}

// gate returns a handler behind a gate: POST /in/NAME signs in, POST /out signs out, all else
// says who asks and from where.
func gate(t *testing.T, o access.Options) (http.Handler, *town, *drawer) {
	t.Helper()
	people, sessions := &town{epoch: 1}, &drawer{all: map[string]store.Session{}}
	o.People, o.Sessions = people, sessions
	g := access.New(o)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /in/{name}", func(_ http.ResponseWriter, r *http.Request) {
		if err := g.SignIn(r.Context(), calbell.User{Name: r.PathValue("name"), Epoch: 1}); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("POST /out", func(_ http.ResponseWriter, r *http.Request) {
		if err := g.SignOut(r.Context()); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		fmt.Fprintf(w, "%s from %s", access.Caller(r).Name, g.Peer(r.Context(), "Anna").Addr)
	})
	return g.API(mux), people, sessions
}

// ask asks a handler; headers are names and values by turns.
func ask(h http.Handler, method, path string, headers ...string) *http.Response {
	req := httptest.NewRequest(method, path, nil)
	req.RemoteAddr = "192.0.2.7:4321"
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "from" {
			req.RemoteAddr = headers[i+1]
			continue
		}
		req.Header.Add(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return rec.Result()
}

func text(r *http.Response) string {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func cookieOf(t *testing.T, r *http.Response) *http.Cookie {
	t.Helper()
	if len(r.Cookies()) != 1 {
		t.Fatalf("cookies %v", r.Cookies())
	}
	return r.Cookies()[0]
}

func TestSessions(t *testing.T) {
	h, people, sessions := gate(t, access.Options{Secure: true})
	c := cookieOf(t, ask(h, "POST", "/in/Anna"))
	if c.Name != "__Host-calbell" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("cookie %v", c)
	}
	for id := range sessions.all {
		if id == c.Value || strings.Contains(id, c.Value) {
			t.Error("the store knows what the cookie says")
		}
	}
	with := func(value string) string { return text(ask(h, "GET", "/", "Cookie", c.Name+"="+value)) }
	if got := with(c.Value); !strings.HasPrefix(got, "Anna from") {
		t.Errorf("signed in: %q", got)
	}
	if got := with(c.Value + "x"); !strings.HasPrefix(got, " from") {
		t.Errorf("a made-up cookie: %q", got)
	}
	again := cookieOf(t, ask(h, "POST", "/in/Anna", "Cookie", c.Name+"="+c.Value))
	if again.Value == c.Value || with(c.Value) == with(again.Value) {
		t.Error("signing in keeps the session that the browser had before")
	}
	if gone := cookieOf(t, ask(h, "POST", "/out", "Cookie", c.Name+"="+again.Value)); gone.MaxAge >= 0 {
		t.Errorf("signed out: %v", gone)
	}
	if got := with(again.Value); !strings.HasPrefix(got, " from") {
		t.Errorf("after signing out: %q", got)
	}
	c = cookieOf(t, ask(h, "POST", "/in/Anna"))
	people.epoch++
	if got := with(c.Value); !strings.HasPrefix(got, " from") {
		t.Errorf("after the password changed: %q", got)
	}
	people.epoch--
	if got := with(c.Value); !strings.HasPrefix(got, " from") {
		t.Errorf("a session that ended came back: %q", got)
	}
}

func TestPlainHTTP(t *testing.T) {
	h, _, _ := gate(t, access.Options{})
	r := ask(h, "POST", "/in/Anna")
	if c := cookieOf(t, r); c.Name != "calbell" || c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
		t.Errorf("cookie %v", c)
	}
	if r.Header.Get("Strict-Transport-Security") != "" || r.Header.Get("Referrer-Policy") != "same-origin" {
		t.Errorf("headers %v", r.Header)
	}
}

func TestHeaders(t *testing.T) {
	h, _, _ := gate(t, access.Options{Secure: true})
	r := ask(h, "GET", "/")
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		"Strict-Transport-Security": "max-age=31536000", "Cross-Origin-Opener-Policy": "same-origin",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	csp := r.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "script-src 'self'", "form-action 'self'", "base-uri 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("no %s in %q", want, csp)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("inline scripts or styles are allowed: %q", csp)
	}
}

func TestOtherSites(t *testing.T) {
	h, _, _ := gate(t, access.Options{Secure: true})
	for _, tt := range []struct {
		name, method string
		headers      []string
		want         int
	}{
		{"another site's form", "POST", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"a subdomain's form", "POST", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"another origin, an old browser", "POST", []string{"Origin", "https://evil.example.org"}, 403},
		{"a frame without an origin", "DELETE", []string{"Origin", "null"}, 403},
		{"one's own form", "POST", []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://example.com"}, 200},
		{"one's own form, an old browser", "POST", []string{"Origin", "http://example.com"}, 200},
		{"a program", "POST", nil, 200},
		{"a link from elsewhere", "GET", []string{"Sec-Fetch-Site", "cross-site"}, 200},
	} {
		if r := ask(h, tt.method, "/", tt.headers...); r.StatusCode != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, r.StatusCode, tt.want)
		}
	}
}

func TestBearer(t *testing.T) {
	h, _, _ := gate(t, access.Options{})
	c := cookieOf(t, ask(h, "POST", "/in/Anna"))
	if got := text(ask(h, "GET", "/", "Authorization", "Bearer token")); !strings.HasPrefix(got, "Bob from") {
		t.Errorf("a token: %q", got)
	}
	r := ask(h, "GET", "/", "Authorization", "Bearer other", "Cookie", c.Name+"="+c.Value)
	if r.StatusCode != 401 || !strings.Contains(r.Header.Get("WWW-Authenticate"), "invalid_token") || r.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("a token that is none beside a session: %d %v", r.StatusCode, r.Header)
	}
	if got := text(ask(h, "GET", "/", "Authorization", "Basic dG9rZW46")); !strings.HasPrefix(got, " from") {
		t.Errorf("another way of signing in: %q", got)
	}
}

// A token counts for nothing on the page, whoever sends it, and for no more than it is worth in
// the browser of somebody else.
func TestPageTakesNoTokens(t *testing.T) {
	people, sessions := &town{epoch: 1}, &drawer{all: map[string]store.Session{}}
	g := access.New(access.Options{People: people, Sessions: sessions})
	reached := 0
	page := g.Page(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	for _, token := range []string{"Bearer token", "bearer admin", "BEARER none", "Bearer"} {
		for _, method := range []string{"GET", "POST", "HEAD", "DELETE"} {
			r := ask(page, method, "/webhooks/team", "Authorization", token)
			if r.StatusCode != http.StatusForbidden || r.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s with %q: %d %v", method, token, r.StatusCode, r.Header)
			}
		}
	}
	if reached != 0 {
		t.Errorf("%d requests reached the page", reached)
	}
	if r := ask(page, "GET", "/", "Authorization", "Basic dG9rZW46"); r.StatusCode != http.StatusOK || reached != 1 {
		t.Errorf("a proxy's own sign-in: %d", r.StatusCode)
	}
}

// The socket of the commands makes everybody an admin, so it rejects what no command sends.
func TestLocalSocket(t *testing.T) {
	h := access.Local(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for _, tt := range []struct {
		header []string
		want   int
	}{
		{nil, http.StatusOK},
		{[]string{"Content-Type", "application/json"}, http.StatusOK},
		{[]string{"Authorization", "Bearer token"}, http.StatusForbidden},
		{[]string{"Authorization", "Basic dG9rZW46"}, http.StatusForbidden},
		{[]string{"Cookie", "calbell=x"}, http.StatusForbidden},
		{[]string{"X-Forwarded-For", "192.0.2.7"}, http.StatusForbidden},
		{[]string{"Via", "1.1 proxy"}, http.StatusForbidden},
	} {
		if r := ask(h, "GET", "/", append([]string{"from", "@"}, tt.header...)...); r.StatusCode != tt.want {
			t.Errorf("%q: %d, want %d", tt.header, r.StatusCode, tt.want)
		}
	}
}

// What names what is people's, monitors of this machine see, and admins from everywhere.
func TestMonitored(t *testing.T) {
	people, sessions := &town{epoch: 1}, &drawer{all: map[string]store.Session{}}
	g := access.New(access.Options{People: people, Sessions: sessions, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	h := g.Monitored(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "names") }))
	for _, tt := range []struct {
		name   string
		with   []string
		status int
	}{
		{"this machine", []string{"from", "127.0.0.1:1"}, 200},
		{"this machine, by IPv6", []string{"from", "[::1]:1"}, 200},
		{"by a unix socket", []string{"from", "@"}, 200},
		{"another machine", []string{"from", "192.0.2.7:1"}, 401},
		{"a proxy of this machine", []string{"from", "127.0.0.1:1", "X-Forwarded-For", "192.0.2.7"}, 401},
		{"which says that it is local", []string{"from", "127.0.0.1:1", "X-Forwarded-For", "127.0.0.1"}, 401},
		{"another proxy", []string{"from", "127.0.0.1:1", "Via", "1.1 proxy"}, 401},
		{"a member", []string{"Authorization", "Bearer token"}, 403},
		{"no token", []string{"Authorization", "Bearer none"}, 401},
		{"an admin", []string{"Authorization", "Bearer admin"}, 200},
	} {
		r := ask(h, "GET", "/metrics", tt.with...)
		if body := text(r); r.StatusCode != tt.status || (body == "names") != (tt.status == 200) || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s %v", tt.name, r.StatusCode, body, r.Header)
		}
	}
}

func TestClientAddress(t *testing.T) {
	h, _, _ := gate(t, access.Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}})
	for _, tt := range []struct{ from, forwarded, want string }{
		{"192.0.2.7:1", "", "192.0.2.7"},
		{"192.0.2.7:1", "198.51.100.1", "192.0.2.7"},                          // a stranger says so
		{"10.0.0.1:1", "198.51.100.1", "198.51.100.1"},                        // a proxy does
		{"10.0.0.1:1", "203.0.113.9, 198.51.100.1", "198.51.100.1"},           // what stands before, anybody wrote
		{"10.0.0.1:1", "203.0.113.9, 198.51.100.1, 10.9.9.9", "198.51.100.1"}, // two proxies
		{"[fd00::1]:1", "2001:db8::5", "2001:db8::5"},
		{"10.0.0.1:1", "unknown", "10.0.0.1"},
		{"10.0.0.1:1", "", "10.0.0.1"},
		{"[::ffff:10.0.0.1]:1", "198.51.100.1", "198.51.100.1"},
		{"@", "198.51.100.1", "198.51.100.1"}, // a proxy of this machine, by a unix socket
		{"@", "", "invalid IP"},
	} {
		if got := text(ask(h, "GET", "/", "from", tt.from, "X-Forwarded-For", tt.forwarded)); got != " from "+tt.want {
			t.Errorf("%s, forwarded for %q: %q, want %s", tt.from, tt.forwarded, got, tt.want)
		}
	}
}

func TestErrorsAreNotShown(t *testing.T) {
	var told error
	h, _, _ := gate(t, access.Options{Failed: func(err error) { told = err }})
	c := cookieOf(t, ask(h, "POST", "/in/broken"))
	r := ask(h, "GET", "/", "Cookie", c.Name+"="+c.Value)
	if r.StatusCode != 500 || strings.Contains(text(r), "disk") || told == nil {
		t.Errorf("%d, told %v", r.StatusCode, told)
	}
}

// pipes is a listener whose connections come from where the test says.
type pipes struct{ in chan net.Conn }

func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p.in
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

type conn struct {
	net.Conn
	from   string
	closed chan struct{}
}

func (c *conn) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(c.from)) }
func (c *conn) Close() error         { close(c.closed); return nil }

func TestConnectionsAreBounded(t *testing.T) {
	in := pipes{make(chan net.Conn)}
	l := access.Limit(in, func(a netip.Addr) bool { return a.IsLoopback() })
	accepted := make(chan net.Conn, 2*access.MaxConnections)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	come := func(from string, n int) (all []*conn) {
		for range n {
			c := &conn{from: from, closed: make(chan struct{})}
			all = append(all, c)
			in.in <- c
		}
		return all
	}
	one := append(come("192.0.2.7:1", 150), come("[2001:db8::1]:1", 60)...)
	one = append(one, come("[2001:db8::2]:1", 60)...) // of the same network
	many := come("[::1]:1", access.MaxConnections)
	close(in.in)
	<-done
	refused := func(all []*conn) (n int) {
		for _, c := range all {
			select {
			case <-c.closed:
				n++
			default:
			}
		}
		return n
	}
	if got := refused(one); got != 50+20 {
		t.Errorf("%d of one network are refused", got)
	}
	if got := refused(many); got != 200 {
		t.Errorf("%d beyond all are refused", got)
	}
	close(accepted)
	for c := range accepted {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}
