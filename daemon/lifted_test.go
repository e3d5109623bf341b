package daemon_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"calbell"
	"calbell/config"
	"calbell/webhook/webhooktest"
)

// Whoever mends a refused webhook in the file has its reminders sent at once, by a reload and by a
// start alike; what is only worded otherwise mends nothing.
func TestAnotherDefinitionLiftsARefusal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cfg.Webhooks[0].Channel = "first"
	next := *h.cfg
	h.reload = func() (*config.Config, error) { return &next, nil }
	change := func(with func(w *calbell.Webhook)) {
		next.Webhooks = slices.Clone(next.Webhooks)
		with(&next.Webhooks[0])
	}
	state := func() string {
		t.Helper()
		rows, err := h.client.Webhooks(t.Context())
		h.ok(err)
		return string(rows[0].State)
	}
	posted := func(n int) {
		t.Helper()
		_, err := h.chat.Wait(t.Context(), n)
		h.ok(err)
	}
	lifted := func() []string {
		t.Helper()
		r, err := h.client.Reload(t.Context())
		h.ok(err)
		return r.Lifted
	}
	refused := webhooktest.Status(http.StatusNotFound, "channel_not_found")
	h.chat.Script(refused, refused)
	h.start()
	h.put("a@example.org", "Stand-up", time.Second)
	h.sync()
	posted(1)
	h.eventually("the refusal is recorded", func() bool { return state() == "refused" })
	change(func(w *calbell.Webhook) { w.Template = "%subject%!" })
	if got := lifted(); len(got) != 0 || state() != "refused" {
		t.Errorf("another template: lifted %q, state %s", got, state())
	}
	change(func(w *calbell.Webhook) { w.Channel = "second" })
	if got := lifted(); !slices.Equal(got, []string{"team"}) {
		t.Errorf("another channel: lifted %q", got)
	}
	posted(2) // the next try without that would be a minute later
	h.eventually("the second refusal is recorded", func() bool { return state() == "refused" })
	h.ok(h.stop())
	change(func(w *calbell.Webhook) { w.Channel = "third" })
	h.cfg = &next
	h.start()
	posted(3)
	h.eventually("it works", func() bool { return state() == "ok" })
}
