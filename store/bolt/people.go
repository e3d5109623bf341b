package bolt

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/record"
)

func users() shelf[calbell.User, record.User] {
	return shelf[calbell.User, record.User]{
		bUsers,
		func(u *calbell.User) string { return calbell.Slug(u.Name) },
		func(u calbell.User) record.User {
			u.MadeAt = u.MadeAt.UTC()
			return record.User{User: u, PasswordHash: u.PasswordHash.Reveal(), Epoch: u.Epoch}
		},
		func(r record.User) calbell.User {
			r.User.PasswordHash, r.User.Epoch = calbell.Secret(r.PasswordHash), r.Epoch
			return r.User
		},
	}
}

func tokens() shelf[calbell.Token, record.Token] {
	return shelf[calbell.Token, record.Token]{
		bTokens,
		func(k *calbell.Token) string { return string(k.ID) },
		func(k calbell.Token) record.Token {
			k.MadeAt, k.LastUsedAt, k.ExpiresAt = k.MadeAt.UTC(), k.LastUsedAt.UTC(), k.ExpiresAt.UTC()
			return record.Token{Token: k, Hash: k.Hash}
		},
		func(r record.Token) calbell.Token {
			r.Token.Hash = r.Hash
			return r.Token
		},
	}
}

func sessions() shelf[store.Session, store.Session] {
	return plain(bSessions, func(s *store.Session) string { return s.ID })
}

// setups has one record at most.
func setups() shelf[store.SetupLink, store.SetupLink] {
	return plain(bSetups, func(*store.SetupLink) string { return "" })
}

// Users implements store.People.
func (s *Store) Users(ctx context.Context) (us []calbell.User, err error) {
	err = s.view(ctx, func(t *tx) error {
		us = users().all(t)
		return nil
	})
	slices.SortFunc(us, func(a, b calbell.User) int { return cmp.Compare(a.Name, b.Name) })
	return us, err
}

// User implements store.People.
func (s *Store) User(ctx context.Context, name string) (u calbell.User, err error) {
	err = s.view(ctx, func(t *tx) error {
		found, err := users().get(t, calbell.Slug(name))
		if err == nil && found == nil {
			err = notFound("user %q", name)
		}
		if err == nil {
			u = *found
		}
		return err
	})
	return u, err
}

// PutUser implements store.People.
func (s *Store) PutUser(ctx context.Context, u calbell.User) error {
	return s.update(ctx, failpoint.People, func(t *tx) error { return putUser(t, u) })
}

func putUser(t *tx, u calbell.User) error {
	slug := calbell.Slug(u.Name)
	if slug == "" {
		return &calbell.Error{Kind: calbell.KindUsage, What: fmt.Sprintf("store user %q: the name has no letter or digit", u.Name)}
	}
	old, err := users().get(t, slug)
	if err != nil {
		t.Damaged(err) // and written anew; what it let in is not known any more
	}
	if err != nil || old != nil && old.Epoch != u.Epoch {
		if err := removeTokens(t, slug); err != nil {
			return err
		}
	}
	return users().put(t, u)
}

func removeTokens(t *tx, slug string) error {
	return tokens().removeAll(t, false, func(k *calbell.Token) bool { return calbell.Slug(k.Owner) == slug })
}

// RemoveUser implements store.People.
func (s *Store) RemoveUser(ctx context.Context, name string) error {
	return s.update(ctx, failpoint.People, func(t *tx) error {
		slug := calbell.Slug(name)
		was, err := users().remove(t, slug)
		switch {
		case err != nil:
			return err
		case !was:
			return notFound("user %q", name)
		}
		return removeTokens(t, slug)
	})
}

// Tokens implements store.People.
func (s *Store) Tokens(ctx context.Context, owner string) (ks []calbell.Token, err error) {
	err = s.view(ctx, func(t *tx) error {
		ks = slices.DeleteFunc(tokens().all(t), func(k calbell.Token) bool {
			return owner != "" && calbell.Slug(k.Owner) != calbell.Slug(owner)
		})
		return nil
	})
	slices.SortFunc(ks, func(a, b calbell.Token) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), a.MadeAt.Compare(b.MadeAt), cmp.Compare(a.ID, b.ID))
	})
	return ks, err
}

// Token implements store.People.
func (s *Store) Token(ctx context.Context, id calbell.TokenID) (k calbell.Token, err error) {
	err = s.view(ctx, func(t *tx) error {
		found, err := tokens().get(t, string(id))
		if err == nil && found == nil {
			err = notFound("token %q", id)
		}
		if err == nil {
			k = *found
		}
		return err
	})
	return k, err
}

