package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"calbell"
	"calbell/api/types"
)

// A webhook's address is a secret that comes back to nobody; its name is taken for its owner alone;
// what is shared may be used by all and changed by its owner.
func TestWebhooks(t *testing.T) {
	i := inhabit(t)
	i.furnish(t)
	const url = `"url":"https://chat.example.org/hooks/x"`
	i.steps(t, []step{
		{"a new one", i.carol, "POST /webhooks", `{"name":"mine",` + url + `}`, 201, `"id":"carol.mine"`},
		{"its address", i.carol, "GET /webhooks/mine", "", 200, `"url":"[secret]"`},
		{"its host, for its owner", i.carol, "GET /webhooks/mine", "", 200, `"host":"chat.example.org"`},
		{"a name twice", i.carol, "POST /webhooks", `{"name":"MINE",` + url + `}`, 422, "body.name | another webhook has it"},
		{"no letter", i.carol, "POST /webhooks", `{"name":"#",` + url + `}`, 422, "body.name | "},
		{"no address", i.carol, "POST /webhooks", `{"name":"x","url":""}`, 422, "body.url | length"},
		{"an address that is none", i.carol, "POST /webhooks", `{"name":"x","url":"ftp://x"}`, 422, "body.kind | does not tell the kind"},
		{"an address that cannot be posted to", i.carol, "POST /webhooks", `{"name":"x","kind":"kchat","url":"ftp://x"}`, 422, "body.url | needs a url"},
		{"for the admins", i.carol, "POST /webhooks", `{"name":"x",` + url + `,"owner":""}`, 403, "by others"},
		{"for the admins, by one", i.anna, "POST /webhooks", `{"name":"x",` + url + `,"owner":""}`, 201, `"id":"x"`},

		{"a shared one has no host for others", i.carol, "GET /webhooks/for%20all", "", 200, `"editable":false`},
		{"a shared one, changed by others", i.carol, "PATCH /webhooks/for%20all", `{"template":"x"}`, 403, "Bob's"},
		{"a shared one, removed by others", i.carol, "DELETE /webhooks/for%20all", "", 403, "Bob's"},
		{"the file's", i.anna, "PATCH /webhooks/team", `{"template":"x"}`, 422, "configuration file"},
		{"the file's, removed", i.anna, "DELETE /webhooks/team", "", 422, "configuration file"},
		{"the file's, for a member", i.carol, "GET /webhooks/team", "", 404, "no webhook"},

		{"used by something", i.bob, "DELETE /webhooks/mine", "", 422, "bobs rule"},
		{"unknown", i.bob, "POST /webhooks/mien/test", "", 404, `did you mean \"mine\"?`},
		{"an unknown sample", i.bob, "POST /webhooks/mine/test?sample=none", "", 422, "sample"},
		{"with an event of one's own", i.bob, "POST /webhooks/mine/test?event=" + i.event, "", 200, `"verdict":"accepted"`},
		{"with another's event", i.carol, "POST /webhooks/mine/test?event=" + i.event, "", 404, "no event"},
		{"a preview without an address", i.bob, "POST /preview", `{"webhook":{"kind":"kchat","template":"%subject%"},"sample":"timed"}`, 200, `"text":"Weekly review"`},
		{"a preview of another's", i.carol, "POST /preview", `{"of":"bob.mine","webhook":{}}`, 404, "no webhook"},
		{"a preview of a shared one", i.carol, "POST /preview", `{"of":"bob.for-all","webhook":{}}`, 403, "Bob's"},
	})
	if text := i.ask(t, i.carol, "GET", "/webhooks/bob.for-all", "").Body.String(); strings.Contains(text, "chat.example.org") {
		t.Errorf("Carol reads where a shared webhook posts: %s", text)
	}
}

// Of one account's webhooks, and of several's, those are listed that the reminders of each may go to.
func TestWebhooksOfAnAccount(t *testing.T) {
	i := inhabit(t)
	i.furnish(t)
	i.Account("Carol", "carols", "Hers")
	i.Webhook("Carol", "hers", false)
	for _, tt := range []struct {
		who   calbell.Caller
		query string
		want  []string
	}{
		{i.bob, "", []string{"bob.for-all", "bob.mine"}},
		{i.bob, "?account=bobs", []string{"bob.for-all", "bob.mine"}},
		{i.carol, "?account=carols", []string{"bob.for-all", "carol.hers"}},
		{calbell.LocalAdmin(), "?account=carol.carols", []string{"bob.for-all", "carol.hers"}},
		{calbell.LocalAdmin(), "?account=carol.carols&account=bob.bobs", []string{"bob.for-all"}},
		{i.carol, "?account=bobs", nil},
	} {
		rec := i.ask(t, tt.who, "GET", "/webhooks"+tt.query, "")
		if tt.want == nil {
			if rec.Code != http.StatusNotFound {
				t.Errorf("%s: %d %s", tt.query, rec.Code, rec.Body)
			}
			continue
		}
		var got []string
		for _, w := range read[[]types.WebhookRow](t, rec) {
			got = append(got, string(w.ID))
		}
		if slices.Sort(got); !slices.Equal(got, tt.want) {
			t.Errorf("%s of %s: %q, want %q", tt.query, tt.who.Name, got, tt.want)
		}
	}
}

// Each test answers how the chat took it, and is a delivery of the caller's own.
func TestTestsOfWebhooks(t *testing.T) {
	i := inhabit(t)
	for _, tt := range []struct {
		verdict calbell.Verdict
		status  calbell.Status
	}{{calbell.Accepted, calbell.StatusSent}, {calbell.HookRefused, calbell.StatusDead}} {
		i.Program.Verdict = tt.verdict
		r := read[types.TestResult](t, i.ask(t, i.bob, "POST", "/webhooks/mine/test", ""))
		if r.Verdict != tt.verdict || r.Webhook == "" {
			t.Errorf("answered %+v, want %s", r, tt.verdict)
		}
		d := read[calbell.Delivery](t, i.ask(t, i.bob, "GET", "/deliveries/"+string(r.Delivery), ""))
		if d.Status != tt.status || d.Notice == nil || d.Notice.Kind != calbell.NoticeTest || len(d.Tries) != 1 {
			t.Errorf("recorded %+v, want %s", d, tt.status)
		}
	}
}
