package service

import (
	"context"
	"strings"
	"testing"

	"calbell"
	"calbell/store"
)

// A definition counts with its secrets, which its JSON does not show.
func TestSizesCountSecrets(t *testing.T) {
	long := calbell.Secret(strings.Repeat("x", 1000))
	w, a := calbell.Webhook{ID: "x"}, calbell.Account{Name: "x"}
	if got := webhookSize(calbell.Webhook{ID: "x", URL: long}) - webhookSize(w); got < 1000 {
		t.Errorf("an address of 1000 bytes counts %d", got)
	}
	for name, with := range map[string]func(*calbell.Account){
		"password": func(a *calbell.Account) { a.Password = long }, "token": func(a *calbell.Account) { a.Token = long }, "key": func(a *calbell.Account) { a.ClientKeyPEM = long },
	} {
		b := a
		with(&b)
		if got := accountSize(b) - accountSize(a); got < 1000 {
			t.Errorf("a %s of 1000 bytes counts %d", name, got)
		}
	}
}

// The expressions of a rule count, each of them, and plain texts do not.
func TestStepsOf(t *testing.T) {
	one := stepsOf(calbell.Rule{RuleSpec: calbell.RuleSpec{Subject: "/a.*b/"}})
	all := stepsOf(calbell.Rule{RuleSpec: calbell.RuleSpec{Subject: "/a.*b/", Location: "/a.*b/", Category: "/a.*b/", Organizer: "/a.*b/"}})
	plain := stepsOf(calbell.Rule{RuleSpec: calbell.RuleSpec{Subject: "ab", Location: "/(/"}})
	if one == 0 || all != 4*one || plain > 0 {
		t.Errorf("one expression %d, four %d, none %d", one, all, plain)
	}
}

// A change that makes what is stored more than there may be is refused, and one that makes it less is
// taken, however much there is. What belongs to the admins has no bound.
func TestCheckQuota(t *testing.T) {
	s, db := withAccounts(t)
	ctx := t.Context()
	have := calbell.Webhook{ID: "bob.w", Owner: "Bob", Origin: calbell.OriginStored, Name: strings.Repeat("x", calbell.MaxOwnBytes)}
	if err := db.Webhooks().Put(ctx, have); err != nil {
		t.Fatal(err)
	}
	size := webhookSize(have)
	for _, tt := range []struct {
		name string
		c    change
		ok   bool
	}{
		{"another", change{owner: "bob", now: storage{rules: 1}}, false},
		{"another of somebody else's", change{owner: "Carol", now: storage{rules: 1}}, true},
		{"another of the admins'", change{now: storage{rules: 1}}, true},
		{"the same, smaller", change{owner: "Bob", skip: except{webhook: have.ID}, now: storage{webhooks: size - 1}, was: storage{webhooks: size}}, true},
		{"the same, larger", change{owner: "Bob", skip: except{webhook: have.ID}, now: storage{webhooks: size + 1}, was: storage{webhooks: size}}, false},
		{"one in its place", change{owner: "Bob", skip: except{webhook: have.ID}, now: storage{webhooks: 1}}, true},
		{"steps within the bound", change{owner: "Carol", now: storage{steps: calbell.MaxOwnPatternSteps}}, true},
		{"steps beyond it", change{owner: "Carol", now: storage{steps: calbell.MaxOwnPatternSteps + 1}}, false},
		{"fewer steps than before", change{owner: "Carol", now: storage{steps: calbell.MaxOwnPatternSteps + 1}, was: storage{steps: calbell.MaxOwnPatternSteps + 2}}, true},
	} {
		err := s.Rules.checkQuota(ctx, tt.c)
		if (err == nil) != tt.ok || err != nil && (calbell.KindOf(err) != calbell.KindUsage || calbell.HintOf(err).IsZero()) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// crowded is a store that has so many users.
type crowded struct {
	store.People
	store.Table[string, calbell.User]
	users int
}

func (c crowded) Users() store.Table[string, calbell.User] { return c }

func (c crowded) Count(context.Context) (int, error) { return c.users, nil }

// Whoever the calendar server lets in makes no more users than there may be.
func TestUsersThatMakeThemselves(t *testing.T) {
	for users, ok := range map[int]bool{0: true, maxUsers - 1: true, maxUsers: false} {
		s := &People{core: &core{store: Store{People: crowded{users: users}}}}
		if err := s.checkUserCount(t.Context()); (err == nil) != ok || err != nil && calbell.KindOf(err) != calbell.KindNotAllowed {
			t.Errorf("%d users: %v", users, err)
		}
	}
}