// PutToken implements store.People.
func (s *Store) PutToken(ctx context.Context, k calbell.Token) error {
	return s.update(ctx, failpoint.People, func(t *tx) error {
		if k.ID == "" {
			return &calbell.Error{Kind: calbell.KindUsage, What: "store token: it has no ID"}
		}
		u, err := users().get(t, calbell.Slug(k.Owner))
		switch {
		case err != nil:
			return err
		case u == nil:
			return notFound("user %q", k.Owner)
		}
		return tokens().put(t, k)
	})
}

// RemoveToken implements store.People.
func (s *Store) RemoveToken(ctx context.Context, id calbell.TokenID) error {
	return s.update(ctx, failpoint.People, func(t *tx) error {
		was, err := tokens().remove(t, string(id))
		if err == nil && !was {
			err = notFound("token %q", id)
		}
		return err
	})
}

// Session implements store.People.
func (s *Store) Session(ctx context.Context, id string, now time.Time) (data []byte, ok bool, err error) {
	err = s.view(ctx, func(t *tx) error {
		found, err := sessions().get(t, id)
		if err != nil {
			t.Damaged(err) // its owner signs in again
		}
		if err == nil && found != nil && found.ExpiresAt.After(now) {
			data, ok = found.Data, true
		}
		return nil
	})
	return data, ok, err
}

// PutSession implements store.People.
func (s *Store) PutSession(ctx context.Context, n store.Session, now time.Time) error {
	n.ExpiresAt = n.ExpiresAt.UTC()
	return s.update(ctx, failpoint.Session, func(t *tx) error {
		var own []store.Session
		ended := func(o *store.Session) bool {
			if n.Owner != "" && o.Owner == n.Owner && o.ID != n.ID && o.ExpiresAt.After(now) {
				own = append(own, *o)
			}
			return !o.ExpiresAt.After(now)
		}
		if err := sessions().removeAll(t, true, ended); err != nil {
			return err
		}
		slices.SortFunc(own, func(a, b store.Session) int { return cmp.Or(a.ExpiresAt.Compare(b.ExpiresAt), cmp.Compare(a.ID, b.ID)) })
		for _, o := range own[:max(0, len(own)+1-calbell.MaxSessions)] {
			if _, err := sessions().remove(t, o.ID); err != nil {
				return err
			}
		}
		return sessions().put(t, n)
	})
}

// RemoveSession implements store.People.
func (s *Store) RemoveSession(ctx context.Context, id string) error {
	return s.update(ctx, failpoint.Session, func(t *tx) error {
		_, err := sessions().remove(t, id)
		return err
	})
}

// PutSetupLink implements store.People.
func (s *Store) PutSetupLink(ctx context.Context, l store.SetupLink) error {
	l.ExpiresAt = l.ExpiresAt.UTC()
	return s.update(ctx, failpoint.People, func(t *tx) error { return setups().put(t, l) })
}

// SetupLink implements store.People.
func (s *Store) SetupLink(ctx context.Context, now time.Time) (l store.SetupLink, ok bool, err error) {
	err = s.view(ctx, func(t *tx) error {
		l, ok = setupLink(t, now)
		return nil
	})
	return l, ok, err
}

// setupLink returns the link that has not ended.
func setupLink(t *tx, now time.Time) (store.SetupLink, bool) {
	l, err := setups().get(t, "")
	if err != nil {
		t.Damaged(err)
	}
	if err != nil || l == nil || !l.ExpiresAt.After(now) {
		return store.SetupLink{}, false
	}
	return *l, true
}

// UseSetupLink implements store.People.
func (s *Store) UseSetupLink(ctx context.Context, hash string, u calbell.User, now time.Time) error {
	return s.update(ctx, failpoint.People, func(t *tx) error {
		if l, ok := setupLink(t, now); !ok || hash == "" || l.Hash != hash {
			return notFound("set-up link of this text: it was used, or its time is over")
		}
		for _, o := range users().all(t) {
			if o.Role == calbell.RoleAdmin || calbell.Slug(o.Name) == calbell.Slug(u.Name) {
				return &calbell.Error{Kind: calbell.KindUsage, What: fmt.Sprintf("there is the user %q (%s) already", o.Name, o.Role)}
			}
		}
		if _, err := setups().remove(t, ""); err != nil {
			return err
		}
		return putUser(t, u)
	})
}
