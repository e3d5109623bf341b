package store

import (
	"cmp"
	"context"
	"slices"

	"calbell"
)

// Table stores plain records of one kind by their keys. Every call is one transaction.
type Table[K ~string, T any] interface {
	// All returns all records, in the order of the table.
	All(ctx context.Context) ([]T, error)
	// Get returns a record; a KindNotFound error when there is none.
	Get(ctx context.Context, key K) (T, error)
	// Some returns the records with some keys, each once, in the order of the table. It skips
	// unknown keys.
	Some(ctx context.Context, keys ...K) ([]T, error)
	// Of returns the records of some groups, each once, in the order of the table. Its cost
	// grows with those groups only. A table's declaration names its groups; for any other group
	// it returns none.
	Of(ctx context.Context, groups ...Group) ([]T, error)
	// Count returns the number of records without reading them.
	Count(ctx context.Context) (int, error)
	// Put stores records and replaces those with the same keys. A record without a key is a
	// KindUsage error.
	Put(ctx context.Context, records ...T) error
	// Remove deletes a record; a KindNotFound error when there is none.
	Remove(ctx context.Context, key K) error
	// Change removes some records and then stores others, in one step. It ignores unknown keys
	// to remove. A record without a key is a KindUsage error.
	Change(ctx context.Context, put []T, remove []K) error
}

// Group identifies records of a table that are read together.
type Group string

// Shared is the group of the webhooks that everybody may use.
const Shared Group = "shared"

// OwnedBy returns the group of the records of a user, named by any spelling of the name; "" is
// the group of the admins.
func OwnedBy(owner string) Group { return Group("owner " + calbell.Slug(owner)) }

// WithRole returns the group of the users of a role.
func WithRole(r calbell.Role) Group { return Group("role " + string(r)) }

// OfAccount returns the group of the records of an account, by its key.
func OfAccount(key string) Group { return Group("account " + key) }

// ToWebhook returns the group of the records that send to a webhook.
func ToWebhook(id calbell.WebhookID) Group { return Group("webhook " + string(id)) }

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

// SettingsByCalendar returns the settings that people made for calendars.
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

// SetCalendar stores the settings of a calendar; nil removes them.
func SetCalendar(ctx context.Context, s Settings, id calbell.CalendarID, set *calbell.CalendarSettings) error {
	if set == nil {
		return s.CalendarSettings().Change(ctx, nil, []calbell.CalendarID{id})
	}
	return s.CalendarSettings().Put(ctx, CalendarSettings{ID: id, CalendarSettings: *set})
}

// AllListedNames returns the resolved names in all accounts' lists of calendars, by account,
// then name.
func AllListedNames(ctx context.Context, listed Table[string, ListedNames]) (names []calbell.ListedName, err error) {
	all, err := listed.All(ctx)
	return namesOf(all), err
}

// NamesOf returns the resolved names in some accounts' lists of calendars, by account, then
// name.
func NamesOf(ctx context.Context, listed Table[string, ListedNames], accounts ...string) ([]calbell.ListedName, error) {
	some, err := listed.Some(ctx, accounts...)
	return namesOf(some), err
}

func namesOf(all []ListedNames) (names []calbell.ListedName) {
	for _, l := range all {
		names = append(names, l.Names...)
	}
	slices.SortFunc(names, func(a, b calbell.ListedName) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Name, b.Name))
	})
	return names
}
