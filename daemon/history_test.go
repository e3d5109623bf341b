package daemon_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/webhook/webhooktest"
)

// A test counts in the history, whatever the answer; it can be made again, but not sent again.
func TestTestsAreInTheHistory(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	ctx := t.Context()
	i.chat.Script(webhooktest.Status(http.StatusForbidden, "locked"))
	refused, err := i.client.TestWebhook(ctx, "team", "")
	i.ok(err)
	sent, err := i.client.TestWebhook(ctx, "team", "")
	i.ok(err)
	for id, want := range map[calbell.ReminderID]calbell.Status{refused.Delivery: calbell.StatusDead, sent.Delivery: calbell.StatusSent} {
		d, err := i.client.Delivery(ctx, string(id))
		i.ok(err)
		if d.Status != want || len(d.Tries) != 1 || d.Notice == nil || d.Notice.Kind != calbell.NoticeTest || d.FinishedAt.Before(d.Due) {
			t.Errorf("the record of a test that is %s: %+v", want, d)
		}
		if _, err := i.client.Resend(ctx, types.ResendRequest{IDs: []calbell.ReminderID{id}}); calbell.KindOf(err) != calbell.KindUsage {
			t.Errorf("a test is sent again: %v", err)
		}
	}
	anna := i.signIn("Anna")
	anna.holds("tests are no reminders", anna.get("/"), "Last 24 hours: 0 delivered, 0 of them after a retry, 0 failed.")
	// Who uses a shared webhook sees their own tests of it, and no one else's.
	carol := i.signIn("Carol")
	var mine types.TestResult
	_, text := carol.ask("POST", "/api/v1/webhooks/for%20all/test", "{}")
	i.ok(json.Unmarshal(text, &mine))
	var rows []types.DeliveryRow
	_, text = carol.ask("GET", "/api/v1/deliveries", "")
	i.ok(json.Unmarshal(text, &rows))
	if len(rows) != 1 || rows[0].ID != mine.Delivery || rows[0].Notice != calbell.NoticeTest {
		t.Errorf("Carol sees %+v, want her test %s", rows, mine.Delivery)
	}
}

// The message of a delivery is what was posted; its body is for the webhook's owner alone.
func TestMessageOfADelivery(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	h.start()
	h.put("a@example.org", "Subject", 5*time.Second)
	h.sync()
	got, err := h.chat.Wait(t.Context(), 1)
	h.ok(err)
	var rows []types.DeliveryRow
	h.eventually("it is in the history", func() bool {
		rows, err = h.client.History(t.Context(), types.DeliveryQuery{})
		h.ok(err)
		return len(rows) == 1
	})
	_, err = h.client.AddUser(t.Context(), types.NewUser{Name: "Anna", Role: calbell.RoleAdmin, Password: password})
	h.ok(err)
	resp, text := h.signIn("Anna").ask("GET", "/api/v1/deliveries/"+string(rows[0].ID)+"/message", "")
	var p types.Preview
	h.ok(json.Unmarshal(text, &p))
	if resp.StatusCode != http.StatusOK || p.Body != string(got[0].Body) || p.Text != "Subject (Room 1)" {
		t.Errorf("%d: %s\nposted: %s", resp.StatusCode, text, got[0].Body)
	}
}

// What waits for another try is tried at once when somebody asks for it.
func TestRetryNow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start()
	h.chat.Script(webhooktest.Status(http.StatusBadGateway, ""))
	h.put("a@example.org", "Subject", 5*time.Second)
	h.sync()
	_, err := h.chat.Wait(t.Context(), 1)
	h.ok(err)
	var waiting []types.DeliveryRow
	h.eventually("it waits for another try", func() bool {
		waiting, err = h.client.History(t.Context(), types.DeliveryQuery{Statuses: []calbell.Status{calbell.StatusWaiting}})
		h.ok(err)
		return len(waiting) == 1
	})
	r, err := h.client.Resend(t.Context(), types.ResendRequest{IDs: []calbell.ReminderID{waiting[0].ID}})
	h.ok(err)
	if r.Planned != 1 {
		t.Errorf("%d are tried again, want 1", r.Planned)
	}
	_, err = h.chat.Wait(t.Context(), 2)
	h.ok(err)
}
