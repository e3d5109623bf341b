//go:build !race

package web_test

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	dom "golang.org/x/net/html"

	"calbell"
	"calbell/api/types"
	"calbell/service/servicetest"
	"calbell/store"
)

// evil is text that an attacker could put into any field. evilName is the part of it that a name
// may hold.
const (
	evil     = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>{{.}}` + "`" + `<!--</textarea></title>javascript:alert(3)` + "\u202e\u2066"
	evilName = `<script>alert(1)"'><img src=x onerror=alert(2)>{{.}}` + "`<!--\u202e\u2066"
)

// besiege returns a house in which everything with a name has an evil one. Eve is an admin with
// one of everything.
func besiege(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	h.callers["Eve"] = h.User("Eve"+evilName, calbell.RoleAdmin)
	h.User("Other"+evilName, calbell.RoleMember)
	h.Program.Answer = evil
	h.Program.FileRules = []calbell.Rule{{Name: "file " + evil, RuleSpec: calbell.RuleSpec{Subject: evil, Webhooks: []string{"team"}}}}
	h.OK(h.Store.SetFileWebhooks(t.Context(), []calbell.Webhook{{
		ID: "team", Name: "file " + evil, Origin: calbell.OriginFile, URL: "https://chat.example.org/hooks/secret-of-team", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat},
	}}))
	h.calendar = h.Account("Eve"+evilName, "account "+evilName, "Mine "+evil)
	h.calendar.SyncedAt, h.calendar.Color = time.Now(), `red" onload="x`
	h.OK(h.Store.Apply(t.Context(), store.Change{Calendar: h.calendar}, time.Now()))
	h.Program.Found = types.Discovered{Calendars: []calbell.Calendar{h.calendar}}
	h.Program.Put = func(_ calbell.Href, raw []byte) { h.Put(h.calendar, objectOf(h.calendar, raw)) }
	h.fill()
	return h
}

// fill makes one of everything for Eve.
func (h *house) fill() {
	h.t.Helper()
	ctx, eve, now := h.t.Context(), h.callers["Eve"], time.Now()
	asked := types.NewWebhook{Name: "hook " + evil, URL: "https://chat.example.org/hooks/secret-of-eve", WebhookSpec: calbell.WebhookSpec{
		Kind: calbell.KindKChat, Template: "%subject% " + evil, Attachments: []any{map[string]any{"title": evil}},
	}}
	asked.Username = evil
	hook, err := h.Webhooks.Add(ctx, eve, asked)
	h.OK(err)
	_, err = h.Calendars.Set(ctx, eve, string(h.calendar.ID), "", types.CalendarEdit{Webhook: string(hook.ID)})
	h.OK(err)
	_, err = h.Rules.Add(ctx, eve, types.NewRule{Name: evil, RuleSpec: calbell.RuleSpec{Subject: evil, Location: evil, Category: evil, Organizer: evil, Webhooks: []string{string(hook.ID)}}})
	h.OK(err)
	_, err = h.Tokens.Add(ctx, eve, types.NewToken{Name: evil, Scopes: []calbell.Scope{calbell.ScopeRead}}, now)
	h.OK(err)
	h.evilEvent("sent", now.Add(10*time.Minute), "STATUS:"+evil)
	h.finish(calbell.StatusSent, calbell.Try{Verdict: calbell.Accepted, Status: http.StatusOK, Answer: evil})
	h.evilEvent("refused", now.Add(10*time.Minute), "CLASS:"+evil)
	h.finish(calbell.StatusDead, calbell.Try{Verdict: calbell.HookRefused, Status: http.StatusNotFound, Error: calbell.Plain(evil), Hint: calbell.Plain(evil), Answer: evil})
	bad := calbell.Object{Calendar: h.calendar.ID, Href: "/bad.ics", ETag: `"1"`, UIDs: []calbell.UID{"bad" + evil}}
	bad.Raw = []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:bad" + evil + "\r\nDTSTART:" + evil + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
	h.Put(h.calendar, bad)
	series := h.evilEvent("series", now.Add(48*time.Hour), "RRULE:FREQ=DAILY;X-"+evil)
	_, err = h.Reminders.Add(ctx, eve, types.NewReminder{Event: series, Webhook: string(hook.ID), Before: []calbell.Lead{{Exact: time.Hour}}})
	h.OK(err)
	soon := h.evilEvent("soon", now.Add(3*time.Hour), "X-EVIL:"+evil)
	_, err = h.Reminders.Add(ctx, eve, types.NewReminder{Event: soon, Mute: true})
	h.OK(err)
	_, err = h.Webhooks.Test(ctx, eve, string(hook.ID), types.Sample{})
	h.OK(err)
	state := calbell.WebhookState{SuspendedAt: now, Reason: calbell.Plain(evil), Hint: calbell.Plain(evil)}
	h.OK(h.Store.WebhookStates().Put(ctx, store.WebhookState{ID: hook.ID, WebhookState: state}))
	h.as("Eve").ask("POST", "/pauses", values("what", "webhook:"+string(hook.ID), "for", "week")).is(http.StatusSeeOther)
}

