package web_test

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
)

// hookURL is an address that nobody else has; "typed" is the secret in it.
const hookURL = "https://chat.example.org/hooks/typed"

// hook is what is stored of a webhook.
func (h *house) hook(id string) calbell.Webhook {
	h.t.Helper()
	all, err := h.Store.Webhooks().All(h.t.Context())
	h.OK(err)
	for _, w := range all {
		if string(w.ID) == id {
			return w
		}
	}
	return calbell.Webhook{}
}

// What a new webhook's form holds is what is stored; its page says so, and never tells its address again.
func TestNewWebhook(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob")
	page := bob.get("/webhooks/_new")
	bob.submits(page, "/webhooks/_new",
		"name", " Night <shift> ", "url", hookURL, "kind", "slack", "template", "%subject%\r\n%when%", "channel", "ops", "username", "Robot", "icon_emoji", ":bell:",
		"locale", "fr", "time_zone", "Asia/Tokyo", "style", "card", "missed", "drop", "success", "2xx", "previews", "false",
		"quiet_from", "22:00", "quiet_to", "07:00", "quiet_weekends", "1", "combine", "1", "corrections", "1", "deny_mentions", "1",
	).leads("/webhooks?done=webhook-saved")
	got := h.hook("bob.night-shift")
	if got.Name != "Night <shift>" || got.Owner != "Bob" || got.URL.Reveal() != hookURL || got.Kind != calbell.KindSlack || got.Template != "%subject%\n%when%" {
		t.Errorf("stored is %+v", got)
	}
	if got.Channel != "ops" || got.Username != "Robot" || got.IconEmoji != ":bell:" || got.Locale != "fr" || got.TimeZone != "Asia/Tokyo" || got.Style != "card" || got.Missed != "drop" {
		t.Errorf("stored is %+v", got.WebhookSpec)
	}
	if got.Previews == nil || *got.Previews || !got.Combine || !got.Corrections || got.Share || got.Mentions != "deny" || got.Success != "2xx" {
		t.Errorf("stored is %+v", got.WebhookSpec)
	}
	if got.Quiet == nil || got.Quiet.String() != "22:00-07:00 working" {
		t.Errorf("stored is %+v", got.Quiet)
	}
	bob.get("/webhooks?done=webhook-saved").holds("Night &lt;shift&gt;", `role="status"`).lacks(hookURL)
	page = bob.get("/webhooks/bob.night-shift").lacks("hooks/typed")
	page.holds(`placeholder="`, "chat.example.org").keeps("/webhooks/bob.night-shift", "name", "Night <shift>", "url", "", "quiet_from", "22:00", "quiet_to", "07:00",
		"quiet_weekends", "1", "previews", "false", "locale", "fr", "missed", "drop", "style", "card", "success", "2xx", "combine", "1", "deny_mentions", "1")
}

