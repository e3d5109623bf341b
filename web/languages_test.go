//go:build !race

package web_test

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	dom "golang.org/x/net/html"

	"calbell/api/types"
	"calbell/service/servicetest"
	"calbell/web/i18n"
)

// On no page is anything left in English for readers of another language: no text that has a
// translation, and no sentence that has none. The pages are those of a house in which everything is
// wrong that can be, and the answers to forms with a mistake in each field.
func TestNoEnglishIsLeft(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, locale := range []string{"fr", "de", "de-CH", "it"} {
		t.Run(locale, func(t *testing.T) {
			t.Parallel()
			h := troubled(t, words, locale)
			r := newEnglishReader(words, locale)
			seen := 0
			for _, a := range h.everyAnswer(locale) {
				seen++
				for _, shown := range visible(a.tree()) {
					if found := r.english(shown); found != "" {
						t.Errorf("%s shows %q: %q", a.what, found, shown)
					}
				}
			}
			if seen < 150 {
				t.Errorf("only %d answers were read", seen)
			}
		})
	}
}

// What is English is found: a text without a translation, a sentence of others, one word.
func TestEnglishReader(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		locale, text string
		found        bool
	}{
		{"de", "It was changed meanwhile", true},
		{"de", "Sync now", true},
		{"de", "Rules", true},
		{"it", "look at the disk that holds data.backup", true},
		{"fr", "answered 404: no such hook is known", true},
		{"fr", "Aucun calendrier n’est en pause", false},
		{"de", "So war es in der Art: Webhook", false},
		{"it", "Non è a posto: ora si va in pausa", false},
	} {
		if found := newEnglishReader(words, c.locale).english(c.text); (found != "") != c.found {
			t.Errorf("%q in %s: found %q", c.text, c.locale, found)
		}
	}
}

// englishReader finds English in texts of another language.
type englishReader struct {
	whole map[string]bool // texts that are translated otherwise
	parts []string        // of such texts, between arguments
	words map[string]bool // that stand in English sentences alone
}

// functionWords are those without which there is hardly a sentence.
const functionWords = "the and was were is are not with of been has have had that this these those which who what when where why how can cannot could will " +
	"would should must may does did it its they them their there here than then if yes only also already again after before while until since into " +
	"by you your our any some more most less all each every other another too to be for from nothing nobody something somebody no such"

// homographs are function words that are also words of a language.
var homographs = map[string]string{"de": "was who war also all will must not so", "fr": "on or me son plus", "it": "no me or come all"}

func newEnglishReader(c i18n.Catalogue, locale string) englishReader {
	own, english := c.In(locale), c.In("en")
	r := englishReader{map[string]bool{}, nil, map[string]bool{}}
	for _, w := range strings.Fields(functionWords) {
		r.words[w] = true
	}
	for _, w := range strings.Fields(homographs[own.Lang()]) {
		delete(r.words, w)
	}
	keys, said := slices.Concat(c.Keys(), c.Texts()), map[string]bool{}
	var all strings.Builder
	for _, key := range keys {
		said[own.T(key)] = true
		all.WriteString(own.T(key) + "\n" + own.N(key, 2) + "\n")
	}
	hole := regexp.MustCompile(`\{\d\}`)
	for _, key := range keys {
		text := english.T(key)
		if said[text] || text == own.T(key) {
			continue
		}
		if !hole.MatchString(text) {
			r.whole[text] = true
		}
		for _, part := range hole.Split(text, -1) {
			part = strings.Trim(part, " :,;.“”()")
			if len(part) > 10 && strings.Contains(part, " ") && !strings.Contains(all.String(), part) {
				r.parts = append(r.parts, part)
			}
		}
	}
	slices.Sort(r.parts)
	r.parts = slices.Compact(r.parts)
	return r
}

// notOurs are names that people of the house chose, the codes of languages, words of a template, and
// what HTTP calls a status.
var notOurs = regexp.MustCompile(`for all|: nothing\b|it, it-CH|%\w+%|\b\d{3} \w+ \w+`)

