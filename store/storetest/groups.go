package storetest

import (
	"fmt"
	"time"

	"calbell"
	"calbell/store"
)

// groupTests are the rules of what is asked for by owner, account or role.
func groupTests() []test {
	return []test{
		{"users of a role", func(k *kit) {
			anna, bob := user("Anna", calbell.RoleAdmin), user("Bob", calbell.RoleMember)
			k.ok(k.Users().Put(k.Context(), anna, bob))
			group(k, k.Users(), store.WithRole(calbell.RoleAdmin), anna)
			bob.Role = calbell.RoleAdmin
			k.ok(k.Users().Put(k.Context(), bob))
			group(k, k.Users(), store.WithRole(calbell.RoleAdmin), anna, bob)
			group(k, k.Users(), store.WithRole(calbell.RoleMember))
			k.ok(k.Users().Remove(k.Context(), "ANNA"))
			group(k, k.Users(), store.WithRole(calbell.RoleAdmin), bob)
		}},
		{"tokens of a user", func(k *kit) {
			k.ok(k.Users().Put(k.Context(), user("Anna", calbell.RoleAdmin), user("Bob", calbell.RoleMember)))
			k.ok(k.Tokens().Put(k.Context(), token("1", "Anna"), token("2", "Bob"), token("3", "Anna")))
			group(k, k.Tokens(), store.OwnedBy("anna"), token("1", "Anna"), token("3", "Anna"))
			k.ok(k.Users().Remove(k.Context(), "Anna"))
			group(k, k.Tokens(), store.OwnedBy("Anna"))
			group(k, k.Tokens(), store.OwnedBy("Bob"), token("2", "Bob"))
		}},
		{"accounts and rules of a user", func(k *kit) {
			own, house := account("Home"), account("House")
			own.Owner, house.Owner = "Anna", ""
			k.ok(k.Accounts().Put(k.Context(), own, house))
			group(k, k.Accounts(), store.OwnedBy("ANNA"), own)
			group(k, k.Accounts(), store.OwnedBy(""), house)
			one, two := rule("1", 0), rule("2", 1)
			one.Owner, two.Owner = "Anna", "Bob"
			k.ok(k.Rules().Put(k.Context(), one, two))
			two.Owner = "Anna"
			k.ok(k.Rules().Put(k.Context(), two))
			group(k, k.Rules(), store.OwnedBy("Anna"), one, two)
			group(k, k.Rules(), store.OwnedBy("Bob"))
		}},
		{"webhooks of a user, and shared ones", webhookGroups},
		{"calendars of an account, and by their IDs", func(k *kit) {
			team, mine, other := cal("team"), cal("mine"), cal("other")
			other.Account = "house"
			for _, c := range []calbell.Calendar{team, mine, other} {
				k.ok(k.SaveCalendar(k.Context(), c))
			}
			k.reopen()
			calendars := func(what string, want ...calbell.Calendar) func(got []calbell.Calendar, err error) {
				return func(got []calbell.Calendar, err error) {
					k.Helper()
					k.ok(err)
					equal(k, what, got, want)
				}
			}
			calendars("of an account", mine, team)(k.CalendarsOf(k.Context(), team.Account))
			calendars("of two", mine, team, other)(k.CalendarsOf(k.Context(), "house", team.Account, "unknown", "house"))
			calendars("of none")(k.CalendarsOf(k.Context()))
			calendars("by ID", mine, other)(k.CalendarsByID(k.Context(), "other", "mine", "unknown", "mine"))
			team.Account = "house"
			k.ok(k.SaveCalendar(k.Context(), team))
			k.ok(k.RemoveCalendar(k.Context(), "other", at(0)))
			calendars("after one moved and one went", team)(k.CalendarsOf(k.Context(), "house"))
		}},
	}
}

// group compares a group of a table, in the order of the table.
func group[K ~string, T any](k *kit, table store.Table[K, T], g store.Group, want ...T) {
	k.Helper()
	got, err := table.Of(k.Context(), g, "unknown", g)
	k.ok(err)
	equal(k, fmt.Sprintf("group %q", g), got, want)
}

func webhookGroups(k *kit) {
	house, own, shared := hooked("house", "House"), hooked("own", "Own"), hooked("shared", "Shared")
	own.Owner, shared.Owner, shared.Share = "Anna", "Bob", true
	k.ok(k.Webhooks().Put(k.Context(), house, own, shared))
	group(k, k.Webhooks(), store.OwnedBy("anna"), own)
	group(k, k.Webhooks(), store.Shared, shared)
	both, err := k.Webhooks().Of(k.Context(), store.OwnedBy("Bob"), store.Shared)
	k.ok(err)
	equal(k, "own and shared, each once", both, []calbell.Webhook{shared})

	hides := hooked("own", "Own of the file")
	k.ok(k.SetFileWebhooks(k.Context(), []calbell.Webhook{hides}))
	hides.Origin = calbell.OriginFile
	group(k, k.Webhooks(), store.OwnedBy("anna"))
	group(k, k.Webhooks(), store.OwnedBy(""), house, hides)
	some, err := k.Webhooks().Some(k.Context(), "own", "shared")
	k.ok(err)
	equal(k, "by ID", some, []calbell.Webhook{hides, shared})
	n, err := k.Webhooks().Count(k.Context())
	k.ok(err)
	equal(k, "count", n, 3)

	k.ok(k.SetFileWebhooks(k.Context(), nil))
	shared.Share = false
	k.ok(k.Webhooks().Put(k.Context(), shared))
	k.reopen()
	group(k, k.Webhooks(), store.OwnedBy("anna"), own)
	group(k, k.Webhooks(), store.Shared)
}