// evilEvent stores an event in which every text is evil, and returns its ID.
func (h *house) evilEvent(name string, start time.Time, line string) string {
	h.t.Helper()
	esc := strings.NewReplacer(";", `\;`, ",", `\,`).Replace(evil)
	param := strings.ReplaceAll(evil, `"`, "'")
	uid := calbell.UID(name + "@" + evilName)
	o := calbell.Object{Calendar: h.calendar.ID, Href: calbell.Href("/" + name + ".ics"), ETag: `"1"`, UIDs: []calbell.UID{uid}}
	o.Raw = []byte(strings.Join([]string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:" + string(uid), "DTSTAMP:20260101T000000Z",
		"DTSTART:" + start.UTC().Format("20060102T150405Z"), "DURATION:PT45M", line, "SUMMARY:evil " + esc, "LOCATION:" + esc, "CATEGORIES:" + esc, "URL:javascript:alert(4)",
		"DESCRIPTION:#remind " + esc + `\n` + strings.Repeat(esc+" ", 1000), `ORGANIZER;CN="` + param + `":mailto:eve@example.org`,
		`ATTENDEE;CN="` + param + `";PARTSTAT=DECLINED:mailto:` + evil, "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT10M", "DESCRIPTION:" + esc, "END:VALARM",
		"END:VEVENT", "END:VCALENDAR", "",
	}, "\r\n"))
	h.Put(h.calendar, o)
	return calbell.EventID(h.calendar.ID, o.Href, uid)
}

// Hostile text shows as text on every page that links lead to, in every language, and in every form
// that comes back with what was typed.
func TestHostileTextOnEveryPage(t *testing.T) {
	t.Parallel()
	h := besiege(t)
	pages, forms := h.crawl()
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
			h.harmless(path+" in "+lang, h.as("Eve", "Accept-Language", lang).ask("GET", path, nil))
		}
	}
	h.Program.Found = types.Discovered{Error: calbell.Plain(evil), Hint: calbell.Plain(evil), Probes: []types.Probe{{Method: evil, URL: evil, Answer: calbell.Plain(evil)}}}
	for _, f := range forms {
		a := h.as("Eve").ask("POST", f.action, f.filled(evil))
		if a.status >= http.StatusInternalServerError {
			t.Errorf("%s: %d\n%s", f.action, a.status, a.main())
		}
		h.harmless(f.action+" with evil values", a)
		for name := range f.typed {
			h.tooLong(f, name)
		}
	}
	nobody := h.as("nobody")
	for _, path := range []string{"/sign-in?next=" + url.QueryEscape(evil), "/setup/" + url.PathEscape(evil)} {
		h.harmless(path, nobody.ask("GET", path, nil))
		h.harmless("the answer to "+path, nobody.ask("POST", path, values("name", evil, "password", evil, "next", "javascript:alert(5)//"+evil)))
	}
	t.Logf("%d pages, %d forms", len(pages), len(forms))
}

// tooLong fills one field with 100 kB: the page refuses that in words or ignores the field, and the
// text stays in the form unless it is secret.
func (h *house) tooLong(f hostileForm, name string) {
	h.t.Helper()
	long := strings.Repeat("é"+evil+" ", 700)
	form, needed := f.filled(""), map[string]string{"name": "new", "title": "new", "url": "https://chat.example.org/hooks/x", "password": servicetest.Password}
	for field, text := range f.typed {
		form.Set(field, cmp.Or(text, needed[field]))
	}
	form.Set(name, long)
	a := h.as("Eve").ask("POST", f.action, form)
	h.harmless(f.action+" with a long "+name, a)
	unused := name == "until" || name == "own" || strings.HasSuffix(name, "_own") // of another choice
	kept := strings.Contains(a.text, escaped(long[:200])) || name == "password" || name == "position" || name == "addresses"
	if a.status == http.StatusSeeOther && !unused || a.status >= http.StatusInternalServerError || a.status != http.StatusSeeOther && !kept {
		h.t.Errorf("%s with a long %s: %d to %q\n%s", f.action, name, a.status, a.to, a.main())
	}
	if _, told, _ := strings.Cut(a.text, `role="alert"`); strings.Index(told, "</div>") > 20_000 {
		h.t.Errorf("%s with a long %s: the problem is as long", f.action, name)
	}
}

// hostileForm is a form of a page.
type hostileForm struct {
	action string
	fields url.Values        // as they are
	typed  map[string]string // fields that people write into, with their values
}

// filled returns the form with a value in every field that takes any.
func (f hostileForm) filled(value string) url.Values {
	v := url.Values{}
	for name, was := range f.fields {
		v[name] = was
	}
	for name := range f.typed {
		v.Set(name, value)
	}
	return v
}

