package service

import (
	"context"
	"errors"
	"slices"

	"calbell"
)

// usable returns the webhooks that the caller may use, by name.
func (s *Service) usable(ctx context.Context, who calbell.Caller) ([]calbell.Webhook, error) {
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

// WebhooksFor are those of [Service.Webhooks] to which the reminders of every one of these
// accounts may go: what is offered for one of their events is what works.
func (s *Service) WebhooksFor(ctx context.Context, who calbell.Caller, accounts ...string) ([]calbell.WebhookRow, error) {
	rows, err := s.Webhooks(ctx, who)
	for _, name := range accounts {
		a, aErr := s.account(who, name)
		if err = errors.Join(err, aErr); err != nil {
			return nil, err
		}
		rows = s.sendable(rows, a.Owner)
	}
	return rows, err
}

// WebhooksOf are those of [Service.Webhooks] to which an owner's rules may send.
func (s *Service) WebhooksOf(ctx context.Context, who calbell.Caller, owner string) ([]calbell.WebhookRow, error) {
	rows, err := s.Webhooks(ctx, who)
	return s.sendable(rows, owner), err
}

func (s *Service) sendable(rows []calbell.WebhookRow, owner string) []calbell.WebhookRow {
	policy := s.config.Policy()
	return slices.DeleteFunc(rows, func(r calbell.WebhookRow) bool { return !policy.Authorized(owner, r.ID) })
}
