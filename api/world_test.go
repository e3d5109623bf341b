package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api"
	"calbell/api/types"
	"calbell/service/servicetest"
)

// inhabited is the API over a real store, in which Bob has one of everything.
type inhabited struct {
	*servicetest.World
	bob, carol, anna calbell.Caller // two members and the admin
	calendar         calbell.Calendar
	event            string
	binding          calbell.BindingID
	delivery         calbell.ReminderID // planned
	rule             calbell.RuleID
	token            calbell.TokenID
	signedIn         []string // by the door

	handler http.Handler
	who     calbell.Caller // who asks
}

func inhabit(t *testing.T) *inhabited {
	t.Helper()
	w := servicetest.New(t)
	i := &inhabited{World: w, bob: w.User("Bob", calbell.RoleMember), carol: w.User("Carol", calbell.RoleMember), anna: w.User("Anna", calbell.RoleAdmin)}
	w.Webhook("Bob", "mine", false)
	i.calendar = w.Account("Bob", "bobs", "Own")
	i.event = w.Event(i.calendar, "Meeting", time.Now().Add(48*time.Hour), "")
	i.handler = api.Handler(w.Service, "v0.0.0-test", func(*http.Request) calbell.Caller { return i.who }, door{i})
	return i
}

// furnish gives Bob the rest of what people have: a rule, a token, a reminder that is planned, a
// webhook that he shares; and the file's webhook is the admins'.
func (i *inhabited) furnish(t *testing.T) {
	t.Helper()
	ctx, now := t.Context(), time.Now()
	shared := calbell.WebhookSpec{Kind: calbell.KindKChat, Share: true, Template: "bobs-template"}
	_, err := i.Webhooks.Add(ctx, i.bob, types.NewWebhook{Name: "for all", URL: "https://chat.example.org/hooks/secret-of-all", WebhookSpec: shared})
	i.OK(err)
	file := calbell.Webhook{ID: "team", Name: "team", Origin: calbell.OriginFile, URL: "https://chat.example.org/hooks/secret-of-team", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat}}
	i.OK(i.Store.SetFileWebhooks(ctx, []calbell.Webhook{file}))
	i.OK(i.Program.WebhooksChanged(ctx))
	rule, err := i.Rules.Add(ctx, i.bob, types.NewRule{Name: "bobs rule", RuleSpec: calbell.RuleSpec{Subject: "meet", Webhooks: []string{"mine"}}})
	i.OK(err)
	attached, err := i.Reminders.Add(ctx, i.bob, types.NewReminder{Event: i.event, Webhook: "mine", Before: []calbell.Lead{{Exact: time.Hour}}})
	i.OK(err)
	i.Event(i.calendar, "Meeting", now.Add(48*time.Hour), "")
	coming, err := i.Deliveries.ComingPage(ctx, i.bob, 1, "", now)
	i.OK(err)
	token, err := i.Tokens.Add(ctx, i.bob, types.NewToken{Name: "bobs token", Scopes: []calbell.Scope{calbell.ScopeRead}}, now)
	i.OK(err)
	i.rule, i.binding, i.delivery, i.token = rule.ID, attached.Bindings[0].ID, coming.Rows[0].ID, token.ID
}

// door notes who is signed in.
type door struct{ *inhabited }

func (d door) SignIn(_ context.Context, u calbell.User) error {
	d.signedIn = append(d.signedIn, u.Name)
	return nil
}
func (door) SignOut(context.Context) error             { return nil }
func (door) Peer(context.Context, string) calbell.Peer { return calbell.Peer{Browser: "one"} }

// ask sends a request in the name of a caller.
func (i *inhabited) ask(t *testing.T, who calbell.Caller, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, "/api/v1"+path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	for n := 0; n+1 < len(headers); n += 2 {
		req.Header.Set(headers[n], headers[n+1])
	}
	rec := httptest.NewRecorder()
	i.who = who
	i.handler.ServeHTTP(rec, req)
	return rec
}

// userNow is a user as they are once they have signed in again.
func (i *inhabited) userNow(t *testing.T, name string) calbell.Caller {
	t.Helper()
	u, err := i.Store.Users().Get(t.Context(), name)
	i.OK(err)
	return calbell.Caller{Name: u.Name, Admin: u.Role == calbell.RoleAdmin, Epoch: u.Epoch}
}
