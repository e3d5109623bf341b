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
	settings map[calbell.CalendarID]store.CalendarSettings
	listed   map[string]store.ListedNames // by account
}

func newPersons() persons {
	return persons{
		users:    make(map[string]calbell.User),
		tokens:   make(map[calbell.TokenID]calbell.Token),
		sessions: make(map[string]store.Session),
		accounts: make(map[string]calbell.Account),
		rules:    make(map[calbell.RuleID]calbell.StoredRule),
		settings: make(map[calbell.CalendarID]store.CalendarSettings),
		listed:   make(map[string]store.ListedNames),
	}
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

func (m *model) Users() store.Table[string, calbell.User] {
	return modelTable[string, calbell.User]{
		m: m, noun: "user",
		all: func() []calbell.User {
			return slices.SortedFunc(maps.Values(m.users), func(a, b calbell.User) int { return cmp.Compare(a.Name, b.Name) })
		},
		get:    func(name string) (calbell.User, bool) { return found(m.users)(calbell.Slug(name)) },
		refuse: unnamed(func(u calbell.User) string { return calbell.Slug(u.Name) }),
		put:    m.putUser,
		remove: func(name string) bool {
			slug := calbell.Slug(name)
			m.forgetTokens(slug)
			return deleted(m.users)(slug)
		},
		name: func(u calbell.User) string { return u.Name }, fold: calbell.Slug,
		groups: func(u calbell.User) []store.Group { return []store.Group{store.WithRole(u.Role)} },
	}
}

func (m *model) putUser(u calbell.User) {
	slug := calbell.Slug(u.Name)
	if m.users[slug].Epoch != u.Epoch {
		m.forgetTokens(slug)
	}
	u.MadeAt = u.MadeAt.UTC()
	m.users[slug] = u
}

func (m *model) forgetTokens(slug string) {
	maps.DeleteFunc(m.tokens, func(_ calbell.TokenID, k calbell.Token) bool { return calbell.Slug(k.Owner) == slug })
}

func (m *model) Tokens() store.Table[calbell.TokenID, calbell.Token] {
	return modelTable[calbell.TokenID, calbell.Token]{
		m: m, noun: "token",
		all: func() []calbell.Token {
			return slices.SortedFunc(maps.Values(m.tokens), func(a, b calbell.Token) int {
				return cmp.Or(cmp.Compare(a.Owner, b.Owner), a.MadeAt.Compare(b.MadeAt), cmp.Compare(a.ID, b.ID))
			})
		},
		get: found(m.tokens),
		refuse: func(k calbell.Token) error {
			if _, ok := m.users[calbell.Slug(k.Owner)]; k.ID != "" && !ok {
				return notFound("user", k.Owner)
			}
			return unnamed(func(k calbell.Token) string { return string(k.ID) })(k)
		},
		put: func(k calbell.Token) {
			k.MadeAt, k.LastUsedAt, k.ExpiresAt = k.MadeAt.UTC(), k.LastUsedAt.UTC(), k.ExpiresAt.UTC()
			m.tokens[k.ID] = k
		},
		remove: deleted(m.tokens),
		name:   func(k calbell.Token) calbell.TokenID { return k.ID },
		groups: func(k calbell.Token) []store.Group { return []store.Group{store.OwnedBy(k.Owner)} },
	}
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
		maps.DeleteFunc(m.sessions, func(_ string, o store.Session) bool {
			return s.Owner != "" && o.Owner == s.Owner && !o.ExpiresAt.After(now)
		})
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

func (m *model) EndSessions(ctx context.Context, now time.Time, limit int) (n int, err error) {
	err = m.change(ctx, func() error {
		ended := slices.DeleteFunc(slices.Collect(maps.Values(m.sessions)), func(s store.Session) bool { return s.ExpiresAt.After(now) })
		slices.SortFunc(ended, func(a, b store.Session) int { return a.ExpiresAt.Compare(b.ExpiresAt) })
		for _, s := range ended[:min(limit, len(ended))] {
			delete(m.sessions, s.ID)
			n++
		}
		return nil
	})
	return n, err
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
				return &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("there is one already")}
			}
		}
		if calbell.Slug(u.Name) == "" {
			return noName()
		}
		m.putUser(u)
		m.setup = nil
		return nil
	})
}

func (m *model) Accounts() store.Table[string, calbell.Account] {
	return modelTable[string, calbell.Account]{
		m: m, noun: "account",
		all: func() []calbell.Account {
			return slices.SortedFunc(maps.Values(m.accounts), func(a, b calbell.Account) int { return cmp.Compare(a.Key(), b.Key()) })
		},
		get:    found(m.accounts),
		refuse: unnamed(func(a calbell.Account) string { return a.Name }),
		put: func(a calbell.Account) {
			a.Origin = calbell.OriginStored
			m.accounts[a.Key()] = a
		},
		remove: deleted(m.accounts),
		name:   func(a calbell.Account) string { return a.Key() },
		groups: func(a calbell.Account) []store.Group { return []store.Group{store.OwnedBy(a.Owner)} },
	}
}

func (m *model) Rules() store.Table[calbell.RuleID, calbell.StoredRule] {
	return modelTable[calbell.RuleID, calbell.StoredRule]{
		m: m, noun: "rule",
		all: func() []calbell.StoredRule {
			return slices.SortedFunc(maps.Values(m.rules), func(a, b calbell.StoredRule) int {
				return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
			})
		},
		get:    found(m.rules),
		refuse: unnamed(func(r calbell.StoredRule) string { return string(r.ID) }),
		put:    func(r calbell.StoredRule) { m.rules[r.ID] = r },
		remove: deleted(m.rules),
		name:   func(r calbell.StoredRule) calbell.RuleID { return r.ID },
		groups: func(r calbell.StoredRule) []store.Group { return []store.Group{store.OwnedBy(r.Owner)} },
	}
}

func (m *model) CalendarSettings() store.Table[calbell.CalendarID, store.CalendarSettings] {
	return modelTable[calbell.CalendarID, store.CalendarSettings]{
		m: m, noun: "settings of calendar",
		all: func() []store.CalendarSettings {
			return slices.SortedFunc(maps.Values(m.settings), func(a, b store.CalendarSettings) int { return cmp.Compare(a.ID, b.ID) })
		},
		get:    found(m.settings),
		refuse: unnamed(func(c store.CalendarSettings) string { return string(c.ID) }),
		put:    func(c store.CalendarSettings) { m.settings[c.ID] = c },
		remove: deleted(m.settings),
		name:   func(c store.CalendarSettings) calbell.CalendarID { return c.ID },
	}
}

func (m *model) ListedNames() store.Table[string, store.ListedNames] {
	return modelTable[string, store.ListedNames]{
		m: m, noun: "listed names of account",
		all: func() []store.ListedNames {
			return slices.SortedFunc(maps.Values(m.listed), func(a, b store.ListedNames) int { return cmp.Compare(a.Account, b.Account) })
		},
		get:    found(m.listed),
		refuse: unnamed(func(l store.ListedNames) string { return l.Account }),
		put:    m.putListed,
		remove: deleted(m.listed),
		name:   func(l store.ListedNames) string { return l.Account },
	}
}

func (m *model) putListed(l store.ListedNames) {
	if len(l.Names) == 0 {
		delete(m.listed, l.Account)
		return
	}
	l.Names = slices.Clone(l.Names)
	for i := range l.Names {
		l.Names[i].Account, l.Names[i].Since = l.Account, l.Names[i].Since.UTC()
	}
	m.listed[l.Account] = l
}
