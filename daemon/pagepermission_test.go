package daemon_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"calbell"
	"calbell/web"
)

// pageRoute is a page or form, tried on something of Bob's. form is what is sent; nil: nothing.
// want are the statuses for nobody, Bob, Carol (another member) and Anna (the admin), in this
// order. Tokens are rejected everywhere.
type pageRoute struct {
	pattern, path string
	form          url.Values
	want          string
}

// pages lists every page and form. Forms are sent with a mistake, so that their answer tells
// whether the caller may do it: 422 that they may. Those that succeed come last.
func (i *inhabited) pages() []pageRoute {
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
	event, delivery := "/events/"+i.event, "/deliveries/"+string(i.delivery)
	calendar, rule := "/calendars/"+string(i.calendar), "/rules/"+string(i.rule)
	etag := url.Values{"etag": {`"stale"`}}
	with := func(pairs ...string) url.Values {
		v := url.Values{}
		for n := 0; n < len(pairs); n += 2 {
			v.Set(pairs[n], pairs[n+1])
		}
		return v
	}
	return []pageRoute{
		{"GET /static/{name}", "/static/app.css", nil, open},
		{"GET /sign-in", "/sign-in", nil, "200 303 303 303"},
		{"POST /sign-in", "/sign-in", with("name", "Nobody"), "403 303 303 303"},
		{"GET /welcome/{secret}", "/welcome/x", nil, done},
		{"GET /setup/{secret}", "/setup/x", nil, open},
		{"POST /setup/{secret}", "/setup/x", with("name", "Mallory", "password", password), "403 403 403 403"},
		{"GET /{$}", "/", nil, all},
		{"/", "/no-such-page", nil, "303 404 404 404"},
		{"GET /events/new", "/events/new", nil, all},
		{"POST /events/new", "/events/new", with("title", "x", "start", "never"), form},
		{"GET /events/{id}", event, nil, own},
		{"POST /events/{id}", event, with("before", "1h", "webhook", "no-such"), "303 404 404 404"},
		{"POST /events/{id}/preview", event + "/preview", with("before", "1h"), all}, // for others: that there is no such event
		{"GET /explain/{id}", "/explain/" + i.event, nil, own},
		{"GET /deliveries", "/deliveries", nil, all},
		{"GET /deliveries/{id}", delivery, nil, own},
		{"POST /deliveries/{id}/resend", delivery + "/resend", etag, ofBob},
		{"GET /reminders", "/reminders", nil, all},
		{"GET /webhooks", "/webhooks", nil, all},
		{"GET /webhooks/_new", "/webhooks/_new", nil, all},
		{"POST /webhooks/_new", "/webhooks/_new", with("name", "", "url", "x"), form},
		{"POST /webhooks/_preview", "/webhooks/_preview", with("template", "x"), all},
		{"GET /webhooks/{id}", "/webhooks/bob.mine", nil, own},
		{"POST /webhooks/{id}", "/webhooks/bob.mine", with("name", "mine", "etag", `"stale"`), stale},
		{"GET /calendars", "/calendars", nil, all},
		{"GET /calendars/_new", "/calendars/_new", nil, all},
		{"POST /calendars/_new", "/calendars/_new", with("url", "", "do", "look"), form},
		{"GET /calendars/_account/{name}", "/calendars/_account/bobs", nil, own},
		{"POST /calendars/_account/{name}", "/calendars/_account/bobs", etag, stale},
		{"GET /calendars/{id}", calendar, nil, own},
		{"POST /calendars/{id}", calendar, etag, stale},
		{"POST /calendars/_apply", "/calendars/_apply", with("calendar", string(i.calendar)), ofBob},
		{"GET /rules", "/rules", nil, all},
		{"POST /rules", "/rules", with("event", i.event), own},
		{"GET /rules/_new", "/rules/_new", nil, all},
		{"POST /rules/_new", "/rules/_new", with("name", ""), form},
		{"GET /rules/{id}", rule, nil, own},
		{"POST /rules/{id}", rule, with("name", "x", "etag", `"stale"`), stale},
		{"GET /pauses", "/pauses", nil, all},
		{"POST /pauses", "/pauses", with("what", "everything", "for", "1h"), "303 403 403 303"},
		{"POST /pauses/end", "/pauses/end", with("of", "calendar: webhook:"), "303 403 403 303"},
		{"GET /settings", "/settings", nil, all},
		{"POST /settings", "/settings", with("time_zone", "Mars/Base"), form},
		{"POST /settings/password", "/settings/password", with("old", "x", "new", "short"), form},
		{"POST /settings/tokens", "/settings/tokens", with("name", "", "scope", "read"), form},
		{"GET /admin", "/admin", nil, "303 403 403 200"},
		{"POST /admin/users", "/admin/users", with("name", "#"), admins},
		{"POST /admin/users/{name}", "/admin/users/Carol", with("do", "password", "password", "short"), admins},
		{"POST /admin/reload", "/admin/reload", nil, "303 403 403 303"},
		{"GET /help", "/help", nil, all},
		{"POST /calendars/_sync", "/calendars/_sync", nil, done},
		{"POST /webhooks/{id}/test", "/webhooks/bob.mine/test", nil, "303 303 404 404"},
		{"POST /events/{id}/mute", event + "/mute", nil, "303 303 404 404"},
		{"POST /events/{id}/unmute", event + "/unmute", nil, "303 303 404 404"},
		{"POST /events/{id}/reminders/{binding}/remove", event + "/reminders/" + string(i.binding) + "/remove", nil, "303 X 404 404"},
		{"POST /rules/{id}/remove", rule + "/remove", nil, "303 X 404 404"},
		{"POST /webhooks/{id}/remove", "/webhooks/bob.mine/remove", nil, "303 X 404 404"},
		{"POST /calendars/_account/{name}/remove", "/calendars/_account/bobs/remove", nil, "303 X 404 404"},
		{"POST /settings/tokens/{id}/remove", "/settings/tokens/" + string(i.token) + "/remove", nil, "303 X 404 404"},
		{"POST /settings/sign-out", "/settings/sign-out", nil, "303 X X X"},
		{"POST /sign-out", "/sign-out", nil, "303 X X X"},
	}
}

