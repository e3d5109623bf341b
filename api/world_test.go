package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api"
	"calbell/api/types"
	"calbell/service/servicetest"
)

// inhabited is the API over a real store, in which Bob has one of everything.
type inhabited struct {
	*servicetest.World
	bob, anna calbell.Caller
	calendar  calbell.Calendar
	event     string
	signedIn  []string // by the door

	handler http.Handler
	who     calbell.Caller // who asks
}

func inhabit(t *testing.T) *inhabited {
	t.Helper()
	w := servicetest.New(t)
	i := &inhabited{World: w, bob: w.User("Bob", calbell.RoleMember), anna: w.User("Anna", calbell.RoleAdmin)}
	w.Webhook("Bob", "mine", false)
	i.calendar = w.Account("Bob", "bobs", "Own")
	i.event = w.Event(i.calendar, "Meeting", time.Now().Add(48*time.Hour), "")
	i.handler = api.Handler(w.Service, "v0.0.0-test", func(*http.Request) calbell.Caller { return i.who }, door{i})
	return i
}

// door notes who is signed in.
type door struct{ *inhabited }

func (d door) SignIn(_ context.Context, u calbell.User) error {
	d.signedIn = append(d.signedIn, u.Name)
	return nil
}
func (door) SignOut(context.Context) error             { return nil }
func (door) Peer(context.Context, string) calbell.Peer { return calbell.Peer{Browser: "one"} }

// ask sends a request in the name of a caller.
func (i *inhabited) ask(t *testing.T, who calbell.Caller, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond) // a stream has no other end
	if !strings.HasSuffix(path, "/stream") {
		cancel()
		ctx = t.Context()
	}
	defer cancel()
	req := httptest.NewRequestWithContext(ctx, method, "/api/v1"+path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	for n := 0; n+1 < len(headers); n += 2 {
		req.Header.Set(headers[n], headers[n+1])
	}
	rec := httptest.NewRecorder()
	i.who = who
	i.handler.ServeHTTP(rec, req)
	return rec
}

