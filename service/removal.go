package service

import (
	"context"
	"slices"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/authz"
	"calbell/store"
)

// Removal returns what would be removed with a user. Only admins may ask. Names of private
// things are left out; they are counted.
func (s *People) Removal(ctx context.Context, who calbell.Caller, name string) (types.Removal, error) {
	if err := requireAdmin(who); err != nil {
		return types.Removal{}, err
	}
	u, err := s.findUser(ctx, name)
	if err != nil {
		return types.Removal{}, err
	}
	r := types.Removal{Name: u.Name}
	accounts, err := s.store.Accounts().All(ctx)
	if err != nil {
		return r, err
	}
	for _, a := range accounts {
		if authz.SamePerson(a.Owner, u.Name) {
			if err := s.accounts.addAccount(ctx, who, &r, a); err != nil {
				return r, err
			}
		}
	}
	if err := s.addWebhooks(ctx, who, &r, u.Name); err != nil {
		return r, err
	}
	rules, err := s.store.Rules().Of(ctx, store.OwnedBy(u.Name))
	if err != nil {
		return r, err
	}
	for _, rule := range rules {
		addRemoved(who, rule.Owner, &r.Rules, rule.Name)
	}
	tokens, err := s.store.Tokens().Of(ctx, store.OwnedBy(u.Name))
	now := time.Now()
	r.Tokens = len(slices.DeleteFunc(tokens, func(t calbell.Token) bool { return t.Over(now) }))
	return r, err
}

// Removal returns what would be removed with an account of the caller.
func (s *Accounts) Removal(ctx context.Context, who calbell.Caller, name string) (types.Removal, error) {
	a, err := s.ownAccount(who, name, "")
	if err != nil {
		return types.Removal{}, err
	}
	r := types.Removal{Name: a.Name}
	return r, s.addAccount(ctx, who, &r, a)
}

// addAccount adds what is removed with an account.
func (s *Accounts) addAccount(ctx context.Context, who calbell.Caller, r *types.Removal, a calbell.Account) error {
	calendars, err := s.store.CalendarsOf(ctx, a.Key())
	if err != nil {
		return err
	}
	addRemoved(who, a.Owner, &r.Accounts, a.Name)
	for _, c := range calendars {
		addRemoved(who, a.Owner, &r.Calendars, c.Name)
	}
	bindings, _, err := s.store.Bindings(ctx, a.Key())
	r.Reminders += len(bindings)
	return err
}

// addWebhooks adds the webhooks that are removed with a user, and what others send through
// them.
func (s *People) addWebhooks(ctx context.Context, who calbell.Caller, r *types.Removal, owner string) error {
	webhooks, err := s.store.Webhooks().Of(ctx, store.OwnedBy(owner))
	if err != nil {
		return err
	}
	var own []calbell.WebhookID
	for _, w := range webhooks {
		own = append(own, w.ID)
	}
	bound, err := s.store.BindingsTo(ctx, own...)
	if err != nil {
		return err
	}
	for _, w := range webhooks {
		if w.Origin == calbell.OriginStored {
			addRemoved(who, owner, &r.Webhooks, w.Name)
			s.usedByOthers(who, &r.UsedBy, w, bound)
		}
	}
	return nil
}

// addRemoved adds a thing of an owner to the things to be removed.
func addRemoved(who calbell.Caller, owner string, to *types.Removed, name string) {
	to.Count++
	if authz.CanAccess(who, owner) {
		to.Names = append(to.Names, name)
	}
}

// usedByOthers adds what sends through a webhook and belongs to somebody else.
func (s *People) usedByOthers(who calbell.Caller, to *types.Removed, w calbell.Webhook, bound []calbell.Binding) {
	for _, use := range s.config.Policy().UsedBy(w.ID) {
		user := use.Owner
		if use.Account != "" {
			user, _ = s.ownerOf(use.Account)
		}
		if !authz.SamePerson(user, w.Owner) {
			addRemoved(who, user, to, use.What.English)
		}
	}
	for _, b := range bound {
		if owner, _ := s.ownerOf(b.Account); b.Webhook == w.ID && !authz.SamePerson(owner, w.Owner) {
			addRemoved(who, owner, to, "a reminder attached to an event of "+b.Account)
		}
	}
}
