package service_test

import (
	"slices"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/servicetest"
)

// The webhooks offered for an account's events are those that work there: a reminder may go to each of
// them, and to no other one that the caller sees.
func TestWhatIsOfferedWorks(t *testing.T) {
	w, ctx, now := servicetest.New(t, calbell.Account{Name: "house", Origin: calbell.OriginFile}), t.Context(), time.Now()
	w.User("Carol", calbell.RoleMember)
	w.Webhook("Carol", "shared", true)
	w.Webhook("Carol", "own", false)
	w.Webhook("Bob", "own", false)
	w.Webhook("Anna", "own", false)
	w.Webhook("", "team", false)
	w.Webhook("", "all", true)
	events := map[string]string{
		"bob.work":  w.Event(w.Account("Bob", "work", "Bob's"), "One", now.Add(24*time.Hour), ""),
		"anna.work": w.Event(w.Account("Anna", "work", "Anna's"), "Two", now.Add(24*time.Hour), ""),
		"house":     w.Event(w.Calendar("house", "House"), "Three", now.Add(24*time.Hour), ""),
	}
	for _, tt := range []struct {
		name, account string
		role          calbell.Role
		want          []string
	}{
		{"Bob", "bob.work", calbell.RoleMember, []string{"all", "bob.own", "carol.shared"}},
		{"Bob", "bob.work", calbell.RoleAdmin, []string{"all", "bob.own", "carol.shared", "team"}},
		{"Bob", "house", calbell.RoleAdmin, []string{"all", "carol.shared", "team"}},
		{"Bob", "bob.work", calbell.RoleMember, []string{"all", "bob.own", "carol.shared"}}, // no admin any more
		{"Anna", "anna.work", calbell.RoleAdmin, []string{"all", "anna.own", "carol.shared", "team"}},
		{"Anna", "house", calbell.RoleAdmin, []string{"all", "carol.shared", "team"}},
	} {
		who := w.User(tt.name, tt.role)
		offered, err := w.Webhooks.ListFor(ctx, who, tt.account)
		w.OK(err)
		var ids []string
		for _, row := range offered {
			ids = append(ids, string(row.ID))
		}
		if slices.Sort(ids); !slices.Equal(ids, tt.want) {
			t.Errorf("%s, %s of %s: offered are %q, want %q", tt.name, tt.role, tt.account, ids, tt.want)
		}
		all, err := w.Webhooks.List(ctx, who)
		w.OK(err)
		for _, row := range all {
			_, err := w.Reminders.Preview(ctx, who, types.NewReminder{Event: events[tt.account], Webhook: string(row.ID), Before: hours(1)})
			if works := err == nil; works != slices.Contains(tt.want, string(row.ID)) {
				t.Errorf("%s, %s of %s: a reminder to %s: %v", tt.name, tt.role, tt.account, row.ID, err)
			}
		}
	}
	bob := w.User("Bob", calbell.RoleMember)
	for _, other := range []string{"house", "anna.work", "none"} {
		if _, err := w.Webhooks.ListFor(ctx, bob, "bob.work", other); outcome(err) != "missing" {
			t.Errorf("for an account that Bob does not see: %v", err)
		}
	}
}

// What an owner's rules are offered is what they may name: adding a rule to any other webhook is refused.
func TestWhatRulesAreOffered(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	anna, bob := w.User("Anna", calbell.RoleAdmin), w.User("Bob", calbell.RoleMember)
	w.Webhook("Bob", "own", false)
	w.Webhook("Anna", "own", false)
	w.Webhook("Anna", "shared", true)
	w.Webhook("", "team", false)
	house := ""
	for _, tt := range []struct {
		who   calbell.Caller
		owner *string
		want  []string
	}{
		{bob, nil, []string{"anna.shared", "bob.own"}},
		{anna, nil, []string{"anna.own", "anna.shared", "team"}},
		{anna, &house, []string{"anna.shared", "team"}},
	} {
		owner := tt.who.Name
		if tt.owner != nil {
			owner = *tt.owner
		}
		offered, err := w.Webhooks.ListOf(ctx, tt.who, owner)
		w.OK(err)
		var ids []string
		for _, row := range offered {
			ids = append(ids, string(row.ID))
		}
		if slices.Sort(ids); !slices.Equal(ids, tt.want) {
			t.Errorf("rules of %q by %s: offered are %q, want %q", owner, tt.who.Name, ids, tt.want)
		}
		for _, id := range []string{"bob.own", "anna.own", "anna.shared", "team"} {
			_, err := w.Rules.Add(ctx, tt.who, types.NewRule{Name: "to " + id, Owner: tt.owner, RuleSpec: calbell.RuleSpec{Webhooks: []string{id}}})
			if works := err == nil; works != slices.Contains(tt.want, id) {
				t.Errorf("a rule of %q by %s to %s: %v", owner, tt.who.Name, id, err)
			}
		}
	}
}
