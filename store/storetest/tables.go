package storetest

import (
	"calbell"
	"calbell/store"
)

// pair is two records of a table with their keys, and one that cannot be stored.
type pair[K ~string, T any] struct {
	key, otherKey    K
	one, other, none T
}

// tableTests are the rules that all tables share.
func tableTests() []test {
	return []test{
		{"users", func(k *kit) {
			tableRules(k, k.Users(), pair[string, calbell.User]{"Anna", "Bob", calbell.User{Name: "Anna"}, calbell.User{Name: "Bob"}, calbell.User{Name: "!"}})
		}},
		{"tokens", func(k *kit) {
			k.ok(k.Users().Put(k.Context(), calbell.User{Name: "Anna"}))
			tableRules(k, k.Tokens(), pair[calbell.TokenID, calbell.Token]{"a", "b", token("a", "Anna"), token("b", "Anna"), token("", "Anna")})
		}},
		{"accounts", func(k *kit) {
			account := func(name string) calbell.Account {
				return calbell.Account{Name: name, Origin: calbell.OriginStored}
			}
			tableRules(k, k.Accounts(), pair[string, calbell.Account]{"a", "b", account("a"), account("b"), account("")})
		}},
		{"rules", func(k *kit) {
			tableRules(k, k.Rules(), pair[calbell.RuleID, calbell.StoredRule]{"a", "b", calbell.StoredRule{ID: "a"}, calbell.StoredRule{ID: "b"}, calbell.StoredRule{}})
		}},
		{"settings of calendars", func(k *kit) {
			set := func(id calbell.CalendarID) store.CalendarSettings { return store.CalendarSettings{ID: id} }
			tableRules(k, k.CalendarSettings(), pair[calbell.CalendarID, store.CalendarSettings]{"a", "b", set("a"), set("b"), set("")})
		}},
		{"listed names", func(k *kit) {
			listed := func(account string) store.ListedNames {
				return store.ListedNames{Account: account, Names: []calbell.ListedName{{Account: account, Name: "Team"}}}
			}
			tableRules(k, k.ListedNames(), pair[string, store.ListedNames]{"a", "b", listed("a"), listed("b"), listed("")})
		}},
		{"webhooks", func(k *kit) {
			hook := func(id calbell.WebhookID) calbell.Webhook {
				return calbell.Webhook{ID: id, Name: string(id), Origin: calbell.OriginStored}
			}
			tableRules(k, k.Webhooks(), pair[calbell.WebhookID, calbell.Webhook]{"a", "b", hook("a"), hook("b"), hook("")})
		}},
		{"states of webhooks", func(k *kit) {
			state := func(id calbell.WebhookID) store.WebhookState {
				return store.WebhookState{ID: id, WebhookState: calbell.WebhookState{Reason: calbell.Plain("rest")}}
			}
			tableRules(k, k.WebhookStates(), pair[calbell.WebhookID, store.WebhookState]{"a", "b", state("a"), state("b"), state("")})
		}},
	}
}

// tableRules tries every method of an empty table, with records that are known and not.
func tableRules[K ~string, T any](k *kit, table store.Table[K, T], p pair[K, T]) {
	k.Helper()
	holds := func(what string, want ...T) {
		k.Helper()
		got, err := table.All(k.Context())
		k.ok(err)
		equal(k, what, got, want)
	}
	_, err := table.Get(k.Context(), p.key)
	k.kind(err, calbell.KindNotFound)
	k.kind(table.Remove(k.Context(), p.key), calbell.KindNotFound)
	k.ok(table.Change(k.Context(), nil, []K{p.key}))
	k.ok(table.Put(k.Context()))
	holds("nothing")

	k.ok(table.Put(k.Context(), p.other, p.one))
	holds("both, in order", p.one, p.other)
	got, err := table.Get(k.Context(), p.otherKey)
	k.ok(err)
	equal(k, "one of them", got, p.other)
	some, err := table.Some(k.Context(), p.otherKey, "unknown", p.otherKey)
	k.ok(err)
	equal(k, "some of them", some, []T{p.other})
	counted := func(want int) {
		k.Helper()
		n, err := table.Count(k.Context())
		k.ok(err)
		equal(k, "count", n, want)
	}
	counted(2)

	k.kind(table.Put(k.Context(), p.one, p.none), calbell.KindUsage)
	k.kind(table.Change(k.Context(), []T{p.none}, []K{p.key}), calbell.KindUsage)
	holds("what could not be stored changes nothing", p.one, p.other)

	k.ok(table.Change(k.Context(), []T{p.one}, []K{p.key, p.otherKey}))
	holds("removed, and then stored", p.one)
	k.ok(table.Put(k.Context(), p.one))
	counted(1)
	k.ok(table.Remove(k.Context(), p.key))
	holds("removed")
	counted(0)
}
