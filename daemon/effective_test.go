package daemon_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
)

// upcoming are the reminders that are planned, as the socket shows them: all.
func (h *house) upcoming(webhook calbell.WebhookID) (n int) {
	h.Helper()
	rows, err := h.client.Upcoming(h.Context(), 100)
	h.ok(err)
	for _, r := range rows {
		if r.Webhook == webhook {
			n++
		}
	}
	return n
}

// TestStoredSettingsTakeEffect: what people set about their own calendars decides, and about
// nobody else's.
func TestStoredSettingsTakeEffect(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	i.put("a@example.org", "Stand-up", time.Hour)
	i.sync()
	bob, anna := i.signIn("Bob"), i.signIn("Anna")
	plans := func(mine, team int) func() bool {
		return func() bool { return i.upcoming("bob.mine") == mine && i.upcoming("team") == team }
	}
	change := func(v *visitor, method, path, body string, status int) []byte {
		t.Helper()
		resp, text := v.ask(method, "/api/v1"+path, body)
		if resp.StatusCode != status {
			t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, text)
		}
		return text
	}
	i.eventually("Bob's alarm and binding, and the file's calendar", plans(2, 1))
	// Another rule than Bob's, about everything, says nothing of Bob's calendars.
	change(anna, "POST", "/rules", `{"name":"silence","owner":"","mode":"off"}`, http.StatusCreated)
	i.eventually("the admins' rule silences the admins' calendars", plans(2, 0))
	change(anna, "DELETE", "/rules/silence", "", http.StatusNoContent)
	change(bob, "POST", "/rules", `{"name":"silence","subject":"secret","mode":"off"}`, http.StatusCreated)
	i.eventually("Bob's rule silences Bob's alarm, not what is attached", plans(1, 1))
	change(bob, "DELETE", "/rules/silence", "", http.StatusNoContent)
	i.eventually("all as before", plans(2, 1))
	settings := "/calendars/" + string(i.calendar) + "/settings"
	change(bob, "PATCH", settings, `{"remind":["10m"],"mode":"add"}`, http.StatusOK)
	i.eventually("one more by the calendar's settings", plans(3, 1))
	change(bob, "PATCH", settings, `{"remind":null,"mode":null}`, http.StatusOK)
	i.eventually("all as before again", plans(2, 1))
	// A webhook of Bob's that is called as the file's takes nothing of others.
	change(bob, "POST", "/webhooks", fmt.Sprintf(`{"name":"team","url":%q}`, i.chat.URL("/hooks/bobs-hook")), http.StatusCreated)
	i.eventually("the file's calendar goes to the file's webhook", plans(2, 1))
	// What the file lists is changed there.
	var calendars []types.CalendarRow
	_, text := anna.ask("GET", "/api/v1/calendars", "")
	i.ok(json.Unmarshal(text, &calendars))
	change(anna, "PATCH", "/calendars/"+string(calendars[0].ID)+"/settings", `{"mode":"off"}`, http.StatusUnprocessableEntity)
	// Without the account nothing of it is left.
	change(bob, "DELETE", "/accounts/bobs", "", http.StatusNoContent)
	i.eventually("Bob's are gone", plans(0, 1))
	list, err := i.client.Calendars(t.Context())
	if err != nil || len(list) != 1 || list[0].Account != "home" {
		t.Errorf("calendars %+v, %v", list, err)
	}
	change(bob, "DELETE", "/webhooks/bob.mine", "", http.StatusUnprocessableEntity) // the rule of inhabit has it
}

// TestUserRemoved: with a user goes all that is theirs.
func TestUserRemoved(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	bob, token := i.signIn("Bob"), i.bearer("Bob", calbell.ScopeWrite)
	i.ok(i.client.RemoveUser(t.Context(), "bob"))
	for _, v := range []*visitor{bob, token} {
		if resp, _ := v.ask("GET", "/api/v1/status", ""); resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("Bob is still in: %d", resp.StatusCode)
		}
	}
	i.eventually("nothing is planned", func() bool { return i.upcoming("bob.mine") == 0 })
	accounts, err1 := i.client.Accounts(t.Context())
	webhooks, err2 := i.client.Webhooks(t.Context())
	rules, err3 := i.client.Rules(t.Context())
	tokens, err4 := i.client.Tokens(t.Context())
	for _, err := range []error{err1, err2, err3, err4} {
		i.ok(err)
	}
	if len(accounts) != 1 || len(webhooks) != 1 || len(rules) != 0 || len(tokens) != 0 {
		t.Errorf("left: %d accounts, %d webhooks, %d rules, %d tokens", len(accounts), len(webhooks), len(rules), len(tokens))
	}
	// Who has the name afterwards is another person, also with a webhook of the same name.
	_, err := i.client.AddUser(t.Context(), types.NewUser{Name: "Bob", Password: password})
	i.ok(err)
	another := i.signIn("Bob")
	if resp, text := another.ask("POST", "/api/v1/webhooks", fmt.Sprintf(`{"name":"mine","url":%q}`, i.chat.URL("/hooks/other"))); resp.StatusCode != http.StatusCreated {
		t.Fatalf("%d %s", resp.StatusCode, text)
	}
	for _, path := range []string{"/api/v1/deliveries", "/api/v1/reminders", "/deliveries"} {
		if _, text := another.ask("GET", path, ""); strings.Contains(string(text), "Bob&#39;s secret") || strings.Contains(string(text), "Bob's secret") || strings.Contains(string(text), "secret@example.org") {
			t.Errorf("%s tells another Bob what the first one had: %s", path, text)
		}
	}
}

