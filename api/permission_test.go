package api_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"calbell"
	"calbell/api"
	"calbell/service/servicetest"
)

// route is an operation of the API, tried on something of Bob's. want are the statuses for, in
// this order: nobody, Bob, Carol (another member), Anna (the admin); then by tokens: Bob's read
// and write, Anna's read, write and admin.
type route struct {
	op, path, body, want string
}

// routes lists the operations. Changes are tried with an ETag that nothing has: 412 means that the caller may. Where the
// thing is not even there for a caller, the answer is 404, and no word of it.
func (i *inhabited) routes() []route {
	const (
		all    = "401 200 200 200 | 200 200 200 200 200"
		own    = "401 200 404 404 | 200 200 404 404 404"
		admins = "401 403 403 200 | 403 403 403 403 200"
	)
	e, c, d := "/events/"+i.event, "/calendars/"+string(i.calendar.ID), "/deliveries/"+string(i.delivery)
	return []route{
		{"GET /status", "/status", "", all},
		{"POST /reload", "/reload", "", "401 403 403 200 | 403 403 403 403 200"},
		{"GET /calendars", "/calendars", "", all},
		{"GET /calendars/{name}", c, "", own},
		{"POST /calendars/{name}/apply", c + "/apply", "", "401 422 404 404 | 403 422 403 404 404"},
		{"GET /calendars/{name}/settings", c + "/settings", "", own},
		{"PATCH /calendars/{name}/settings", c + "/settings", `{"webhook":"mine"}`, "401 412 404 404 | 403 412 403 404 404"},
		{"POST /sync", "/sync?calendar=" + string(i.calendar.ID), "", "401 200 404 404 | 403 200 403 404 404"},
		{"GET /sync", "/sync", "", all},
		{"GET /stream", "/stream", "", all},
		{"GET /accounts", "/accounts", "", all},
		{"POST /accounts", "/accounts", `{"name":"a/b","url":"https://example.org/"}`, "401 422 422 422 | 403 422 403 422 422"},
		{"POST /accounts/discover", "/accounts/discover", `{"name":"x","url":""}`, "401 422 422 422 | 403 422 403 422 422"},
		{"GET /accounts/{name}", "/accounts/bobs", "", own},
		{"PATCH /accounts/{name}", "/accounts/bobs", `{"time_zone":"Europe/Zurich"}`, "401 412 404 404 | 403 412 403 404 404"},
		{"DELETE /accounts/{name}", "/accounts/bobs", "", "401 412 404 404 | 403 412 403 404 404"},
		{"GET /accounts/{name}/removal", "/accounts/bobs/removal", "", own},
		{"POST /accounts/{name}/discover", "/accounts/bobs/discover", "", "401 200 404 404 | 403 200 403 404 404"},
		{"GET /webhooks", "/webhooks", "", all},
		{"GET /webhooks of an account", "/webhooks?account=bobs", "", own},
		{"POST /webhooks", "/webhooks", `{"name":"","url":"x"}`, "401 422 422 422 | 403 422 403 422 422"},
		{"GET /webhooks/{name}", "/webhooks/bob.mine", "", own},
		{"PATCH /webhooks/{name}", "/webhooks/bob.mine", `{"template":"x"}`, "401 412 404 404 | 403 412 403 404 404"},
		{"DELETE /webhooks/{name}", "/webhooks/bob.mine", "", "401 412 404 404 | 403 412 403 404 404"},
		{"POST /webhooks/{name}/test", "/webhooks/bob.mine/test", "", "401 200 404 404 | 403 200 403 404 404"},
		{"GET /webhooks/{name} shared", "/webhooks/bob.for-all", "", all},
		{"PATCH /webhooks/{name} shared", "/webhooks/bob.for-all", `{"template":"x"}`, "401 412 403 403 | 403 412 403 403 403"},
		{"DELETE /webhooks/{name} shared", "/webhooks/bob.for-all", "", "401 412 403 403 | 403 412 403 403 403"},
		{"POST /webhooks/{name}/test shared", "/webhooks/bob.for-all/test", "", "401 200 200 200 | 403 200 403 200 200"},
		{"GET /webhooks/{name} of the file", "/webhooks/team", "", "401 404 404 200 | 404 404 200 200 200"},
		{"PATCH /webhooks/{name} of the file", "/webhooks/team", `{"template":"x"}`, "401 404 404 422 | 403 404 403 422 422"},
		{"GET /settings", "/settings", "", admins},
		{"POST /preview", "/preview", `{"webhook":{"template":"x"}}`, all},
		{"POST /preview of a webhook", "/preview", `{"of":"bob.mine","webhook":{}}`, own},
		{"POST /preview of a shared one", "/preview", `{"of":"bob.for-all","webhook":{}}`, "401 200 403 403 | 200 200 403 403 403"},
		{"POST /preview with an event", "/preview", `{"event":"` + i.event + `","webhook":{}}`, own},
		{"GET /rules", "/rules", "", all},
		{"POST /rules", "/rules", `{"name":"x"}`, "401 422 422 422 | 403 422 403 422 422"},
		{"GET /rules/{name}", "/rules/" + string(i.rule), "", own},
		{"PATCH /rules/{name}", "/rules/" + string(i.rule), `{"subject":"x"}`, "401 412 404 404 | 403 412 403 404 404"},
		{"DELETE /rules/{name}", "/rules/" + string(i.rule), "", "401 412 404 404 | 403 412 403 404 404"},
		{"GET /events", "/events", "", all},
		{"GET /agenda", "/agenda", "", all},
		{"POST /events", "/events", fmt.Sprintf(`{"calendar":%q,"title":"x","start":"never"}`, i.calendar.ID), "401 422 404 404 | 403 422 403 404 404"},
		{"GET /events/bad", "/events/bad", "", all},
		{"GET /events/{id}", e, "", own},
		{"GET /explain/{id}", "/explain/" + i.event, "", own},
		{"GET /explain/{id} of a delivery", "/explain/" + string(i.delivery), "", own},
		{"GET /events/{id}/rules", e + "/rules", "", own},
		{"POST /events/{id}/reminders", e + "/reminders", `{"before":["1h"],"webhook":"mine"}`, "401 201 404 404 | 403 201 403 404 404"},
		{"POST /events/{id}/reminders/preview", e + "/reminders/preview", `{"before":["1h"],"webhook":"mine"}`, "401 200 404 404 | 403 200 403 404 404"},
		{"POST /events/{id}/unmute", e + "/unmute", "", "401 200 404 404 | 403 200 403 404 404"},
		{"GET /reminders", "/reminders", "", all},
		{"GET /deliveries", "/deliveries", "", all},
		{"GET /deliveries/{id}", d, "", own},
		{"GET /deliveries/{id}/message", d + "/message", "", own},
		{"POST /deliveries/{id}/resend", d + "/resend", "", "401 422 404 404 | 403 422 403 404 404"},
		{"POST /deliveries/resend", "/deliveries/resend", `{"webhook":"mine","since":"2026-01-01T00:00:00Z"}`, "401 200 404 404 | 403 200 403 404 404"},
		{"GET /pauses", "/pauses", "", all},
		{"PUT /pauses", "/pauses", `{"until":"2001-01-01T00:00:00Z"}`, "401 403 403 404 | 403 403 403 403 404"},
		{"PUT /pauses of a calendar", "/pauses", fmt.Sprintf(`{"calendar":%q,"until":"2001-01-01T00:00:00Z"}`, i.calendar.ID), "401 404 404 404 | 403 404 403 404 404"},
		{"GET /users", "/users", "", admins},
		{"POST /users", "/users", `{"name":"#"}`, "401 403 403 422 | 403 403 403 403 422"},
		{"GET /users/{name}", "/users/bob", "", "401 200 403 200 | 200 200 403 403 200"},
		{"PATCH /users/{name}", "/users/bob", `{"locale":"fr"}`, "401 412 403 412 | 403 412 403 403 412"},
		{"PATCH /users/{name} their role", "/users/bob", `{"role":"admin"}`, "401 412 403 412 | 403 412 403 403 412"},
		{"DELETE /users/{name}", "/users/bob", "", "401 403 403 412 | 403 403 403 403 412"},
		{"GET /users/{name}/removal", "/users/bob/removal", "", admins},
		{"POST /users/{name}/password", "/users/bob/password", `{"new":"short"}`, "401 422 403 422 | 403 403 403 403 422"},
		{"POST /users/{name}/sign-out", "/users/nobody-at-all/sign-out", "", "401 403 403 404 | 403 403 403 403 404"},
		{"POST /setup-link", "/setup-link", "", "401 403 403 403 | 403 403 403 403 403"},
		{"GET /tokens", "/tokens", "", all},
		{"POST /tokens", "/tokens", `{"name":"x","scopes":["admin"],"user":"Carol"}`, "401 403 403 403 | 403 403 403 403 403"},
		{"POST /tokens beyond oneself", "/tokens", `{"name":"x","scopes":["admin"]}`, "401 403 403 201 | 403 403 403 403 201"},
		{"POST /store/check", "/store/check", "", admins},
		{"GET /backup", "/backup", "", admins},
		{"POST /session", "/session", `{"name":"Nobody","password":"wrong"}`, "403 403 X X | X X X X X"},
		{"POST /setup", "/setup", `{"secret":"x","name":"Mallory","password":"correct horse battery"}`, "403 403 403 403 | 403 403 403 403 403"},
		{"GET /openapi.json", "/openapi.json", "", all},
		{"GET /openapi-3.0.json", "/openapi-3.0.json", "", all},
		{"GET /openapi.yaml", "/openapi.yaml", "", all},
		{"GET /openapi-3.0.yaml", "/openapi-3.0.yaml", "", all},
		// In the end, because they succeed.
		{"DELETE /tokens/{id}", "/tokens/" + string(i.token), "", "401 X 404 404 | 403 X 403 404 404"},
		{"DELETE /bindings/{id}", "/bindings/" + string(i.binding), "", "401 X 404 404 | 403 X 403 404 404"},
		{"DELETE /session", "/session", "", "204 X X X | 204 204 204 204 204"},
	}
}

