package templates

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/templates/markup"
)

// hookText renders the text of a webhook.
func hookText(t *testing.T, w calbell.Webhook, d Data) string {
	t.Helper()
	h, err := CompileHook(w)
	if err != nil {
		t.Fatal(err)
	}
	return h.Render(d).Text
}

// The template's own text may mention people, unless the webhook denies it; event text
// never may.
func TestMentions(t *testing.T) {
	const src = "@channel <!here> <@U123> (@anna) mail ops@example.org %subject% <%late%!channel> @%late%all"
	for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack} {
		d := faqData("Sync", "", "")
		allowed := hookText(t, calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: kind, Template: src}}, d)
		if !strings.HasPrefix(allowed, "@channel <!here> <@U123> (@anna) mail ops@example.org Sync ") {
			t.Errorf("%s, template: %q", kind, allowed)
		}
		denied := hookText(t, calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: kind, Template: src, Mentions: "deny"}}, d)
		if !strings.Contains(denied, "mail ops@example.org Sync") {
			t.Errorf("%s: an address is broken: %q", kind, denied)
		}
		for what, n := range judge(kind, denied) {
			if n > 0 && (strings.Contains(what, "mention") || what == "slack form" || what == "control") && what != "mention" {
				t.Errorf("%s, deny: %d %s in %q", kind, n, what, denied)
			}
		}
		if found := mentionForm.FindString(strings.ReplaceAll(denied, "ops@example.org", "")); found != "" {
			t.Errorf("%s, deny: mentions %q in %q", kind, found, denied)
		}
	}
}

// A webhook that denies mentions breaks no address: an at sign in one leads to the same place
// when it is percent-encoded, and names nobody.
func TestMentionsDeniedKeepAddresses(t *testing.T) {
	for src, want := range map[string]string{
		"see https://example.org/@team now":     "see https://example.org/%40team now",
		"[x](https://example.org/@team) @team":  "[x](https://example.org/%40team) @" + breaker + "team",
		"https://example.org/a@here":            "https://example.org/a%40here",
		"https://example.org?to=@all#@b":        "https://example.org?to=%40all#%40b",
		"<https://example.org/@team|the @team>": "<https://example.org/%40team|the @" + breaker + "team>",
		"%url%":                                 "https://example.org/%40all/x",
		"http://a.example.org/,@all":            "http://a.example.org/,%40all",
		"https://@all":                          "https://@" + breaker + "all", // no path
		"https://anna@example.org/":             "https://anna@example.org/",
		"https: @all http //@all":               "https: @" + breaker + "all http //@" + breaker + "all",
	} {
		for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack} {
			d := faqData("Sync", "", "")
			d.Instance.URL = "https://example.org/@all/x"
			if got := hookText(t, calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: kind, Template: src, Mentions: "deny"}}, d); got != want {
				t.Errorf("%s: %q became %q, want %q", kind, src, got, want)
			}
		}
	}
}

// Whatever template and event hold, a webhook that denies mentions makes none.
func FuzzMentionsDenied(f *testing.F) {
	for _, attack := range attacks {
		f.Add("%subject% "+attack, "x")
		f.Add("@%subject%<[[%late%]]"+attack, attack)
	}
	f.Fuzz(func(t *testing.T, src, text string) {
		if len(src)+len(text) > 1000 {
			t.Skip("long")
		}
		for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack} {
			h, _ := CompileHookLenient(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: kind, Template: src, Mentions: "deny"}})
			got := h.Render(attackData(text)).Text
			for _, form := range []string{"<!", "<@", "<#"} {
				if strings.Contains(got, form) {
					t.Errorf("%s: %q holds %s", kind, got, form)
				}
			}
			if m := groupForm.FindString(got); m != "" {
				t.Errorf("%s: %q mentions %q", kind, got, m)
			}
			if n := runes(got); n > calbell.MaxMessageRunes {
				t.Errorf("%d runes", n)
			}
		}
	})
}

func TestMaxLength(t *testing.T) {
	d := faqData(strings.Repeat("long ", 4000), "Room 4", strings.Repeat("notes ", 4000))
	d.Repeat = true
	for _, limit := range []int{0, calbell.MinMaxLength, 500, calbell.MaxMaxLength} {
		for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack, calbell.KindJSON} {
			w := calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: kind, MaxLength: limit}}
			want := limit
			if limit == 0 {
				want = calbell.MaxMessageRunes
			}
			got := hookText(t, w, d)
			if n := runes(got); n > want || n < want*8/10 {
				t.Errorf("%s, max_length %d: %d characters", kind, limit, n)
			}
			if !strings.HasSuffix(got, "\n(possible repeat)") {
				t.Errorf("%s, max_length %d: the last line is cut: %q", kind, limit, got[max(0, len(got)-60):])
			}
			n := missedNotice(calbell.MaxNoticeItems, 3)
			d := Data{Now: noticeSince, Notice: &n}
			if got := hookText(t, w, d); runes(got) > want || !strings.HasPrefix(got, "23 reminders") {
				t.Errorf("%s, max_length %d: notice of %d characters", kind, limit, runes(got))
			}
		}
	}
}

