package service_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/servicetest"
)

// accountsOf returns the keys of the accounts that a caller may see.
func accountsOf(t *testing.T, w *servicetest.World, who calbell.Caller) (keys []string) {
	t.Helper()
	rows, err := w.Accounts.List(t.Context(), who)
	w.OK(err)
	for _, a := range rows {
		keys = append(keys, a.ID)
	}
	return keys
}

// hours are leads before an event.
func hours(list ...int) (leads []calbell.Lead) {
	for _, n := range list {
		leads = append(leads, calbell.Lead{Exact: time.Duration(n) * time.Hour})
	}
	return leads
}

// What goes with a user is shown as it is then removed: accounts, calendars, webhooks, rules,
// attached reminders and tokens, and what others send through the webhooks; nobody else's.
func TestRemovalShowsWhatGoes(t *testing.T) {
	w, ctx, now := servicetest.New(t, calbell.Account{Name: "home", Origin: calbell.OriginFile}), t.Context(), time.Now()
	root := calbell.LocalAdmin()
	anna, bob := w.User("Anna", calbell.RoleMember), w.User("Bob", calbell.RoleMember)
	ops := string(w.Webhook("Anna", "ops", true))
	event := w.Event(w.Account("Bob", "bobs", "Own"), "Meeting", now.Add(24*time.Hour), "")
	_, err := w.Reminders.Add(ctx, bob, types.NewReminder{Event: event, Webhook: ops, Before: hours(1, 2)})
	w.OK(err)
	for who, name := range map[*calbell.Caller]string{&bob: "Bob's rule", &anna: "Anna's rule"} {
		_, err := w.Rules.Add(ctx, *who, types.NewRule{Name: name, RuleSpec: calbell.RuleSpec{Webhooks: []string{ops}, Remind: hours(3)}})
		w.OK(err)
	}
	_, err = w.Tokens.Add(ctx, bob, types.NewToken{Name: "script", Scopes: []calbell.Scope{calbell.ScopeRead}}, now)
	w.OK(err)

	want := types.Removal{
		Name: "Bob", Accounts: types.Removed{Count: 1, Names: []string{"bobs"}}, Calendars: types.Removed{Count: 1, Names: []string{"Own"}},
		Rules: types.Removed{Count: 1, Names: []string{"Bob's rule"}}, Reminders: 2, Tokens: 1,
	}
	if got, err := w.People.Removal(ctx, root, "bob"); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("with Bob goes %+v, %v, want %+v", got, err, want)
	}
	account, err := w.Accounts.Removal(ctx, bob, "bobs")
	if err != nil || account.Name != "bobs" || account.Reminders != 2 || !slices.Equal(account.Calendars.Names, []string{"Own"}) || account.Rules.Count != 0 {
		t.Errorf("with the account goes %+v, %v", account, err)
	}
	const attached = "a reminder attached to an event of bob.bobs"
	got, err := w.People.Removal(ctx, root, "Anna")
	if err != nil || !slices.Equal(got.Webhooks.Names, []string{"ops"}) || !slices.Equal(got.UsedBy.Names, []string{`rule "Bob's rule"`, attached, attached}) {
		t.Errorf("with Anna goes %+v, %v", got, err)
	}
	if _, err := w.Accounts.Removal(ctx, root, "home"); calbell.KindOf(err) != calbell.KindUsage || !strings.Contains(err.Error(), "in the configuration file") {
		t.Errorf("the file's account: %v", err)
	}
	w.OK(w.People.Remove(ctx, root, "bob", "", now))
	if _, err := w.People.Removal(ctx, root, "bob"); calbell.KindOf(err) != calbell.KindNotFound {
		t.Errorf("Bob is gone: %v", err)
	}
	if keys := accountsOf(t, w, root); !slices.Equal(keys, []string{"home"}) {
		t.Errorf("accounts that are left: %q", keys)
	}
	bindings, err := w.Store.AllBindings(ctx)
	rules, rulesErr := w.Rules.List(ctx, root)
	if err != nil || rulesErr != nil || len(bindings) != 0 || len(rules) != 1 || rules[0].Name != "Anna's rule" {
		t.Errorf("left are %d attached reminders and the rules %+v, %v, %v", len(bindings), rules, err, rulesErr)
	}
	if _, ok, err := w.People.Caller(ctx, "Bob", bob.Epoch); ok || err != nil {
		t.Errorf("Bob's session: %v, %v", ok, err)
	}
}

// An admin sees the number of a member's things before they remove them, and no name.
func TestRemovalHidesNames(t *testing.T) {
	w := servicetest.New(t)
	root, _ := w.User("Root", calbell.RoleAdmin), w.User("Bob", calbell.RoleMember)
	w.Webhook("Bob", secret+" hook", false)
	w.Account("Bob", secret, secret)
	got, err := w.People.Removal(t.Context(), root, "bob")
	if err != nil || got.Accounts.Count != 1 || got.Calendars.Count != 1 || got.Webhooks.Count != 1 || servicetest.Holds(secret, got) {
		t.Errorf("%+v, %v", got, err)
	}
}
