package daemon_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/caldav/caldavtest"
	"calbell/webhook/webhooktest"

	"golang.org/x/net/html"
)

// evil is what somebody who means harm writes into every field; evilName is as much of it as a
// name may hold.
const (
	evil     = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>{{.}}` + "`" + `<!--</textarea></title>javascript:alert(3)` + "\u202e\u2066"
	evilName = `<script>alert(1)"'><img src=x onerror=alert(2)>{{.}}` + "`<!--\u202e\u2066"
)

// besieged is a house in which everything that has a name has an evil one.
type besieged struct {
	*house
	who *visitor
}

func besiege(t *testing.T) *besieged {
	t.Helper()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	h.calendars.AddUser("eve", "bobs-password")
	h.calendars.AddCalendar("eve", caldavtest.Calendar{Path: "private", Name: "Mine " + evil, TimeZone: "Europe/Zurich"})
	h.cfg.Webhooks[0].Name = "file " + evil
	h.cfg.Rules = []calbell.Rule{{Name: "file " + evil, RuleSpec: calbell.RuleSpec{Subject: evil, Webhooks: []string{"team"}}}}
	h.chat.Always(webhooktest.Status(http.StatusOK, evil)) // no chat answers so
	h.start()
	h.sync()
	for name, role := range map[string]calbell.Role{"Eve" + evilName: calbell.RoleAdmin, "Other" + evilName: calbell.RoleMember} {
		_, err := h.client.AddUser(t.Context(), types.NewUser{Name: name, Role: role, Password: password})
		h.ok(err)
	}
	b := &besieged{h, h.visitor()}
	b.who.does("/sign-in", url.Values{"name": {"Eve" + evilName}, "password": {password}})
	b.fill()
	return b
}

// fill makes one of everything.
func (b *besieged) fill() {
	b.Helper()
	b.evilEvent("a", time.Now().Add(48*time.Hour), "RRULE:FREQ=DAILY;X-"+evil)
	b.evilEvent("soon", time.Now().Add(3*time.Hour), "CLASS:"+evil)
	b.calendars.Put("eve", "private", "bad.ics", []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:bad"+evil+"\r\nDTSTART:"+evil+"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"))
	var hook types.WebhookRow
	b.makes("/webhooks", map[string]any{
		"name": "hook " + evil, "url": b.chat.URL("/hooks/bobs-hook"), "kind": "kchat", "template": "%subject% " + evil, "username": evil,
		"attachments": []any{map[string]any{"title": evil}}, "success": "ok",
	}, &hook)
	b.makes("/accounts", map[string]any{
		"name": "account " + evilName, "url": b.calendars.URL(), "username": "eve", "password": "bobs-password", "webhook": hook.ID, "remind": []string{"15m"},
	}, nil)
	b.who.ask("POST", "/api/v1/sync?wait=true", "")
	b.makes("/rules", map[string]any{"name": evil, "subject": evil, "location": evil, "category": evil, "organizer": evil, "webhooks": []any{hook.ID}}, nil)
	b.makes("/tokens", map[string]any{"name": evil, "scopes": []string{"read"}}, nil)
	var events []types.EventRow
	_, text := b.who.ask("GET", "/api/v1/events?search=evil", "")
	b.ok(json.Unmarshal(text, &events))
	for _, e := range events[:2] {
		b.makes("/events/"+e.ID+"/reminders", map[string]any{"before": []string{"1d"}, "webhook": hook.ID}, nil) // one is posted at once
	}
	b.makes("/events/"+events[len(events)-1].ID+"/reminders", map[string]any{"mute": true, "instance": events[len(events)-1].RecurrenceID}, nil)
	_, err := b.chat.Wait(b.Context(), 1)
	b.ok(err)
	b.who.does("/pauses", url.Values{"what": {"webhook:" + string(hook.ID)}, "for": {"week"}})
}

// evilEvent puts an event into the calendar in which every text is evil.
func (b *besieged) evilEvent(name string, start time.Time, line string) {
	esc := strings.NewReplacer(";", `\;`, ",", `\,`).Replace(evil)
	param := strings.ReplaceAll(evil, `"`, "'")
	b.calendars.Put("eve", "private", name+".ics", []byte(strings.Join([]string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:" + name + "@" + evilName, "DTSTAMP:20260101T000000Z",
		"DTSTART:" + start.UTC().Format("20060102T150405Z"), "DURATION:PT45M", line, "SUMMARY:evil " + esc, "LOCATION:" + esc, "CATEGORIES:" + esc, "URL:javascript:alert(4)",
		"STATUS:" + evil, "DESCRIPTION:#remind " + esc + `\n` + strings.Repeat(esc+" ", 1000), `ORGANIZER;CN="` + param + `":mailto:eve@example.org`,
		`ATTENDEE;CN="` + param + `";PARTSTAT=DECLINED:mailto:` + evil, "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT10M", "DESCRIPTION:" + esc, "END:VALARM",
		"END:VEVENT", "END:VCALENDAR", "",
	}, "\r\n")))
}

