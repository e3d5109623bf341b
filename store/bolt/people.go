package bolt

import (
	"cmp"
	"context"
	"slices"
	"time"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
)

// Users implements store.People.
func (s *peopleStore) Users() store.Table[string, calbell.User] {
	b := newTable[string](s.database, users(), failpoint.People)
	b.put = putUser
	b.remove = func(t *tx, name string) (bool, error) {
		was, err := users().remove(t, name)
		if err != nil || !was {
			return was, err
		}
		return true, removeTokens(t, calbell.Slug(name))
	}
	return b
}

func putUser(t *tx, u calbell.User) error {
	slug := calbell.Slug(u.Name)
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

// Tokens implements store.People.
func (s *peopleStore) Tokens() store.Table[calbell.TokenID, calbell.Token] {
	b := newTable[calbell.TokenID](s.database, tokens(), failpoint.People)
	b.put = func(t *tx, k calbell.Token) error {
		u, err := users().get(t, k.Owner)
		switch {
		case err != nil:
			return err
		case u == nil:
			return calbell.NotFound(calbell.NounUser, string(k.Owner))
		}
		return tokens().put(t, k)
	}
	return b
}

// Session implements store.Sessions.
func (s *peopleStore) Session(ctx context.Context, id string, now time.Time) (data []byte, ok bool, err error) {
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

// PutSession implements store.Sessions.
func (s *peopleStore) PutSession(ctx context.Context, n store.Session, now time.Time) error {
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

// RemoveSession implements store.Sessions.
func (s *peopleStore) RemoveSession(ctx context.Context, id string) error {
	return s.update(ctx, failpoint.Session, func(t *tx) error {
		_, err := sessions().remove(t, id)
		return err
	})
}

// PutSetupLink implements store.People.
func (s *peopleStore) PutSetupLink(ctx context.Context, l store.SetupLink) error {
	return s.update(ctx, failpoint.People, func(t *tx) error { return setups().put(t, l) })
}

// SetupLink implements store.People.
func (s *peopleStore) SetupLink(ctx context.Context, now time.Time) (l store.SetupLink, ok bool, err error) {
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
func (s *peopleStore) UseSetupLink(ctx context.Context, hash string, u calbell.User, now time.Time) error {
	return s.update(ctx, failpoint.People, func(t *tx) error {
		if l, ok := setupLink(t, now); !ok || hash == "" || l.Hash != hash {
			return &calbell.Error{Kind: calbell.KindNotFound, What: calbell.T("store:no-set-up-link", "no set-up link of this text: it was used, or its time is over")}
		}
		for _, o := range users().all(t) {
			if o.Role == calbell.RoleAdmin || calbell.Slug(o.Name) == calbell.Slug(u.Name) {
				return &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("bolt:user-already", "there is the user %q (%s) already", o.Name, o.Role)}
			}
		}
		if err := users().Checked(&u); err != nil {
			return err
		}
		if _, err := setups().remove(t, ""); err != nil {
			return err
		}
		return putUser(t, u)
	})
}
