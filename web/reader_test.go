package web_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	dom "golang.org/x/net/html"

	"calbell"
	"calbell/api/types"
	"calbell/web"
	"calbell/web/i18n"
)

// A page is in the language that its reader chose, else in the first that their browser asks for and there is,
// else in English.
func TestLanguageOfAPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for accept, want := range map[string]string{
		"": "en", "fr": "fr", "fr-CH, fr;q=0.9, en;q=0.8": "fr", "de-CH": "de", "it;q=0.2, de;q=0.7": "de", "ja, it": "it", "ja": "en", "*": "en", "xx;q=nonsense,,": "en", strings.Repeat("fr,", 10000): "fr",
	} {
		for _, name := range []string{"nobody", "Bob"} {
			path := map[string]string{"nobody": "/sign-in", "Bob": "/"}[name]
			if got := regexp.MustCompile(`<html lang="(\w+)`).FindStringSubmatch(h.as(name, "Accept-Language", accept).get(path).text); got == nil || got[1] != want {
				t.Errorf("%.40q as %s: %q, want %q", accept, name, got, want)
			}
		}
	}
	_, err := h.People.Set(t.Context(), h.callers["Bob"], "Bob", "", types.UserEdit{Locale: "it"})
	h.OK(err)
	h.as("Bob", "Accept-Language", "fr").get("/").holds(`<html lang="it"`)
	h.as("Bob", "Accept-Language", "fr").ask("GET", "/none", nil).is(http.StatusNotFound).holds(`<html lang="it"`)
}

// Every page is there in every language, with all of its words, and one title and heading each.
func TestEveryPageInEveryLanguage(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	for _, r := range h.pages() {
		method, path := r.request()
		if method != "GET" || strings.HasPrefix(path, "/static/") || strings.HasPrefix(path, "/welcome/") {
			continue
		}
		name := map[bool]string{true: "nobody", false: "Bob"}[path == "/sign-in" || strings.HasPrefix(path, "/setup/")]
		if path == "/admin" {
			name = "Anna"
		}
		texts := map[string]bool{}
		for _, lang := range i18n.Languages() {
			a := h.as(name, "Accept-Language", lang).ask("GET", path, nil).holds(`<html lang="` + lang + `"`)
			if unsaid := regexp.MustCompile(`>[^<]*\b(nav|error|agenda|webhook|calendar|rule|event|delivery|settings|sign-in|lead|pauses)\.[a-z-]+[^<]*<`).FindString(a.text); unsaid != "" {
				t.Errorf("%s in %s shows a key: %s", path, lang, unsaid)
			}
			if headings := strings.Count(a.text, "<h1"); headings != 1 || strings.Count(a.text, "<title>") != 1 {
				t.Errorf("%s in %s has %d headings", path, lang, headings)
			}
			texts[a.main()] = true
		}
		if len(texts) != len(i18n.Languages()) {
			t.Errorf("%s is alike in some languages", path)
		}
	}
}

// Times are those of the zone that a reader chose, else of their browser's, else of the server's: of the same event
// two readers see two times, and each page says which zone it means.
func TestTimesOfTheReader(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.Account("Bob", "work", "Own")
	start := time.Now().UTC().AddDate(0, 0, 2).Truncate(24 * time.Hour).Add(22*time.Hour + 30*time.Minute)
	event := h.Event(c, "Late one", start, "")
	for zone, want := range map[string]string{"": "22:30", "zone=Asia/Kolkata": "04:00", "zone=Nowhere/Never": "22:30", "zone=Asia/Kathmandu": "04:15"} {
		bob := h.as("Bob", "Cookie", zone)
		for _, path := range []string{"/", "/events/" + event, "/?view=month"} {
			bob.get(path).holds(want)
		}
	}
	_, err := h.People.Set(t.Context(), h.callers["Bob"], "Bob", "", types.UserEdit{TimeZone: "Asia/Kathmandu"})
	h.OK(err)
	bob := h.as("Bob", "Cookie", "zone=Asia/Kolkata")
	next := start.AddDate(0, 0, 1)
	bob.get("/").holds("04:15", "<small>Asia/Kathmandu</small>").lacks("data-zone")
	bob.get("/?from=" + next.Format(time.DateOnly)).holds("Late one") // it is the day after, there
}

