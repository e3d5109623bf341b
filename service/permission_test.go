package service_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service"
	"calbell/service/servicetest"
)

// inhabited is a world with an admin and two members, of whom Bob has one of everything.
type inhabited struct {
	*servicetest.World
	calendar calbell.Calendar
	event    string
	binding  calbell.BindingID
	planned  calbell.ReminderID
	ended    calbell.ReminderID
	rule     string
	token    calbell.TokenID
	callers  []calbell.Caller
}

// secret is part of whatever Bob keeps to himself.
const secret = "bobs-secret"

func inhabit(t *testing.T) *inhabited {
	t.Helper()
	w := servicetest.New(t, calbell.Account{Name: "house", Origin: calbell.OriginFile})
	i := &inhabited{World: w}
	anna, bob, carol := w.User("Anna", calbell.RoleAdmin), w.User("Bob", calbell.RoleMember), w.User("Carol", calbell.RoleMember)
	i.callers = []calbell.Caller{{}, bob, carol, anna, calbell.LocalAdmin()}
	ctx, now := t.Context(), time.Now()
	i.calendar = w.Account("Bob", "work", secret+" calendar")
	w.Webhook("Bob", "mine", false)
	w.Webhook("Bob", "shared", true)
	w.Webhook("", "team", false)
	i.event = w.Event(i.calendar, secret+" meeting", now.Add(48*time.Hour), "")
	attached, err := w.Reminders.Add(ctx, bob, types.NewReminder{Event: i.event, Webhook: "mine", Before: []calbell.Lead{{Exact: time.Hour}}})
	w.OK(err)
	i.binding = attached.Bindings[0].ID
	w.Event(i.calendar, secret+" meeting", now.Add(48*time.Hour), "")
	list, err := w.Deliveries.History(ctx, bob, types.DeliveryQuery{Statuses: []calbell.Status{calbell.StatusPlanned}})
	w.OK(err)
	if len(list.Rows) != 1 {
		t.Fatalf("%d reminders are planned", len(list.Rows))
	}
	i.planned = list.Rows[0].ID
	tested, err := w.Webhooks.Test(ctx, bob, "mine", types.Sample{Event: i.event})
	w.OK(err)
	i.ended = tested.Delivery
	rule, err := w.Rules.Add(ctx, bob, types.NewRule{Name: secret + " rule", RuleSpec: calbell.RuleSpec{Subject: "x", Webhooks: []string{"mine"}}})
	w.OK(err)
	i.rule = string(rule.ID)
	token, err := w.Tokens.Add(ctx, bob, types.NewToken{Name: secret + " token", Scopes: []calbell.Scope{calbell.ScopeRead}}, now)
	w.OK(err)
	i.token = token.ID
	return i
}

// operation is a method of a part, tried on something of Bob's. want is what comes of it for nobody,
// Bob, Carol (another member), Anna (the admin), and over the socket.
type operation struct {
	name, want string
	ask        func(who calbell.Caller) (any, error)
}

const (
	all      = "denied ok ok ok ok"
	own      = "denied ok missing missing ok"
	edited   = "denied changed missing missing changed" // with an ETag that nothing has: the caller may
	bothered = "denied usage usage usage usage"         // the request is wrong, whoever asks
	admins   = "denied denied denied ok ok"
)

// stale is an ETag that nothing has.
const stale = `"stale"`

func only(err error) (any, error) { return nil, err }

func answer[T any](v T, err error) (any, error) { return v, err }