// makes asks the API for something.
func (b *besieged) makes(path string, body any, into any) {
	b.Helper()
	text, err := json.Marshal(body)
	b.ok(err)
	resp, answer := b.who.ask("POST", "/api/v1"+path, string(text))
	if resp.StatusCode >= http.StatusBadRequest {
		b.Fatalf("%s: %d %s", path, resp.StatusCode, answer)
	}
	if into != nil {
		b.ok(json.Unmarshal(answer, into))
	}
}

// Hostile text shows as text on every page, in every language, and in every form that comes
// back with what was typed.
func TestHostileTextOnEveryPage(t *testing.T) {
	t.Parallel()
	b := besiege(t)
	pages, forms := b.crawl()
	for _, want := range []string{
		"/", "/?view=month", "/reminders", "/deliveries", "/deliveries/", "/webhooks", "/webhooks/", "/webhooks/_new", "/calendars", "/calendars/", "/calendars/_account/",
		"/calendars/_new", "/calendars/_new?provider=ics", "/rules", "/rules/", "/rules/_new", "/pauses", "/settings", "/admin", "/help", "/events/", "/events/new", "/explain/",
	} {
		if !slices.ContainsFunc(pages, func(p string) bool { return p == want || strings.HasSuffix(want, "/") && strings.HasPrefix(p, want) }) {
			t.Errorf("no link leads to %s", want)
		}
	}
	for _, lang := range []string{"fr", "de", "it"} {
		for _, path := range pages {
			_, text := b.who.ask("GET", path, "", "Accept-Language", lang)
			b.harmless(path+" in "+lang, text)
		}
	}
	for _, f := range forms {
		resp, text := b.who.ask("POST", f.action, f.filled(evil).Encode(), "Content-Type", "application/x-www-form-urlencoded")
		if resp.StatusCode >= http.StatusInternalServerError {
			t.Errorf("%s: %d\n%s", f.action, resp.StatusCode, inside(string(text)))
		}
		b.harmless(f.action+" with evil values", text)
		for name := range f.typed {
			b.tooLong(f, name)
		}
	}
	stranger := &besieged{b.house, b.visitor()}
	for _, path := range []string{"/sign-in?next=" + url.QueryEscape(evil), "/setup/" + url.PathEscape(evil)} {
		_, text := stranger.who.ask("GET", path, "")
		stranger.harmless(path, text)
		_, _, page := stranger.who.send(path, url.Values{"name": {evil}, "password": {evil}, "next": {"javascript:alert(5)//" + evil}})
		stranger.harmless("the answer to "+path, []byte(page))
	}
	t.Logf("%d pages, %d forms", len(pages), len(forms))
}

