package daemon_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/caldav/caldavtest"
	"calbell/webhook/webhooktest"
)

// neighbours is a house with two members, of whom Anna shares a webhook.
type neighbours struct {
	*house
	anna, bob *visitor
}

// made sends a request that is to be answered so.
func (n *neighbours) made(v *visitor, method, path, body string, want int, into any) {
	n.Helper()
	contentType := []string{}
	if method == "PATCH" {
		contentType = []string{"Content-Type", "application/merge-patch+json"}
	}
	resp, text := v.ask(method, "/api/v1"+path, body, contentType...)
	if resp.StatusCode != want {
		n.Fatalf("%s %s: %d %s, want %d", method, path, resp.StatusCode, text, want)
	}
	if into != nil {
		n.ok(json.Unmarshal(text, into))
	}
}

func newNeighbours(t *testing.T) *neighbours {
	t.Helper()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	h.calendars.AddUser("bob", "bobs-password")
	h.calendars.AddCalendar("bob", caldavtest.Calendar{Path: "own", Name: "Own", TimeZone: "Europe/Zurich"})
	h.start()
	for name, role := range map[string]calbell.Role{"Anna": calbell.RoleMember, "Bob": calbell.RoleMember} {
		_, err := h.client.AddUser(t.Context(), types.NewUser{Name: name, Role: role, Password: password})
		h.ok(err)
	}
	n := &neighbours{house: h, anna: h.signIn("Anna"), bob: h.signIn("Bob")}
	n.made(n.anna, "POST", "/webhooks", fmt.Sprintf(`{"name":"ops","url":%q,"share":true,"success":"2xx","template":"%%subject%%"}`, h.chat.URL("/hooks/annas")), http.StatusCreated, nil)
	return n
}

// planned are the reminders that somebody sees to a webhook.
func (n *neighbours) planned(v *visitor, webhook calbell.WebhookID) (list []types.DeliveryRow) {
	n.Helper()
	n.made(v, "GET", "/reminders", "", http.StatusOK, &list)
	return slices.DeleteFunc(list, func(d types.DeliveryRow) bool { return d.Webhook != webhook })
}

// ended are those that somebody sees as sent.
func (n *neighbours) ended(v *visitor) (list []types.DeliveryRow) {
	n.Helper()
	n.made(v, "GET", "/deliveries?status=sent", "", http.StatusOK, &list)
	return list
}

// TestUnshare: from then on nothing of others goes to a webhook, whatever named it; and nothing of
// theirs keeps its owner from removing it.
func TestUnshare(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t)
	n.calendars.Put("bob", "own", "a.ics", []byte(event("a@example.org", "Bob's", time.Now().Add(24*time.Hour))))
	n.made(n.bob, "POST", "/accounts", fmt.Sprintf(`{"name":"bobs","url":%q,"username":"bob","password":"bobs-password"}`, n.calendars.URL()), http.StatusCreated, nil)
	n.made(n.bob, "POST", "/sync?wait=true", "", http.StatusOK, nil)
	var found []types.EventRow
	n.made(n.bob, "GET", "/events?search=Bob", "", http.StatusOK, &found)
	n.made(n.bob, "POST", "/events/"+found[0].ID+"/reminders", `{"before":["1h"],"webhook":"ops"}`, http.StatusCreated, nil)
	n.made(n.bob, "PATCH", "/accounts/bobs", `{"webhook":"ops","remind":["2h"],"mode":"add"}`, http.StatusOK, nil)
	n.made(n.bob, "POST", "/rules", `{"name":"r","webhooks":["ops"],"remind":["3h"]}`, http.StatusCreated, nil)
	n.eventually("all is planned", func() bool { return len(n.planned(n.bob, "anna.ops")) >= 3 })
	n.eventually("something was sent", func() bool { // what is synced too late to be sent is followed by another
		soon := time.Now().Add(2 * time.Second)
		n.calendars.Put("bob", "own", "b.ics", []byte(event(fmt.Sprint(soon.UnixNano(), "@example.org"), "Soon", soon)))
		n.made(n.bob, "POST", "/sync?wait=true", "", http.StatusOK, nil)
		for len(n.ended(n.bob)) == 0 && time.Since(soon) < 5*time.Second {
			<-time.After(20 * time.Millisecond)
		}
		return len(n.ended(n.bob)) > 0
	})
	n.calendars.Delete("bob", "own", "b.ics")
	n.made(n.bob, "POST", "/sync?wait=true", "", http.StatusOK, nil)
	n.made(n.anna, "DELETE", "/webhooks/ops", "", http.StatusUnprocessableEntity, nil)

	before := len(n.chat.Requests())
	n.made(n.anna, "PATCH", "/webhooks/ops", `{"share":false}`, http.StatusOK, nil)
	n.eventually("nothing is planned", func() bool { return len(n.planned(n.bob, "anna.ops")) == 0 })
	n.made(n.bob, "POST", "/deliveries/"+string(n.ended(n.bob)[0].ID)+"/resend", "", http.StatusForbidden, nil)
	n.made(n.bob, "POST", "/events/"+found[0].ID+"/reminders", `{"before":["5m"],"webhook":"anna.ops"}`, http.StatusNotFound, nil)
	var detail types.EventDetail
	n.made(n.bob, "GET", "/events/"+found[0].ID, "", http.StatusOK, &detail)
	if text := calbell.List(detail.Problems...).English; strings.Count(text, "not shared") < 2 { // the binding, the rule
		t.Errorf("Bob is not told: %s", text)
	}
	n.made(n.anna, "PATCH", "/webhooks/ops", `{"share":true}`, http.StatusOK, nil)
	n.eventually("shared again, all is planned again", func() bool { return len(n.planned(n.bob, "anna.ops")) >= 3 })
	n.made(n.anna, "PATCH", "/webhooks/ops", `{"share":false}`, http.StatusOK, nil)
	n.made(n.anna, "DELETE", "/webhooks/ops", "", http.StatusNoContent, nil)
	if got := len(n.chat.Requests()); got != before {
		t.Errorf("%d posts, there were %d", got, before)
	}
}