// english returns what is English in a text; "" when nothing is.
func (r englishReader) english(shown string) string {
	shown = notOurs.ReplaceAllString(shown, "")
	if r.whole[shown] {
		return shown
	}
	for _, part := range r.parts {
		if strings.Contains(shown, part) {
			return part
		}
	}
	for _, word := range regexp.MustCompile(`[\pL\d_./@:-]+`).FindAllString(strings.ToLower(shown), -1) {
		if r.words[strings.Trim(word, ".:-/")] {
			return word
		}
	}
	return ""
}

// visible returns what people read of a page or hear of it: texts, labels, hints in fields. What is
// typed as it stands, such as a command, is left out, and so are the names of languages in themselves.
func visible(root *dom.Node) (texts []string) {
	for n := range root.Descendants() {
		switch {
		case n.Type == dom.TextNode && !within(n, "code", "pre", "script", "style", "textarea", "q") && !isOptionOf(n, "locale"):
			texts = append(texts, strings.TrimSpace(n.Data))
		case n.Type == dom.ElementNode:
			for _, key := range []string{"title", "alt", "aria-label", "aria-description", "data-label", "data-text"} {
				texts = append(texts, attribute(n, key))
			}
			if p := attribute(n, "placeholder"); strings.Contains(p, " ") && n.Data != "textarea" {
				texts = append(texts, p)
			}
		}
	}
	return slices.DeleteFunc(texts, func(s string) bool { return s == "" })
}

// within reports whether a node is in an element of one of these names.
func within(n *dom.Node, names ...string) bool {
	return slices.ContainsFunc(slices.Collect(n.Ancestors()), func(p *dom.Node) bool { return slices.Contains(names, p.Data) })
}

// isOptionOf reports whether a node is in the list of a field.
func isOptionOf(n *dom.Node, field string) bool {
	return slices.ContainsFunc(slices.Collect(n.Ancestors()), func(p *dom.Node) bool {
		return p.Data == "select" && attribute(p, "name") == field
	})
}

// everyAnswer returns what each page shows and each form answers, to those who are to see it.
func (h *house) everyAnswer(locale string) (all []*answer) {
	h.t.Helper()
	as := func(name string) *visitor { return h.as(name, "Accept-Language", locale, "Accept", "text/html") }
	ask := func(name, method, path string, form url.Values) {
		a := as(name).ask(method, path, form)
		for range 2 { // what was done is told where that leads
			if a.status == 303 {
				a = as(name).ask("GET", a.to, nil)
			}
		}
		if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			a.what += " " + path
			all = append(all, a)
		}
	}
	for _, path := range h.everyPath() {
		for _, name := range []string{"Bob", "Anna"} {
			ask(name, "GET", path, nil)
		}
	}
	for _, path := range []string{"/", "/webhooks", "/calendars", "/rules", "/deliveries", "/reminders", "/pauses", "/settings", "/admin", "/events/" + h.event} {
		ask("Carol", "GET", path, nil) // who has nothing
		ask("nobody", "GET", path, nil)
	}
	for _, f := range h.mistakes() {
		ask(f.who, "POST", f.path, f.form)
	}
	for _, r := range h.pages() { // the others, and what is not theirs
		method, path := r.request()
		for _, name := range []string{"nobody", "Carol", "Anna", "Bob"} {
			if !strings.HasSuffix(path, "sign-out") {
				ask(name, method, path, r.form)
			}
		}
	}
	return all
}