// tooLong fills one field with 100 kB: that is refused in words, or is not looked at; and it
// stays in the form, if it is no secret.
func (b *besieged) tooLong(f form, name string) {
	b.Helper()
	long := strings.Repeat("é"+evil+" ", 700)
	values, needed := f.filled(""), map[string]string{"name": "new", "title": "new", "url": "https://chat.example.org/hooks/x", "password": password}
	for field, text := range f.typed {
		values.Set(field, cmp.Or(text, needed[field]))
	}
	values.Set(name, long)
	resp, text := b.who.ask("POST", f.action, values.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	b.harmless(f.action+" with a long "+name, text)
	unused := name == "until" || name == "own" || strings.HasSuffix(name, "_own") // of another choice
	kept := strings.Contains(string(text), html.EscapeString(long[:200])) || name == "password" || name == "position" || name == "addresses"
	if resp.StatusCode == http.StatusSeeOther && !unused || resp.StatusCode >= http.StatusInternalServerError || resp.StatusCode != http.StatusSeeOther && !kept {
		b.Errorf("%s with a long %s: %d\n%s", f.action, name, resp.StatusCode, inside(string(text)))
	}
	if _, told, _ := strings.Cut(string(text), `role="alert"`); strings.Index(told, "</div>") > 20_000 {
		b.Errorf("%s with a long %s: the problem is as long", f.action, name)
	}
}

// form is one of a page.
type form struct {
	action string
	fields url.Values        // as they are
	typed  map[string]string // those into which people write, with what they hold
}

// filled is the form with a value in every field that takes any.
func (f form) filled(value string) url.Values {
	v := url.Values{}
	for name, was := range f.fields {
		v[name] = was
	}
	for name := range f.typed {
		v.Set(name, value)
	}
	return v
}

// crawl follows every link from the agenda on, and returns the pages and the forms in which
// people write, except those that end the visit.
func (b *besieged) crawl() (pages []string, forms []form) {
	b.Helper()
	const most = 300
	seen, todo := map[string]bool{}, []string{"/", "/?q=%3Cscript%3E", "/?calendar=" + url.QueryEscape(evil), "/nothing/" + url.PathEscape(evil), "/sign-in"}
	for len(todo) > 0 && len(pages) < most {
		path := todo[0]
		todo = todo[1:]
		if seen[path] || strings.Contains(path, "from=") || strings.Contains(path, "after=") || strings.Contains(path, "at=") && len(pages) > 30 {
			continue
		}
		seen[path], pages = true, append(pages, path)
		resp, text := b.who.ask("GET", path, "")
		missing := strings.HasPrefix(path, "/nothing/") || strings.HasPrefix(path, "/?calendar=%3C")
		if want := map[bool]int{true: http.StatusNotFound, false: http.StatusOK}[missing]; resp.StatusCode != want && path != "/sign-in" {
			b.Errorf("%s: %d, want %d\n%s", path, resp.StatusCode, want, inside(string(text)))
		}
		links, found := b.harmless(path, text)
		todo = append(todo, links...)
		for _, f := range found {
			if f.action == "" {
				f.action = path
			}
			if len(f.typed) > 0 && !seen[f.action+" form"] && !strings.Contains(f.action, "password") && !strings.Contains(f.action, "/admin/users/") {
				seen[f.action+" form"], forms = true, append(forms, f)
			}
		}
	}
	return pages, forms
}

// harmless wants a page to hold no element and no attribute but those of the templates, and
// returns its links and forms.
func (b *besieged) harmless(what string, text []byte) (links []string, forms []form) {
	b.Helper()
	for _, secret := range []string{"bobs-hook", "bobs-password", "canary-hook", "canary-password", "argon2id"} {
		if strings.Contains(string(text), secret) {
			b.Errorf("%s holds %s", what, secret)
		}
	}
	root, err := html.Parse(strings.NewReader(string(text)))
	b.ok(err)
	ids := map[string]bool{}
	var f *form
	for n := range root.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "textarea" && strings.ContainsAny(n.Data, "\u202e\u2066") {
			b.Errorf("%s: a text turns what follows it: %.200q", what, n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		b.harmlessElement(what, n)
		if id := attr(n, "id"); id != "" && ids[id] {
			b.Errorf("%s: two elements are called %q", what, id)
		}
		ids[attr(n, "id")] = true
		switch n.Data {
		case "a":
			if to := attr(n, "href"); strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "/static/") {
				to, _, _ = strings.Cut(to, "#")
				links = append(links, to)
			}
		case "form":
			f = nil
			if strings.EqualFold(attr(n, "method"), "post") {
				forms = append(forms, form{action: attr(n, "action"), fields: url.Values{}, typed: map[string]string{}})
				f = &forms[len(forms)-1]
			}
		case "input", "textarea", "select":
			if f != nil {
				f.takes(n)
			}
		}
	}
	return links, forms
}

// takes notes a field of a form.
func (f *form) takes(n *html.Node) {
	for p := range n.Ancestors() {
		if p.Data == "fieldset" && slices.ContainsFunc(p.Attr, func(a html.Attribute) bool { return a.Key == "disabled" }) {
			return
		}
	}
	name := attr(n, "name")
	switch kind := attr(n, "type"); {
	case n.Data == "textarea", n.Data == "input" && !slices.Contains([]string{"hidden", "checkbox", "radio"}, kind):
		f.typed[name] = attr(n, "value")
		if n.FirstChild != nil {
			f.typed[name] = n.FirstChild.Data
		}
	case n.Data == "input" && kind == "hidden":
		f.fields.Add(name, attr(n, "value"))
	case n.Data == "select":
		for o := range n.Descendants() {
			if o.Data == "option" && !f.fields.Has(name) {
				f.fields.Set(name, attr(o, "value"))
			}
		}
	}
}

func (b *besieged) harmlessElement(what string, n *html.Node) {
	b.Helper()
	bad := slices.Contains([]string{"iframe", "object", "embed", "base", "style", "frame"}, n.Data)
	switch n.Data {
	case "script", "img":
		bad = !strings.HasPrefix(attr(n, "src"), "/static/") || n.Data == "script" && n.FirstChild != nil
	case "form":
		bad = attr(n, "action") != "" && !strings.HasPrefix(attr(n, "action"), "/")
	}
	for _, a := range n.Attr {
		to := strings.ToLower(strings.TrimSpace(a.Val))
		leads := a.Key == "href" || a.Key == "src" || a.Key == "action" || a.Key == "formaction"
		bad = bad || strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "http-equiv" || strings.ContainsAny(a.Key, `"'<{`) ||
			leads && (strings.HasPrefix(to, "javascript:") || strings.HasPrefix(to, "data:") || strings.HasPrefix(to, "//"))
	}
	if bad {
		b.Errorf("%s holds %s", what, fmt.Sprintf("<%s %q>", n.Data, n.Attr))
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
