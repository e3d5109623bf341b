package daemon_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"calbell"
	"calbell/web"
)

// place is the path of a page's pattern, for something of Bob's.
func (i *inhabited) place(pattern string) (method, path string) {
	method, path, ok := strings.Cut(pattern, " ")
	if !ok {
		return "GET", pattern
	}
	return method, strings.NewReplacer(
		"{$}", "", "{secret}", "x", "{name}", "bobs", "{binding}", string(i.binding), "/static/{name}", "/static/app.css", "/users/{name}", "/users/Carol",
		"/events/{id}", "/events/"+i.event, "/explain/{id}", "/explain/"+i.event, "/deliveries/{id}", "/deliveries/"+string(i.delivery),
		"/webhooks/{id}", "/webhooks/bob.mine", "/calendars/{id}", "/calendars/"+string(i.calendar), "/rules/{id}", "/rules/"+string(i.rule),
		"/tokens/{id}", "/tokens/"+string(i.token),
	).Replace(path)
}

// Tokens are for programs: every page and form rejects them, whatever their scope, and in the browser of
// somebody who is signed in too. Who may open which page is tested in package web.
func TestPagesTakeNoTokens(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	anna := i.signIn("Anna")
	tokens, before := i.tokenBearers(anna), i.belongings()
	for _, pattern := range web.Routes() {
		method, path := i.place(pattern)
		if strings.Contains(path, "{") {
			t.Errorf("%s: no path for it", pattern)
		}
		for name, v := range tokens {
			if got := v.opens(method, path, name); got != http.StatusForbidden && got != http.StatusUnauthorized {
				t.Errorf("%s by %s: %d, want that it is rejected", pattern, name, got)
			}
		}
	}
	if after := i.belongings(); after != before {
		t.Errorf("tokens changed something:\n%s\n%s", before, after)
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
func (v *visitor) opens(method, path, name string) int {
	v.h.Helper()
	resp, text := v.ask(method, path, "a=b", "Content-Type", "application/x-www-form-urlencoded")
	if resp.StatusCode >= http.StatusInternalServerError {
		v.h.Errorf("%s: %d\n%s\n%s", path, resp.StatusCode, inside(string(text)), v.h.log)
	}
	mustNotLeak(v.h, path+" as "+name, name, text)
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
