package web

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/web/i18n"
	"calbell/web/words"
	"calbell/webhook/dialect"
)

// shown is what a viewer of a language sees of a problem.
func shown(t *testing.T, s *site, lang string, problem error) (text string, v *view) {
	t.Helper()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	v = viewOf(words.Reader{Words: s.words.In(lang), Now: now, Zone: time.FixedZone("there", 3600)})
	v.site, v.Problem = s, problem
	var out bytes.Buffer
	if err := s.pages["error"].ExecuteTemplate(&out, "problem", v); err != nil {
		t.Fatal(err)
	}
	return out.String(), v
}

func newSite() *site { return &site{words: must(i18n.Load()), pages: must(loadPages())} }

// Each text of the program is shown in each language, with its arguments as text.
func TestEveryTextIsShown(t *testing.T) {
	s := newSite()
	hole := regexp.MustCompile(`\{\d\}`)
	for _, key := range s.words.Texts() {
		args := []any{}
		for i := range hole.FindAllString(s.words.In("fr").T(key)+s.words.In("en").T(key), -1) {
			args = append(args, fmt.Sprintf("<i>w%d</i>", i+1))
		}
		said := calbell.T(key, strings.Repeat("%s ", len(args)), args...)
		for _, lang := range i18n.Languages() {
			out, v := shown(t, s, lang, &calbell.Error{What: said, Hint: said})
			if !strings.Contains(out, html.EscapeString(v.Sentence(said))) && !strings.Contains(html.UnescapeString(out), v.Sentence(said)) {
				t.Errorf("%s: %q is shown as %s", lang, key, out)
			}
			if strings.Contains(out, "<i>") || hole.MatchString(out) {
				t.Errorf("%s: %q: its arguments are not shown as text: %s", lang, key, out)
			}
		}
	}
}

// What people meet, as they meet it.
func TestSaid(t *testing.T) {
	s := newSite()
	for _, c := range []struct {
		err  error
		want map[string]string
	}{
		{
			&calbell.Error{
				What: calbell.T("service:webhook-exists-already", "webhook %q exists already (%s)", "kChat #team", calbell.T("service:made-command", "made by command")),
				Hint: calbell.T("service:choose-or-remove", "choose another name, or remove it first: calbell webhook remove %s", "kchat-team"),
			},
			map[string]string{
				"en": "✕ Webhook “kChat #team” exists already (added here) What to do: choose another name, or remove the other webhook first",
				"fr": "✕ Le webhook « kChat #team » existe déjà (ajouté ici) Que faire : choisissez un autre nom, ou supprimez d’abord l’autre webhook",
				"de": "✕ Der Webhook „kChat #team“ existiert bereits (hier hinzugefügt) Was tun: einen anderen Namen wählen, oder zuerst den anderen Webhook entfernen",
				"it": "✕ Il webhook «kChat #team» esiste già (aggiunto qui) Che cosa fare: scegliere un altro nome, o rimuovere prima l’altro webhook",
			},
		},
		{
			&calbell.Error{
				What: calbell.Chain(calbell.T("plan:account", "account %q", "home"), calbell.T("caldav:sign-refused-401", "sign-in refused (401) by %s as %q", "cloud.example.org", "anna")),
				Err:  calbell.Errorf("transport:answered", "%s was answered %s", "PROPFIND", "401 Unauthorized"),
			},
			map[string]string{
				"fr": "✕ Compte « home » : connexion de « anna » refusée (401) par cloud.example.org : PROPFIND : réponse 401 Unauthorized",
				"de": "✕ Konto „home“: Anmeldung als „anna“ abgelehnt (401) von cloud.example.org: auf PROPFIND kam 401 Unauthorized",
			},
		},
		{
			&calbell.Error{What: calbell.T("service:webhook-problem", "webhook %q: %s", "team", calbell.List(dialect.FieldText("template"), calbell.T("templates:at", "line %d, column %d: %s", 1, 2,
				calbell.T("templates:did-you-mean", "%s, did you mean %q?", calbell.T("templates:unknown-variable", "unknown variable %q", "subjct"), "subject"))))},
			map[string]string{"it": "✕ Webhook «team»: messaggio, riga 1, colonna 2: variabile sconosciuta «subjct»; si intendeva «subject»?"},
		},
		{
			&calbell.Error{What: calbell.T("service:server-asked-rest-until", "the server asked for a rest until %s", "2026-11-23T10:30:00Z")},
			map[string]string{"de": "✕ Der Server bat um eine Pause bis Mo 23. Nov. 11:30", "en": "✕ The server asked for a rest until Mon 23 Nov 11:30"},
		},
		{
			&calbell.Error{What: calbell.T("service:webhook-used", "webhook %q is used by %s", "<script>", calbell.List(
				calbell.Plain("Home/Team"), calbell.T("plan:rule", "rule %q", "a, b"), calbell.T("service:attached-reminders", "%d attached reminders", 2), calbell.T("service:what-others", "what others have")))},
			map[string]string{"fr": "✕ Le webhook « <script> » est utilisé par : Home/Team, règle « a, b », 2 rappels ajoutés à des événements, ce que d’autres ont"},
		},
		{
			calbell.Errorf("daemon:reload-failed", "reload failed, the old configuration stays in force:\n%w", &calbell.Error{
				What: calbell.T("config:finding", "%s%s", calbell.Chain(calbell.Plain("calbell.yaml:31:5"), calbell.T("service:unknown-locale", "unknown locale %q", "xx")), "\n  > 31 | locale: xx\n         ^"),
			}),
			map[string]string{"de": "✕ Die Datei wurde nicht übernommen, die alte Konfiguration gilt weiter: calbell.yaml:31:5: unbekannte Sprache „xx“ > 31 | locale: xx ^"},
		},
	} {
		for lang, want := range c.want {
			out, _ := shown(t, s, lang, c.err)
			text := html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(strings.ReplaceAll(out, "<p><b>", " <p>"), ""))
			if got := strings.Join(strings.Fields(text), " "); got != want {
				t.Errorf("%s:\n got %s\nwant %s", lang, got, want)
			}
		}
	}
}
