package access_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calbell"
	"calbell/access"
	"calbell/store"
)

// recognizer is a handler behind a gate that signs in at POST /in/NAME, and else tells by which
// browser of the user in the path it is asked.
func recognizer(key string, secure bool) http.Handler {
	g := access.New(access.Options{People: &town{epoch: 1}, Sessions: &drawer{all: map[string]store.Session{}}, Secure: secure, BrowserKey: []byte(key)})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /in/{name}", func(_ http.ResponseWriter, r *http.Request) {
		_ = g.SignIn(r.Context(), calbell.User{Name: r.PathValue("name"), Epoch: 1}) // without a session the test fails
	})
	mux.HandleFunc("/{name}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, g.Peer(r.Context(), r.PathValue("name")).Browser)
	})
	return g.API(mux)
}

// browserCookie is the cookie by which a browser is known.
func browserCookie(t *testing.T, r *http.Response) *http.Cookie {
	t.Helper()
	for _, c := range r.Cookies() {
		if strings.HasSuffix(c.Name, "calbell-browser") {
			return c
		}
	}
	t.Fatalf("no cookie for the browser among %v", r.Cookies())
	return nil
}

func TestKnownBrowsers(t *testing.T) {
	h := recognizer("key", true)
	c := browserCookie(t, ask(h, "POST", "/in/Anna"))
	if c.Name != "__Host-calbell-browser" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || c.MaxAge < 100*24*3600 {
		t.Errorf("cookie %v", c)
	}
	if p := browserCookie(t, ask(recognizer("key", false), "POST", "/in/Anna")); p.Name != "calbell-browser" || p.Secure || !p.HttpOnly {
		t.Errorf("cookie over plain http %v", p)
	}
	if strings.Contains(strings.ToLower(c.Value), "anna") {
		t.Errorf("the cookie tells who signed in: %s", c.Value)
	}
	known := func(h http.Handler, name, value string) string {
		return text(ask(h, "GET", "/"+name, "Cookie", c.Name+"="+value))
	}
	id := known(h, "Anna", c.Value)
	if len(id) < 32 || known(recognizer("key", true), "anna", c.Value) != id {
		t.Errorf("not known after a restart, or in another spelling: %q", id)
	}
	raw, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw { // each bit counts
		raw[i] ^= 1
		if got := known(h, "Anna", base64.RawURLEncoding.EncodeToString(raw)); got != "" {
			t.Errorf("known with byte %d changed", i)
		}
		raw[i] ^= 1
	}
	for what, got := range map[string]string{
		"another user":     known(h, "Bob", c.Value),
		"another key":      known(recognizer("other", true), "Anna", c.Value),
		"no key":           known(recognizer("", true), "Anna", c.Value),
		"half":             known(h, "Anna", c.Value[:len(c.Value)/2]),
		"nothing":          known(h, "Anna", ""),
		"dots":             known(h, "Anna", "....."+c.Value),
		"the plain cookie": text(ask(h, "GET", "/Anna", "Cookie", "calbell-browser="+c.Value)),
	} {
		if got != "" {
			t.Errorf("%s: known as %q", what, got)
		}
	}
}

// Several users may share a browser, the latest ones; what others put into the cookie is dropped.
func TestBrowserOfSeveralUsers(t *testing.T) {
	h := recognizer("key", false)
	value := strings.Repeat("x", 20_000)
	for i := range 7 {
		value = browserCookie(t, ask(h, "POST", fmt.Sprint("/in/user", i), "Cookie", "calbell-browser="+value)).Value
	}
	value = browserCookie(t, ask(h, "POST", "/in/user5", "Cookie", "calbell-browser="+value)).Value
	if len(value) > 400 {
		t.Errorf("the cookie grows: %d bytes", len(value))
	}
	for i := range 7 {
		got := text(ask(h, "GET", fmt.Sprint("/user", i), "Cookie", "calbell-browser="+value))
		if want := i >= 3; (got != "") != want {
			t.Errorf("user%d: known as %q", i, got)
		}
	}
}

// A browser is known for half a year after the latest sign-in, whatever the cookie's age says.
func TestBrowsersAreForgotten(t *testing.T) {
	h := recognizer("key", false)
	synctest.Test(t, func(t *testing.T) {
		c := browserCookie(t, ask(h, "POST", "/in/Anna"))
		known := func() bool { return text(ask(h, "GET", "/Anna", "Cookie", c.Name+"="+c.Value)) != "" }
		time.Sleep(time.Duration(c.MaxAge)*time.Second - time.Minute)
		if !known() {
			t.Error("forgotten too early")
		}
		time.Sleep(2 * time.Minute)
		if known() {
			t.Error("known for ever")
		}
	})
}

// A request beside every gate comes from nowhere.
func TestPeerWithoutGate(t *testing.T) {
	g := access.New(access.Options{BrowserKey: []byte("key")})
	if p := g.Peer(httptest.NewRequest("GET", "/", nil).Context(), "Anna"); p != (calbell.Peer{}) {
		t.Errorf("%+v", p)
	}
}
