package templates

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"calbell"
)

var noticeSince = time.Date(2026, 11, 23, 13, 5, 0, 0, time.UTC)

func noticed(t *testing.T, kind calbell.WebhookKind, locale string, n calbell.Notice) calbell.Message {
	t.Helper()
	h, err := CompileHook(calbell.Webhook{Name: "team", WebhookSpec: calbell.WebhookSpec{Kind: kind, Template: "%subject% that is not used", Envelope: calbell.Envelope{Username: "calbell"}}})
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	return h.Render(Data{ID: "id", Due: noticeSince, Now: noticeSince.Add(time.Hour), Zone: zone, Locale: locale, Notice: &n})
}

func TestNotices(t *testing.T) {
	one := calbell.Notice{Subject: "Ops", Reason: calbell.Plain("answer 404"), Hint: calbell.Plain("make it anew"), Since: noticeSince}
	for locale, want := range map[string][]string{
		"en": {
			"The webhook Ops has refused its reminders since 23 Nov 2026, 14:05: answer 404\nThey are held; it is tried again when the next one falls due, and now and then before. Those that would come too late will be listed.\nMake it anew",
			"The webhook Ops works again; it had refused its reminders since 23 Nov 2026, 14:05.",
			"Ops has not been synced since 23 Nov 2026, 14:05: answer 404\nReminders go on from the last copy, but new and changed events are not seen.\nMake it anew",
			"Ops is synced again; that had failed since 23 Nov 2026, 14:05.",
			"Calbell has needed help since 23 Nov 2026, 14:05: answer 404\nMake it anew",
		},
		"fr-CH": {
			"Le webhook Ops refuse les rappels depuis le 23 nov. 2026, 14:05 : answer 404\nIls sont retenus ; un nouvel essai a lieu quand le prochain arrive à échéance, et de temps en temps. Ceux qui arriveraient trop tard seront énumérés.\nMake it anew",
			"Le webhook Ops fonctionne de nouveau ; il refusait les rappels depuis le 23 nov. 2026, 14:05.",
			"Ops n’est plus synchronisé depuis le 23 nov. 2026, 14:05 : answer 404\nLes rappels continuent d’après la dernière copie, mais les événements nouveaux ou modifiés manquent.\nMake it anew",
			"Ops est de nouveau synchronisé ; cela échouait depuis le 23 nov. 2026, 14:05.",
			"Calbell a besoin d’aide depuis le 23 nov. 2026, 14:05 : answer 404\nMake it anew",
		},
		"de-CH": {
			"Der Webhook Ops nimmt seit dem 23.11.2026, 14:05 keine Erinnerungen an: answer 404\nSie werden zurückgehalten; versucht wird es wieder, wenn die nächste fällig ist, und ab und zu dazwischen. Was zu spät käme, wird aufgelistet.\nMake it anew",
			"Der Webhook Ops funktioniert wieder; seit dem 23.11.2026, 14:05 hatte er keine Erinnerungen angenommen.",
			"Ops kann seit dem 23.11.2026, 14:05 nicht abgeglichen werden: answer 404\nDie Erinnerungen laufen nach der letzten Kopie weiter, aber neue und geänderte Termine fehlen.\nMake it anew",
			"Ops wird wieder abgeglichen; seit dem 23.11.2026, 14:05 war das nicht gelungen.",
			"Calbell braucht seit dem 23.11.2026, 14:05 Hilfe: answer 404\nMake it anew",
		},
		"it": {
			"Il webhook Ops rifiuta i promemoria dal 23 nov 2026, 14:05: answer 404\nSono trattenuti; si riprova quando scade il prossimo, e ogni tanto nel frattempo. Quelli che arriverebbero troppo tardi saranno elencati.\nMake it anew",
			"Il webhook Ops funziona di nuovo; rifiutava i promemoria dal 23 nov 2026, 14:05.",
			"Ops non è più sincronizzato dal 23 nov 2026, 14:05: answer 404\nI promemoria continuano dall’ultima copia, ma mancano gli eventi nuovi o modificati.\nMake it anew",
			"Ops è di nuovo sincronizzato; non riusciva dal 23 nov 2026, 14:05.",
			"Calbell ha bisogno di aiuto dal 23 nov 2026, 14:05: answer 404\nMake it anew",
		},
	} {
		for i, kind := range []calbell.NoticeKind{
			calbell.NoticeSuspended, calbell.NoticeRestored, calbell.NoticeFailing, calbell.NoticeRecovered, calbell.NoticeTrouble,
		} {
			n := one
			n.Kind = kind
			m := noticed(t, calbell.KindKChat, locale, n)
			if m.Text != want[i] || m.Username != "calbell" || m.ID != "id" || m.Payload != nil {
				t.Errorf("%s, %s:\n%q\nwant\n%q\n%+v", locale, kind, m.Text, want[i], m)
			}
		}
	}
}

