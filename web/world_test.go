package web_test

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
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
	"calbell/web"
)

// house is the page over a real store, with an admin, Anna, and two members: Bob, who has one of
// everything, and Carol, who has nothing.
type house struct {
	*servicetest.World
	t       testing.TB
	page    http.Handler
	callers map[string]calbell.Caller
	door    *door

	calendar  calbell.Calendar
	calendars []calbell.Calendar // of which something is wrong
	event     string
	binding   calbell.BindingID
	planned   calbell.ReminderID
	rule      string
	token     calbell.TokenID
}

// door notes who is let in and out.
type door struct{ in, out []string }

func (d *door) SignIn(_ context.Context, u calbell.User) error {
	d.in = append(d.in, u.Name)
	return nil
}

func (d *door) SignOut(context.Context) error {
	d.out = append(d.out, "")
	return nil
}

func (d *door) Peer(context.Context, string) calbell.Peer { return calbell.Peer{} }

// newHouse is a house in which there are users and nothing else. An error that people are not told is
// one of the test.
func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{World: servicetest.New(t, calbell.Account{Name: "house", Origin: calbell.OriginFile}), t: t, door: &door{}}
	h.callers = map[string]calbell.Caller{
		"nobody": {}, "Anna": h.User("Anna", calbell.RoleAdmin), "Bob": h.User("Bob", calbell.RoleMember), "Carol": h.User("Carol", calbell.RoleMember),
	}
	h.page = web.Handler(h.Service, web.Options{
		Who: func(r *http.Request) calbell.Caller { return h.callers[r.Header.Get("Caller")] }, Door: h.door,
		Welcomed: func(secret string) (calbell.User, bool) { return calbell.User{Name: "Anna"}, secret == "first" },
		Failed:   func(err error) { t.Errorf("not for people: %v", err) },
	})
	return h
}

// inhabit is a house in which Bob has one of everything.
func inhabit(t testing.TB) *house {
	t.Helper()
	h := newHouse(t)
	ctx, bob, now := t.Context(), h.callers["Bob"], time.Now()
	h.calendar = h.Account("Bob", "work", "Private")
	h.calendar.SyncedAt = now
	h.Webhook("Bob", "mine", false)
	h.Webhook("Bob", "for all", true)
	h.event = h.Event(h.calendar, "Bob's secret", now.Add(48*time.Hour), "FREQ=DAILY")
	attached, err := h.Reminders.Add(ctx, bob, types.NewReminder{Event: h.event, Webhook: "mine", Before: []calbell.Lead{{Exact: time.Hour}}})
	h.OK(err)
	h.binding = attached.Bindings[0].ID
	h.Event(h.calendar, "Bob's secret", now.Add(48*time.Hour), "FREQ=DAILY") // planned with the binding
	list, err := h.Deliveries.History(ctx, bob, types.DeliveryQuery{Statuses: []calbell.Status{calbell.StatusPlanned}})
	h.OK(err)
	h.planned = list.Rows[0].ID
	rule, err := h.Rules.Add(ctx, bob, types.NewRule{Name: "bobs rule", RuleSpec: calbell.RuleSpec{Subject: "nothing", Webhooks: []string{"mine"}}, MinDuration: "30m"})
	h.OK(err)
	h.rule = string(rule.ID)
	token, err := h.Tokens.Add(ctx, bob, types.NewToken{Name: "bobs token", Scopes: []calbell.Scope{calbell.ScopeRead}}, now)
	h.OK(err)
	h.token = token.ID
	return h
}

// finish claims what is due and ends it in a state, after a try ("At" is now).
func (h *house) finish(status calbell.Status, try calbell.Try) (ids []calbell.ReminderID) {
	h.t.Helper()
	now := time.Now()
	try.At = now
	claims, err := h.Store.Claim(h.t.Context(), store.ClaimRequest{Worker: "test", Lease: time.Minute, Now: now, Limit: 100})
	h.OK(err)
	var outcomes []calbell.Outcome
	for _, c := range claims {
		ids = append(ids, c.ID)
		outcomes = append(outcomes, calbell.Outcome{ID: c.ID, Status: status, Try: &try})
	}
	h.OK(h.Store.Finish(h.t.Context(), "test", outcomes, nil, now))
	return ids
}