// everyPath lists the pages, with each of their views.
func (h *house) everyPath() (paths []string) {
	h.t.Helper()
	words, err := i18n.Load()
	h.OK(err)
	paths = []string{
		"/", "/?view=month", "/?q=none", "/?silent=1", "/?from=2020-01-01", "/?from=2020-01-01&view=month", "/events/new", "/reminders", "/deliveries", "/deliveries?status=cancelled&days=1&webhook=bob.qw1",
		"/webhooks", "/webhooks/_new", "/calendars", "/calendars/_new", "/rules", "/rules/_new", "/pauses", "/pauses?what=everything", "/settings", "/admin", "/help", "/none", "/setup/x",
		"/events/none", "/explain/none", "/deliveries/none", "/webhooks/none", "/calendars/none", "/calendars/_account/none", "/rules/none", "/rules/" + h.rule,
		"/calendars/_account/bob.work", "/calendars/_account/bob.work?step=3", "/calendars/" + string(h.calendar.ID),
	}
	for _, provider := range []string{"infomaniak", "nextcloud", "icloud", "fastmail", "caldav", "ics"} {
		paths = append(paths, "/calendars/_new?provider="+provider)
	}
	for _, key := range words.Keys() {
		for _, kind := range []string{"done.", "undone."} {
			if word, ok := strings.CutPrefix(key, kind); ok {
				paths = append(paths, "/?done="+word)
			}
		}
	}
	for _, c := range h.calendars {
		paths = append(paths, "/calendars/"+string(c.ID))
	}
	rows, err := h.Webhooks.List(h.t.Context(), h.callers["Bob"])
	h.OK(err)
	for _, w := range rows {
		paths = append(paths, "/webhooks/"+string(w.ID))
	}
	sent, err := h.Deliveries.History(h.t.Context(), h.callers["Bob"], types.DeliveryQuery{Limit: 200})
	h.OK(err)
	for _, d := range sent.Rows {
		paths = append(paths, "/deliveries/"+string(d.ID), "/explain/"+string(d.ID))
	}
	list, err := h.Events.List(h.t.Context(), h.callers["Bob"], types.EventQuery{Limit: 200})
	h.OK(err)
	ids := map[string]bool{h.event: true}
	for _, e := range list {
		ids[e.ID] = true
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		paths = append(paths, "/events/"+id, "/explain/"+id)
	}
	return paths
}

// mistake is a form that cannot be done.
type mistake struct {
	who, path string
	form      url.Values
}