// The eighth and the eleventh begin with a vowel.
func TestItalianSince(t *testing.T) {
	for day, want := range map[int]string{7: " dal 7 nov 2026", 8: " dall’8 nov 2026", 11: " dall’11 nov 2026", 18: " dal 18 nov 2026"} {
		for _, kind := range []calbell.NoticeKind{
			calbell.NoticeSuspended, calbell.NoticeRestored, calbell.NoticeFailing, calbell.NoticeRecovered, calbell.NoticeTrouble,
		} {
			since := time.Date(2026, 11, day, 12, 0, 0, 0, time.UTC)
			text := noticed(t, calbell.KindSlack, "it", calbell.Notice{Kind: kind, Subject: "Ops", Since: since}).Text
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q lacks %q", kind, text, want)
			}
		}
	}
}

func missedNotice(n, more int) calbell.Notice {
	notice := calbell.Notice{Kind: calbell.NoticeMissed, Since: noticeSince, More: more}
	for i := range n {
		status := calbell.StatusMissed
		if i == 1 {
			status = calbell.StatusDead
		}
		notice.Items = append(notice.Items, calbell.NoticeItem{Subject: fmt.Sprintf("Event %d", i), Due: noticeSince.Add(time.Duration(i) * time.Minute), Status: status})
	}
	return notice
}

func TestMissedNotice(t *testing.T) {
	for _, tt := range []struct {
		locale  string
		n, more int
		want    string
	}{
		{"en", 1, 0, "1 reminder was not sent in time:\n• 14:05: Event 0"},
		{"en", 2, 0, "2 reminders were not sent in time:\n• 14:05: Event 0\n• 14:06: Event 1 (given up)"},
		{"en", 1, 1, "2 reminders were not sent in time:\n• 14:05: Event 0\n… and 1 more"},
		{"fr", 1, 7, "8 rappels n’ont pas été envoyés à temps :\n• 14:05 : Event 0\n… et 7 autres"},
		{"de", 1, 0, "1 Erinnerung wurde nicht rechtzeitig gesendet:\n• 14:05: Event 0"},
		{"it", 2, 1, "3 promemoria non sono stati inviati in tempo:\n• 14:05: Event 0\n• 14:06: Event 1 (abbandonato)\n… e un altro"},
	} {
		if got := noticed(t, calbell.KindSlack, tt.locale, missedNotice(tt.n, tt.more)).Text; got != tt.want {
			t.Errorf("%s, %d and %d more:\n%q\nwant\n%q", tt.locale, tt.n, tt.more, got, tt.want)
		}
	}
}

// The day of a reminder is told unless it is the reader's own: 23:30 in London is tomorrow
// in Zurich.
func TestMissedDays(t *testing.T) {
	n := missedNotice(1, 0)
	for due, want := range map[string]string{
		"2026-11-22T22:59:00Z": "• 22 Nov 2026, 23:59: Event 0", "2026-11-22T23:00:00Z": "• 00:00: Event 0",
		"2026-11-23T22:59:00Z": "• 23:59: Event 0", "2026-11-23T23:30:00Z": "• 24 Nov 2026, 00:30: Event 0",
	} {
		at, err := time.Parse(time.RFC3339, due)
		if err != nil {
			t.Fatal(err)
		}
		n.Items[0].Due = at
		if got := noticed(t, calbell.KindSlack, "en", n).Text; !strings.HasSuffix(got, "\n"+want) {
			t.Errorf("%s: %q, want %q", due, got, want)
		}
	}
}

