package web_test

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/access"
	"calbell/api/types"
	"calbell/service"
	"calbell/service/servicetest"
	"calbell/web"
)

// people answers a gate as the program does.
type people struct {
	*service.People
	*service.Tokens
}

// gated is the page behind the gate that the program puts before it.
type gated struct {
	*house
	page http.Handler
}

func (h *house) gated() *gated {
	gate := access.New(access.Options{People: people{h.People, h.Tokens}, Sessions: h.Store})
	return &gated{h, gate.Page(web.Handler(h.Service, web.Options{Who: access.Caller, Door: gate, Failed: func(err error) { h.t.Error(err) }}))}
}

// send sends a request as a browser does, with a body of a form; headers are names and values by turns.
func (g *gated) send(method, path, body string, cookies []*http.Cookie, headers ...string) *answer {
	g.t.Helper()
	r := httptest.NewRequestWithContext(g.t.Context(), method, "http://calbell.example.org"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	rec := httptest.NewRecorder()
	g.page.ServeHTTP(rec, r)
	return &answer{g.t, method + " " + path, rec.Code, rec.Header().Get("Location"), rec.Body.String(), rec.Header()}
}

// signIn returns the cookies of somebody who signed in.
func (g *gated) signIn(name string) []*http.Cookie {
	g.t.Helper()
	g.password(name)
	in := g.send("POST", "/sign-in", values("name", name, "password", servicetest.Password).Encode(), nil).is(http.StatusSeeOther)
	return (&http.Response{Header: in.header}).Cookies()
}

// A form that is too large, or is none, is told so in words: it is not taken for an empty one. The gate before
// the page reads it.
func TestFormsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	g := inhabit(t).gated()
	bob := g.signIn("Bob")
	for body, want := range map[string]int{
		"name=other&template=%zz":                           http.StatusBadRequest,
		"name=other&template=" + strings.Repeat("x", 2<<20): http.StatusRequestEntityTooLarge,
	} {
		g.send("POST", "/webhooks/bob.mine", body, bob).is(want).holds("Nothing was saved")
	}
	if got := g.hook("bob.mine"); got.Name != "mine" {
		t.Errorf("it was saved all the same: %+v", got)
	}
	g.send("GET", "/deliveries?days=%zz", "", bob).is(http.StatusOK) // of an address, what can be read is enough
}

// Tokens are for programs: every page and form rejects them, whatever their scope, and in the browser of
// somebody who is signed in too.
func TestPagesTakeNoTokens(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	g, tokens := h.gated(), map[string]string{"an unknown token": "calbell_0123456789abcdef_unknown"}
	anna := g.signIn("Anna")
	for _, user := range []string{"Anna", "Bob"} {
		for _, scope := range []calbell.Scope{calbell.ScopeRead, calbell.ScopeWrite, calbell.ScopeAdmin} {
			if user == "Bob" && scope == calbell.ScopeAdmin { // no member is given one
				continue
			}
			made, err := h.Tokens.Add(t.Context(), h.callers[user], types.NewToken{Name: "t", Scopes: []calbell.Scope{scope}}, time.Now())
			h.OK(err)
			tokens[user+"'s token with the scope "+string(scope)] = made.Text
		}
	}
	before, settings := h.hook("bob.mine"), h.settings()
	for _, r := range h.pages() {
		method, path := r.request()
		for name, token := range tokens {
			for _, cookies := range [][]*http.Cookie{nil, anna} {
				a := g.send(method, path, r.form.Encode(), cookies, "Authorization", "Bearer "+token)
				if a.status != http.StatusForbidden && a.status != http.StatusUnauthorized {
					t.Errorf("%s by %s, with %d cookies: %d, want that it is rejected", r.pattern, name, len(cookies), a.status)
				}
				h.keepsSecrets(a, name)
			}
		}
	}
	if !reflect.DeepEqual(h.hook("bob.mine"), before) || !reflect.DeepEqual(h.settings(), settings) || len(h.bindings()) != 1 || len(h.Program.Posts()) != 0 {
		t.Error("a token changed something")
	}
}

// A form that another site sends in somebody's browser changes nothing, whatever its page is; the same form sent by
// the page itself does.
func TestFormsOfOtherSites(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	g := h.gated()
	bob := g.signIn("Bob")
	signIn := values("name", "Bob", "password", servicetest.Password).Encode()
	if a := g.send("POST", "/sign-in", signIn, nil, "Sec-Fetch-Site", "cross-site").is(http.StatusForbidden); a.header.Get("Set-Cookie") != "" {
		t.Error("signed in by another site")
	}
	for _, r := range h.pages() {
		method, path := r.request()
		if method != "POST" || path == "/sign-in" {
			continue
		}
		for _, from := range []string{"cross-site", "same-site"} {
			if got := g.send("POST", path, r.form.Encode(), bob, "Sec-Fetch-Site", from); got.status != http.StatusForbidden {
				t.Errorf("%s from a page that is %s: %d, want that it is refused", r.pattern, from, got.status)
			}
		}
	}
	if got := h.hook("bob.mine"); got.Name != "mine" {
		t.Errorf("changed to %+v", got)
	}
	g.send("POST", "/settings", "locale=fr", bob).leads("/settings?done=settings-saved")
}
