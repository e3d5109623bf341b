package service

import (
	"context"
	"errors"
	"slices"

	"calbell"
)

// usable returns the webhooks that the caller may use, by name.
func (s *core) usable(ctx context.Context, who calbell.Caller) ([]calbell.Webhook, error) {
	if err := known(who); err != nil {
		return nil, err
	}
	list, err := s.store.Webhooks(ctx)
	return usableOf(who, list), err
}

// usableOf are those of a list that the caller may use. The list itself is changed.
func usableOf(who calbell.Caller, list []calbell.Webhook) []calbell.Webhook {
	return slices.DeleteFunc(list, func(w calbell.Webhook) bool { return !mayUse(who, w) })
}

// ListFor are those of [Webhooks.List] to which the reminders of every one of these
// accounts may go: what is offered for one of their events is what works.
func (s *Webhooks) ListFor(ctx context.Context, who calbell.Caller, accounts ...string) ([]calbell.WebhookRow, error) {
	rows, err := s.List(ctx, who)
	for _, name := range accounts {
		a, aErr := s.account(who, name)
		if err = errors.Join(err, aErr); err != nil {
			return nil, err
		}
		rows = s.sendable(rows, a.Owner)
	}
	return rows, err
}

// ListOf are those of [Webhooks.List] to which an owner's rules may send.
func (s *Webhooks) ListOf(ctx context.Context, who calbell.Caller, owner string) ([]calbell.WebhookRow, error) {
	rows, err := s.List(ctx, who)
	return s.sendable(rows, owner), err
}

func (s *Webhooks) sendable(rows []calbell.WebhookRow, owner string) []calbell.WebhookRow {
	policy := s.config.Policy()
	return slices.DeleteFunc(rows, func(r calbell.WebhookRow) bool { return !policy.Authorized(owner, r.ID) })
}
