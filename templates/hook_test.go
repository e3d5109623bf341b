package templates

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"calbell"
	"calbell/templates/markup"
)

func TestHookRendersEveryField(t *testing.T) {
	h, err := CompileHook(calbell.Webhook{
		Name: "Team chat",
		WebhookSpec: calbell.WebhookSpec{
			Kind:     calbell.KindKChat,
			Template: "%subject% via %webhook%",
			Attachments: []any{map[string]any{
				"title": "%subject%", "title_link": "%url%", "color": "#fff", "fallback": 3,
				"fields": []any{map[string]any{"title": "Where", "value": "%location%", "short": true}},
			}},
			Envelope: calbell.Envelope{Channel: "%calendar%", Username: "Bell for %calendar%", IconURL: "https://example.org/%uid%.png", IconEmoji: ":bell:", Type: "custom_%calendar%"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	d := Data{ID: "id", Calendar: "team_a", Instance: &calbell.Instance{
		Summary: "a_b_ *c*", Location: "**x**", URL: "https://example.org/a_b_(c)", UID: "u_1_",
	}}
	want := calbell.Message{
		ID:   "id",
		Text: `a_b\_ \*c\* via Team chat`,
		Attachments: []any{map[string]any{
			"title": `a_b_ *c*`, "title_link": "https://example.org/a_b_(c)", "color": "#fff", "fallback": 3,
			"fields": []any{map[string]any{"title": "Where", "value": `\*\*x\*\*`, "short": true}},
		}},
		Envelope: calbell.Envelope{Channel: "team_a", Username: "Bell for team_a", IconURL: "https://example.org/u_1_.png", IconEmoji: ":bell:", Type: "custom_team_a"},
	}
	if diff := cmp.Diff(want, h.Render(d)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, h.Render(d)); diff != "" {
		t.Errorf("the second time: %s", diff)
	}
}

func TestPayloadTree(t *testing.T) {
	payload := map[string]any{
		"title": "%subject%", "body": "%description%\n%nothing_else%",
		"list": []any{"%location%", 1.5, true, nil, "50% off"}, "deep": map[string]any{"a": map[string]any{"b": "%when%"}},
	}
	w := calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindJSON, Payload: payload}}
	_, err := CompileHook(w)
	var field *FieldError
	if !errors.As(err, &field) || field.Field != "payload.body" {
		t.Fatalf("%v", err)
	}
	h, errs := CompileHookLenient(w)
	if len(errs) != 1 {
		t.Fatalf("%v", errs)
	}
	due := time.Date(2026, 11, 23, 12, 45, 0, 0, time.UTC)
	d := Data{Due: due, Now: due.Add(12 * time.Minute), Instance: &calbell.Instance{
		Summary: `<a> "b" *c*`, Description: "x\ny", Location: `\`, Start: due.Add(15 * time.Minute),
	}}
	m := h.Render(d)
	want := map[string]any{
		"title": `<a> "b" *c*`, "body": "x\ny\n%nothing_else%\n(12 min late)",
		"list": []any{`\`, 1.5, true, nil, "50% off"}, "deep": map[string]any{"a": map[string]any{"b": "in 3 minutes"}},
	}
	if diff := cmp.Diff(want, m.Payload); diff != "" {
		t.Error(diff)
	}
	if _, err := json.Marshal(m.Payload); err != nil {
		t.Error(err)
	}
	if payload["title"] != "%subject%" {
		t.Error("the webhook itself was changed")
	}
}

func TestFieldErrors(t *testing.T) {
	deep := any("%subject%")
	for range 40 {
		deep = []any{deep}
	}
	many := make([]any, 2000)
	for i := range many {
		many[i] = "x"
	}
	for field, w := range map[string]calbell.Webhook{
		"template":                       {WebhookSpec: calbell.WebhookSpec{Template: "%subjet%"}},
		"channel":                        {WebhookSpec: calbell.WebhookSpec{Envelope: calbell.Envelope{Channel: "%subjet%"}}},
		"username":                       {WebhookSpec: calbell.WebhookSpec{Envelope: calbell.Envelope{Username: "%subjet%"}}},
		"icon_url":                       {WebhookSpec: calbell.WebhookSpec{Envelope: calbell.Envelope{IconURL: "%subjet%"}}},
		"icon_emoji":                     {WebhookSpec: calbell.WebhookSpec{Envelope: calbell.Envelope{IconEmoji: "%subjet%"}}},
		"type":                           {WebhookSpec: calbell.WebhookSpec{Envelope: calbell.Envelope{Type: "%subjet%"}}},
		"attachments[0].text":            {WebhookSpec: calbell.WebhookSpec{Attachments: []any{map[string]any{"text": "%subjet%"}}}},
		"attachments[1].fields[0].value": {WebhookSpec: calbell.WebhookSpec{Attachments: []any{"x", map[string]any{"fields": []any{map[string]any{"value": "%subjet%"}}}}}},
		"payload.a.b":                    {WebhookSpec: calbell.WebhookSpec{Payload: map[string]any{"a": map[string]any{"b": "%subjet%"}}}},
		"payload" + strings.Repeat("[0]", maxTreeDepth+1): {WebhookSpec: calbell.WebhookSpec{Payload: deep}},
		"attachments[1000]": {WebhookSpec: calbell.WebhookSpec{Attachments: many}},
	} {
		_, err := CompileHook(w)
		var e *FieldError
		if !errors.As(err, &e) || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	_, err := CompileHook(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Template: "x\n %subjet%"}})
	if got, want := err.Error(), `template: line 2, column 2: unknown variable "subjet", did you mean "subject"?`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	var syntax *SyntaxError
	if !errors.As(err, &syntax) || syntax.Line != 2 || syntax.Column != 2 || syntax.Suggestion != "subject" {
		t.Errorf("%+v", syntax)
	}
}

// A stored webhook with a variable that no longer exists still posts.
func TestLenient(t *testing.T) {
	h, errs := CompileHookLenient(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindJSON, Template: "%subject% %gone% %subject|gone% [[%gone%]] %start|tz:Mars%"}})
	if len(errs) != 4 {
		t.Errorf("%v", errs)
	}
	if got, want := h.Render(plainData("Lunch", "")).Text, "Lunch %gone% %subject|gone% [[%gone%]] %start|tz:Mars%"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestHooksOwnLocaleAndZoneWin(t *testing.T) {
	start := time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)
	d := Data{Locale: "it", Zone: time.UTC, Instance: &calbell.Instance{Start: start, End: start}}
	for _, c := range []struct{ locale, zone, want string }{
		{"", "", "lunedì 23 novembre 2026 13:00"},
		{"de-CH", "Europe/Zurich", "Montag, 23. November 2026, 14:00"},
		{"", "Asia/Tokyo", "lunedì 23 novembre 2026 22:00"},
		{"en", "Mars/Base", "Monday 23 November 2026, 13:00"},
	} {
		h, err := CompileHook(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindSlack, Template: "%date%", Locale: c.locale, TimeZone: c.zone}})
		if err != nil {
			t.Fatal(err)
		}
		if got := h.Render(d).Text; got != c.want {
			t.Errorf("%s %s: %q, want %q", c.locale, c.zone, got, c.want)
		}
	}
}

func TestEmptyMessageFallsBack(t *testing.T) {
	start := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack, calbell.KindJSON} {
		d := Data{Instance: &calbell.Instance{Summary: "a*b*", Start: start, End: start}}
		subject := map[calbell.WebhookKind]string{calbell.KindKChat: `a\*b\*`, calbell.KindSlack: "a*b∗", calbell.KindJSON: "a*b*"}[kind]
		for _, src := range []string{"%description%", "[[%location%]]", " %location% \n%status%"} {
			if got, want := renderText(t, kind, src, d), subject+"\nMonday 23 November 2026, 14:00"; got != want {
				t.Errorf("%s %q: %q, want %q", kind, src, got, want)
			}
		}
		d.Instance.Summary = "\u200b"
		if got, want := renderText(t, kind, "%subject%", d), "Monday 23 November 2026, 14:00"; got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
		if got := renderText(t, kind, "%subject%", Data{}); got != "(no title)" {
			t.Errorf("%s: an event without anything: %q", kind, got)
		}
	}
}

func TestDefaultTemplates(t *testing.T) {
	now := time.Date(2026, 11, 23, 13, 45, 0, 0, time.UTC)
	for kind, want := range map[calbell.WebhookKind]string{
		calbell.KindKChat: "**Weekly review**\nMonday 23 November 2026, 14:00, Room 4\nhttps://meet.example.org/review\nBring the figures.\nThe agenda is in the shared folder.",
		calbell.KindSlack: "*Weekly review*\nMonday 23 November 2026, 14:00, Room 4\nhttps://meet.example.org/review\nBring the figures.\nThe agenda is in the shared folder.",
		calbell.KindJSON:  "Weekly review\nMonday 23 November 2026, 14:00, Room 4\nhttps://meet.example.org/review\nBring the figures.\nThe agenda is in the shared folder.",
	} {
		d, _ := Sample("timed", now, nil)
		if got := renderText(t, kind, "", d); got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
	d, _ := Sample("empty", now, nil)
	if got, want := renderText(t, calbell.KindKChat, "", d), "**(no title)**\nMonday 23 November 2026, 14:00"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSamples(t *testing.T) {
	now := time.Date(2026, 11, 23, 13, 45, 30, 0, time.UTC)
	for _, name := range Samples() {
		d, ok := Sample(name, now, mustZone("Europe/Zurich"))
		if !ok || d.Instance == nil || d.Due.After(now) {
			t.Errorf("%s: %+v", name, d)
		}
		h, err := CompileHook(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Template: allVariables()}})
		if err != nil {
			t.Fatal(err)
		}
		checkMessage(t, h.Render(d).Text)
	}
	if _, ok := Sample("other", now, nil); ok {
		t.Error("an unknown sample exists")
	}
}

// Text that is too long is taken from the values: the template stays whole.
func TestLength(t *testing.T) {
	due := time.Date(2026, 11, 23, 12, 45, 0, 0, time.UTC)
	d := Data{Due: due, Now: due.Add(12 * time.Minute), Repeat: true, Instance: &calbell.Instance{
		Summary: "Lunch", Description: strings.Repeat("*a* `b` ", 5000), Location: strings.Repeat("é", 3000),
	}}
	const tail = "\n(12 min late)\n(possible repeat)"
	for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack, calbell.KindJSON} {
		got := renderText(t, kind, "**%subject%** `%location%`\n```\n%description%\n```\nend", d)
		checkMessage(t, got)
		if !strings.HasPrefix(got, "**Lunch** `ééé") || !strings.HasSuffix(got, "…\n```\nend"+tail) {
			t.Errorf("%s: %q … %q", kind, got[:40], got[len(got)-80:])
		}
		if n := utf8.RuneCountInString(got); n < calbell.MaxMessageRunes*9/10 {
			t.Errorf("%s: only %d runes are left", kind, n)
		}
		got = renderText(t, kind, "%description%", d)
		checkMessage(t, got)
		if !strings.HasSuffix(got, "…"+tail) || utf8.RuneCountInString(got) < calbell.MaxMessageRunes*9/10 {
			t.Errorf("%s: %d runes, %q", kind, utf8.RuneCountInString(got), got[len(got)-80:])
		}
		got = renderText(t, kind, "`%subject%`"+strings.Repeat("x", 2*calbell.MaxMessageRunes), d)
		checkMessage(t, got)
		if !strings.HasSuffix(got, "…"+tail) {
			t.Errorf("%s: %q", kind, got[len(got)-80:])
		}
		checkMessage(t, renderText(t, kind, strings.Repeat("%description%\n", 4000), d))
	}
}

// A value inside an address is a part of it, whatever it holds; one that is the address, or
// stands beside one, is as it is.
func TestAddressesOfTrees(t *testing.T) {
	h, err := CompileHook(calbell.Webhook{
		WebhookSpec: calbell.WebhookSpec{
			Kind: calbell.KindKChat,
			Attachments: []any{map[string]any{
				"title_link": "https://example.org/?q=%subject%&r=%url%", "image_url": "%url%", "url": "see %url%", "author_link": " https://example.org/%location% ",
			}},
			Envelope: calbell.Envelope{IconURL: "https://example.org/%calendar%.png"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	m := h.Render(Data{Calendar: "Team A/B", Now: noticeSince, Instance: &calbell.Instance{
		Summary: "a&b=c #d/\n..", URL: "https://example.org/e?f=1&g", Location: "../x?y",
	}})
	want := map[string]any{
		"title_link": "https://example.org/?q=a%26b%3Dc%20%23d%2F%20..&r=https%3A%2F%2Fexample.org%2Fe%3Ff%3D1%26g",
		"image_url":  "https://example.org/e?f=1&g", "url": "see https://example.org/e?f=1&g", "author_link": "https://example.org/..%2Fx%3Fy",
	}
	list, _ := m.Attachments.([]any)
	if diff := cmp.Diff([]any{want}, list); diff != "" || m.IconURL != "https://example.org/Team%20A%2FB.png" {
		t.Errorf("icon %q (-want +got)\n%s", m.IconURL, diff)
	}
}

// Of messages that become one post, none holds one half of what another completes.
func TestMessagesOfOnePost(t *testing.T) {
	h, err := CompileHook(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Template: "%subject%", Combine: true}})
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, subject := range []string{"< https://evil.example", `"x" |your bank>`, "*a", "b*", "[your bank", "x](https://evil.example/)", "$a", "b$", "~~c", "d~~"} {
		texts = append(texts, h.Render(Data{Instance: &calbell.Instance{Summary: subject}}).Text)
	}
	for name, n := range judgeKChat(strings.Join(texts, "\n")) {
		if n > 0 && name != "AutoLink" {
			t.Errorf("%d × %s in %q", n, name, texts)
		}
	}
}

// Mattermost shows some parts of an attachment as they are, where an escape would be seen,
// and reads Markdown in the others. A title is of the first kind only beside a link.
func TestPlainParts(t *testing.T) {
	part := func(link string) map[string]any {
		return map[string]any{
			"title": "%subject%", "title_link": link, "author_name": "%subject%", "footer": "%subject%", "fallback": "%subject%",
			"text": "%subject%", "fields": []any{map[string]any{"title": "%subject%", "value": "%subject%"}},
		}
	}
	const trap, tame = "[your bank](https://evil.example/)", `\[your bank\](https://evil.example/)`
	want := func(title, link string) map[string]any {
		return map[string]any{
			"title": title, "title_link": link, "author_name": trap, "footer": tame, "fallback": trap,
			"text": tame, "fields": []any{map[string]any{"title": trap, "value": tame}},
		}
	}
	for _, url := range []string{"https://example.org/", "", "javascript:alert(1)"} {
		h, err := CompileHook(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Attachments: []any{part("%url%")}}})
		if err != nil {
			t.Fatal(err)
		}
		title := tame
		if markup.IsWeb(url) {
			title = trap
		}
		m := h.Render(Data{Now: noticeSince, Instance: &calbell.Instance{Summary: trap, URL: url}})
		if diff := cmp.Diff(any([]any{want(title, url)}), m.Attachments); diff != "" {
			t.Errorf("%q (-want +got)\n%s", url, diff)
		}
	}
}
