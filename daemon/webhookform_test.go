package daemon_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"calbell/webhook/webhooktest"
)

// hookForm is the form of a webhook as a browser sends it.
func hookForm(page string, with ...string) url.Values {
	form := url.Values{"of": {hidden(page, "of")}, "etag": {hidden(page, "etag")}, "sample": {"timed"}, "template": {"%subject%"}}
	for i := 0; i+1 < len(with); i += 2 {
		form.Set(with[i], with[i+1])
	}
	return form
}

// The page tells what the chat answered to a test: a word of its kind, its status, and what to do.
func TestWebhookByItsForm(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	bob := i.signIn("Bob")
	form := hookForm(bob.get("/webhooks/_new"), "name", "night <shift>", "url", i.chat.URL("/hooks/bobs-hook"), "do", "test")
	status, to, page := bob.send("/webhooks/_new", form)
	if status != http.StatusSeeOther || !strings.HasPrefix(to, "/webhooks/bob.night-shift?") {
		t.Fatalf("%d to %q\n%s", status, to, inside(page))
	}
	page = bob.get(to)
	bob.holds("after a test that was accepted", page, "works</span>", "last test ", "status 200", "night &lt;shift&gt;")
	i.chat.Script(webhooktest.Status(http.StatusForbidden, `{"id":"web.incoming_webhook.channel_locked.app_error","message":"<b>locked"}`))
	form = hookForm(page, "name", "night", "do", "test")
	status, to, page = bob.send("/webhooks/bob.night-shift", form)
	if status != http.StatusSeeOther {
		t.Fatalf("changed after a test: %d\n%s", status, inside(page))
	}
	page = bob.get(to)
	bob.holds("after a refusal", page, "last test refused: 403, ", "status 403", "locked to its own channel", "&lt;b&gt;locked", `value="night"`)
	if hidden(page, "etag") == form.Get("etag") {
		t.Error("the page after a test would be refused as stale")
	}
}
