package storetest

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"calbell"
	"calbell/store"
)

// persons is the part of the model that keeps people and what they set.
type persons struct {
	users    map[string]calbell.User // by slug
	tokens   map[calbell.TokenID]calbell.Token
	sessions map[string]store.Session
	setup    *store.SetupLink
	accounts map[string]calbell.Account
	rules    map[calbell.RuleID]calbell.StoredRule
	settings map[calbell.CalendarID]calbell.CalendarSettings
}

func newPersons() persons {
	return persons{
		users:    make(map[string]calbell.User),
		tokens:   make(map[calbell.TokenID]calbell.Token),
		sessions: make(map[string]store.Session),
		accounts: make(map[string]calbell.Account),
		rules:    make(map[calbell.RuleID]calbell.StoredRule),
		settings: make(map[calbell.CalendarID]calbell.CalendarSettings),
	}
}

// one looks something up under the lock.
func one[K comparable, V any](ctx context.Context, m *model, of map[K]V, k K, what string) (v V, err error) {
	leave, err := m.enter(ctx)
	defer leave()
	v, ok := of[k]
	if err == nil && !ok {
		err = notFound(what, k)
	}
	return v, err
}

// change does something under the lock.
func (m *model) change(ctx context.Context, fn func() error) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	return fn()
}

func noName() error { return &calbell.Error{Kind: calbell.KindUsage, What: "no name"} }

func (m *model) Users(ctx context.Context) ([]calbell.User, error) {
	leave, err := m.enter(ctx)
	defer leave()
	return slices.SortedFunc(maps.Values(m.users), func(a, b calbell.User) int { return cmp.Compare(a.Name, b.Name) }), err
}

func (m *model) User(ctx context.Context, name string) (calbell.User, error) {
	return one(ctx, m, m.users, calbell.Slug(name), "user")
}

func (m *model) PutUser(ctx context.Context, u calbell.User) error {
	return m.change(ctx, func() error { return m.putUser(u) })
}

func (m *model) putUser(u calbell.User) error {
	slug := calbell.Slug(u.Name)
	if slug == "" {
		return noName()
	}
	if m.users[slug].Epoch != u.Epoch {
		m.forgetTokens(slug)
	}
	u.MadeAt = u.MadeAt.UTC()
	m.users[slug] = u
	return nil
}

func (m *model) forgetTokens(slug string) {
	maps.DeleteFunc(m.tokens, func(_ calbell.TokenID, k calbell.Token) bool { return calbell.Slug(k.Owner) == slug })
}

func (m *model) RemoveUser(ctx context.Context, name string) error {
	return m.change(ctx, func() error {
		slug := calbell.Slug(name)
		if _, ok := m.users[slug]; !ok {
			return notFound("user", name)
		}
		delete(m.users, slug)
		m.forgetTokens(slug)
		return nil
	})
}

func (m *model) Tokens(ctx context.Context, owner string) ([]calbell.Token, error) {
	leave, err := m.enter(ctx)
	defer leave()
	ks := slices.DeleteFunc(slices.Collect(maps.Values(m.tokens)), func(k calbell.Token) bool {
		return owner != "" && calbell.Slug(k.Owner) != calbell.Slug(owner)
	})
	slices.SortFunc(ks, func(a, b calbell.Token) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), a.MadeAt.Compare(b.MadeAt), cmp.Compare(a.ID, b.ID))
	})
	return ks, err
}

func (m *model) Token(ctx context.Context, id calbell.TokenID) (calbell.Token, error) {
	return one(ctx, m, m.tokens, id, "token")
}

func (m *model) PutToken(ctx context.Context, k calbell.Token) error {
	return m.change(ctx, func() error {
		if k.ID == "" {
			return noName()
		}
		if _, ok := m.users[calbell.Slug(k.Owner)]; !ok {
			return notFound("user", k.Owner)
		}
		k.MadeAt, k.LastUsedAt, k.ExpiresAt = k.MadeAt.UTC(), k.LastUsedAt.UTC(), k.ExpiresAt.UTC()
		m.tokens[k.ID] = k
		return nil
	})
}

func (m *model) RemoveToken(ctx context.Context, id calbell.TokenID) error {
	return m.change(ctx, func() error {
		if _, ok := m.tokens[id]; !ok {
			return notFound("token", id)
		}
		delete(m.tokens, id)
		return nil
	})
}

