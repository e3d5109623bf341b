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
	// Some returns the records of some keys, each once, in the order of the table. Unknown keys are
	// left out.
	Some(ctx context.Context, keys ...K) ([]T, error)
	// Of returns the records of some groups, each once, in the order of the table. It costs by what
	// these groups have. The groups of a table stand where the table is declared; of others it
	// returns none.
	Of(ctx context.Context, groups ...Group) ([]T, error)
	// Count returns how many records there are; it counts none.
	Count(ctx context.Context) (int, error)
	// Put stores records in the place of those of the same keys. One without a key is a KindUsage
	// error.
	Put(ctx context.Context, records ...T) error
	// Remove deletes one; a KindNotFound error when there is none.
	Remove(ctx context.Context, key K) error
	// Change removes some records and then stores others, in one step. Unknown ones to remove are
	// ignored. One without a key is a KindUsage error.
	Change(ctx context.Context, put []T, remove []K) error
}

// Group names records of a table that are asked for together.
type Group string

// Shared is the group of the webhooks that everybody may use.
const Shared Group = "shared"

// OwnedBy returns the group of what belongs to a user, named by any spelling of the name; "" is what
// belongs to the admins.
func OwnedBy(owner string) Group { return Group("owner " + calbell.Slug(owner)) }

// WithRole returns the group of the users of a role.
func WithRole(r calbell.Role) Group { return Group("role " + string(r)) }

// OfAccount returns the group of what is stored of an account, by its key.
func OfAccount(key string) Group { return Group("account " + key) }

// ToWebhook returns the group of what goes to a webhook.
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
	return namesOf(all), err
}

// NamesOf returns what the names in some accounts' lists of calendars stand for, by account, then
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
