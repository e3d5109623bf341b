package daemon_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api"
	"calbell/api/types"
	"calbell/caldav/caldavtest"
	"calbell/config"
)

const password = "correct horse battery"

// visitor is somebody at the page's address, with a cookie jar or a token.
type visitor struct {
	h     *house
	http  *http.Client
	token string
}

// visitor comes in without a name.
func (h *house) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	h.ok(err)
	return &visitor{h: h, http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// ask sends a request and returns the answer with its body. body "" is none.
func (v *visitor) ask(method, path, body string, headers ...string) (*http.Response, []byte) {
	v.h.Helper()
	req, err := http.NewRequestWithContext(v.h.Context(), method, "http://"+v.h.cfg.Server.Listen+path, strings.NewReader(body))
	v.h.ok(err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if v.token != "" {
		req.Header.Set("Authorization", "Bearer "+v.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := v.http.Do(req)
	v.h.ok(err)
	defer resp.Body.Close()
	if resp.Header.Get("Content-Type") == "text/event-stream" { // which has no end
		return resp, nil
	}
	text, err := io.ReadAll(resp.Body)
	v.h.ok(err)
	return resp, text
}

// signIn signs a user in.
func (h *house) signIn(name string) *visitor {
	h.Helper()
	v := h.visitor()
	resp, text := v.ask("POST", "/api/v1/session", fmt.Sprintf(`{"name":%q,"password":%q}`, name, password))
	if resp.StatusCode != http.StatusOK {
		h.Fatalf("sign in %s: %d %s", name, resp.StatusCode, text)
	}
	return v
}

// bearer speaks by a new token.
func (h *house) bearer(user string, scopes ...calbell.Scope) *visitor {
	h.Helper()
	t, err := h.client.AddToken(h.Context(), types.NewToken{Name: "test", User: user, Scopes: scopes})
	h.ok(err)
	v := h.visitor()
	v.token = t.Text
	return v
}

// inhabited is a house with an admin and two members, of whom Bob has one of everything.
type inhabited struct {
	*house
	calendar calbell.CalendarID
	event    string
	binding  calbell.BindingID
	delivery calbell.ReminderID
	rule     calbell.RuleID
	token    calbell.TokenID
}

func inhabit(t *testing.T) *inhabited {
	t.Helper()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	h.calendars.AddUser("bob", "bobs-password")
	h.calendars.AddCalendar("bob", caldavtest.Calendar{Path: "private", Name: "Private", TimeZone: "Europe/Zurich"})
	h.calendars.Put("bob", "private", "secret.ics", []byte(event("secret@example.org", "Bob's secret", time.Now().Add(48*time.Hour))))
	again := *h.cfg
	h.reload = func() (*config.Config, error) { return &again, nil }
	h.start()
	ctx := t.Context()
	for name, role := range map[string]calbell.Role{"Anna": calbell.RoleAdmin, "Bob": calbell.RoleMember, "Carol": calbell.RoleMember} {
		_, err := h.client.AddUser(ctx, types.NewUser{Name: name, Role: role, Password: password})
		h.ok(err)
	}
	i := &inhabited{house: h}
	bob := h.signIn("Bob")
	made := func(path, body string, into any) {
		t.Helper()
		resp, text := bob.ask("POST", "/api/v1"+path, body)
		if resp.StatusCode != http.StatusCreated && resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s", path, resp.StatusCode, text)
		}
		if into != nil {
			h.ok(json.Unmarshal(text, into))
		}
	}
	made("/webhooks", fmt.Sprintf(`{"name":"mine","url":%q}`, h.chat.URL("/hooks/bobs-hook")), nil)
	made("/webhooks", fmt.Sprintf(`{"name":"for all","url":%q,"share":true,"template":"bobs-template"}`, h.chat.URL("/hooks/bobs-hook")), nil)
	made("/accounts", fmt.Sprintf(`{"name":"bobs","url":%q,"username":"bob","password":"bobs-password","webhook":"mine"}`, h.calendars.URL()), nil)
	made("/sync?wait=true", "", nil)
	var rule types.RuleEntry
	made("/rules", `{"name":"bobs rule","subject":"nothing","min_duration":"30m","max_duration":"1d","webhooks":["mine"]}`, &rule)
	if rule.MinDuration != "30m" || rule.MaxDuration != "1d" { // as they were asked for
		t.Fatalf("rule %+v", rule)
	}
	var token types.MadeToken
	made("/tokens", `{"name":"bobs token","scopes":["read"]}`, &token)
	i.rule, i.token = rule.ID, token.ID
	var calendars []types.CalendarRow
	_, text := bob.ask("GET", "/api/v1/calendars", "")
	h.ok(json.Unmarshal(text, &calendars))
	var events []types.EventRow
	_, text = bob.ask("GET", "/api/v1/events", "")
	h.ok(json.Unmarshal(text, &events))
	if len(calendars) != 1 || len(events) != 1 {
		t.Fatalf("Bob has %d calendars and %d events", len(calendars), len(events))
	}
	i.calendar, i.event = calendars[0].ID, events[0].ID
	var attached types.AttachedReminders
	made("/events/"+i.event+"/reminders", `{"before":["1h"],"webhook":"mine"}`, &attached)
	i.binding = attached.Bindings[0].ID
	var planned []types.DeliveryRow
	_, text = bob.ask("GET", "/api/v1/reminders", "")
	h.ok(json.Unmarshal(text, &planned))
	if len(planned) == 0 {
		t.Fatal("nothing is planned for Bob")
	}
	i.delivery = planned[0].ID
	return i
}

// route is an operation of the API, tried on something of Bob's. want are the statuses for, in
// this order: nobody, Bob, Carol (another member), Anna (the admin); then by tokens: Bob's read
// and write, Anna's read, write and admin.
type route struct {
	op, path, body, want string
}

// Changes are tried with an ETag that nothing has: 412 means that the caller may. Where the
// thing is not even there for a caller, the answer is 404, and no word of it.
func (i *inhabited) routes() []route {
	const (
		all    = "401 200 200 200 | 200 200 200 200 200"
		own    = "401 200 404 404 | 200 200 404 404 404"
		admins = "401 403 403 200 | 403 403 403 403 200"
	)
	e, c, d := "/events/"+i.event, "/calendars/"+string(i.calendar), "/deliveries/"+string(i.delivery)
	return []route{
		{"GET /status", "/status", "", all},
		{"POST /reload", "/reload", "", "401 403 403 200 | 403 403 403 403 200"},
		{"GET /calendars", "/calendars", "", all},
		{"GET /calendars/{name}", c, "", own},
		{"POST /calendars/{name}/apply", c + "/apply", "", "401 422 404 404 | 403 422 403 404 404"},
		{"GET /calendars/{name}/settings", c + "/settings", "", own},
		{"PATCH /calendars/{name}/settings", c + "/settings", `{"webhook":"mine"}`, "401 412 404 404 | 403 412 403 404 404"},
		{"POST /sync", "/sync?calendar=" + string(i.calendar), "", "401 200 404 404 | 403 200 403 404 404"},
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
		{"POST /events", "/events", fmt.Sprintf(`{"calendar":%q,"title":"x","start":"never"}`, i.calendar), "401 422 404 404 | 403 422 403 404 404"},
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
		{"PUT /pauses of a calendar", "/pauses", fmt.Sprintf(`{"calendar":%q,"until":"2001-01-01T00:00:00Z"}`, i.calendar), "401 404 404 404 | 403 404 403 404 404"},
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
		{"POST /session", "/session", `{"name":"Nobody","password":"wrong"}`, "403 403 403 403 | 403 403 403 403 403"},
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

// TestPermissions tries every route as everybody. "X" is not tried.
func TestPermissions(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	callers := []struct {
		name string
		*visitor
	}{
		{"nobody", i.visitor()},
		{"Bob", i.signIn("Bob")},
		{"Carol", i.signIn("Carol")},
		{"Anna", i.signIn("Anna")},
		{"Bob, read", i.bearer("Bob", calbell.ScopeRead)},
		{"Bob, write", i.bearer("Bob", calbell.ScopeWrite)},
		{"Anna, read", i.bearer("Anna", calbell.ScopeRead)},
		{"Anna, write", i.bearer("Anna", calbell.ScopeWrite)},
		{"Anna, admin", i.bearer("Anna", calbell.ScopeAdmin)},
	}
	both := *callers[3].visitor // a token counts for no more in the browser of somebody who is signed in
	both.token = callers[bobReads].token
	tried, doc := map[string]bool{}, i.document(callers[3].visitor)
	for _, r := range i.routes() {
		method, path, _ := strings.Cut(r.op, " ")
		path, _, _ = strings.Cut(path, " ")
		tried[method+" "+path] = true
		for n, want := range strings.Fields(strings.ReplaceAll(r.want, "|", "")) {
			if want == "X" {
				continue
			}
			who := callers[n]
			if n == bobReads {
				if resp, text := both.ask(method, "/api/v1"+r.path, r.body, "If-Match", `"stale"`); fmt.Sprint(resp.StatusCode) != want {
					t.Errorf("%s as Bob, read, with Anna's session: %s %.200s, want %s", r.op, resp.Status, text, want)
				}
			}
			resp, text := who.ask(method, "/api/v1"+r.path, r.body, "If-Match", `"stale"`)
			if got := fmt.Sprint(resp.StatusCode); got != want {
				t.Errorf("%s as %s: %s %.200s, want %s", r.op, who.name, got, text, want)
			}
			mustNotLeak(t, r.op+" as "+who.name, who.name, text)
			if strings.HasPrefix(path, "/openapi") { // it does not describe itself
				continue
			}
			if err := doc.check(method, path, resp, text); err != nil {
				t.Errorf("%s as %s: %d %.300s: %v", r.op, who.name, resp.StatusCode, text, err)
			}
		}
	}
	everyRoute(t, tried)
}

// bobReads is the column of the token with the least scope.
const bobReads = 4

// mustNotLeak looks for what is Bob's in answers to others.
func mustNotLeak(t testing.TB, what, who string, text []byte) {
	t.Helper()
	for _, secret := range []string{"bobs-hook", "bobs-password", "canary-hook", "canary-password", "argon2id"} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("%s: the answer holds %s", what, secret)
		}
	}
	if strings.HasPrefix(who, "Bob") || strings.Contains(what, "/backup") {
		return
	}
	for _, words := range []string{"Bob's secret", "secret@example.org", "bobs-template", `"Private"`, "bobs rule", "bobs token"} {
		if bytes.Contains(text, []byte(words)) {
			t.Errorf("%s: the answer tells of %s", what, words)
		}
	}
}

// everyRoute wants each route that the API registers in the table, and no other.
func everyRoute(t *testing.T, tried map[string]bool) {
	t.Helper()
	registered := api.Routes(struct{ api.Door }{})
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
