package storetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"calbell"
	"calbell/store"
)

// fewStrangers are beside whoever asks at first; many come later, see manyStrangers.
const fewStrangers = 10

// costTests hold that nobody's question costs by what others have: with many strangers beside, a
// method looks at as many rows as with few.
func costTests() []test {
	return []test{{"nobody pays for strangers", func(k *kit) {
		if k.RowsRead == nil {
			k.Skip("this backend does not count what it reads")
		}
		k.strangers(0, fewStrangers)
		k.someone()
		questions := questions()
		names := slices.Sorted(maps.Keys(questions))
		few := map[string]int64{}
		for _, name := range names {
			few[name] = k.rowsOf(name, questions[name])
		}
		k.strangers(fewStrangers, manyStrangers)
		for _, name := range names {
			if many := k.rowsOf(name, questions[name]); many > few[name] || many == 0 {
				k.Errorf("%s: %d rows read with %d strangers beside, %d with %d", name, few[name], fewStrangers, many, manyStrangers)
			}
		}
	}}}
}

// rowsOf returns how many rows a question looks at. It is asked twice: what it leaves behind the first
// time does not count.
func (k *kit) rowsOf(name string, ask func(ctx context.Context, s Store) error) int64 {
	k.Helper()
	var before int64
	for range 2 {
		before = k.RowsRead()
		if err := ask(k.Context(), k.Store); err != nil {
			k.Fatalf("%s: %v", name, err)
		}
	}
	return k.RowsRead() - before
}

