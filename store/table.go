package store

import (
	"cmp"
	"context"
	"slices"

	"calbell"
)

// Table keeps plain records of one kind, each under its key. Every call is one transaction.
type Table[K ~string, T any] interface {
	// All returns all records, in the order of the table.
	All(ctx context.Context) ([]T, error)
	// Get returns one; a KindNotFound error when there is none.
	Get(ctx context.Context, key K) (T, error)
	// Put stores records in the place of those of the same keys. One without a key is a KindUsage
	// error.
	Put(ctx context.Context, records ...T) error
	// Remove deletes one; a KindNotFound error when there is none.
	Remove(ctx context.Context, key K) error
	// Change removes some records and then stores others, in one step. Unknown ones to remove are
	// ignored. One without a key is a KindUsage error.
	Change(ctx context.Context, put []T, remove []K) error
}

// TokensOf returns the tokens of a user, compared by slugs, all when owner is "", in the order of the
// table.
func TokensOf(ctx context.Context, p People, owner string) ([]calbell.Token, error) {
	all, err := p.Tokens().All(ctx)
	return slices.DeleteFunc(all, func(k calbell.Token) bool {
		return owner != "" && calbell.Slug(k.Owner) != calbell.Slug(owner)
	}), err
}

// StatesByWebhook returns the states of webhooks that are not zero.
func StatesByWebhook(ctx context.Context, states Table[calbell.WebhookID, WebhookState]) (map[calbell.WebhookID]calbell.WebhookState, error) {
	all, err := states.All(ctx)
	if err != nil {
		return nil, err
	}
	byID := make(map[calbell.WebhookID]calbell.WebhookState, len(all))
	for _, s := range all {
		byID[s.ID] = s.WebhookState
	}
	return byID, nil
}

// SettingsByCalendar returns what people set for calendars.
func SettingsByCalendar(ctx context.Context, s Settings) (map[calbell.CalendarID]calbell.CalendarSettings, error) {
	all, err := s.CalendarSettings().All(ctx)
	if err != nil {
		return nil, err
	}
	byID := make(map[calbell.CalendarID]calbell.CalendarSettings, len(all))
	for _, c := range all {
		byID[c.ID] = c.CalendarSettings
	}
	return byID, nil
}

// SetCalendar stores what is set for a calendar; nil: nothing is any more.
func SetCalendar(ctx context.Context, s Settings, id calbell.CalendarID, set *calbell.CalendarSettings) error {
	if set == nil {
		return s.CalendarSettings().Change(ctx, nil, []calbell.CalendarID{id})
	}
	return s.CalendarSettings().Put(ctx, CalendarSettings{ID: id, CalendarSettings: *set})
}

// AllListedNames returns what the names in accounts' lists of calendars stand for, by account, then
// name.
func AllListedNames(ctx context.Context, listed Table[string, ListedNames]) (names []calbell.ListedName, err error) {
	all, err := listed.All(ctx)
	for _, l := range all {
		names = append(names, l.Names...)
	}
	slices.SortFunc(names, func(a, b calbell.ListedName) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Name, b.Name))
	})
	return names, err
}