// TestAccountsOfUsersAreGuarded: no account of the page reads this machine's files, or reaches
// what only this machine reaches.
func TestAccountsOfUsersAreGuarded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	h.cfg.Delivery.PrivateNetworks = nil
	h.cfg.Webhooks, h.cfg.Accounts = nil, nil
	h.start()
	_, err := h.client.AddUser(t.Context(), types.NewUser{Name: "Bob", Password: password})
	h.ok(err)
	bob := h.signIn("Bob")
	for _, url := range []string{"file:///etc/passwd", h.calendars.URL(), "http://169.254.169.254/latest/", "http://[::1]:80/", "http://localhost:1/x.ics"} {
		resp, text := bob.ask("POST", "/api/v1/accounts/discover", fmt.Sprintf(`{"name":"x","url":%q,"username":"anna","password":"canary-password"}`, url))
		var d types.Discovered
		if resp.StatusCode == http.StatusOK {
			h.ok(json.Unmarshal(text, &d))
		}
		if resp.StatusCode == http.StatusOK && (d.Error.IsZero() || len(d.Calendars) > 0) {
			t.Errorf("%s was reached: %s", url, text)
		}
		if strings.Contains(string(text), "root:") || strings.Contains(string(text), "canary-password") {
			t.Errorf("%s: %s", url, text)
		}
	}
	if resp, text := bob.ask("POST", "/api/v1/accounts", `{"name":"x","url":"file:///etc/passwd"}`); resp.StatusCode == http.StatusCreated {
		t.Errorf("a file of this machine is an account: %s", text)
	}
	refused := 0
	for range 60 {
		if resp, _ := bob.ask("POST", "/api/v1/accounts/discover", `{"name":"x","url":"http://127.0.0.1:1/"}`); resp.StatusCode == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused == 0 {
		t.Error("anybody may scan as long as they like")
	}
}

// TestEdits: merge patches, ETags, errors with the field that they are about.
func TestEdits(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	bob := i.signIn("Bob")
	const path = "/api/v1/webhooks/bob.mine"
	resp, _ := bob.ask("GET", path, "")
	first := resp.Header.Get("ETag")
	if first == "" {
		t.Fatal("no ETag")
	}
	patch := func(body, match string) (*http.Response, map[string]any) {
		t.Helper()
		headers := []string{"Content-Type", "application/merge-patch+json"}
		if match != "" {
			headers = append(headers, "If-Match", match)
		}
		resp, text := bob.ask("PATCH", path, body, headers...)
		var m map[string]any
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		return resp, m
	}
	resp, m := patch(`{"template":"%subject%!","combine":true,"rate_per_second":0,"previews":false}`, first)
	second := resp.Header.Get("ETag")
	if resp.StatusCode != 200 || second == first || m["template"] != "%subject%!" || m["rate_per_second"] != 0.0 || m["previews"] != false || m["url"] != "[secret]" {
		t.Errorf("%d %v %v", resp.StatusCode, resp.Header, m)
	}
	if resp, m := patch(`{"template":"x"}`, first); resp.StatusCode != http.StatusPreconditionFailed || m["hint"] == "" {
		t.Errorf("an edit of what was: %d %v", resp.StatusCode, m)
	}
	resp, m = patch(`{"rate_per_second":null,"combine":null,"previews":null}`, second)
	_, held := m["previews"]
	if _, has := m["rate_per_second"]; held || resp.StatusCode != 200 || has || m["template"] != "%subject%!" {
		t.Errorf("null takes away, the rest stays: %d %v", resp.StatusCode, m)
	}
	for body, location := range map[string]string{
		`{"template":"%subjct%"}`:    "body.template",
		`{"name":""}`:                "body.name",
		`{"nmae":"x"}`:               "body.nmae",
		`{"max_length":1}`:           "body.max_length",
		`{"url":"ftp://x"}`:          "body.url",
		`{"locale":"xx"}`:            "body.locale",
		`{"template":7}`:             "body.template",
		`{"quiet":"some time"}`:      "body",
		`{"payload":{"a":"%date%"}}`: "body.payload",
	} {
		resp, m := patch(body, "")
		errs, _ := m["errors"].([]any)
		if resp.StatusCode != http.StatusUnprocessableEntity || len(errs) == 0 {
			t.Errorf("%s: %d %v", body, resp.StatusCode, m)
			continue
		}
		if got, _ := errs[0].(map[string]any)["location"].(string); !strings.HasPrefix(got, location) {
			t.Errorf("%s: at %q, want %q", body, got, location)
		}
	}
	var row types.WebhookRow // the URL is still the one that works
	_, text := bob.ask("POST", path+"/test", "")
	if !strings.Contains(string(text), "accepted") {
		t.Errorf("test after the edits: %s, %+v", text, row)
	}
	if resp, text := bob.ask("PATCH", "/api/v1/accounts/bobs", `{"url":"https://evil.example.org/"}`); resp.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(string(text), "password") {
		t.Errorf("the password went to another server: %d %s", resp.StatusCode, text)
	}
}