func (i *inhabited) ofAccounts(t *testing.T) []operation {
	ctx, name := t.Context(), i.calendar.Account
	return []operation{
		{"Accounts.List", all, func(who calbell.Caller) (any, error) { return answer(i.Accounts.List(ctx, who)) }},
		{"Accounts.Get", own, func(who calbell.Caller) (any, error) { return answer(i.Accounts.Get(ctx, who, name)) }},
		{"Accounts.Request", own, func(who calbell.Caller) (any, error) { n, _, err := i.Accounts.Request(ctx, who, name); return n, err }},
		{"Accounts.Removal", own, func(who calbell.Caller) (any, error) { return answer(i.Accounts.Removal(ctx, who, name)) }},
		{"Accounts.DiscoverStored", own, func(who calbell.Caller) (any, error) { return answer(i.Accounts.DiscoverStored(ctx, who, name)) }},
		{"Accounts.Discover", bothered, func(who calbell.Caller) (any, error) {
			return answer(i.Accounts.Discover(ctx, who, types.NewAccount{Name: "x"}))
		}},
		{"Accounts.Add", bothered, func(who calbell.Caller) (any, error) {
			return answer(i.Accounts.Add(ctx, who, types.NewAccount{Name: "a/b"}))
		}},
		{"Accounts.Set", edited, func(who calbell.Caller) (any, error) {
			return answer(i.Accounts.Set(ctx, who, name, stale, types.NewAccount{}))
		}},
		{"Accounts.Remove", edited, func(who calbell.Caller) (any, error) {
			return only(i.Accounts.Remove(ctx, who, name, stale, time.Now()))
		}},
		{"Calendars.List", all, func(who calbell.Caller) (any, error) { return answer(i.Calendars.List(ctx, who)) }},
		{"Calendars.Get", own, func(who calbell.Caller) (any, error) { return answer(i.Calendars.Get(ctx, who, string(i.calendar.ID))) }},
		{"Calendars.Settings", own, func(who calbell.Caller) (any, error) {
			e, _, err := i.Calendars.Settings(ctx, who, string(i.calendar.ID))
			return e, err
		}},
		{"Calendars.Set", edited, func(who calbell.Caller) (any, error) {
			return answer(i.Calendars.Set(ctx, who, string(i.calendar.ID), stale, types.CalendarEdit{}))
		}},
		{"Calendars.Sync", own, func(who calbell.Caller) (any, error) {
			return answer(i.Calendars.Sync(ctx, who, string(i.calendar.ID)))
		}},
		{"Calendars.SyncSoon", own, func(who calbell.Caller) (any, error) {
			_, n, err := i.Calendars.SyncSoon(ctx, who, string(i.calendar.ID))
			return n, err
		}},
		{"Calendars.Syncing", all, func(who calbell.Caller) (any, error) { return answer(i.Calendars.Syncing(ctx, who)) }},
		{"Calendars.ApplyNow", "denied usage missing missing usage", func(who calbell.Caller) (any, error) {
			return answer(i.Calendars.ApplyNow(ctx, who, string(i.calendar.ID)))
		}},
	}
}

func (i *inhabited) ofEvents(t *testing.T) []operation {
	ctx, now := t.Context(), time.Now()
	q := types.EventQuery{From: now, To: now.AddDate(0, 0, 7)}
	wanted := types.NewReminder{Event: i.event, Webhook: "mine", Before: []calbell.Lead{{Exact: time.Hour}}}
	return []operation{
		{"Events.List", all, func(who calbell.Caller) (any, error) { return answer(i.Events.List(ctx, who, q)) }},
		{"Events.Page", all, func(who calbell.Caller) (any, error) { rows, _, err := i.Events.Page(ctx, who, q); return rows, err }},
		{"Events.Agenda", all, func(who calbell.Caller) (any, error) { rows, _, err := i.Events.Agenda(ctx, who, q); return rows, err }},
		{"Events.Bad", all, func(who calbell.Caller) (any, error) { return answer(i.Events.Bad(ctx, who)) }},
		{"Events.Get", own, func(who calbell.Caller) (any, error) { return answer(i.Events.Get(ctx, who, i.event, now)) }},
		{"Events.GetAt", own, func(who calbell.Caller) (any, error) { return answer(i.Events.GetAt(ctx, who, i.event, "", now)) }},
		{"Events.Explain", own, func(who calbell.Caller) (any, error) { return answer(i.Events.Explain(ctx, who, i.event, now)) }},
		{"Events.Explain", own, func(who calbell.Caller) (any, error) {
			return answer(i.Events.Explain(ctx, who, string(i.planned), now))
		}},
		{"Events.Create", "denied usage missing missing usage", func(who calbell.Caller) (any, error) {
			return answer(i.Events.Create(ctx, who, types.NewEvent{Calendar: string(i.calendar.ID), Title: "x", Start: "never"}, now))
		}},
		{"Reminders.Preview", own, func(who calbell.Caller) (any, error) { return answer(i.Reminders.Preview(ctx, who, wanted)) }},
		{"Reminders.Add", own, func(who calbell.Caller) (any, error) { return answer(i.Reminders.Add(ctx, who, wanted)) }},
		{"Reminders.Unmute", own, func(who calbell.Caller) (any, error) { return answer(i.Reminders.Unmute(ctx, who, i.event, "")) }},
		{"Reminders.Remove", "denied X missing missing X", func(who calbell.Caller) (any, error) { return only(i.Reminders.Remove(ctx, who, i.binding)) }},
	}
}

