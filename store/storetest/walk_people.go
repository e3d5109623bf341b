package storetest

import (
	"fmt"
	"time"

	"calbell"
	"calbell/store"
)

// person does something to users, tokens, sessions or the set-up link.
func (w *walk) person() error {
	ctx := w.k.Context()
	name := w.pick("Anna", "anna", "Bob", "#")
	u := user(name, calbell.Role(w.pick("admin", "member", "member")))
	u.Epoch = int64(w.r.IntN(2))
	id := calbell.TokenID(w.pick("1", "2", "3", ""))
	until := at(w.now + time.Duration(w.r.IntN(6)-1)*time.Minute)
	switch w.r.IntN(8) {
	case 0, 1:
		return w.both("put user "+name, func(s Store) error { return s.Users().Put(ctx, u) })
	case 2:
		return w.both("remove user "+name, func(s Store) error { return s.Users().Remove(ctx, name) })
	case 3:
		return w.both("put token of "+name, func(s Store) error { return s.Tokens().Put(ctx, token(string(id), name)) })
	case 4:
		return w.both("remove token "+string(id), func(s Store) error { return s.Tokens().Remove(ctx, id) })
	case 5:
		n := store.Session{ID: w.pick("s", "t"), Owner: w.pick("", "anna"), Data: []byte{byte(w.rev)}, ExpiresAt: until}
		return w.both("put session "+n.ID, func(s Store) error { return s.PutSession(ctx, n, at(w.now)) })
	case 6:
		l := store.SetupLink{Hash: w.pick("x", "y"), ExpiresAt: until}
		return w.both("put set-up link", func(s Store) error { return s.PutSetupLink(ctx, l) })
	}
	hash := w.pick("x", "y")
	return w.both("use set-up link", func(s Store) error { return s.UseSetupLink(ctx, hash, u, at(w.now)) })
}

// setting does something to what people set.
func (w *walk) setting() error {
	ctx := w.k.Context()
	name := w.pick("Home", "Work")
	switch w.r.IntN(6) {
	case 5:
		listed := []calbell.ListedName{{Name: "team", URL: fmt.Sprint("https://cal.example.org/", w.rev)}}
		return w.both("set listed names of "+name, func(s Store) error {
			return s.ListedNames().Put(ctx, store.ListedNames{Account: name, Names: listed})
		})
	case 0:
		a := account(name)
		a.Username = fmt.Sprint(w.rev)
		return w.both("put account "+name, func(s Store) error { return s.Accounts().Put(ctx, a) })
	case 1:
		return w.both("remove account "+name, func(s Store) error { return s.Accounts().Remove(ctx, name) })
	case 2, 3:
		put := []calbell.StoredRule{rule(w.pick("1", "2", "3"), w.r.IntN(3))}
		remove := []calbell.RuleID{calbell.RuleID(w.pick("1", "2", "3"))}
		return w.both("change rules", func(s Store) error { return s.Rules().Change(ctx, put, remove) })
	}
	set := &calbell.CalendarSettings{Webhook: w.pick("chat", "ops")}
	if w.chance(30) {
		set = nil
	}
	id := calbell.CalendarID(w.calendar())
	return w.both("set calendar "+string(id), func(s Store) error { return store.SetCalendar(ctx, s, id, set) })
}
