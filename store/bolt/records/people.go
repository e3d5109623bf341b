package records

import (
	"context"
	"time"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/bolt/file"
)

// Users implements store.People.
func (s *PeopleStore) Users() store.Table[string, calbell.User] {
	b := newTable[string](s.db, Users(), failpoint.People)
	b.put = putUser
	b.remove = func(t *file.Tx, name string) (bool, error) {
		was, err := Users().Remove(t, name)
		if err != nil || !was {
			return was, err
		}
		return true, removeTokens(t, calbell.Slug(name))
	}
	return b
}

func putUser(t *file.Tx, u calbell.User) error {
	slug := calbell.Slug(u.Name)
	old, err := Users().Get(t, slug)
	if err != nil {
		t.Damaged(err) // and written anew; what it let in is not known any more
	}
	if err != nil || old != nil && old.Epoch != u.Epoch {
		if err := removeTokens(t, slug); err != nil {
			return err
		}
	}
	return Users().Put(t, u)
}

func removeTokens(t *file.Tx, slug string) error {
	for _, key := range Tokens().KeysOf(t, store.OwnedBy(slug)) {
		if _, err := Tokens().RemoveAt(t, key); err != nil {
			return err
		}
	}
	return nil
}

// Tokens implements store.People.
func (s *PeopleStore) Tokens() store.Table[calbell.TokenID, calbell.Token] {
	b := newTable[calbell.TokenID](s.db, Tokens(), failpoint.People)
	b.put = func(t *file.Tx, k calbell.Token) error {
		u, err := Users().Get(t, k.Owner)
		switch {
		case err != nil:
			return err
		case u == nil:
			return calbell.NotFound(calbell.NounUser, string(k.Owner))
		}
		return Tokens().Put(t, k)
	}
	return b
}

// PutSetupLink implements store.People.
func (s *PeopleStore) PutSetupLink(ctx context.Context, l store.SetupLink) error {
	return s.db.Update(ctx, failpoint.People, func(t *file.Tx) error { return SetupLinks().Put(t, l) })
}

// SetupLink implements store.People.
func (s *PeopleStore) SetupLink(ctx context.Context, now time.Time) (l store.SetupLink, ok bool, err error) {
	err = s.db.View(ctx, func(t *file.Tx) error {
		l, ok = setupLink(t, now)
		return nil
	})
	return l, ok, err
}

// setupLink returns the link that has not ended.
func setupLink(t *file.Tx, now time.Time) (store.SetupLink, bool) {
	l, err := SetupLinks().Get(t, "")
	if err != nil {
		t.Damaged(err)
	}
	if err != nil || l == nil || !l.ExpiresAt.After(now) {
		return store.SetupLink{}, false
	}
	return *l, true
}

// UseSetupLink implements store.People.
func (s *PeopleStore) UseSetupLink(ctx context.Context, hash string, u calbell.User, now time.Time) error {
	return s.db.Update(ctx, failpoint.People, func(t *file.Tx) error {
		if l, ok := setupLink(t, now); !ok || hash == "" || l.Hash != hash {
			return &calbell.Error{Kind: calbell.KindNotFound, What: calbell.T("store:no-set-up-link", "no set-up link of this text: it was used, or its time is over")}
		}
		there := Users().Grouped(t, store.WithRole(calbell.RoleAdmin))
		if o, err := Users().Get(t, u.Name); err == nil && o != nil {
			there = append(there, *o)
		}
		for _, o := range there {
			return &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("bolt:user-already", "there is the user %q (%s) already", o.Name, o.Role)}
		}
		if err := Users().Checked(&u); err != nil {
			return err
		}
		if _, err := SetupLinks().Remove(t, ""); err != nil {
			return err
		}
		return putUser(t, u)
	})
}