// suspend has a webhook left alone, because it refused.
func (h *house) suspend(id calbell.WebhookID) {
	h.t.Helper()
	state := calbell.WebhookState{SuspendedAt: time.Now(), Reason: calbell.Plain("answered 404 Not Found")}
	h.OK(h.Store.WebhookStates().Put(h.t.Context(), store.WebhookState{ID: id, WebhookState: state}))
}

// visitor is somebody at the page.
type visitor struct {
	h       *house
	name    string
	headers []string
}

// as is somebody who is signed in; "nobody" is not. headers are names and values by turns.
func (h *house) as(name string, headers ...string) *visitor { return &visitor{h, name, headers} }

// answer is what the page answers.
type answer struct {
	t      testing.TB
	what   string
	status int
	to     string // where it leads
	text   string
	header http.Header
}

// ask asks for a page, or sends a form.
func (v *visitor) ask(method, path string, form url.Values) *answer {
	v.h.t.Helper()
	r := httptest.NewRequestWithContext(v.h.t.Context(), method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return v.send(r)
}

// send sends a request.
func (v *visitor) send(r *http.Request) *answer {
	r.Header.Set("Caller", v.name)
	for i := 0; i+1 < len(v.headers); i += 2 {
		r.Header.Set(v.headers[i], v.headers[i+1])
	}
	rec := httptest.NewRecorder()
	v.h.page.ServeHTTP(rec, r)
	return &answer{v.h.t, r.Method + " " + r.URL.Path + " by " + v.name, rec.Code, rec.Header().Get("Location"), rec.Body.String(), rec.Header()}
}

// get returns a page that is there.
func (v *visitor) get(path string) *answer {
	v.h.t.Helper()
	return v.ask("GET", path, nil).is(http.StatusOK)
}

// submits sends the form of a page that has an action, as a browser without scripts sends it: with what
// its fields hold, but for these pairs of a name and a value.
func (v *visitor) submits(page *answer, action string, pairs ...string) *answer {
	v.h.t.Helper()
	return v.ask("POST", action, page.form(action, pairs...))
}

// does sends such a form, which is to be done, and returns the page that the browser is led to.
func (v *visitor) does(page *answer, action string, pairs ...string) *answer {
	v.h.t.Helper()
	return v.get(v.submits(page, action, pairs...).is(http.StatusSeeOther).to)
}

// values is a form with these fields.
func values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// is wants a status.
func (a *answer) is(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: %d to %q, want %d\n%s", a.what, a.status, a.to, status, a.main())
	}
	return a
}

// leads wants a redirect to a place.
func (a *answer) leads(to string) *answer {
	a.t.Helper()
	if a.is(http.StatusSeeOther).to != to {
		a.t.Errorf("%s: leads to %q, want %q", a.what, a.to, to)
	}
	return a
}

// holds wants texts on a page.
func (a *answer) holds(texts ...string) *answer {
	a.t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.text, text) {
			a.t.Errorf("%s: no %s\n%s", a.what, text, a.main())
		}
	}
	return a
}

// lacks wants texts not to be on a page.
func (a *answer) lacks(texts ...string) *answer {
	a.t.Helper()
	for _, text := range texts {
		if strings.Contains(a.text, text) {
			a.t.Errorf("%s: holds %s\n%s", a.what, text, a.main())
		}
	}
	return a
}

// main is a page without its head, for messages of tests.
func (a *answer) main() string {
	_, main, _ := strings.Cut(a.text, "<main")
	return fmt.Sprintf("%.3000s", main)
}

// tree is the page as a browser reads it.
func (a *answer) tree() *dom.Node {
	a.t.Helper()
	root, err := dom.Parse(strings.NewReader(a.text))
	if err != nil {
		a.t.Fatal(err)
	}
	return root
}