// Titles come from strangers: a list of them is as safe as a message, and as short.
func TestHostileNotice(t *testing.T) {
	n := missedNotice(calbell.MaxNoticeItems, 0)
	for i := range n.Items {
		n.Items[i].Subject = "@channel <!here> [click](https://evil.example.org) " + strings.Repeat("long ", 300)
	}
	n2 := calbell.Notice{Kind: calbell.NoticeFailing, Subject: "@all `x", Reason: calbell.Plain("<!channel>\n![](https://evil.example.org/x.png)"), Since: noticeSince}
	for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack} {
		for _, n := range []calbell.Notice{n, n2} {
			text := noticed(t, kind, "en", n).Text
			for _, bad := range []string{"<!channel>", "<!here>", "click](", "!["} {
				// Slack knows no Markdown links.
				if strings.Contains(text, bad) && (kind == calbell.KindKChat || bad[0] == '<') {
					t.Errorf("%s: %q holds %q", kind, text[:min(200, len(text))], bad)
				}
			}
			if runes(text) > calbell.MaxMessageRunes {
				t.Errorf("%s: %d runes", kind, runes(text))
			}
		}
	}
	text := noticed(t, calbell.KindKChat, "en", n).Text
	if lines := strings.Split(text, "\n"); !strings.HasPrefix(text, "20 reminders") || len(lines) != 21 || runes(lines[20]) > 200 || !strings.HasSuffix(text, "…") {
		t.Errorf("a list of overlong titles is %d lines and ends with %q", len(lines), text[max(0, len(text)-80):])
	}
}

// The reason and the next step of a notice are said in the language of its webhook.
func TestNoticeIsSaidInItsLanguage(t *testing.T) {
	h, err := CompileHook(calbell.Webhook{Name: "x", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Locale: "de-CH"}})
	if err != nil {
		t.Fatal(err)
	}
	n := calbell.Notice{Kind: calbell.NoticeSuspended, Subject: "ops", Reason: calbell.Plain("gone"), Hint: calbell.Plain("mend it"), Since: noticeSince}
	text := h.Render(Data{Now: noticeSince, Notice: &n, Locale: "fr", Say: func(locale string, text calbell.Text) string { return text.English + " auf " + locale + " *" }}).Text
	for _, want := range []string{": gone auf de-CH \\*\n", "\nMend it auf de-CH \\*"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
	n = missedNotice(1, 0)
	n.Items[0].Reason = calbell.T(calbell.NotRecognised, "the answer was not the chat's own: %s", "answered 200 OK")
	if text := noticed(t, calbell.KindKChat, "en", n).Text; !strings.Contains(text, "success: 2xx") {
		t.Errorf("%q does not name success", text)
	}
}

// A program can tell a notice from a reminder.
func TestNoticeAsJSON(t *testing.T) {
	h, err := CompileHook(calbell.Webhook{Name: "x", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindJSON, Payload: map[string]any{"event": "%subject%"}}})
	if err != nil {
		t.Fatal(err)
	}
	n := missedNotice(1, 2)
	body, err := json.Marshal(h.Render(Data{Now: noticeSince, Notice: &n}).Payload)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"notice":{"items":[{"due":"2026-11-23T13:05:00Z","status":"missed","subject":"Event 0"}],"kind":"missed","more":2,"since":"2026-11-23T13:05:00Z"},"text":"3 reminders were not sent in time:\n• 13:05: Event 0\n… and 2 more"}`
	if string(body) != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
}

func TestNoticeTextsCompile(t *testing.T) {
	for _, lang := range []string{"en", "fr", "de", "it"} {
		n := noticeTexts(lang, 8)
		for i, tpl := range []*Template{n.suspended, n.restored, n.failing, n.recovered, n.trouble, n.line(true, true), n.line(false, false)} {
			if tpl == nil || len(tpl.nodes) < 2 {
				t.Errorf("%s: text %d does not compile", lang, i)
			}
		}
	}
}