// questions are what is asked for one person, one account or one webhook.
func questions() map[string]func(ctx context.Context, s Store) error {
	return map[string]func(ctx context.Context, s Store) error{
		"CalendarsOf":   func(ctx context.Context, s Store) error { return some(s.CalendarsOf(ctx, "anna"))(2) },
		"CalendarsByID": func(ctx context.Context, s Store) error { return some(s.CalendarsByID(ctx, "anna 1"))(1) },
		"Bindings": func(ctx context.Context, s Store) error {
			list, _, err := s.Bindings(ctx, "anna")
			return some(list, err)(1)
		},
		"BindingsOf": func(ctx context.Context, s Store) error { return some(s.BindingsOf(ctx, "anna"))(1) },
		"BindingsTo": func(ctx context.Context, s Store) error { return some(s.BindingsTo(ctx, "anna"))(1) },
		"Attach": func(ctx context.Context, s Store) error {
			_, state, err := s.Bindings(ctx, "anna")
			if err != nil {
				return err
			}
			return s.Attach(ctx, store.Attachment{Account: "anna", Put: []calbell.Binding{boundTo("anna")}, Bound: state}, at(0))
		},
		"Webhooks.Of": func(ctx context.Context, s Store) error {
			return some(s.Webhooks().Of(ctx, store.OwnedBy("Anna"), store.Shared))(2)
		},
		"Webhooks.Some": func(ctx context.Context, s Store) error { return some(s.Webhooks().Some(ctx, "anna"))(1) },
		"Webhooks.Get": func(ctx context.Context, s Store) error {
			_, err := s.Webhooks().Get(ctx, "anna")
			return err
		},
		"Webhooks.Put":       func(ctx context.Context, s Store) error { return s.Webhooks().Put(ctx, ownHook("anna", false)) },
		"WebhookStates.Some": func(ctx context.Context, s Store) error { return some(s.WebhookStates().Some(ctx, "anna"))(1) },
		"Users.Of": func(ctx context.Context, s Store) error {
			return some(s.Users().Of(ctx, store.WithRole(calbell.RoleAdmin)))(1)
		},
		"Users.Count": func(ctx context.Context, s Store) error {
			_, err := s.Users().Count(ctx)
			return err
		},
		"Users.Put": func(ctx context.Context, s Store) error {
			u := user("anna", calbell.RoleMember)
			u.Epoch = at(0).UnixNano()
			return s.Users().Put(ctx, u)
		},
		"Tokens.Of": func(ctx context.Context, s Store) error {
			return some(s.Tokens().Of(ctx, store.OwnedBy("bob")))(1)
		},
		"Accounts.Of": func(ctx context.Context, s Store) error { return some(s.Accounts().Of(ctx, store.OwnedBy("anna")))(1) },
		"Rules.Of":    func(ctx context.Context, s Store) error { return some(s.Rules().Of(ctx, store.OwnedBy("anna")))(1) },
		"PausesOf": func(ctx context.Context, s Store) error {
			return some(s.PausesOf(ctx, []calbell.CalendarID{"anna 1", "anna 2"}, []calbell.WebhookID{"anna"}, at(0)))(1)
		},
		"SetPause": func(ctx context.Context, s Store) error {
			return s.SetPause(ctx, calbell.Pause{Calendar: "anna 1", Until: at(time.Hour)}, at(0))
		},
		"PutSession": func(ctx context.Context, s Store) error {
			return s.PutSession(ctx, store.Session{ID: "anna", Owner: "anna", ExpiresAt: at(time.Hour)}, at(0))
		},
		"History": func(ctx context.Context, s Store) error {
			return some(s.History(ctx, store.HistoryQuery{Of: &store.Concern{Calendars: []calbell.CalendarID{"anna 1", "anna 2"}, By: "anna"}}))(1)
		},
		"History of a webhook": func(ctx context.Context, s Store) error {
			return some(s.History(ctx, store.HistoryQuery{Of: &store.Concern{Webhooks: []calbell.WebhookID{"anna"}}}))(1)
		},
		"Upcoming": func(ctx context.Context, s Store) error {
			return some(s.Upcoming(ctx, store.UpcomingQuery{Limit: 10, Calendars: []calbell.CalendarID{"anna 1"}}))(1)
		},
		"DueCalendars": func(ctx context.Context, s Store) error {
			_, err := s.DueCalendars(ctx, at(90*time.Minute), at(3*time.Hour))
			return err
		},
		"Apply": func(ctx context.Context, s Store) error {
			c := cal("anna 1")
			c.Account = "anna"
			return s.Apply(ctx, store.Change{Calendar: c, Put: []store.Planned{obj("/1.ics", "1", rem("anna0", "anna", 2*time.Hour))}}, at(0))
		},
		"SaveCalendar": func(ctx context.Context, s Store) error {
			c := cal("anna 1")
			c.Account = "anna"
			return s.SaveCalendar(ctx, c)
		},
		"Counts": func(ctx context.Context, s Store) error {
			_, err := s.Counts(ctx)
			return err
		},
		"NextDue": func(ctx context.Context, s Store) error {
			_, _, err := s.NextDue(ctx, at(90*time.Minute))
			return err
		},
	}
}

// some checks how many records an answer has.
func some[T any](list []T, err error) func(want int) error {
	return func(want int) error {
		if err == nil && len(list) != want {
			err = fmt.Errorf("%d records, want %d: %v", len(list), want, list)
		}
		return err
	}
}

// ownHook returns a webhook of a user, called as they are.
func ownHook(name string, share bool) calbell.Webhook {
	w := hooked(name, name)
	w.Owner, w.Share = name, share
	return w
}