// Every route is tried as everybody, with a session and with tokens of each scope: each caller gets
// the status that the table says, an answer that the document describes, and no word of what is
// somebody else's. "X" is not tried.
func TestPermissions(t *testing.T) {
	i := inhabit(t)
	i.furnish(t)
	token := func(of calbell.Caller, scope calbell.Scope) calbell.Caller {
		of.Scopes = []calbell.Scope{scope}
		return of
	}
	callers := []struct {
		name string
		who  calbell.Caller
	}{
		{"nobody", calbell.Caller{}},
		{"Bob", i.bob},
		{"Carol", i.carol},
		{"Anna", i.anna},
		{"Bob, read", token(i.bob, calbell.ScopeRead)},
		{"Bob, write", token(i.bob, calbell.ScopeWrite)},
		{"Anna, read", token(i.anna, calbell.ScopeRead)},
		{"Anna, write", token(i.anna, calbell.ScopeWrite)},
		{"Anna, admin", token(i.anna, calbell.ScopeAdmin)},
	}
	tried, described, doc := map[string]bool{}, map[string]bool{}, i.document(t)
	for _, r := range i.routes() {
		method, path, _ := strings.Cut(r.op, " ")
		path, _, _ = strings.Cut(path, " ")
		tried[method+" "+path] = true
		for n, want := range strings.Fields(strings.ReplaceAll(r.want, "|", "")) {
			if want == "X" {
				continue
			}
			who := callers[n]
			rec := i.ask(t, who.who, method, r.path, r.body, "If-Match", `"stale"`)
			if got := fmt.Sprint(rec.Code); got != want {
				t.Errorf("%s as %s: %s %.200s, want %s", r.op, who.name, got, rec.Body, want)
			}
			mustNotLeak(t, r.op+" as "+who.name, who.name, rec.Body.Bytes())
			answer := fmt.Sprint(r.op, rec.Code)
			if strings.HasPrefix(path, "/openapi") || described[answer] { // it does not describe itself
				continue
			}
			described[answer] = true
			if err := doc.check(method, path, rec.Result(), rec.Body.Bytes()); err != nil {
				t.Errorf("%s as %s: %d %.300s: %v", r.op, who.name, rec.Code, rec.Body, err)
			}
		}
	}
	everyRoute(t, tried)
}

// mustNotLeak looks for secrets in an answer, and for what is Bob's in answers to others.
func mustNotLeak(t *testing.T, what, who string, text []byte) {
	t.Helper()
	for _, secret := range []string{"secret-of-", servicetest.Password, "argon2id"} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("%s: the answer holds %s", what, secret)
		}
	}
	if strings.HasPrefix(who, "Bob") {
		return
	}
	for _, words := range []string{"Meeting", "meeting@example.org", "bobs-template", `"Own"`, "bobs rule", "bobs token"} {
		if bytes.Contains(text, []byte(words)) {
			t.Errorf("%s: the answer tells of %s", what, words)
		}
	}
}

// everyRoute wants each route that the API registers in the table, and no other.
func everyRoute(t *testing.T, tried map[string]bool) {
	t.Helper()
	registered := api.Routes(noDoor{})
	if len(registered) < 50 {
		t.Fatalf("%d routes", len(registered))
	}
	for _, pattern := range registered {
		op := strings.Replace(pattern, " /api/v1", " ", 1)
		if !tried[op] {
			t.Errorf("%s is not in the table: decide who may use it", op)
		}
		delete(tried, op)
	}
	for op := range tried {
		t.Errorf("%s is in the table and no route", op)
	}
}