// What does not change has a name that follows from its content, and may be kept for ever by it; by another name
// it may not.
func TestStaticFiles(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	page := h.as("nobody").get("/sign-in")
	kinds := map[string]string{"app.css": "text/css", "app.js": "javascript", "icon.svg": "image/svg+xml"}
	for _, m := range regexp.MustCompile(`"(/static/([a-z.]+)\?v=[0-9a-f]+)"`).FindAllStringSubmatch(page.text, -1) {
		a := h.as("nobody").get(m[1])
		if !strings.Contains(a.header.Get("Content-Type"), kinds[m[2]]) || !strings.Contains(a.header.Get("Cache-Control"), "immutable") || a.text == "" {
			t.Errorf("%s: %v", m[1], a.header)
		}
		if a := h.as("nobody").get("/static/" + m[2] + "?v=0"); strings.Contains(a.header.Get("Cache-Control"), "immutable") {
			t.Errorf("an old %s is kept for ever", m[2])
		}
		delete(kinds, m[2])
	}
	if len(kinds) > 0 {
		t.Errorf("the page does not use %v", kinds)
	}
	for _, path := range []string{"/static/none.css", "/static/../web.go", "/static/"} {
		if a := h.as("nobody").ask("GET", path, nil); a.status == http.StatusOK {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

// Every form works without a script: each field has a label, each form a button, and nothing that sends is hidden
// until a script shows it.
func TestPagesWithoutScripts(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	for _, r := range h.pages() {
		method, path := r.request()
		if method != "GET" || strings.HasPrefix(path, "/static/") || strings.HasPrefix(path, "/welcome/") {
			continue
		}
		name := map[bool]string{true: "nobody", false: "Bob"}[path == "/sign-in" || strings.HasPrefix(path, "/setup/")]
		if path == "/admin" {
			name = "Anna"
		}
		root := h.as(name).ask("GET", path, nil).tree()
		labels, ids := map[string]bool{}, map[string]bool{}
		for n := range root.Descendants() {
			if id := attribute(n, "id"); id != "" {
				if ids[id] {
					t.Errorf("%s: two elements are called %q", path, id)
				}
				ids[id] = true
			}
			labels[attribute(n, "for")] = true
		}
		for n := range root.Descendants() {
			if n.Type != dom.ElementNode {
				continue
			}
			for key, value := range map[string]string{"onclick": "", "onsubmit": "", "style": ""} {
				if attribute(n, key) != value {
					t.Errorf("%s: <%s %s>", path, n.Data, key)
				}
			}
			switch n.Data {
			case "form":
				if buttons := slices.ContainsFunc(slices.Collect(n.Descendants()), func(d *dom.Node) bool { return d.Data == "button" && !has(d, "hidden") }); !buttons {
					t.Errorf("%s: the form to %q has no button", path, attribute(n, "action"))
				}
			case "input", "select", "textarea":
				kind := attribute(n, "type")
				inLabel := slices.ContainsFunc(slices.Collect(n.Ancestors()), func(p *dom.Node) bool { return p.Data == "label" })
				if kind != "hidden" && attribute(n, "class") != "hidden" && !inLabel && !labels[attribute(n, "id")] {
					t.Errorf("%s: the field %q has no label", path, attribute(n, "name"))
				}
			}
			if described := attribute(n, "aria-describedby"); described != "" && !ids[described] {
				t.Errorf("%s: nothing is called %q, which describes a field", path, described)
			}
		}
	}
}

// What is not for people is noted, and told as such: the page says that something went wrong, and nothing of it.
func TestErrorsThatAreNotForPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var noted []string
	h.page = web.Handler(h.Service, web.Options{
		Who: func(*http.Request) calbell.Caller { return h.callers["Bob"] }, Door: h.door, Failed: func(err error) { noted = append(noted, err.Error()) },
	})
	h.as("Bob").get("/rules")
	h.OK(any(h.Store).(interface{ Close() error }).Close())
	a := h.as("Bob").ask("GET", "/rules", nil).is(http.StatusInternalServerError).holds(`href="/"`)
	if len(noted) == 0 {
		t.Error("nothing was noted")
	}
	for _, text := range noted {
		a.lacks(escaped(text))
	}
}