// someone has Anna, who is asked about, and Bob the admin, who shares a webhook and has a token.
func (k *kit) someone() {
	k.Helper()
	ctx := k.Context()
	k.ok(k.Users().Put(ctx, user("anna", calbell.RoleMember), user("bob", calbell.RoleAdmin)))
	k.ok(k.Tokens().Put(ctx, token("bob", "bob")))
	k.ok(k.Webhooks().Put(ctx, ownHook("anna", false), ownHook("bob", true)))
	k.ok(k.WebhookStates().Put(ctx, store.WebhookState{ID: "anna", WebhookState: calbell.WebhookState{Reason: calbell.Plain("x")}}))
	a, r := account("anna"), rule("anna", 0)
	a.Owner, r.Owner = "anna", "anna"
	k.ok(k.Accounts().Put(ctx, a))
	k.ok(k.Rules().Put(ctx, r))
	for i, due := range []time.Duration{2 * time.Hour, -time.Minute} {
		name := fmt.Sprint("anna ", i+1)
		c := cal(name)
		c.Account = "anna"
		r := rem(fmt.Sprint("anna", i), "anna", due)
		k.ok(k.Apply(ctx, store.Change{Calendar: c, Put: []store.Planned{obj("/1.ics", "1", r)}}, at(-time.Hour)))
	}
	for _, c := range k.claim(0) {
		k.finish(0, sent(c.ID, 0))
	}
	k.ok(k.attach(store.Attachment{Account: "anna", Put: []calbell.Binding{boundTo("anna")}}, 0))
	k.ok(k.SetPause(ctx, calbell.Pause{Calendar: "anna 1", Until: at(time.Hour)}, at(0)))
}

func boundTo(name string) calbell.Binding {
	b := bind(name, name, name)
	b.Webhook = calbell.WebhookID(name)
	return b
}

// strangers has others, each with one of everything, of which some has ended.
func (k *kit) strangers(from, to int) {
	k.Helper()
	ctx := k.Context()
	var (
		people   []calbell.User
		tokens   []calbell.Token
		accounts []calbell.Account
		rules    []calbell.StoredRule
		hooks    []calbell.Webhook
		states   []store.WebhookState
		tests    []calbell.Reminder
	)
	for i := from; i < to; i++ {
		name := fmt.Sprintf("stranger %d", i)
		people, tokens = append(people, user(name, calbell.RoleMember)), append(tokens, token(name, name))
		a, r := account(name), rule(name, i)
		a.Owner, r.Owner = name, name
		accounts, rules = append(accounts, a), append(rules, r)
		hooks = append(hooks, ownHook(name, false))
		states = append(states, store.WebhookState{ID: calbell.WebhookID(name), WebhookState: calbell.WebhookState{Reason: calbell.Plain("x")}})
		tests = append(tests, notice(calbell.WebhookID(name), -time.Hour))
	}
	k.ok(k.Users().Put(ctx, people...))
	k.ok(k.Tokens().Put(ctx, tokens...))
	k.ok(k.Accounts().Put(ctx, accounts...))
	k.ok(k.Rules().Put(ctx, rules...))
	k.ok(k.Webhooks().Put(ctx, hooks...))
	k.ok(k.WebhookStates().Put(ctx, states...))
	k.ok(k.Notify(ctx, tests, at(-time.Hour)))
	for claims := k.claim(-time.Hour); len(claims) > 0; claims = k.claim(-time.Hour) {
		var outcomes []calbell.Outcome
		for _, c := range claims {
			outcomes = append(outcomes, sent(c.ID, -time.Hour))
		}
		k.finish(-time.Hour, outcomes...)
	}
	for i := from; i < to; i++ {
		k.stranger(fmt.Sprintf("stranger %d", i))
	}
}

// stranger has what is stored one by one.
func (k *kit) stranger(name string) {
	k.Helper()
	ctx := k.Context()
	c := cal(name)
	c.Account = name
	k.ok(k.Apply(ctx, store.Change{Calendar: c, Put: []store.Planned{obj("/1.ics", "1", rem(name, name, time.Hour))}}, at(0)))
	_, state, err := k.Bindings(ctx, name)
	k.ok(err)
	k.ok(k.Attach(ctx, store.Attachment{Account: name, Put: []calbell.Binding{boundTo(name)}, Bound: state}, at(0)))
	k.ok(k.SetPause(ctx, calbell.Pause{Calendar: c.ID, Until: at(time.Hour)}, at(0)))
	k.ok(k.PutSession(ctx, store.Session{ID: name, Owner: calbell.Slug(name), ExpiresAt: at(time.Hour)}, at(0)))
}
