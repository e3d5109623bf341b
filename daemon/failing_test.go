package daemon_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/webhook/webhooktest"
)

// A webhook that fails shows on every page: as a word, a sign, a colour, and in the title of the
// tab; with the way to mend it, and to send what waits as soon as it works.
func TestFailingWebhookIsSeen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	h.start()
	_, err := h.client.AddUser(t.Context(), types.NewUser{Name: "Anna", Role: calbell.RoleAdmin, Password: password})
	h.ok(err)
	anna := h.signIn("Anna")
	hook, err := h.client.AddWebhook(t.Context(), types.NewWebhook{Name: "ops", URL: h.chat.URL("/hooks/ops"), WebhookSpec: calbell.WebhookSpec{Kind: "kchat"}})
	h.ok(err)
	anna.holds("all is well", anna.get("/"), "<title>Agenda – Calbell</title>")
	h.sync()
	h.chat.Always(webhooktest.Status(http.StatusNotFound, "Invalid webhook <b>"))
	text := event("a@example.org", "Gone", time.Now().Add(3*time.Hour))
	text = strings.Replace(text, "BEGIN:VALARM", "BEGIN:VALARM\r\nX-CALBELL-WEBHOOK:"+string(hook.ID), 1)
	h.calendars.Put("anna", "team", "a.ics", []byte(strings.Replace(text, "-PT1M", "-PT4H", 1))) // it is posted at once
	h.sync()
	_, err = h.chat.Wait(t.Context(), 1)
	h.ok(err)
	h.eventually("the title says so", func() bool { return strings.Contains(anna.get("/"), "<title>▲ Agenda – Calbell</title>") })
	chip := `<a class="chip bad" href="/webhooks"><span aria-hidden="true">▲</span> 1 webhook fails</a>`
	anna.holds("the agenda", anna.get("/"), chip, "Webhook “ops” fails")
	anna.holds("any page", anna.get("/help"), chip, "<title>▲ Help")
	anna.holds("the list", anna.get("/webhooks"), `<span class="chip bad"><span aria-hidden="true">▲</span> refused</span>`)
	page := anna.get("/deliveries")
	anna.holds("the deliveries", page, "Retrying", `action="/webhooks/ops/test"`, `<a class="button small" href="/webhooks/ops">Fix the webhook</a>`, "One try so far", "Next try: ")
	path := regexp.MustCompile(`/deliveries/[0-9a-f]+`).FindString(page)
	anna.holds("the delivery", anna.get(path), "Invalid webhook &lt;b&gt;", "404", "make a new one")
	why := anna.get(strings.Replace(path, "/deliveries/", "/explain/", 1))
	anna.holds("why, while it is under way", why, "Under way", "Next try: ", "One try so far", "Its webhook", `href="/webhooks/ops"`, "Its last alarm was at", "Nothing yet.")
	for _, untrue := range []string{"It has no alarm", "No reminder"} {
		if strings.Contains(why, untrue) {
			t.Errorf("why, while it is under way: %q", untrue)
		}
	}
	h.chat.Always(webhooktest.Status(http.StatusOK, "ok"))
	anna.does("/webhooks/ops/test", url.Values{"sample": {"timed"}}) // what it takes, it takes again
	h.eventually("it is delivered", func() bool { return strings.Contains(anna.get(path), "✓") || strings.Contains(anna.get(path), "↷") })
	why = anna.get(strings.Replace(path, "/deliveries/", "/explain/", 1))
	anna.holds("why, after it was delivered", why, "Delivered late", "Nothing further is planned", "Its last alarm was at")
	if strings.Contains(why, "Under way") {
		t.Error("why, after it was delivered: it is said to be under way")
	}
	anna.holds("it was late", anna.get(path), "Delivered late", "in 2 tries")
	h.eventually("all is well again", func() bool { return !strings.Contains(anna.get("/"), "▲") })
}
