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

// Each way in stands for one caller of the API: a session for its user, a token for its owner with
// the scopes that it has, and for no more in the browser of somebody else. What each caller may do is
// tried in package api.
func TestPermissions(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	anna := i.signIn("Anna")
	bobReads := i.bearer("Bob", calbell.ScopeRead)
	both := *anna
	both.token = bobReads.token
	for _, tt := range []struct {
		name, want string // reads a thing of Bob's, changes it, lists the users, makes a token of Carol's
		who        *visitor
	}{
		{"nobody", "401 401 401 401", i.visitor()},
		{"Bob", "200 412 403 403", i.signIn("Bob")},
		{"Carol", "404 404 403 201", i.signIn("Carol")},
		{"Anna", "404 404 200 403", anna},
		{"Bob, read", "200 403 403 403", bobReads},
		{"Bob, read, with Anna's session", "200 403 403 403", &both},
		{"Bob, write", "200 412 403 403", i.bearer("Bob", calbell.ScopeWrite)},
		{"Anna, read", "404 403 403 403", i.bearer("Anna", calbell.ScopeRead)},
		{"Anna, write", "404 404 403 403", i.bearer("Anna", calbell.ScopeWrite)},
		{"Anna, admin", "404 404 200 403", i.bearer("Anna", calbell.ScopeAdmin)},
	} {
		var got []string
		for _, r := range []struct{ method, path, body string }{
			{"GET", "/webhooks/bob.mine", ""},
			{"PATCH", "/webhooks/bob.mine", `{"template":"x"}`},
			{"GET", "/users", ""},
			{"POST", "/tokens", `{"name":"x","scopes":["read"],"user":"Carol"}`},
		} {
			resp, text := tt.who.ask(r.method, "/api/v1"+r.path, r.body, "If-Match", `"stale"`)
			got = append(got, fmt.Sprint(resp.StatusCode))
			mustNotLeak(t, r.method+" "+r.path+" as "+tt.name, tt.name, text)
		}
		if got := strings.Join(got, " "); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

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