// Every operation asks the service for what it is about: tried by whom it succeeds for, each answers
// with its own status, and nobody gets more than a 401.
func TestEveryOperation(t *testing.T) {
	i := inhabit(t)
	ctx, now := t.Context(), time.Now()
	local := calbell.LocalAdmin()
	rule, err := i.Rules.Add(ctx, i.bob, types.NewRule{Name: "r", RuleSpec: calbell.RuleSpec{Webhooks: []string{"mine"}}})
	i.OK(err)
	attached, err := i.Reminders.Add(ctx, i.bob, types.NewReminder{Event: i.event, Webhook: "mine", Before: []calbell.Lead{{Exact: time.Hour}}})
	i.OK(err)
	i.Event(i.calendar, "Meeting", now.Add(48*time.Hour), "")
	coming, err := i.Deliveries.ComingPage(ctx, i.bob, 1, "", now)
	i.OK(err)
	token, err := i.Tokens.Add(ctx, i.bob, types.NewToken{Name: "t", Scopes: []calbell.Scope{calbell.ScopeRead}}, now)
	i.OK(err)
	tested, err := i.Webhooks.Test(ctx, i.bob, "mine", types.Sample{})
	i.OK(err)
	c, d, e := "/calendars/"+string(i.calendar.ID), "/deliveries/"+string(coming.Rows[0].ID), "/events/"+i.event
	tried := map[string]bool{}
	for _, o := range []struct {
		who         calbell.Caller
		route, path string // "": the route's own
		body        string
		status      int
		text        string // that the answer has
	}{
		{i.bob, "GET /status", "", "", 200, `"version":"v0.0.0-test"`},
		{i.anna, "POST /reload", "", "", 200, ""},
		{i.anna, "GET /settings", "", "", 200, `"key":"locale"`},
		{i.bob, "GET /calendars", "", "", 200, `"name":"Own"`},
		{i.bob, "GET /calendars/{name}", c, "", 200, `"name":"Own"`},
		{i.bob, "POST /calendars/{name}/apply", c + "/apply", "", 422, "nothing is held back"},
		{i.bob, "GET /calendars/{name}/settings", c + "/settings", "", 200, "{"},
		{i.bob, "PATCH /calendars/{name}/settings", c + "/settings", `{"webhook":"mine"}`, 200, `"bob.mine"`},
		{i.bob, "POST /sync", "/sync?wait=true", "", 200, `"account":"bob.bobs"`},
		{i.bob, "GET /sync", "", "", 200, `"account":"bob.bobs"`},
		{i.bob, "GET /stream", "", "", 200, ""},
		{i.bob, "GET /accounts", "", "", 200, `"name":"bobs"`},
		{i.bob, "POST /accounts", "", `{"name":"more","url":"https://cal.example.org","username":"b","password":"x"}`, 201, `"id":"bob.more"`},
		{i.bob, "POST /accounts/discover", "", `{"name":"x","url":"https://cal.example.org","username":"b","password":"x"}`, 200, `"calendars"`},
		{i.bob, "GET /accounts/{name}", "/accounts/bobs", "", 200, `"password":"[secret]"`},
		{i.bob, "PATCH /accounts/{name}", "/accounts/more", `{"time_zone":"Europe/Zurich"}`, 200, `"time_zone":"Europe/Zurich"`},
		{i.bob, "GET /accounts/{name}/removal", "/accounts/bobs/removal", "", 200, `"reminders":1`},
		{i.bob, "POST /accounts/{name}/discover", "/accounts/bobs/discover", "", 200, `"calendars"`},
		{i.bob, "DELETE /accounts/{name}", "/accounts/more", "", 204, ""},
		{i.bob, "GET /webhooks", "", "", 200, `"id":"bob.mine"`},
		{i.bob, "POST /webhooks", "", `{"name":"more","url":"https://chat.example.org/hooks/x"}`, 201, `"id":"bob.more"`},
		{i.bob, "GET /webhooks/{name}", "/webhooks/mine", "", 200, `"url":"[secret]"`},
		{i.bob, "PATCH /webhooks/{name}", "/webhooks/more", `{"template":"x"}`, 200, `"template":"x"`},
		{i.bob, "POST /webhooks/{name}/test", "/webhooks/mine/test", "", 200, `"accepted"`},
		{i.bob, "DELETE /webhooks/{name}", "/webhooks/more", "", 204, ""},
		{i.bob, "POST /preview", "", `{"webhook":{"template":"%subject%"},"event":"` + i.event + `"}`, 200, `"text":"Meeting"`},
		{i.bob, "GET /rules", "", "", 200, `"name":"r"`},
		{i.bob, "POST /rules", "", `{"name":"more","webhooks":["mine"]}`, 201, `"name":"more"`},
		{i.bob, "GET /rules/{name}", "/rules/" + string(rule.ID), "", 200, `"name":"r"`},
		{i.bob, "PATCH /rules/{name}", "/rules/more", `{"subject":"x"}`, 200, `"subject":"x"`},
		{i.bob, "DELETE /rules/{name}", "/rules/more", "", 204, ""},
		{i.bob, "GET /events", "", "", 200, `"subject":"Meeting"`},
		{i.bob, "GET /agenda", "", "", 200, `"reminders"`},
		{i.bob, "POST /events", "", `{"calendar":"Own","title":"x","start":"never"}`, 422, "body.start"},
		{i.bob, "GET /events/bad", "", "", 200, "[]"},
		{i.bob, "GET /events/{id}", e, "", 200, `"subject":"Meeting"`},
		{i.bob, "GET /explain/{id}", "/explain/" + i.event, "", 200, `"subject":"Meeting"`},
		{i.bob, "GET /events/{id}/rules", e + "/rules", "", 200, `"decides":true`},
		{i.bob, "POST /events/{id}/reminders", e + "/reminders", `{"before":["2h"],"webhook":"mine"}`, 201, `"fires"`},
		{i.bob, "POST /events/{id}/reminders/preview", e + "/reminders/preview", `{"before":["3h"],"webhook":"mine"}`, 200, `"fires"`},
		{i.bob, "POST /events/{id}/unmute", e + "/unmute", "", 200, `"removed":0`},
		{i.bob, "DELETE /bindings/{id}", "/bindings/" + string(attached.Bindings[0].ID), "", 204, ""},
		{i.bob, "GET /reminders", "", "", 200, `"webhook":"bob.mine"`},
		{i.bob, "GET /deliveries", "", "", 200, string(tested.Delivery)},
		{i.bob, "GET /deliveries/{id}", d, "", 200, `"status":"planned"`},
		{i.bob, "GET /deliveries/{id}/message", d + "/message", "", 200, `Meeting`},
		{i.bob, "POST /deliveries/{id}/resend", d + "/resend", "", 422, "has not ended"},
		{i.bob, "POST /deliveries/resend", "", `{"webhook":"mine","since":"2026-01-01T00:00:00Z"}`, 200, `"planned":0`},
		{i.bob, "GET /pauses", "", "", 200, "[]"},
		{i.bob, "PUT /pauses", "", `{"webhook":"mine","until":"` + now.Add(time.Hour).UTC().Format(time.RFC3339) + `"}`, 200, `"webhook_name":"mine"`},
		{i.anna, "GET /users", "", "", 200, `"name":"Bob"`},
		{i.anna, "POST /users", "", `{"name":"Carol","password":"correct horse battery"}`, 201, `"name":"Carol"`},
		{i.bob, "GET /users/{name}", "/users/bob", "", 200, `"name":"Bob"`},
		{i.bob, "PATCH /users/{name}", "/users/bob", `{"locale":"fr"}`, 200, `"locale":"fr"`},
		{i.anna, "GET /users/{name}/removal", "/users/carol/removal", "", 200, `"name":"Carol"`},
		{i.anna, "POST /users/{name}/password", "/users/carol/password", `{"new":"another battery staple"}`, 204, ""},
		{calbell.Caller{Name: "nobody yet"}, "POST /session", "", `{"name":"carol","password":"another battery staple"}`, 200, `"name":"Carol"`},
		{i.anna, "POST /users/{name}/sign-out", "/users/carol/sign-out", "", 204, ""},
		{i.anna, "DELETE /users/{name}", "/users/carol", "", 204, ""},
		{i.bob, "DELETE /session", "", "", 204, ""},
		{local, "POST /setup-link", "", "", 422, "there is the admin"},
		{i.bob, "POST /setup", "", `{"secret":"x","name":"M","password":"correct horse battery"}`, 403, "was used"},
		{i.bob, "GET /tokens", "", "", 200, `"name":"t"`},
		{i.bob, "POST /tokens", "", `{"name":"more","scopes":["read"]}`, 201, `"text":"calbell_`},
		{i.bob, "DELETE /tokens/{id}", "/tokens/" + string(token.ID), "", 204, ""},
		{i.anna, "POST /store/check", "", "", 200, `"findings"`},
		{i.anna, "GET /backup", "", "", 200, "backup"},
		{i.bob, "GET /openapi.json", "", "", 200, `"paths"`},
		{i.bob, "GET /openapi-3.0.json", "", "", 200, `"paths"`},
		{i.bob, "GET /openapi.yaml", "", "", 200, "paths:"},
		{i.bob, "GET /openapi-3.0.yaml", "", "", 200, "paths:"},
	} {
		method, path, _ := strings.Cut(o.route, " ")
		tried[method+" "+path] = true
		if o.path != "" {
			path = o.path
		}
		rec := i.ask(t, o.who, method, path, o.body)
		if rec.Code != o.status || !strings.Contains(rec.Body.String(), o.text) {
			t.Errorf("%s: %d %.400s, want %d with %q", o.route, rec.Code, rec.Body, o.status, o.text)
		}
		rec = i.ask(t, calbell.Caller{}, method, path, o.body)
		open := slices.Contains([]string{"POST /session", "DELETE /session", "POST /setup"}, o.route)
		if rec.Code != http.StatusUnauthorized && !open {
			t.Errorf("%s as nobody: %d %.200s", o.route, rec.Code, rec.Body)
		}
	}
	if !slices.Contains(i.signedIn, "Carol") {
		t.Errorf("signed in are %q", i.signedIn)
	}
	for _, pattern := range api.Routes(door{i}) {
		if route := strings.Replace(pattern, " /api/v1", " ", 1); !tried[route] {
			t.Errorf("%s is not tried", route)
		}
	}
}

