package service

import (
	"context"
	"fmt"
	"slices"
	"time"

	"calbell"
)

// UserRemoval returns what goes when a user is removed. Admins alone may ask.
func (s *Service) UserRemoval(ctx context.Context, who calbell.Caller, name string) (calbell.Removal, error) {
	if err := admin(who); err != nil {
		return calbell.Removal{}, err
	}
	u, err := s.user(ctx, name)
	if err != nil {
		return calbell.Removal{}, err
	}
	r := calbell.Removal{Name: u.Name}
	accounts, err := s.store.StoredAccounts(ctx)
	if err != nil {
		return r, err
	}
	for _, a := range accounts {
		if same(a.Owner, u.Name) {
			if err := s.addAccount(ctx, &r, a); err != nil {
				return r, err
			}
		}
	}
	if err := s.addWebhooks(ctx, &r, u.Name); err != nil {
		return r, err
	}
	rules, err := s.store.StoredRules(ctx)
	if err != nil {
		return r, err
	}
	for _, rule := range rules {
		if same(rule.Owner, u.Name) {
			r.Rules = append(r.Rules, rule.Name)
		}
	}
	tokens, err := s.store.Tokens(ctx, u.Name)
	now := time.Now()
	r.Tokens = len(slices.DeleteFunc(tokens, func(t calbell.Token) bool { return t.Over(now) }))
	return r, err
}

// AccountRemoval returns what goes when an account of the caller's is removed.
func (s *Service) AccountRemoval(ctx context.Context, who calbell.Caller, name string) (calbell.Removal, error) {
	a, err := s.ownAccount(who, name, "")
	if err != nil {
		return calbell.Removal{}, err
	}
	r := calbell.Removal{Name: a.Name}
	return r, s.addAccount(ctx, &r, a)
}

// addAccount adds what goes with an account.
func (s *Service) addAccount(ctx context.Context, r *calbell.Removal, a calbell.Account) error {
	calendars, err := s.store.Calendars(ctx)
	if err != nil {
		return err
	}
	r.Accounts = append(r.Accounts, a.Name)
	for _, c := range calendars {
		if c.Account == a.Name {
			r.Calendars = append(r.Calendars, c.Name)
		}
	}
	bindings, _, err := s.store.Bindings(ctx, a.Name)
	r.Reminders += len(bindings)
	return err
}

// addWebhooks adds the webhooks that go with a user, and what others send through them.
func (s *Service) addWebhooks(ctx context.Context, r *calbell.Removal, owner string) error {
	webhooks, err := s.store.Webhooks(ctx)
	if err != nil {
		return err
	}
	bound, _, err := s.store.Bindings(ctx, "")
	if err != nil {
		return err
	}
	for _, w := range webhooks {
		if same(w.Owner, owner) && w.Origin == calbell.OriginStored {
			r.Webhooks = append(r.Webhooks, w.Name)
			r.UsedBy = append(r.UsedBy, s.usedByOthers(w, bound)...)
		}
	}
	return nil
}

// usedByOthers says in words what sends through a webhook and is not its owner's.
func (s *Service) usedByOthers(w calbell.Webhook, bound []calbell.Binding) (uses []string) {
	owners := s.owners()
	for _, use := range s.daemon.Planner().UsedBy(w.ID) {
		user := use.Owner
		if use.Account != "" {
			user = owners[use.Account]
		}
		if !same(user, w.Owner) {
			uses = append(uses, use.What)
		}
	}
	n := 0
	for _, b := range bound {
		if b.Webhook == w.ID && !same(owners[b.Account], w.Owner) {
			n++
		}
	}
	switch {
	case n == 1:
		uses = append(uses, "1 attached reminder")
	case n > 1:
		uses = append(uses, fmt.Sprintf("%d attached reminders", n))
	}
	return uses
}