// TestWhatIsOfferedWorks: of each account, each webhook that is offered can be used, and none that
// is not.
func TestWhatIsOfferedWorks(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t)
	n.put("house@example.org", "House", 24*time.Hour)
	n.calendars.Put("bob", "own", "a.ics", []byte(event("a@example.org", "Bob's", time.Now().Add(24*time.Hour))))
	n.made(n.bob, "POST", "/webhooks", fmt.Sprintf(`{"name":"own","url":%q}`, n.chat.URL("/hooks/bobs")), http.StatusCreated, nil)
	n.made(n.bob, "POST", "/accounts", fmt.Sprintf(`{"name":"bobs","url":%q,"username":"bob","password":"bobs-password"}`, n.calendars.URL()), http.StatusCreated, nil)
	n.sync()
	check := func(v *visitor, account, uid string, want ...string) {
		t.Helper()
		var all, offered []types.WebhookRow
		n.made(v, "GET", "/webhooks", "", http.StatusOK, &all)
		n.made(v, "GET", "/webhooks?account="+account, "", http.StatusOK, &offered)
		var ids []string
		for _, w := range offered {
			ids = append(ids, string(w.ID))
		}
		if slices.Sort(ids); !slices.Equal(ids, want) {
			t.Errorf("%s: offered %q, want %q", account, ids, want)
		}
		for _, w := range all {
			resp, text := v.ask("POST", "/api/v1/events/"+uid+"/reminders/preview", fmt.Sprintf(`{"before":["5m"],"webhook":%q}`, w.ID))
			if works := resp.StatusCode == http.StatusOK; works != slices.Contains(ids, string(w.ID)) {
				t.Errorf("%s: webhook %s is offered: %v, but %d %s", account, w.ID, !works, resp.StatusCode, text)
			}
		}
		page, text := v.ask("GET", "/events/"+uid, "")
		options := regexp.MustCompile(`<option value="([a-z.]+)"`).FindAllStringSubmatch(string(regexp.MustCompile(`(?s)<select[^>]*name="webhook".*?</select>`).Find(text)), -1)
		var shown []string
		for _, o := range options {
			shown = append(shown, o[1])
		}
		if slices.Sort(shown); page.StatusCode != http.StatusOK || !slices.Equal(shown, want) {
			t.Errorf("%s: the page offers %q, want %q", account, shown, want)
		}
	}
	check(n.bob, "bobs", "a@example.org", "anna.ops", "bob.own")
	_, err := n.client.EditUser(t.Context(), "bob", map[string]any{"role": "admin"})
	n.ok(err)
	check(n.bob, "bobs", "a@example.org", "anna.ops", "bob.own", "team")
	check(n.bob, "home", "house@example.org", "anna.ops", "team")
	n.made(n.bob, "POST", "/events/a@example.org/reminders", `{"before":["5m"],"webhook":"team"}`, http.StatusCreated, nil)
	n.eventually("an admin's event goes to the admins' webhook", func() bool { return len(n.planned(n.bob, "team")) > 1 })
	_, err = n.client.EditUser(t.Context(), "bob", map[string]any{"role": "member"})
	n.ok(err)
	check(n.bob, "bobs", "a@example.org", "anna.ops", "bob.own")
	n.eventually("and no more when Bob is none", func() bool { return len(n.planned(n.bob, "team")) == 0 })
}

// TestSharedWebhookKeepsItsAddress: whoever may only use a webhook learns how it went, and nothing
// of where it went: neither by errors, nor by what is said there.
func TestSharedWebhookKeepsItsAddress(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t)
	n.chat.Always(webhooktest.Status(http.StatusNotFound, "no such hook: /hooks/annas of chat.of-hers.example.org"))
	n.made(n.anna, "POST", "/webhooks", `{"name":"nowhere","url":"https://nowhere.annas.invalid/hooks/annas","share":true}`, http.StatusCreated, nil)
	told := func(v *visitor) (all string) {
		t.Helper()
		for _, name := range []string{"ops", "nowhere"} {
			var result types.TestResult
			n.made(v, "POST", "/webhooks/anna."+name+"/test", "", http.StatusOK, &result)
			for _, path := range []string{"/api/v1/deliveries/" + string(result.Delivery), "/api/v1/deliveries", "/deliveries", "/deliveries/" + string(result.Delivery), "/api/v1/webhooks", "/api/v1/status"} {
				_, text := v.ask("GET", path, "")
				all += string(text)
			}
			all += fmt.Sprintf("%+v", result)
		}
		return all
	}
	bobs := n.bob.listen()
	text := told(n.bob) + strings.Join(bobs.until(`"webhook":"anna.nowhere"`), "\n")
	for _, secret := range []string{"annas.invalid", "of-hers.example.org", "hooks/annas", n.chat.Addr()} {
		if strings.Contains(text, secret) {
			t.Errorf("Bob learns of %s", secret)
		}
	}
	if !strings.Contains(text, string(calbell.HookRefused)) || !strings.Contains(text, string(calbell.NotSent)) {
		t.Errorf("Bob does not learn how it went")
	}
	if text := told(n.anna); !strings.Contains(text, "annas.invalid") || !strings.Contains(text, "of-hers.example.org") {
		t.Error("Anna is not told what she needs to mend it")
	}
}