func (i *inhabited) ofWebhooks(t *testing.T) []operation {
	ctx, now := t.Context(), time.Now()
	preview := func(of string) func(calbell.Caller) (any, error) {
		return func(who calbell.Caller) (any, error) {
			return answer(i.Webhooks.Preview(ctx, who, types.PreviewRequest{Of: of}, now))
		}
	}
	return []operation{
		{"Webhooks.List", all, func(who calbell.Caller) (any, error) { return answer(i.Webhooks.List(ctx, who)) }},
		{"Webhooks.ListFor", own, func(who calbell.Caller) (any, error) {
			return answer(i.Webhooks.ListFor(ctx, who, i.calendar.Account))
		}},
		{"Webhooks.ListOf", all, func(who calbell.Caller) (any, error) { return answer(i.Webhooks.ListOf(ctx, who, who.Name)) }},
		{"Webhooks.Get", own, func(who calbell.Caller) (any, error) { return answer(i.Webhooks.Get(ctx, who, "bob.mine")) }},
		{"Webhooks.Get", all, func(who calbell.Caller) (any, error) { return answer(i.Webhooks.Get(ctx, who, "bob.shared")) }},
		{"Webhooks.Get", "denied missing missing ok ok", func(who calbell.Caller) (any, error) { return answer(i.Webhooks.Get(ctx, who, "team")) }},
		{"Webhooks.Request", own, func(who calbell.Caller) (any, error) {
			n, _, err := i.Webhooks.Request(ctx, who, "bob.mine")
			return n, err
		}},
		{"Webhooks.Request", "denied ok denied denied ok", func(who calbell.Caller) (any, error) {
			n, _, err := i.Webhooks.Request(ctx, who, "bob.shared")
			return n, err
		}},
		{"Webhooks.Add", bothered, func(who calbell.Caller) (any, error) {
			return answer(i.Webhooks.Add(ctx, who, types.NewWebhook{URL: "x"}))
		}},
		{"Webhooks.Set", edited, func(who calbell.Caller) (any, error) {
			return answer(i.Webhooks.Set(ctx, who, "bob.mine", stale, types.NewWebhook{}))
		}},
		{"Webhooks.Set", "denied changed denied denied changed", func(who calbell.Caller) (any, error) {
			return answer(i.Webhooks.Set(ctx, who, "bob.shared", stale, types.NewWebhook{}))
		}},
		{"Webhooks.Remove", edited, func(who calbell.Caller) (any, error) { return only(i.Webhooks.Remove(ctx, who, "bob.mine", stale)) }},
		{"Webhooks.Remove", "denied changed denied denied changed", func(who calbell.Caller) (any, error) {
			return only(i.Webhooks.Remove(ctx, who, "bob.shared", stale))
		}},
		{"Webhooks.Preview", own, preview("bob.mine")},
		{"Webhooks.Preview", "denied ok denied denied ok", preview("bob.shared")},
		{"Webhooks.Preview", own, func(who calbell.Caller) (any, error) {
			return answer(i.Webhooks.Preview(ctx, who, types.PreviewRequest{Sample: types.Sample{Event: i.event}}, now))
		}},
		{"Webhooks.Test", own, func(who calbell.Caller) (any, error) {
			return answer(i.Webhooks.Test(ctx, who, "bob.mine", types.Sample{}))
		}},
		{"Webhooks.Test", all, func(who calbell.Caller) (any, error) {
			return answer(i.Webhooks.Test(ctx, who, "bob.shared", types.Sample{}))
		}},
		{"Rules.List", all, func(who calbell.Caller) (any, error) { return answer(i.Rules.List(ctx, who)) }},
		{"Rules.Get", own, func(who calbell.Caller) (any, error) { return answer(i.Rules.Get(ctx, who, i.rule)) }},
		{"Rules.Request", own, func(who calbell.Caller) (any, error) { n, _, err := i.Rules.Request(ctx, who, i.rule); return n, err }},
		{"Rules.Add", bothered, func(who calbell.Caller) (any, error) {
			return answer(i.Rules.Add(ctx, who, types.NewRule{Name: "x"}))
		}},
		{"Rules.Set", edited, func(who calbell.Caller) (any, error) {
			return answer(i.Rules.Set(ctx, who, i.rule, stale, types.NewRule{}))
		}},
		{"Rules.Remove", edited, func(who calbell.Caller) (any, error) { return only(i.Rules.Remove(ctx, who, i.rule, stale)) }},
		{"Rules.Test", own, func(who calbell.Caller) (any, error) { return answer(i.Rules.Test(ctx, who, i.event, now)) }},
	}
}