// TestPagePermissions tries every page and form as every kind of caller, with every scope. "X"
// is not tried: it succeeds, and takes away what others need. The list is that of the routes
// registered, so a new route fails this test until its permissions are decided.
func TestPagePermissions(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	anna := i.signIn("Anna")
	people := []*visitor{i.visitor(), i.signIn("Bob"), i.signIn("Carol"), anna}
	tokens := i.tokenBearers(anna)
	tried, before := map[string]bool{}, i.belongings()
	for _, r := range i.pages() {
		tried[r.pattern] = true
		for name, v := range tokens { // first, while there is everything that a token could take away
			if got := v.opens(r, name); got != http.StatusForbidden && got != http.StatusUnauthorized {
				t.Errorf("%s by %s: %d, want that it is rejected", r.pattern, name, got)
			}
		}
	}
	if after := i.belongings(); after != before {
		t.Errorf("tokens changed something:\n%s\n%s", before, after)
	}
	for _, r := range i.pages() {
		for n, want := range strings.Fields(r.want) {
			if want == "X" {
				continue
			}
			name := []string{"nobody", "Bob", "Carol", "Anna"}[n]
			if got := fmt.Sprint(people[n].opens(r, name)); got != want {
				t.Errorf("%s as %s: %s, want %s", r.pattern, name, got, want)
			}
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

// tokenBearers are programs with a token of each kind, alone and in the browser of an admin who
// is signed in.
func (i *inhabited) tokenBearers(admin *visitor) map[string]*visitor {
	i.Helper()
	all := map[string]*visitor{}
	for _, user := range []string{"Anna", "Bob"} {
		for _, scope := range []calbell.Scope{calbell.ScopeRead, calbell.ScopeWrite, calbell.ScopeAdmin} {
			if user == "Bob" && scope == calbell.ScopeAdmin { // no member is given one
				continue
			}
			v := i.bearer(user, scope)
			all[fmt.Sprintf("%s's token with the scope %s", user, scope)] = v
			both := *admin
			both.token = v.token
			all[fmt.Sprintf("%s's token with the scope %s in an admin's browser", user, scope)] = &both
		}
	}
	unknown := i.visitor()
	unknown.token = "calbell_0123456789abcdef_unknown"
	all["an unknown token"] = unknown
	return all
}

// opens opens a page or sends a form, and returns the status of the answer.
func (v *visitor) opens(r pageRoute, name string) int {
	v.h.Helper()
	method, _, ok := strings.Cut(r.pattern, " ")
	if !ok {
		method = "GET"
	}
	resp, text := v.ask(method, r.path, r.form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	if resp.StatusCode >= http.StatusInternalServerError {
		v.h.Errorf("%s: %d\n%s\n%s", r.pattern, resp.StatusCode, inside(string(text)), v.h.log)
	}
	mustNotLeak(v.h, r.pattern+" as "+name, name, text)
	return resp.StatusCode
}

// belongings is what users have, in words that change with it.
func (i *inhabited) belongings() string {
	i.Helper()
	ctx := i.Context()
	webhooks, err := i.client.Webhooks(ctx)
	i.ok(err)
	rules, err := i.client.Rules(ctx)
	i.ok(err)
	accounts, err := i.client.Accounts(ctx)
	i.ok(err)
	tokens, err := i.client.Tokens(ctx)
	i.ok(err)
	for n := range tokens { // that it was used may be noted
		tokens[n].LastUsedAt = tokens[n].MadeAt
	}
	users, err := i.client.Users(ctx)
	i.ok(err)
	pauses, err := i.client.Pauses(ctx)
	i.ok(err)
	return fmt.Sprintf("%+v\n%+v\n%+v\n%+v\n%+v\n%+v\n%d posts", webhooks, rules, accounts, tokens, users, pauses, len(i.chat.Requests()))
}

// However a path is spelled, the page takes no token, and the API asks for its scope.
func TestTokensAndSpellingsOfPaths(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	reader, before := i.bearer("Bob", calbell.ScopeRead), i.belongings()
	for _, path := range []string{
		"/webhooks/bob.mine/remove", "//webhooks/bob.mine/remove", "/./webhooks/bob.mine/remove", "/api/v1/../../webhooks/bob.mine/remove",
		"/api/v1/..%2f../webhooks/bob.mine/remove", "/api/v1%2f../webhooks/bob.mine/remove", "/%77ebhooks/bob.mine/remove", "/WEBHOOKS/bob.mine/remove",
		"/api/v1/webhooks/bob.mine", "/API/V1/webhooks/bob.mine", "/api//v1/webhooks/bob.mine", "/api/v1%2Fwebhooks%2Fbob.mine", "/api/v1/webhooks/bob%2Emine",
		"/settings/sign-out", "/settings/sign-out/", "/settings/sign-out?_method=POST", "/api/v1/users/bob/sign-out",
	} {
		for _, method := range []string{"POST", "DELETE", "PATCH", "PUT", "OPTIONS", "HEAD", "GET", "post", "BREW"} {
			resp, text := reader.ask(method, path, "{}", "X-HTTP-Method-Override", "DELETE", "If-Match", "*")
			if resp.StatusCode < 300 && method != "GET" && method != "HEAD" || resp.StatusCode >= 500 {
				t.Errorf("%s %s: %d %.200s", method, path, resp.StatusCode, text)
			}
		}
	}
	for _, elsewhere := range []string{"?access_token=", "?token=", "?authorization=Bearer%20"} { // RFC 6750 §2.3: not taken
		if resp, _ := i.visitor().ask("GET", "/api/v1/status"+elsewhere+reader.token, ""); resp.StatusCode < 400 {
			t.Errorf("a token in %s: %d", elsewhere, resp.StatusCode)
		}
	}
	if after := i.belongings(); after != before {
		t.Errorf("a token that may read changed something:\n%s\n%s", before, after)
	}
}