func (m *model) Session(ctx context.Context, id string, now time.Time) ([]byte, bool, error) {
	leave, err := m.enter(ctx)
	defer leave()
	s, ok := m.sessions[id]
	if !ok || !s.ExpiresAt.After(now) {
		return nil, false, err
	}
	return bytes.Clone(s.Data), true, err
}

func (m *model) PutSession(ctx context.Context, s store.Session, now time.Time) error {
	return m.change(ctx, func() error {
		maps.DeleteFunc(m.sessions, func(_ string, o store.Session) bool { return !o.ExpiresAt.After(now) })
		m.sessions[s.ID] = s
		for s.Owner != "" {
			var first *store.Session
			n := 0
			for _, o := range m.sessions {
				if o.Owner != s.Owner {
					continue
				}
				n++
				if o.ID != s.ID && (first == nil || cmp.Or(o.ExpiresAt.Compare(first.ExpiresAt), cmp.Compare(o.ID, first.ID)) < 0) {
					first = &o
				}
			}
			if n <= calbell.MaxSessions {
				break
			}
			delete(m.sessions, first.ID)
		}
		return nil
	})
}

func (m *model) RemoveSession(ctx context.Context, id string) error {
	return m.change(ctx, func() error {
		delete(m.sessions, id)
		return nil
	})
}

func (m *model) PutSetupLink(ctx context.Context, l store.SetupLink) error {
	return m.change(ctx, func() error {
		l.ExpiresAt = l.ExpiresAt.UTC()
		m.setup = &l
		return nil
	})
}

func (m *model) SetupLink(ctx context.Context, now time.Time) (store.SetupLink, bool, error) {
	leave, err := m.enter(ctx)
	defer leave()
	if m.setup == nil || !m.setup.ExpiresAt.After(now) {
		return store.SetupLink{}, false, err
	}
	return *m.setup, true, err
}

func (m *model) UseSetupLink(ctx context.Context, hash string, u calbell.User, now time.Time) error {
	return m.change(ctx, func() error {
		if m.setup == nil || !m.setup.ExpiresAt.After(now) || hash == "" || m.setup.Hash != hash {
			return notFound("link", hash)
		}
		for slug, o := range m.users {
			if o.Role == calbell.RoleAdmin || slug == calbell.Slug(u.Name) {
				return &calbell.Error{Kind: calbell.KindUsage, What: "there is one already"}
			}
		}
		if err := m.putUser(u); err != nil {
			return err
		}
		m.setup = nil
		return nil
	})
}

func (m *model) StoredAccounts(ctx context.Context) ([]calbell.Account, error) {
	leave, err := m.enter(ctx)
	defer leave()
	return slices.SortedFunc(maps.Values(m.accounts), func(a, b calbell.Account) int { return cmp.Compare(a.Key(), b.Key()) }), err
}

func (m *model) PutAccount(ctx context.Context, a calbell.Account) error {
	return m.change(ctx, func() error {
		if a.Name == "" {
			return noName()
		}
		a.Origin = calbell.OriginStored
		m.accounts[a.Key()] = a
		return nil
	})
}

func (m *model) RemoveAccount(ctx context.Context, name string) error {
	return m.change(ctx, func() error {
		if _, ok := m.accounts[name]; !ok {
			return notFound("account", name)
		}
		delete(m.accounts, name)
		return nil
	})
}

func (m *model) StoredRules(ctx context.Context) ([]calbell.StoredRule, error) {
	leave, err := m.enter(ctx)
	defer leave()
	return slices.SortedFunc(maps.Values(m.rules), func(a, b calbell.StoredRule) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
	}), err
}

func (m *model) ChangeRules(ctx context.Context, put []calbell.StoredRule, remove []calbell.RuleID) error {
	return m.change(ctx, func() error {
		if slices.ContainsFunc(put, func(r calbell.StoredRule) bool { return r.ID == "" }) {
			return noName()
		}
		for _, id := range remove {
			delete(m.rules, id)
		}
		for _, r := range put {
			m.rules[r.ID] = r
		}
		return nil
	})
}

func (m *model) StoredCalendars(ctx context.Context) (map[calbell.CalendarID]calbell.CalendarSettings, error) {
	leave, err := m.enter(ctx)
	defer leave()
	return maps.Clone(m.settings), err
}

func (m *model) SetCalendar(ctx context.Context, id calbell.CalendarID, s *calbell.CalendarSettings) error {
	return m.change(ctx, func() error {
		if s == nil {
			delete(m.settings, id)
		} else {
			m.settings[id] = *s
		}
		return nil
	})
}