// An edit is a merge patch: it names what it changes, null removes, and the rest stays. It wants the
// ETag of what its editor saw, if it names one.
func TestEdits(t *testing.T) {
	i := inhabit(t)
	const path = "/webhooks/bob.mine"
	first := i.ask(t, i.bob, "GET", path, "").Header().Get("ETag")
	patch := func(body, match string) (*httptest.ResponseRecorder, map[string]any) {
		t.Helper()
		headers := []string{"Content-Type", "application/merge-patch+json"}
		if match != "" {
			headers = append(headers, "If-Match", match)
		}
		rec := i.ask(t, i.bob, "PATCH", path, body, headers...)
		var m map[string]any
		if err := json.Unmarshal(rec.Body.Bytes(), &m); err != nil {
			t.Fatalf("%v in %s", err, rec.Body)
		}
		return rec, m
	}
	rec, m := patch(`{"template":"%subject%!","combine":true,"rate_per_second":0,"previews":false}`, first)
	second := rec.Header().Get("ETag")
	if rec.Code != http.StatusOK || first == "" || second == first || m["template"] != "%subject%!" || m["rate_per_second"] != 0.0 || m["previews"] != false || m["url"] != "[secret]" {
		t.Errorf("%d %v %v", rec.Code, rec.Header(), m)
	}
	if rec, m := patch(`{"template":"x"}`, first); rec.Code != http.StatusPreconditionFailed || m["hint"] == "" {
		t.Errorf("an edit of an earlier state: %d %v", rec.Code, m)
	}
	rec, m = patch(`{"rate_per_second":null,"combine":null,"previews":null}`, second)
	_, previews := m["previews"]
	if _, rate := m["rate_per_second"]; previews || rate || rec.Code != http.StatusOK || m["template"] != "%subject%!" {
		t.Errorf("null removes, the rest stays: %d %v", rec.Code, m)
	}
	for body, location := range map[string]string{
		`{"name":""}`:           "body.name",
		`{"nmae":"x"}`:          "body.nmae",
		`{"max_length":1}`:      "body.max_length",
		`{"url":"ftp://x"}`:     "body.url",
		`{"template":7}`:        "body.template",
		`{"quiet":"some time"}`: "body",
	} {
		rec, m := patch(body, "")
		errs, _ := m["errors"].([]any)
		if rec.Code != http.StatusUnprocessableEntity || len(errs) == 0 {
			t.Errorf("%s: %d %v", body, rec.Code, m)
			continue
		}
		if got, _ := errs[0].(map[string]any)["location"].(string); !strings.HasPrefix(got, location) {
			t.Errorf("%s: at %q, want %q", body, got, location)
		}
	}
}