// form is what a browser would send for the form with an action: its first button is not pressed.
func (a *answer) form(action string, pairs ...string) url.Values {
	a.t.Helper()
	for n := range a.tree().Descendants() {
		if n.Data != "form" || attribute(n, "action") != action {
			continue
		}
		v := url.Values{}
		for field := range n.Descendants() {
			fill(v, field)
		}
		for i := 0; i+1 < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	a.t.Fatalf("%s: no form sends to %s\n%s", a.what, action, a.main())
	return nil
}

// fill adds what a field of a form sends.
func fill(v url.Values, n *dom.Node) {
	name := attribute(n, "name")
	if name == "" || slices.ContainsFunc(slices.Collect(n.Ancestors()), func(p *dom.Node) bool { return p.Data == "fieldset" && has(p, "disabled") }) {
		return
	}
	switch n.Data {
	case "input":
		if kind := attribute(n, "type"); kind == "checkbox" && !has(n, "checked") {
			return
		}
		v.Add(name, attribute(n, "value"))
	case "textarea":
		text := ""
		if n.FirstChild != nil {
			text = n.FirstChild.Data
		}
		v.Add(name, text)
	case "select":
		var options []*dom.Node
		for o := range n.Descendants() {
			if o.Data == "option" {
				options = append(options, o)
			}
		}
		if len(options) == 0 {
			return
		}
		at := max(0, slices.IndexFunc(options, func(o *dom.Node) bool { return has(o, "selected") }))
		v.Add(name, attribute(options[at], "value"))
	}
}

// options are the values that a list of a page offers.
func (a *answer) options(name string) (values []string) {
	a.t.Helper()
	for n := range a.tree().Descendants() {
		if n.Data != "select" || attribute(n, "name") != name {
			continue
		}
		for o := range n.Descendants() {
			if o.Data == "option" {
				values = append(values, attribute(o, "value"))
			}
		}
	}
	return values
}

// wrong are the fields of a page at which something is told to be wrong, each with what.
func (a *answer) wrong() map[string]string {
	a.t.Helper()
	told, last := map[string]string{}, ""
	for n := range a.tree().Descendants() {
		if n.Type != dom.ElementNode {
			continue
		}
		if name := attribute(n, "name"); name != "" && n.Data != "button" && n.Data != "meta" {
			last = name
		}
		if n.Data == "p" && attribute(n, "class") == "wrong" {
			told[last] += text(n)
		}
	}
	return told
}

// refuses wants a form back: with a status, with one thing wrong at a field ("": only at the top), told
// with these words, and with what was typed.
func (a *answer) refuses(status int, field, words string) *answer {
	a.t.Helper()
	a.is(status).holds(`role="alert"`)
	wrong := a.wrong()
	switch {
	case field == "" && len(wrong) > 0, field != "" && (len(wrong) != 1 || !strings.Contains(wrong[field], words)):
		a.t.Errorf("%s: wrong are %q, want at %q that %q\n%s", a.what, wrong, field, words, a.main())
	case !strings.Contains(text(a.tree()), words):
		a.t.Errorf("%s: does not say %q\n%s", a.what, words, a.main())
	}
	return a
}

// keeps wants fields to hold what was typed.
func (a *answer) keeps(action string, pairs ...string) *answer {
	a.t.Helper()
	held := a.form(action)
	for i := 0; i+1 < len(pairs); i += 2 {
		if !slices.Contains(held[pairs[i]], pairs[i+1]) {
			a.t.Errorf("%s: %s holds %q, want %q", a.what, pairs[i], held[pairs[i]], pairs[i+1])
		}
	}
	return a
}

// text is what is to be read in an element.
func text(n *dom.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == dom.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

func attribute(n *dom.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *dom.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a dom.Attribute) bool { return a.Key == key })
}

// escaped is a text as HTML holds it.
func escaped(text string) string { return html.EscapeString(text) }
