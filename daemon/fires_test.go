package daemon_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
)

// The preview says what the engine does: a reminder whose time has just passed is sent at once,
// one whose time passed long ago is not.
func TestPreviewTellsWhatIsSentAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	h.cfg.Accounts[0].Owner = "anna"
	h.start()
	_, err := h.client.AddUser(t.Context(), types.NewUser{Name: "anna", Role: calbell.RoleAdmin, Password: password})
	h.ok(err)
	h.sync() // the first sync is quiet
	for uid, in := range map[string]time.Duration{"soon@example.org": 3 * time.Hour, "later@example.org": 50 * time.Hour} {
		text := event(uid, uid, time.Now().Add(in))
		begin, end := strings.Index(text, "BEGIN:VALARM"), strings.Index(text, "END:VEVENT")
		h.calendars.Put("anna", "team", uid+".ics", []byte(text[:begin]+text[end:]))
	}
	h.sync()
	anna := h.signIn("anna")
	ask := func(uid, do string) (r types.AttachedReminders) {
		t.Helper()
		resp, text := anna.ask("POST", "/api/v1/events/"+uid+"/reminders"+do, `{"before":["1d"],"webhook":"team"}`)
		if resp.StatusCode >= http.StatusBadRequest {
			t.Fatalf("%d %s", resp.StatusCode, text)
		}
		h.ok(json.Unmarshal(text, &r))
		return r
	}
	soon, later := ask("soon@example.org", "/preview"), ask("later@example.org", "/preview")
	if len(soon.Fires) != 1 || !soon.Fires[0].Trigger.Before(time.Now()) {
		t.Errorf("one that is sent at once: %+v", soon.Fires)
	}
	if len(later.Fires) != 1 || !later.Fires[0].Trigger.After(time.Now()) {
		t.Errorf("one of tomorrow: %+v", later.Fires)
	}
	resp, page := anna.ask("POST", "/events/soon@example.org/preview", "before=1d&webhook=team", "Content-Type", "application/x-www-form-urlencoded")
	if resp.StatusCode != http.StatusOK || !strings.Contains(string(page), "Will be sent at once (it was due ") {
		t.Errorf("on the page: %d %s", resp.StatusCode, page)
	}
	resp, page = anna.ask("POST", "/events/soon@example.org/preview", "before=own&own=5&unit=w&webhook=team", "Content-Type", "application/x-www-form-urlencoded")
	if resp.StatusCode != http.StatusOK || !strings.Contains(string(page), "Will not be sent") {
		t.Errorf("five weeks before: %d %s", resp.StatusCode, page)
	}
	ask("later@example.org", "")
	ask("soon@example.org", "")
	got, err := h.chat.Wait(t.Context(), 1)
	h.ok(err)
	if want := "soon@example.org (Room 1)"; !strings.HasPrefix(got[0].Text, want) {
		t.Errorf("posted %q, want %q", got[0].Text, want)
	}
	if n := len(h.chat.Texts()); n != 1 {
		t.Errorf("%d messages, want 1", n)
	}
}