// Long lists come in parts, each with the address of the next; a cursor of another list is refused.
func TestPages(t *testing.T) {
	i := inhabit(t)
	for n := range 7 {
		i.Event(i.calendar, fmt.Sprint("Event ", n), time.Now().Add(time.Hour), "")
		_, err := i.Webhooks.Test(t.Context(), i.bob, "mine", types.Sample{})
		i.OK(err)
	}
	next := func(path string) (rows []map[string]any, follows string) {
		t.Helper()
		rec := i.ask(t, i.bob, "GET", path, "")
		if err := json.Unmarshal(rec.Body.Bytes(), &rows); err != nil {
			t.Fatalf("%s: %v in %s", path, err, rec.Body)
		}
		follows, _, _ = strings.Cut(strings.TrimPrefix(rec.Header().Get("Link"), "</api/v1"), `>; rel="next"`)
		return rows, follows
	}
	for path, want := range map[string]int{"/events?limit=3": 8, "/agenda?limit=3": 8, "/deliveries?limit=3": 7} {
		seen, pages := map[string]bool{}, 0
		for follows := path; follows != ""; pages++ {
			var rows []map[string]any
			rows, follows = next(follows)
			for _, r := range rows {
				seen[fmt.Sprint(r["id"], r["uid"])] = true
			}
		}
		if len(seen) != want || pages != 3 {
			t.Errorf("%s: %d different on %d pages, want %d", path, len(seen), pages, want)
		}
	}
	_, follows := next("/deliveries?limit=1")
	u, err := url.Parse(follows)
	i.OK(err)
	for _, path := range []string{"/deliveries", "/reminders", "/events", "/agenda"} {
		for _, cursor := range []string{"nonsense", "%00", "e30x", u.Query().Get("cursor")} {
			rec := i.ask(t, i.bob, "GET", path+"?cursor="+cursor, "")
			if own := path == "/deliveries" && len(cursor) > 10; (rec.Code == http.StatusOK) != own {
				t.Errorf("%s with the cursor %q: %d %s", path, cursor, rec.Code, rec.Body)
			}
		}
	}
}

// A sync that fails is an answer, which tells of each account; one too many is refused, and says when to
// come again.
func TestSyncThatFails(t *testing.T) {
	i := inhabit(t)
	i.Program.SyncError = &calbell.Error{Kind: calbell.KindUnreachable, What: "no answer", Hint: "wait"}
	if rec := i.ask(t, i.bob, "POST", "/sync?wait=true", ""); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), `"error":"no answer"`) {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	limited := 0
	for range 60 {
		if rec := i.ask(t, i.bob, "POST", "/sync?wait=true", ""); rec.Code == http.StatusTooManyRequests {
			if limited++; rec.Header().Get("Retry-After") == "" {
				t.Fatal("nothing tells how long to wait")
			}
		}
	}
	if limited < 10 {
		t.Errorf("%d of 60 syncs were refused", limited)
	}
}