func (i *inhabited) ofDeliveries(t *testing.T) []operation {
	ctx, now := t.Context(), time.Now()
	return []operation{
		{"Deliveries.Coming", all, func(who calbell.Caller) (any, error) {
			rows, _, err := i.Deliveries.Coming(ctx, who, 10, now)
			return rows, err
		}},
		{"Deliveries.ComingPage", all, func(who calbell.Caller) (any, error) { return answer(i.Deliveries.ComingPage(ctx, who, 10, "", now)) }},
		{"Deliveries.History", all, func(who calbell.Caller) (any, error) {
			return answer(i.Deliveries.History(ctx, who, types.DeliveryQuery{}))
		}},
		{"Deliveries.Get", own, func(who calbell.Caller) (any, error) { return answer(i.Deliveries.Get(ctx, who, i.planned)) }},
		{"Deliveries.Get", own, func(who calbell.Caller) (any, error) { return answer(i.Deliveries.Get(ctx, who, i.ended)) }},
		{"Deliveries.Message", own, func(who calbell.Caller) (any, error) { return answer(i.Deliveries.Message(ctx, who, i.planned, now)) }},
		{"Deliveries.Resend", "denied usage missing missing usage", func(who calbell.Caller) (any, error) {
			return answer(i.Deliveries.Resend(ctx, who, types.ResendRequest{IDs: []calbell.ReminderID{i.planned}}))
		}},
		{"Deliveries.Resend", own, func(who calbell.Caller) (any, error) {
			return answer(i.Deliveries.Resend(ctx, who, types.ResendRequest{Webhook: "bob.mine", Since: now.Add(-time.Hour)}))
		}},
		{"Pauses.List", all, func(who calbell.Caller) (any, error) { return answer(i.Pauses.List(ctx, who)) }},
		{"Pauses.Set", "denied denied denied missing missing", func(who calbell.Caller) (any, error) { // ends what is not paused
			return answer(i.Pauses.Set(ctx, who, "", types.PauseRequest{Until: now}))
		}},
		{"Pauses.Set", "denied changed missing missing changed", func(who calbell.Caller) (any, error) {
			return answer(i.Pauses.Set(ctx, who, stale, types.PauseRequest{Calendar: string(i.calendar.ID), Until: now.Add(time.Hour)}))
		}},
		{"Pauses.Set", "denied changed denied denied changed", func(who calbell.Caller) (any, error) { // others use it, too
			return answer(i.Pauses.Set(ctx, who, stale, types.PauseRequest{Webhook: "bob.shared", Until: now.Add(time.Hour)}))
		}},
		{"Feed.Listen", all, func(who calbell.Caller) (any, error) {
			l, err := i.Feed.Listen(ctx, who)
			if err == nil {
				l.Close()
			}
			return nil, err
		}},
	}
}