// A form that nobody changed changes nothing, and one without an address keeps the one that is stored.
func TestWebhookIsSavedAsItIs(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob")
	bob.submits(bob.get("/webhooks/_new"), "/webhooks/_new", "name", "full", "url", hookURL, "kind", "kchat", "template", "\n\nx", "quiet_weekends", "1", "attachments", `[{"title": "%subject%", "é": "<>&"}]`,
		"previews", "true", "missed", "send", "share", "1").is(http.StatusSeeOther)
	before := h.hook("bob.full")
	page := bob.get("/webhooks/bob.full")
	if text := page.form("/webhooks/bob.full").Get("attachments"); !strings.Contains(text, `"é": "<>&"`) || !strings.Contains(text, "\n") {
		t.Errorf("the attachments are shown as %q", text)
	}
	bob.does(page, "/webhooks/bob.full")
	after := h.hook("bob.full")
	if before.URL != after.URL || before.Template != after.Template || after.Quiet.String() != before.Quiet.String() || !reflect.DeepEqual(after.Attachments, before.Attachments) || !after.Share || after.Previews == nil || !*after.Previews {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
	bob.does(bob.get("/webhooks/bob.full"), "/webhooks/bob.full", "share", "", "previews", "", "quiet_weekends", "", "attachments", "")
	if after = h.hook("bob.full"); after.Share || after.Previews != nil || after.Quiet != nil || after.Attachments != nil {
		t.Errorf("boxes and fields that were emptied: %+v", after.WebhookSpec)
	}
}

// Each field that cannot be is told at that field, in a part of the form that is open; nothing is stored, and
// what was typed stays.
func TestWebhookFieldsThatAreWrong(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob")
	fresh := bob.get("/webhooks/_new")
	for _, c := range []struct {
		field, told string
		pairs       []string
	}{
		{"name", "name", []string{"name", ""}},
		{"name", "Another webhook has it", []string{"name", "mine"}},
		{"name", "Longer than 200 bytes", []string{"name", strings.Repeat("x", 201)}},
		{"template", "did you mean “subject”?", []string{"template", "%subjcet%"}},
		{"template", "Longer than 65536 bytes", []string{"template", strings.Repeat("x", 65537)}},
		{"url", "needs a url", []string{"url", "ftp://chat.example.org", "kind", "kchat"}},
		{"kind", "does not tell", []string{"kind", "", "url", "https://unknown.example.org/x"}},
		{"quiet", "25:00", []string{"quiet_from", "25:00", "quiet_to", "07:00"}},
		{"quiet", "both times", []string{"quiet_from", "22:00"}},
		{"attachments", "no JSON", []string{"attachments", "[1"}},
		{"blocks", "no JSON", []string{"blocks", "nope"}},
		{"payload", "“", []string{"payload", "{“bad”: 1}"}},
		{"payload", "something follows", []string{"payload", "{} {}"}},
	} {
		pairs := append([]string{"name", "new", "url", hookURL, "template", "x"}, c.pairs...)
		a := bob.submits(fresh, "/webhooks/_new", pairs...)
		a.what += strings.Join(append([]string{" with"}, c.pairs...), " ")
		field := map[string]string{"quiet": "quiet_drop"}[c.field] // which stands before the words
		if field == "" {
			field = c.field
		}
		a.refuses(http.StatusUnprocessableEntity, field, c.told).keeps("/webhooks/_new", c.pairs...)
		open := strings.Count(a.text, "<details open>")
		if folded := !slices.Contains([]string{"name", "url", "kind", "template"}, c.field); folded != (open == 1) {
			t.Errorf("%s: %d parts of the form are open", c.field, open)
		}
	}
	if all, _ := h.Store.Webhooks().All(t.Context()); len(all) != 2 {
		t.Errorf("%d webhooks are stored, want Bob's two", len(all))
	}
}

// What is wrong in several fields is told at all of them at once.
func TestAllThatIsWrongIsTold(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob")
	a := bob.submits(bob.get("/webhooks/_new"), "/webhooks/_new", "name", "new", "url", hookURL, "quiet_from", "25:00", "attachments", "[1", "blocks", "nope", "payload", "{")
	if wrong := a.is(http.StatusUnprocessableEntity).wrong(); len(wrong) != 4 || strings.Count(a.text, "<details open>") != 2 {
		t.Errorf("told are %q", wrong)
	}
}

// A form that was filled in on what is stored no more is not saved; what was typed stays, and may be sent
// once more, all the same.
func TestStaleForms(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob")
	for _, c := range []struct {
		path  string
		typed []string
	}{
		{"/webhooks/bob.mine", []string{"name", "typed here"}},
		{"/rules/" + h.rule, []string{"name", "typed here"}},
		{"/calendars/" + string(h.calendar.ID), []string{"remind", "33m"}},
		{"/calendars/_account/bob.work", []string{"remind", "33m", "webhook", "bob.mine"}},
	} {
		page := bob.get(c.path)
		a := bob.submits(page, c.path, append([]string{"etag", `"stale"`}, c.typed...)...)
		a.refuses(http.StatusPreconditionFailed, "", "changed meanwhile").keeps(c.path, c.typed...)
		if a.form(c.path).Get("etag") != page.form(c.path).Get("etag") {
			t.Errorf("%s: the form is stale once more", c.path)
		}
		if again := bob.submits(a, c.path).is(http.StatusSeeOther); !strings.Contains(again.to, "done=") {
			t.Errorf("%s once more: to %q", c.path, again.to)
		}
	}
}

// "Save and test" posts what was just stored, and leads to the page that tells the chat's answer, once.
func TestWebhookIsTestedByItsPage(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob")
	h.Program.Answer = "<b>thanks"
	a := bob.submits(bob.get("/webhooks/_new"), "/webhooks/_new", "name", "new", "url", hookURL, "template", "%subject%", "do", "test", "sample", "all-day").is(http.StatusSeeOther)
	if !strings.HasPrefix(a.to, "/webhooks/bob.new?sample=all-day&tested=") {
		t.Fatalf("to %q", a.to)
	}
	page := bob.get(a.to).holds("works</span>", "last test ", `<option value="all-day" selected>`, "Delivered", "&lt;b&gt;thanks")
	bob.get("/webhooks/bob.new").lacks("&lt;b&gt;thanks")
	bob.get("/webhooks/bob.mine" + strings.TrimPrefix(a.to, "/webhooks/bob.new")).lacks("&lt;b&gt;thanks") // not of this one
	h.Program.Verdict, h.Program.Answer = calbell.HookRefused, "<b>locked"
	a = bob.submits(page, "/webhooks/bob.new", "name", "renamed", "do", "test")
	page = bob.get(a.is(http.StatusSeeOther).to).holds("&lt;b&gt;locked", `value="renamed"`)
	bob.submits(page, "/webhooks/bob.new").is(http.StatusSeeOther) // not stale after a refusal
	if n := len(h.Program.Posts()); n != 2 {
		t.Errorf("%d messages were posted, want the two tests", n)
	}
}

// "Preview" without a script shows the form as it was sent, with the message that it would post; nothing is
// stored or posted.
func TestPreviewWithoutScripts(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob")
	a := bob.submits(bob.get("/webhooks/bob.mine"), "/webhooks/bob.mine", "name", "typed", "template", "*%subject%* here", "do", "preview", "sample", "timed")
	a.is(http.StatusOK).keeps("/webhooks/bob.mine", "name", "typed", "template", "*%subject%* here").holds("<em>", "here")
	if h.hook("bob.mine").Name != "mine" || len(h.Program.Posts()) != 0 {
		t.Error("it was stored or posted")
	}
}

// The script is answered with the preview alone: it looks like the chat's own picture of the message, counts,
// and says what is wrong.
func TestLivePreview(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob")
	form := bob.get("/webhooks/_new").form("/webhooks/_new", "name", "new", "sample", "timed")
	for _, c := range []struct {
		with  []string
		shown []string
		not   string
	}{
		{[]string{"template", "**%subject%**"}, []string{"<strong>", "Every variable is known", "of 3900 characters"}, "<b>Weekly"},
		{[]string{"template", "*%subject%*", "kind", "slack"}, []string{"<b>", "Shown as Slack"}, "<strong>"},
		{[]string{"template", "%subject%", "kind", "json"}, []string{`class="body"`, "Shown as Generic JSON"}, "bubble"},
		{[]string{"template", "x", "kind", "", "url", "https://hooks.slack.com/services/T/B/secret"}, []string{"Shown as Slack"}, "secret"},
		{[]string{"template", "%subjcet% %locaton%", "url", ""}, []string{"did you mean “subject”", "did you mean “location”"}, "Every variable"},
		{[]string{"template", "%subject%", "username", "Robot <b>"}, []string{"Robot &lt;b&gt;"}, "Robot <b>"},
		{[]string{"sample", "hostile"}, []string{"bubble"}, "<script"},
		{[]string{"sample", "none such"}, []string{"note bad"}, "bubble"},
		{[]string{"sample", "timed", "attachments", "[1"}, []string{"note bad", "no JSON"}, "bubble"},
	} {
		for n := 0; n < len(c.with); n += 2 {
			form.Set(c.with[n], c.with[n+1])
		}
		bob.ask("POST", "/webhooks/_preview", form).is(http.StatusOK).holds(c.shown...).lacks(c.not, "<html")
	}
	h.as("Carol").ask("POST", "/webhooks/_preview", values("of", "bob.mine", "template", "x")).is(http.StatusNotFound)
}

// Of a webhook that somebody shares, others see that it is there and may try it: not what it posts, nor
// where, and there is no form to change it.
func TestSharedWebhook(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	carol := h.as("Carol")
	carol.get("/webhooks").holds("for all").lacks("chat.example.org", ">mine<")
	page := carol.get("/webhooks/bob.for-all").holds("Its owner alone").lacks("<textarea", `id="preview"`, "chat.example.org", `name="url"`)
	form := page.form("/webhooks/bob.for-all")
	a := carol.ask("POST", "/webhooks/bob.for-all/test", url.Values{"sample": form["sample"]}).is(http.StatusSeeOther)
	carol.get(a.to).holds("Delivered")
	carol.ask("POST", "/webhooks/bob.for-all", values("name", "taken")).is(http.StatusForbidden)
	carol.ask("POST", "/webhooks/bob.for-all/remove", nil).refuses(http.StatusForbidden, "", "for all")
	if h.hook("bob.for-all").Name != "for all" {
		t.Error("it was changed")
	}
}

// The form of a webhook of the configuration's file shows what it posts, with the sample that was chosen, and
// cannot be sent.
func TestWebhookOfTheFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.OK(h.Store.SetFileWebhooks(t.Context(), []calbell.Webhook{{
		ID: "team", Name: "team", Origin: calbell.OriginFile, URL: hookURL, WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Template: "%subject% (%location%)"},
	}}))
	h.OK(h.Program.WebhooksChanged(t.Context()))
	anna := h.as("Anna")
	anna.get("/webhooks/team?sample=all-day").holds("%subject% (%location%)", `value="all-day" selected`, "configuration file", "<fieldset disabled>").lacks("data-live", "hooks/typed")
	anna.ask("POST", "/webhooks/team", values("name", "taken")).is(http.StatusUnprocessableEntity).holds("configuration file")
	h.as("Bob").ask("GET", "/webhooks/team", nil).is(http.StatusNotFound)
}

