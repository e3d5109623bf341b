package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api"
	"calbell/api/types"
)

// Every operation asks the service for what it is about: tried by whom it succeeds for, each answers
// with its own status, and nobody gets more than a 401.
func TestEveryOperation(t *testing.T) {
	i := inhabit(t)
	ctx, now := t.Context(), time.Now()
	local := calbell.LocalAdmin()
	i.furnish(t)
	tested, err := i.Webhooks.Test(ctx, i.bob, "mine", types.Sample{})
	i.OK(err)
	c, d, e := "/calendars/"+string(i.calendar.ID), "/deliveries/"+string(i.delivery), "/events/"+i.event
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
		{i.bob, "GET /rules", "", "", 200, `"name":"bobs rule"`},
		{i.bob, "POST /rules", "", `{"name":"more","webhooks":["mine"]}`, 201, `"name":"more"`},
		{i.bob, "GET /rules/{name}", "/rules/" + string(i.rule), "", 200, `"name":"bobs rule"`},
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
		{i.bob, "DELETE /bindings/{id}", "/bindings/" + string(i.binding), "", 204, ""},
		{i.bob, "GET /reminders", "", "", 200, `"webhook":"bob.mine"`},
		{i.bob, "GET /deliveries", "", "", 200, string(tested.Delivery)},
		{i.bob, "GET /deliveries/{id}", d, "", 200, `"status":"planned"`},
		{i.bob, "GET /deliveries/{id}/message", d + "/message", "", 200, `Meeting`},
		{i.bob, "POST /deliveries/{id}/resend", d + "/resend", "", 422, "has not ended"},
		{i.bob, "POST /deliveries/resend", "", `{"webhook":"mine","since":"2026-01-01T00:00:00Z"}`, 200, `"planned":0`},
		{i.bob, "GET /pauses", "", "", 200, "[]"},
		{i.bob, "PUT /pauses", "", `{"webhook":"mine","until":"` + now.Add(time.Hour).UTC().Format(time.RFC3339) + `"}`, 200, `"webhook_name":"mine"`},
		{i.anna, "GET /users", "", "", 200, `"name":"Bob"`},
		{i.anna, "POST /users", "", `{"name":"Dora","password":"correct horse battery"}`, 201, `"name":"Dora"`},
		{i.bob, "GET /users/{name}", "/users/bob", "", 200, `"name":"Bob"`},
		{i.bob, "PATCH /users/{name}", "/users/bob", `{"locale":"fr"}`, 200, `"locale":"fr"`},
		{i.anna, "GET /users/{name}/removal", "/users/dora/removal", "", 200, `"name":"Dora"`},
		{i.anna, "POST /users/{name}/password", "/users/dora/password", `{"new":"another battery staple"}`, 204, ""},
		{calbell.Caller{Name: "nobody yet"}, "POST /session", "", `{"name":"dora","password":"another battery staple"}`, 200, `"name":"Dora"`},
		{i.anna, "POST /users/{name}/sign-out", "/users/dora/sign-out", "", 204, ""},
		{i.anna, "DELETE /users/{name}", "/users/dora", "", 204, ""},
		{i.bob, "DELETE /session", "", "", 204, ""},
		{local, "POST /setup-link", "", "", 422, "there is the admin"},
		{i.bob, "POST /setup", "", `{"secret":"x","name":"M","password":"correct horse battery"}`, 403, "was used"},
		{i.bob, "GET /tokens", "", "", 200, `"name":"bobs token"`},
		{i.bob, "POST /tokens", "", `{"name":"more","scopes":["read"]}`, 201, `"text":"calbell_`},
		{i.bob, "DELETE /tokens/{id}", "/tokens/" + string(i.token), "", 204, ""},
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
	if !slices.Contains(i.signedIn, "Dora") {
		t.Errorf("signed in are %q", i.signedIn)
	}
	for _, pattern := range api.Routes(door{i}) {
		if route := strings.Replace(pattern, " /api/v1", " ", 1); !tried[route] {
			t.Errorf("%s is not tried", route)
		}
	}
}
