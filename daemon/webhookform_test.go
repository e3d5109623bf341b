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

// A webhook is made, tried out, and changed once more from the page that tells the answer.
func TestWebhookByItsForm(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	bob := i.signIn("Bob")
	form := hookForm(bob.get("/webhooks/_new"), "name", "night <shift>", "url", i.chat.URL("/hooks/bobs-hook"), "quiet_from", "22:00", "quiet_to", "07:00", "quiet_weekends", "1", "previews", "false",
		"attachments", `[{"title": "%subject%", "n": 1, "é": "<b>"}]`, "do", "test")
	status, to, page := bob.send("/webhooks/_new", form)
	if status != http.StatusSeeOther || !strings.HasPrefix(to, "/webhooks/bob.night-shift?") {
		t.Fatalf("%d to %q\n%s", status, to, inside(page))
	}
	page = bob.get(to)
	if !strings.Contains(page, "works</span>") || !strings.Contains(page, "last test ") {
		t.Errorf("after a test that was accepted:\n%s", inside(page))
	}
	for _, want := range []string{"status 200", `name="quiet_from" type="time" value="22:00"`, `name="quiet_to" type="time" value="07:00"`, `name="quiet_weekends" value="1" checked`, `<option value="false" selected>never`, "&#34;title&#34;: &#34;%subject%&#34;", "&#34;é&#34;: &#34;&lt;b&gt;&#34;", "night &lt;shift&gt;"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s on the page after a test:\n%s", want, inside(page))
		}
	}
	i.chat.Script(webhooktest.Status(http.StatusForbidden, `{"id":"web.incoming_webhook.channel_locked.app_error","message":"<b>locked"}`))
	form = hookForm(page, "name", "night", "do", "test")
	status, to, page = bob.send("/webhooks/bob.night-shift", form)
	if status != http.StatusSeeOther {
		t.Fatalf("changed after a test: %d\n%s", status, inside(page))
	}
	page = bob.get(to)
	for _, want := range []string{"last test refused: 403, ", "status 403", "locked to its own channel", "&lt;b&gt;locked", `value="night"`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s on the page after a refusal:\n%s", want, inside(page))
		}
	}
	if hidden(page, "etag") == form.Get("etag") {
		t.Error("the page after a test would be refused as stale")
	}
}

// What cannot be read is told at its field, in a part of the form that is open; all else stays
// as it was typed.
func TestWebhookFormKeepsWhatIsWrong(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	bob := i.signIn("Bob")
	typed := map[string]string{"quiet_from": "25:00", "attachments": "[1", "blocks": "nope", "payload": "{“bad”: 1}"}
	form := hookForm(bob.get("/webhooks/_new"), "name", "new", "url", "https://chat.example.org/hooks/typed")
	for name, text := range typed {
		form.Set(name, text)
	}
	status, _, page := bob.send("/webhooks/_new", form)
	if status != http.StatusUnprocessableEntity || strings.Count(page, `class="wrong"`) != len(typed) {
		t.Errorf("%d, and %d fields are wrong", status, strings.Count(page, `class="wrong"`))
	}
	if strings.Count(page, "<details open>") != 2 {
		t.Error("a part with something wrong is folded away")
	}
	for _, want := range []string{`value="25:00"`, ">[1</textarea>", ">nope</textarea>", ">{“bad”: 1}</textarea>", "&#39;“&#39;", `value="https://chat.example.org/hooks/typed"`} {
		if !strings.Contains(page, want) {
			t.Errorf("what was typed is gone: %s\n%s", want, inside(page))
		}
	}
	form = hookForm(bob.get("/webhooks/bob.mine"), "name", "mine", "url", "https://chat.example.org/hooks/typed", "template", "%subjcet%")
	status, _, page = bob.send("/webhooks/bob.mine", form)
	for _, want := range []string{"did you mean “subject”?", "hooks/typed", "%subjcet%</textarea>"} {
		if status != http.StatusUnprocessableEntity || !strings.Contains(page, want) {
			t.Errorf("%d, no %s\n%s", status, want, inside(page))
		}
	}
}

// Of a webhook that somebody shares, people see that it is there and may try it; the preview
// of one in the file is of that one, with the sample that was chosen.
func TestWebhooksOfOthers(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	carol := i.signIn("Carol")
	page := carol.get("/webhooks/bob.for-all")
	if strings.Contains(page, "<textarea") || strings.Contains(page, `id="preview"`) || !strings.Contains(page, "Its owner alone") {
		t.Errorf("a shared webhook shows what is not its own:\n%s", inside(page))
	}
	if status, to, page := carol.send("/webhooks/bob.for-all/test", url.Values{"sample": {"timed"}}); status != http.StatusSeeOther || !strings.Contains(carol.get(to), "status 200") {
		t.Errorf("it cannot be tried: %d\n%s", status, inside(page))
	}
	anna := i.signIn("Anna")
	page = anna.get("/webhooks/team?sample=all-day")
	if !strings.Contains(page, "%subject% (%location%)") || !strings.Contains(page, `value="all-day" selected`) || strings.Contains(page, "data-live") {
		t.Errorf("a webhook of the file:\n%s", inside(page))
	}
	if posted := len(i.chat.Texts()); posted != 1 {
		t.Errorf("%d messages, want Carol's test alone", posted)
	}
}