// crawl follows every link from the agenda on. It returns the pages and the forms that people
// write into, except those that end the visit.
func (h *house) crawl() (pages []string, forms []hostileForm) {
	h.t.Helper()
	const most = 300
	seen, todo := map[string]bool{}, []string{"/", "/?q=%3Cscript%3E", "/?calendar=" + url.QueryEscape(evil), "/nothing/" + url.PathEscape(evil), "/sign-in"}
	for len(todo) > 0 && len(pages) < most {
		path := todo[0]
		todo = todo[1:]
		if seen[path] || strings.Contains(path, "from=") || strings.Contains(path, "after=") || strings.Contains(path, "at=") && len(pages) > 30 {
			continue
		}
		seen[path], pages = true, append(pages, path)
		a := h.as("Eve").ask("GET", path, nil)
		missing := strings.HasPrefix(path, "/nothing/") || strings.HasPrefix(path, "/?calendar=%3C")
		if want := map[bool]int{true: http.StatusNotFound, false: http.StatusOK}[missing]; a.status != want && path != "/sign-in" {
			h.t.Errorf("%s: %d, want %d\n%s", path, a.status, want, a.main())
		}
		links, found := h.harmless(path, a)
		todo = append(todo, links...)
		for _, f := range found {
			f.action = cmp.Or(f.action, path)
			if len(f.typed) > 0 && !seen[f.action+" form"] && !strings.Contains(f.action, "password") && !strings.Contains(f.action, "/admin/users/") {
				seen[f.action+" form"], forms = true, append(forms, f)
			}
		}
	}
	return pages, forms
}

// harmless wants a page to hold no element and no attribute that the templates do not have, and
// no secret. It returns the links and forms of the page.
func (h *house) harmless(what string, a *answer) (links []string, forms []hostileForm) {
	h.t.Helper()
	a.what = what
	a.lacks("secret-of-", servicetest.Password, "argon2id")
	ids := map[string]bool{}
	var f *hostileForm
	for n := range a.tree().Descendants() {
		if n.Type == dom.TextNode && n.Parent.Data != "textarea" && strings.ContainsAny(n.Data, "\u202e\u2066") {
			h.t.Errorf("%s: a text turns what follows it: %.200q", what, n.Data)
		}
		if n.Type != dom.ElementNode {
			continue
		}
		if !harmlessElement(n) {
			h.t.Errorf("%s holds %s", what, fmt.Sprintf("<%s %q>", n.Data, n.Attr))
		}
		if id := attribute(n, "id"); id != "" && ids[id] {
			h.t.Errorf("%s: two elements are called %q", what, id)
		}
		ids[attribute(n, "id")] = true
		switch n.Data {
		case "a":
			if to := attribute(n, "href"); strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "/static/") {
				to, _, _ = strings.Cut(to, "#")
				links = append(links, to)
			}
		case "form":
			f = nil
			if strings.EqualFold(attribute(n, "method"), "post") {
				forms = append(forms, hostileForm{action: attribute(n, "action"), fields: url.Values{}, typed: map[string]string{}})
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

// takes notes a field of the form, unless it is disabled.
func (f *hostileForm) takes(n *dom.Node) {
	for p := range n.Ancestors() {
		if p.Data == "fieldset" && has(p, "disabled") {
			return
		}
	}
	name := attribute(n, "name")
	switch kind := attribute(n, "type"); {
	case n.Data == "textarea", n.Data == "input" && !slices.Contains([]string{"hidden", "checkbox", "radio"}, kind):
		f.typed[name] = attribute(n, "value")
		if n.FirstChild != nil {
			f.typed[name] = n.FirstChild.Data
		}
	case n.Data == "input" && kind == "hidden":
		f.fields.Add(name, attribute(n, "value"))
	case n.Data == "select":
		for o := range n.Descendants() {
			if o.Data == "option" && !f.fields.Has(name) {
				f.fields.Set(name, attribute(o, "value"))
			}
		}
	}
}

// harmlessElement reports whether an element is one that the templates could have written: it runs
// no script of its own and leads nowhere else.
func harmlessElement(n *dom.Node) bool {
	bad := slices.Contains([]string{"iframe", "object", "embed", "base", "style", "frame"}, n.Data)
	switch n.Data {
	case "script", "img":
		bad = !strings.HasPrefix(attribute(n, "src"), "/static/") || n.Data == "script" && n.FirstChild != nil
	case "form":
		bad = attribute(n, "action") != "" && !strings.HasPrefix(attribute(n, "action"), "/")
	}
	for _, a := range n.Attr {
		to := strings.ToLower(strings.TrimSpace(a.Val))
		leads := a.Key == "href" || a.Key == "src" || a.Key == "action" || a.Key == "formaction"
		bad = bad || strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "http-equiv" || strings.ContainsAny(a.Key, `"'<{`) ||
			leads && (strings.HasPrefix(to, "javascript:") || strings.HasPrefix(to, "data:") || strings.HasPrefix(to, "//"))
	}
	return !bad
}