// concernTests are the rules of a history of what concerns somebody.
func concernTests() []test {
	return []test{
		{"by calendar, webhook and person", func(k *kit) {
			team, mine, both := rem("a", "chat", 0), rem("b", "ops", time.Minute), rem("c", "chat", 2*time.Minute)
			k.put(-time.Hour, "team", obj("/1.ics", "1", team), obj("/3.ics", "1", both))
			k.put(-time.Hour, "mine", obj("/2.ics", "1", mine), obj("/3.ics", "1", both))
			for _, d := range []time.Duration{0, time.Minute, 2 * time.Minute} {
				for _, c := range k.claim(d) {
					k.finish(d, sent(c.ID, d))
				}
			}
			test := tested("ops", 3*time.Minute)
			k.ok(k.Record(k.Context(), test))
			history := func(of store.Concern, want ...calbell.ReminderID) {
				k.Helper()
				ds, err := k.History(k.Context(), store.HistoryQuery{Of: &of})
				k.ok(err)
				equal(k, fmt.Sprintf("history of %+v", of), deliveryIDs(ds), want)
			}
			k.reopen()
			history(store.Concern{})
			history(store.Concern{Calendars: []calbell.CalendarID{"team"}}, both.ID, team.ID)
			history(store.Concern{Calendars: []calbell.CalendarID{"mine", "team", "unknown"}}, both.ID, mine.ID, team.ID)
			history(store.Concern{Webhooks: []calbell.WebhookID{"ops"}}, test.ID, mine.ID)
			history(store.Concern{Calendars: []calbell.CalendarID{"team"}, By: "alice"}, test.ID, both.ID, team.ID)
			history(store.Concern{Calendars: []calbell.CalendarID{"team"}, Webhooks: []calbell.WebhookID{"chat", "ops"}}, test.ID, both.ID, mine.ID, team.ID)

			// Page by page, what ended at one instant too.
			all := store.Concern{Calendars: []calbell.CalendarID{"mine", "team"}, Webhooks: []calbell.WebhookID{"ops"}}
			q, got := store.HistoryQuery{Of: &all, Limit: 1}, []calbell.ReminderID{}
			for range 5 {
				page, err := k.History(k.Context(), q)
				k.ok(err)
				for _, d := range page {
					got = append(got, d.ID)
					q.After = &store.HistoryMark{FinishedAt: d.FinishedAt, ID: d.ID}
				}
			}
			equal(k, "page by page", got, []calbell.ReminderID{test.ID, both.ID, mine.ID, team.ID})
		}},
		{"what is sent again has no past until it ends", func(k *kit) {
			r := rem("a", "chat", 0)
			k.put(-time.Hour, "team", obj("/1.ics", "1", r))
			k.claim(0)
			k.finish(0, sent(r.ID, 0))
			of := store.HistoryQuery{Of: &store.Concern{Calendars: []calbell.CalendarID{"team"}}}
			_, err := k.Resend(k.Context(), []calbell.ReminderID{r.ID}, at(time.Minute))
			k.ok(err)
			ds, err := k.History(k.Context(), of)
			k.ok(err)
			equal(k, "while it waits", deliveryIDs(ds), nil)
			k.claim(time.Minute)
			k.finish(time.Minute, sent(r.ID, time.Minute))
			ds, err = k.History(k.Context(), of)
			k.ok(err)
			equal(k, "when it has ended again", deliveryIDs(ds), []calbell.ReminderID{r.ID})
			_, err = k.Prune(k.Context(), at(time.Hour), 10)
			k.ok(err)
			ds, err = k.History(k.Context(), of)
			k.ok(err)
			equal(k, "when it is forgotten", deliveryIDs(ds), nil)
		}},
		{"calendars of which something falls due", func(k *kit) {
			k.put(-time.Hour, "team", obj("/1.ics", "1", rem("a", "chat", time.Minute), rem("b", "chat", 3*time.Minute)))
			k.put(-time.Hour, "mine", obj("/2.ics", "1", rem("a", "chat", time.Minute), rem("c", "chat", 2*time.Minute)))
			k.put(-time.Hour, "other", obj("/3.ics", "1", rem("d", "chat", 4*time.Minute)))
			due := func(after, until time.Duration, want map[calbell.CalendarID]time.Time) {
				k.Helper()
				got, err := k.DueCalendars(k.Context(), at(after), at(until))
				k.ok(err)
				equal(k, "calendars", got, want)
			}
			due(0, 4*time.Minute, map[calbell.CalendarID]time.Time{"team": at(time.Minute), "mine": at(time.Minute), "other": at(4 * time.Minute)})
			due(time.Minute, 4*time.Minute-1, map[calbell.CalendarID]time.Time{"team": at(3 * time.Minute), "mine": at(2 * time.Minute)})
			k.claim(4 * time.Minute)
			due(0, time.Hour, map[calbell.CalendarID]time.Time{})
		}},
	}
}
