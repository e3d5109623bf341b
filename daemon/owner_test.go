package daemon_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
)

// An admin who connected no calendar makes webhooks for the house: what they add is there to be
// chosen for the calendars of the file. A member is not asked.
func TestAdminsWebhookServesTheHouse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	h.start()
	for name, role := range map[string]calbell.Role{"Anna": calbell.RoleAdmin, "Bob": calbell.RoleMember} {
		_, err := h.client.AddUser(t.Context(), types.NewUser{Name: name, Role: role, Password: password})
		h.ok(err)
	}
	if strings.Contains(h.signIn("Bob").get("/webhooks/_new"), `name="owner"`) {
		t.Error("a member is asked whose the webhook is")
	}
	anna := h.signIn("Anna")
	if !strings.Contains(anna.get("/webhooks/_new"), `<option value="house" selected>`) {
		t.Error("a new webhook is not the house's to begin with")
	}
	form := url.Values{"name": {"Added"}, "url": {h.chat.URL("/hooks/added")}, "template": {"%subject%"}, "owner": {"house"}}
	if status, _, page := anna.send("/webhooks/_new", form); status != http.StatusSeeOther {
		t.Fatalf("not stored: %d %s", status, page)
	}
	h.calendars.Put("anna", "team", "later.ics", []byte(event("later@example.org", "Later", time.Now().Add(time.Hour))))
	h.sync()
	rows, err := h.client.Events(t.Context(), types.EventQuery{From: time.Now(), To: time.Now().Add(24 * time.Hour)})
	h.ok(err)
	if len(rows) != 1 {
		t.Fatalf("%d events", len(rows))
	}
	if !strings.Contains(anna.get("/events/"+rows[0].ID), ">Added</option>") {
		t.Error("the webhook cannot be chosen for an event of the house")
	}
}