// mistakes lists forms with a mistake in each of their fields.
func (h *house) mistakes() (all []mistake) {
	long := strings.Repeat("x", 5000)
	add := func(who, path string, usual []string, wrong ...[]string) {
		for _, pairs := range wrong {
			form := values(usual...)
			for i := 0; i+1 < len(pairs); i += 2 {
				form.Set(pairs[i], pairs[i+1])
			}
			all = append(all, mistake{who, path, form})
		}
	}
	event, calendar := "/events/"+h.event, "/calendars/"+string(h.calendar.ID)
	add("Bob", "/events/new", []string{"calendar", string(h.calendar.ID), "title", "Zx", "date", "2030-01-01", "start", "10:00", "end", "11:00"},
		[]string{"title", ""}, []string{"date", "xq"}, []string{"start", "xq"}, []string{"end", "xq"}, []string{"end", "09:00"}, []string{"calendar", "xq"}, []string{"webhook", "xq"}, []string{"title", long},
		[]string{"location", long}, []string{"description", strings.Repeat(long, 20)}, []string{"before", "xq", "webhook", "bob.mine"}, []string{"webhook", "bob.mine", "before", "own", "own", "xq"}, nil)
	add("Bob", event, []string{"do", "add", "webhook", "bob.mine", "before", "1h"}, []string{"before", "xq"}, []string{"before", "own", "own", "xq", "unit", "h"}, []string{"webhook", "xq"}, []string{"scope", "one", "at", "xq"}, []string{"do", "preview"}, []string{"webhook", ""})
	add("Bob", event+"/preview", []string{"before", "1h"}, []string{"before", "xq"}, []string{"before", "own", "own", "xq"}, []string{"before", "own", "own", "60", "unit", "d"}, nil)
	add("Bob", event+"/reminders/xq/remove", nil, nil)
	add("Bob", "/webhooks/_new", []string{"name", "xq", "url", "https://chat.example.org/hooks/x", "kind", "kchat", "template", "x"},
		[]string{"name", ""}, []string{"name", "#"}, []string{"name", "mine"}, []string{"name", long}, []string{"url", ""}, []string{"url", "xq"}, []string{"payload", "{"}, []string{"payload", `{"a": }`}, []string{"attachments", "[1}"}, []string{"blocks", "{} x"},
		[]string{"quiet_from", "10:00"}, []string{"quiet_from", "xq", "quiet_to", "xq"}, []string{"quiet_from", "10:00", "quiet_to", "10:00"}, []string{"time_zone", "Mars/Base"}, []string{"owner", "xq"}, []string{"do", "test"}, []string{"do", "preview", "template", "%xq% [["})
	for _, template := range []string{"%xq%", "%subjct%", "%subject|xq%", "%date|format:xq%", "%date|format%", "%subject|max:xq%", "%subject|medium%", "%date|format:''d%", "[[ %time% ]]", strings.Repeat("x", 70000)} {
		add("Bob", "/webhooks/_preview", []string{"of", "bob.mine", "kind", "kchat", "template", template}, nil)
	}
	add("Bob", "/webhooks/bob.mine/remove", nil, nil)
	add("Bob", "/webhooks/bob.qw1/test", nil, nil)
	add("Bob", "/calendars/_new", []string{"provider", "caldav", "do", "look", "name", "xq", "url", "https://cal.example.org/", "username", "xq", "password", "xq"},
		[]string{"url", ""}, []string{"name", "#"}, []string{"name", "work"}, []string{"name", long}, []string{"url", "file:///etc/passwd"}, []string{"username", ""}, nil)
	add("Bob", "/calendars/_account/bob.work", []string{"etag", ""}, []string{"time_zone", "Mars/Base"}, []string{"addresses", "xq"}, []string{"webhook", "xq"}, []string{"remind", "own", "remind_own", "xq"}, []string{"mode", "xq"}, []string{"mode", "replace"})
	add("Bob", calendar, []string{"etag", ""}, []string{"time_zone", "Mars/Base"}, []string{"webhook", "xq"}, []string{"remind", "own", "remind_own", "xq"}, []string{"remind_all_day", "own", "remind_all_day_own", "xq"}, []string{"mode", "xq"}, []string{"private", "xq"})
	add("Bob", "/calendars/_apply", nil, []string{"calendar", string(h.calendar.ID)}, []string{"calendar", "xq"})
	add("Bob", "/calendars/_sync", nil, []string{"calendar", "xq"})
	add("Bob", "/rules/_new", []string{"name", "xq", "webhook", "bob.mine", "mode", "add", "remind", "10m"},
		[]string{"name", ""}, []string{"name", "#"}, []string{"name", long}, []string{"subject", "/(/"}, []string{"location", "/[/"}, []string{"category", "/x{9999}/"}, []string{"min_duration", "xq"}, []string{"min_duration", "2h", "max_duration", "1h"}, []string{"webhook", "xq"}, []string{"webhook", ""},
		[]string{"calendar", "xq"}, []string{"position", "xq"}, []string{"remind", "own", "remind_own", "xq"}, []string{"mode", "xq"}, []string{"mode", "replace", "remind", ""}, []string{"mode", "off"}, []string{"organizer", "/+/"})
	add("Bob", "/rules", nil, []string{"event", "xq"}, []string{"event", h.event})
	add("Bob", "/pauses", []string{"what", "webhook:bob.mine"}, []string{"for", "own", "until", "xq"}, []string{"for", "own", "until", "2020-01-01T00:00"}, []string{"for", "own", "until", "2090-01-01T00:00"}, []string{"what", "webhook:xq", "for", "1h"}, []string{"what", "everything", "for", "1h"})
	add("Bob", "/pauses/end", nil, []string{"of", "webhook:xq"}, []string{"of", "webhook:bob.qw7"})
	add("Bob", "/settings", nil, []string{"time_zone", "Mars/Base"}, []string{"locale", "xq"})
	add("Bob", "/settings/password", []string{"old", "xq", "new", servicetest.Password}, nil, []string{"new", "xq"}, []string{"new", long})
	add("Bob", "/settings/tokens", []string{"name", "xq", "scope", "read"}, nil, []string{"name", ""}, []string{"scope", "xq"}, []string{"scope", "admin"}, []string{"days", "xq"})
	add("Bob", "/settings/tokens/xq/remove", nil, nil)
	add("Anna", "/admin/users", []string{"name", "Xq", "role", "member", "password", servicetest.Password}, []string{"name", ""}, []string{"name", "#"}, []string{"name", "Bob"}, []string{"password", "x"}, []string{"password", ""}, []string{"role", "xq"}, []string{"password", long}, nil)
	add("Anna", "/admin/users/Anna", nil, []string{"do", "member"}, []string{"do", "remove"})
	add("Anna", "/admin/users/xq", nil, []string{"do", "admin"})
	add("nobody", "/sign-in", nil, []string{"name", "Bob", "password", "xq"}, []string{"name", ""})
	add("nobody", "/setup/first", nil, []string{"name", "", "password", "x"}, []string{"name", "Xq", "password", "x"})
	return all
}
