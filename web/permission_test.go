package web_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"calbell/service/servicetest"
	"calbell/web"
)

// pageRoute is a page or form, tried on something of Bob's. form is what is sent; nil: nothing.
// want are the statuses for nobody, Bob, Carol (another member) and Anna (the admin), in this
// order.
type pageRoute struct {
	pattern, path string
	form          url.Values
	want          string
}

// request is the method and the path to try a route by.
func (r pageRoute) request() (method, path string) {
	method, _, ok := strings.Cut(r.pattern, " ")
	if !ok {
		method = "GET"
	}
	return method, r.path
}

// pages lists every page and form. Forms are sent with a mistake, so that their answer tells
// whether the caller may do it: 422 that they may. Those that succeed come last.
func (h *house) pages() []pageRoute {
	const (
		all    = "303 200 200 200"
		own    = "303 200 404 404"
		form   = "303 422 422 422"
		ofBob  = "303 422 404 404"
		stale  = "303 412 404 404"
		done   = "303 303 303 303"
		open   = "200 200 200 200"
		admins = "303 403 403 422"
	)
	event, delivery := "/events/"+h.event, "/deliveries/"+string(h.planned)
	calendar, rule := "/calendars/"+string(h.calendar.ID), "/rules/"+h.rule
	etag := url.Values{"etag": {`"stale"`}}
	return []pageRoute{
		{"GET /static/{name}", "/static/app.css", nil, open},
		{"GET /sign-in", "/sign-in", nil, "200 303 303 303"},
		{"POST /sign-in", "/sign-in", values("name", "Nobody"), "403 303 303 303"},
		{"GET /welcome/{secret}", "/welcome/x", nil, done},
		{"GET /setup/{secret}", "/setup/x", nil, open},
		{"POST /setup/{secret}", "/setup/x", values("name", "Mallory", "password", servicetest.Password), "403 403 403 403"},
		{"GET /{$}", "/", nil, all},
		{"/", "/no-such-page", nil, "303 404 404 404"},
		{"GET /events/new", "/events/new", nil, all},
		{"POST /events/new", "/events/new", values("title", "x", "start", "never"), form},
		{"GET /events/{id}", event, nil, own},
		{"POST /events/{id}", event, values("before", "1h", "webhook", "no-such"), "303 404 404 404"},
		{"POST /events/{id}/preview", event + "/preview", values("before", "1h"), all}, // for others: that there is no such event
		{"GET /explain/{id}", "/explain/" + h.event, nil, own},
		{"GET /deliveries", "/deliveries", nil, all},
		{"GET /deliveries/{id}", delivery, nil, own},
		{"POST /deliveries/{id}/resend", delivery + "/resend", etag, ofBob},
		{"GET /reminders", "/reminders", nil, all},
		{"GET /webhooks", "/webhooks", nil, all},
		{"GET /webhooks/_new", "/webhooks/_new", nil, all},
		{"POST /webhooks/_new", "/webhooks/_new", values("name", "", "url", "x"), form},
		{"POST /webhooks/_preview", "/webhooks/_preview", values("template", "x"), all},
		{"GET /webhooks/{id}", "/webhooks/bob.mine", nil, own},
		{"POST /webhooks/{id}", "/webhooks/bob.mine", values("name", "mine", "etag", `"stale"`), stale},
		{"GET /calendars", "/calendars", nil, all},
		{"GET /calendars/_new", "/calendars/_new", nil, all},
		{"POST /calendars/_new", "/calendars/_new", values("url", "", "do", "look"), form},
		{"GET /calendars/_account/{name}", "/calendars/_account/bob.work", nil, own},
		{"POST /calendars/_account/{name}", "/calendars/_account/bob.work", etag, stale},
		{"GET /calendars/{id}", calendar, nil, own},
		{"POST /calendars/{id}", calendar, etag, stale},
		{"POST /calendars/_apply", "/calendars/_apply", values("calendar", string(h.calendar.ID)), ofBob},
		{"GET /rules", "/rules", nil, all},
		{"POST /rules", "/rules", values("event", h.event), own},
		{"GET /rules/_new", "/rules/_new", nil, all},
		{"POST /rules/_new", "/rules/_new", values("name", ""), form},
		{"GET /rules/{id}", rule, nil, own},
		{"POST /rules/{id}", rule, values("name", "x", "etag", `"stale"`), stale},
		{"GET /pauses", "/pauses", nil, all},
		{"POST /pauses", "/pauses", values("what", "everything", "for", "1h"), "303 403 403 303"},
		{"POST /pauses/end", "/pauses/end", values("of", "calendar: webhook:"), "303 403 403 303"},
		{"GET /settings", "/settings", nil, all},
		{"POST /settings", "/settings", values("time_zone", "Mars/Base"), form},
		{"POST /settings/password", "/settings/password", values("old", "x", "new", "short"), form},
		{"POST /settings/tokens", "/settings/tokens", values("name", "", "scope", "read"), form},
		{"GET /admin", "/admin", nil, "303 403 403 200"},
		{"POST /admin/users", "/admin/users", values("name", "#"), admins},
		{"POST /admin/users/{name}", "/admin/users/Carol", values("do", "password", "password", "short"), admins},
		{"POST /admin/reload", "/admin/reload", nil, "303 403 403 303"},
		{"GET /help", "/help", nil, all},
		{"POST /calendars/_sync", "/calendars/_sync", nil, done},
		{"POST /webhooks/{id}/test", "/webhooks/bob.mine/test", nil, "303 303 404 404"},
		{"POST /events/{id}/mute", event + "/mute", nil, "303 303 404 404"},
		{"POST /events/{id}/unmute", event + "/unmute", nil, "303 303 404 404"},
		{"POST /events/{id}/reminders/{binding}/remove", event + "/reminders/" + string(h.binding) + "/remove", nil, "303 X 404 404"},
		{"POST /rules/{id}/remove", rule + "/remove", nil, "303 X 404 404"},
		{"POST /webhooks/{id}/remove", "/webhooks/bob.mine/remove", nil, "303 X 404 404"},
		{"POST /calendars/_account/{name}/remove", "/calendars/_account/bob.work/remove", nil, "303 X 404 404"},
		{"POST /settings/tokens/{id}/remove", "/settings/tokens/" + string(h.token) + "/remove", nil, "303 X 404 404"},
		{"POST /settings/sign-out", "/settings/sign-out", nil, "303 X X X"},
		{"POST /sign-out", "/sign-out", nil, "303 X X X"},
	}
}

