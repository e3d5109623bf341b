package daemon_test

import (
	"fmt"
	"testing"

	"calbell"
)

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