func (i *inhabited) ofPeople(t *testing.T) []operation {
	ctx, now := t.Context(), time.Now()
	return []operation{
		{"People.List", admins, func(who calbell.Caller) (any, error) { return answer(i.People.List(ctx, who)) }},
		{"People.Get", "denied ok denied ok ok", func(who calbell.Caller) (any, error) { return answer(i.People.Get(ctx, who, "bob")) }},
		{"People.Request", "denied ok denied ok ok", func(who calbell.Caller) (any, error) { e, _, err := i.People.Request(ctx, who, "bob"); return e, err }},
		{"People.Add", "denied denied denied usage usage", func(who calbell.Caller) (any, error) {
			return answer(i.People.Add(ctx, who, types.NewUser{Name: "#"}, now))
		}},
		{"People.Set", "denied changed denied changed changed", func(who calbell.Caller) (any, error) {
			return answer(i.People.Set(ctx, who, "bob", stale, types.UserEdit{}))
		}},
		{"People.Set", "denied denied denied ok ok", func(who calbell.Caller) (any, error) { // oneself an admin
			return answer(i.People.Set(ctx, who, "bob", "", types.UserEdit{Role: calbell.RoleAdmin}))
		}},
		{"People.Removal", admins, func(who calbell.Caller) (any, error) { return answer(i.People.Removal(ctx, who, "bob")) }},
		{"People.Remove", "denied denied denied changed changed", func(who calbell.Caller) (any, error) {
			return only(i.People.Remove(ctx, who, "bob", stale, now))
		}},
		{"People.SetPassword", "denied usage denied usage usage", func(who calbell.Caller) (any, error) {
			return only(i.People.SetPassword(ctx, who, "bob", types.NewPassword{New: "short"}, now))
		}},
		{"People.SignOutEverywhere", "denied denied denied missing missing", func(who calbell.Caller) (any, error) {
			return only(i.People.SignOutEverywhere(ctx, who, "nobody-at-all", now))
		}},
		{"People.AddSetupLink", "denied denied denied denied usage", func(who calbell.Caller) (any, error) { // there is an admin
			return answer(i.People.AddSetupLink(ctx, who, now))
		}},
		{"Tokens.List", all, func(who calbell.Caller) (any, error) { return answer(i.Tokens.List(ctx, who)) }},
		{"Tokens.Add", "denied denied ok denied ok", func(who calbell.Caller) (any, error) {
			return answer(i.Tokens.Add(ctx, who, types.NewToken{Name: "x", User: "Carol", Scopes: []calbell.Scope{calbell.ScopeRead}}, now))
		}},
		{"Tokens.Remove", "denied X missing missing X", func(who calbell.Caller) (any, error) { return only(i.Tokens.Remove(ctx, who, i.token)) }},
		{"Upkeep.Status", all, func(who calbell.Caller) (any, error) { return answer(i.Upkeep.Status(ctx, who)) }},
		{"Upkeep.Settings", admins, func(who calbell.Caller) (any, error) { return answer(i.Upkeep.Settings(who)) }},
		{"Upkeep.Reload", admins, func(who calbell.Caller) (any, error) { return answer(i.Upkeep.Reload(ctx, who)) }},
		{"Upkeep.CheckStore", admins, func(who calbell.Caller) (any, error) { return answer(i.Upkeep.CheckStore(ctx, who)) }},
		{"Upkeep.Backup", admins, func(who calbell.Caller) (any, error) { _, err := i.Upkeep.Backup(ctx, who); return nil, err }},
	}
}

// outcome puts an error in one word.
func outcome(err error) string {
	kinds := map[calbell.ErrorKind]string{calbell.KindNotFound: "missing", calbell.KindNotAllowed: "denied", calbell.KindUsage: "usage"}
	switch word := kinds[calbell.KindOf(err)]; {
	case err == nil:
		return "ok"
	case errors.Is(err, calbell.ErrChanged):
		return "changed"
	case word != "":
		return word
	}
	return err.Error()
}

// Every method that takes a caller is tried on something of Bob's as everybody, and nobody else reads
// a word of what he keeps to himself. "X" is not tried: what it removes is needed by others.
func TestPermissions(t *testing.T) {
	i := inhabit(t)
	tried := map[string]bool{}
	names := []string{"nobody", "Bob", "Carol", "Anna", "the socket"}
	for _, part := range [][]operation{i.ofAccounts(t), i.ofEvents(t), i.ofWebhooks(t), i.ofDeliveries(t), i.ofPeople(t)} {
		for _, o := range part {
			tried[o.name] = true
			for n, want := range strings.Fields(o.want) {
				if want == "X" {
					continue
				}
				got, err := o.ask(i.callers[n])
				if outcome(err) != want {
					t.Errorf("%s as %s: %v, want %s", o.name, names[n], err, want)
				}
				if names[n] != "Bob" && names[n] != "the socket" && servicetest.Holds(secret, got, err) {
					t.Errorf("%s tells %s what is Bob's: %+v, %v", o.name, names[n], got, err)
				}
			}
		}
	}
	for name := range askable() {
		if !tried[name] {
			t.Errorf("%s takes a caller and is not tried", name)
		}
	}
}

// askable returns the methods of all parts that take a caller.
func askable() map[string]bool {
	names := map[string]bool{}
	caller, parts := reflect.TypeFor[calbell.Caller](), reflect.TypeFor[service.Service]()
	for n := range parts.NumField() {
		f := parts.Field(n)
		if !f.IsExported() {
			continue
		}
		for m := range f.Type.NumMethod() {
			method := f.Type.Method(m)
			for in := range method.Type.NumIn() {
				if method.Type.In(in) == caller {
					names[fmt.Sprintf("%s.%s", f.Name, method.Name)] = true
				}
			}
		}
	}
	return names
}