// Every page and form answers each kind of caller as the table says: nobody is sent to the sign-in, others
// are told of nothing that is Bob's, and the pages of admins are theirs. "X" is not tried: it succeeds,
// and takes away what others need. The list is that of the routes registered, so a new route fails
// this test until its permissions are decided.
func TestPagePermissions(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	tried := map[string]bool{}
	for _, r := range h.pages() {
		tried[r.pattern] = true
		for n, want := range strings.Fields(r.want) {
			if want == "X" {
				continue
			}
			method, path := r.request()
			name := []string{"nobody", "Bob", "Carol", "Anna"}[n]
			a := h.as(name).ask(method, path, r.form)
			if got := fmt.Sprint(a.status); got != want {
				t.Errorf("%s as %s: %s to %q, want %s\n%s", r.pattern, name, got, a.to, want, a.main())
			}
			h.keepsSecrets(a, name)
		}
	}
	registered := web.Routes()
	if len(registered) < 50 {
		t.Fatalf("%d routes", len(registered))
	}
	for _, pattern := range registered {
		if !tried[pattern] {
			t.Errorf("%s is not in the table: decide who may use it", pattern)
		}
		delete(tried, pattern)
	}
	for _, pattern := range slices.Sorted(maps.Keys(tried)) {
		t.Errorf("%s is in the table and no route", pattern)
	}
}

// keepsSecrets wants an answer to hold no secret of anybody's, and for others than Bob nothing that is
// his alone.
func (h *house) keepsSecrets(a *answer, name string) {
	h.t.Helper()
	a.lacks("secret-of-", servicetest.Password, "argon2id")
	if name != "Bob" {
		a.lacks("Bob&#39;s secret", "Private", "bobs rule", "bobs token")
	}
}

// A page is asked for by HEAD as by GET, and its answer says the same but for the body.
func TestHead(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	for _, r := range h.pages() {
		method, path := r.request()
		if method != "GET" || strings.HasPrefix(path, "/welcome/") {
			continue
		}
		for _, name := range []string{"nobody", "Bob"} {
			get, head := h.as(name).ask("GET", path, nil), h.as(name).ask("HEAD", path, nil)
			to := get.to
			if name == "nobody" { // there is nothing to come back to
				to, _, _ = strings.Cut(to, "?")
			}
			if head.status != get.status || head.to != to || head.header.Get("Content-Type") != get.header.Get("Content-Type") {
				t.Errorf("%s: %d to %q, want %d to %q", head.what, head.status, head.to, get.status, to)
			}
		}
	}
}

// Only a look at a page is answered by GET: a form's address alone changes nothing, and one that does not
// exist is told so with a way back.
func TestFormsAreNotLinks(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	readable := map[string]bool{}
	for _, r := range h.pages() {
		if method, path := r.request(); method == "GET" {
			readable[path] = true
		}
	}
	for _, r := range h.pages() {
		if method, path := r.request(); method == "POST" && !readable[path] {
			h.as("Anna").ask("GET", path, nil).is(http.StatusNotFound).holds(`href="/"`)
			h.as("Bob").ask("DELETE", path, nil).is(http.StatusNotFound)
		}
	}
	h.as("Bob").ask("POST", "/no-such-page", values("a", "b")).is(http.StatusNotFound).holds("<title>Not found – Calbell</title>")
}