// Quiet hours are two times and a box. The form keeps days and a choice that a program or the file named.
func TestQuietHoursByTheirFields(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob, path := h.as("Bob"), "/webhooks/bob.mine"
	quiet := func(typed ...string) string {
		t.Helper()
		bob.does(bob.get(path), path, typed...)
		if q := h.hook("bob.mine").Quiet; q != nil {
			return q.String()
		}
		return ""
	}
	n, tag, err := h.Webhooks.Request(t.Context(), h.callers["Bob"], "mine")
	h.OK(err)
	hours, err := calbell.ParseQuiet("22:00-07:00 working mon,tue drop")
	h.OK(err)
	n.Quiet = &hours
	_, err = h.Webhooks.Set(t.Context(), h.callers["Bob"], "mine", tag, n)
	h.OK(err)
	bob.get(path).holds("All days but Monday, Tuesday").keeps(path, "quiet_from", "22:00", "quiet_to", "07:00", "quiet_working", "mon,tue", "quiet_weekends", "1", "quiet_drop", "1")
	for _, c := range []struct {
		typed []string
		want  string
	}{
		{nil, "22:00-07:00 working mon,tue drop"},
		{[]string{"quiet_from", "23:00", "quiet_to", "06:30"}, "23:00-06:30 working mon,tue drop"},
		{[]string{"quiet_drop", ""}, "23:00-06:30 working mon,tue"},
		{[]string{"quiet_weekends", ""}, "23:00-06:30"},
		{[]string{"quiet_from", "", "quiet_to", ""}, ""},
	} {
		if got := quiet(c.typed...); got != c.want {
			t.Errorf("%q: %q, want %q", c.typed, got, c.want)
		}
	}
}