// cardOf renders a card as it goes over the wire.
func cardOf(t *testing.T, w calbell.Webhook, d Data) (text, card string) {
	t.Helper()
	w.Style = "card"
	h, err := CompileHook(w)
	if err != nil {
		t.Fatal(err)
	}
	m := h.Render(d)
	body, err := json.Marshal(m.Attachments)
	if err != nil {
		t.Fatal(err)
	}
	return m.Text, string(body)
}

func TestCard(t *testing.T) {
	full := faqData("Sync", "Room 4", "Agenda *new*\nhttps://meet.jit.si/sync")
	for _, tt := range []struct {
		name       string
		w          calbell.Webhook
		d          Data
		text, card string
	}{
		{
			"all of it",
			calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat}},
			full, "**Sync**",
			`[{"color":"#2f6fde","fallback":"Sync, Monday 23 November 2026, 14:00, Room 4","fields":[{"short":true,"title":"When","value":"Monday 23 November 2026, 14:00 (1 h)"},{"short":true,"title":"Where","value":"Room 4"}],"text":"Agenda \\*new\\*\nhttps://meet.jit.si/sync","title":"Join the meeting","title_link":"https://meet.jit.si/sync"}]`,
		}, {
			"slack, its own text, Swiss German",
			calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindSlack, Template: "%when%", Locale: "de-CH"}},
			faqData("Q&A", "A & B", ""), "in 15 Minuten",
			`[{"color":"#2f6fde","fallback":"Q\u0026amp;A, Montag, 23. November 2026, 14:00, A \u0026amp; B","fields":[{"short":true,"title":"Wann","value":"Montag, 23. November 2026, 14:00 (1 h)"},{"short":true,"title":"Wo","value":"A \u0026amp; B"}]}]`,
		}, {
			"nothing but a time, French",
			calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Locale: "fr"}},
			faqData("", "", ""), "lundi 23 novembre 2026, 14:00",
			`[{"color":"#2f6fde","fallback":"lundi 23 novembre 2026, 14:00","fields":[{"short":true,"title":"Quand","value":"lundi 23 novembre 2026, 14:00 (1 h)"}]}]`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, card := cardOf(t, tt.w, tt.d)
			if text != tt.text || card != tt.card {
				t.Errorf("\n got %q\n     %s\nwant %q\n     %s", text, card, tt.text, tt.card)
			}
		})
	}
}

// A stranger's text in a card has no more power than in a message.
func TestHostileCard(t *testing.T) {
	for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack} {
		for name, attack := range attacks {
			h, err := CompileHook(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: kind, Style: "card"}})
			if err != nil {
				t.Fatal(err)
			}
			card := h.Render(attackData(attack)).Attachments.([]any)[0].(map[string]any)
			calm := h.Render(harmlessData(attack, attack)).Attachments.([]any)[0].(map[string]any)
			for _, part := range []string{"text", "fields"} {
				if diff := difference(kind, partText(card[part]), partText(calm[part])); diff != "" {
					t.Errorf("%s, %s, %s: %s in %q", kind, name, part, diff, card[part])
				}
			}
			if link, ok := card["title_link"].(string); ok && !markup.IsWeb(link) {
				t.Errorf("%s, %s: leads to %q", kind, name, link)
			}
		}
	}
}

// partText is what of a part of a card a chat renders: its text, or the field "where".
func partText(part any) string {
	switch part := part.(type) {
	case string:
		return part
	case []any:
		if len(part) > 1 {
			return part[1].(map[string]any)["value"].(string)
		}
	}
	return ""
}

// How long an event takes is counted in hours that pass, also when the clocks change.
func TestDurationOnDaysWhenTheClocksChange(t *testing.T) {
	zurich := mustZone("Europe/Zurich")
	for _, tt := range []struct {
		from, to time.Time
		want     string
	}{
		{time.Date(2026, 3, 29, 0, 0, 0, 0, zurich), time.Date(2026, 3, 29, 6, 0, 0, 0, zurich), "5 h"},
		{time.Date(2026, 10, 25, 0, 0, 0, 0, zurich), time.Date(2026, 10, 25, 6, 0, 0, 0, zurich), "7 h"},
		{time.Date(2026, 3, 29, 1, 30, 0, 0, zurich), time.Date(2026, 3, 29, 3, 30, 0, 0, zurich), "1 h"},
	} {
		d := Data{Zone: zurich, Due: tt.from, Now: tt.from, Instance: &calbell.Instance{Start: tt.from, End: tt.to}}
		if got := renderText(t, calbell.KindJSON, "%duration%", d); !strings.Contains(got, tt.want) {
			t.Errorf("%s to %s: %q, want %q", tt.from, tt.to, got, tt.want)
		}
	}
}