// A webhook that is used is not removed, and the page says by what; one that is not goes.
func TestRemoveWebhook(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob")
	bob.get("/webhooks/bob.mine").holds("bobs rule")
	bob.submits(bob.get("/webhooks/bob.mine"), "/webhooks/bob.mine/remove").refuses(http.StatusUnprocessableEntity, "", "is used by")
	bob.submits(bob.get("/webhooks/bob.for-all"), "/webhooks/bob.for-all/remove").leads("/webhooks?done=webhook-removed")
	bob.get("/webhooks?done=webhook-removed").holds("✓").lacks("for all")
	bob.ask("GET", "/webhooks/bob.for-all", nil).is(http.StatusNotFound)
}

// An admin is asked whose a new thing is, and begins with the house while no account is theirs; a member is
// not asked, and what they send of it counts for nothing.
func TestOwnerOfWhatIsNew(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	anna, bob := h.as("Anna"), h.as("Bob")
	for _, path := range []string{"/webhooks/_new", "/rules/_new"} {
		bob.get(path).lacks(`name="owner"`)
		anna.get(path).keeps(path, "owner", "house")
	}
	for owner, id := range map[string]string{"house": "mine", "me": "anna.mine"} {
		anna.submits(anna.get("/webhooks/_new"), "/webhooks/_new", "name", "mine", "url", hookURL, "owner", owner).is(http.StatusSeeOther)
		if h.hook(id).Name == "" {
			t.Errorf("the owner is %q, and there is no webhook %q", owner, id)
		}
		anna.get("/webhooks/"+id).keeps("/webhooks/"+id, "owner", owner)
	}
	bob.ask("POST", "/webhooks/_new", values("name", "grabbed", "url", hookURL, "template", "x", "owner", "house")).is(http.StatusForbidden)
	event := h.Event(h.Calendar("house", "House"), "Of the house", time.Now().Add(24*time.Hour), "")
	page := anna.get("/events/" + event)
	if options := page.options("webhook"); !slices.Contains(options, "mine") || slices.Contains(options, "anna.mine") {
		t.Errorf("an event of the house is offered %q", options)
	}
	h.Account("Anna", "own", "Own")
	anna.get("/webhooks/_new").keeps("/webhooks/_new", "owner", "me")
}

// How a webhook is shows as a word, a sign and a colour, and one that fails on every page: in the header,
// and in the title of the tab.
func TestStateOfAWebhook(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob")
	bob.get("/webhooks").holds(`<span class="chip "><span aria-hidden="true">○</span> not tried yet</span>`).lacks("<title>▲")
	h.Program.Verdict = calbell.HookRefused
	_, err := h.Webhooks.Test(t.Context(), h.callers["Bob"], "mine", types.Sample{})
	h.OK(err)
	bob.get("/webhooks").holds(`<span class="chip warn"><span aria-hidden="true">✕</span>`, "last test ")
	h.Program.Verdict = calbell.Accepted
	_, err = h.Webhooks.Test(t.Context(), h.callers["Bob"], "mine", types.Sample{})
	h.OK(err)
	bob.get("/webhooks").holds(`<span class="chip ok"><span aria-hidden="true">●</span> works</span>`)
	h.suspend("bob.mine")
	for _, path := range []string{"/", "/help", "/settings"} {
		bob.get(path).holds("<title>▲ ", `<a class="chip bad" href="/webhooks">`, "1 webhook fails")
	}
	h.as("Carol").get("/").lacks("▲")
}
