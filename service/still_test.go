package service

import (
	"path/filepath"
	"testing"

	"calbell"
	"calbell/api/types"
	"calbell/store/bolt"
	"calbell/store/record"
)

// asksNobody is a program without a calendar server for sign-ins.
type asksNobody struct{ SignIn }

func (asksNobody) SignInServer() (string, bool) { return "", false }

// What gives lasting access is not given to who was let in before the password changed, or was
// an admin then, and only waited for the lock.
func TestStillIn(t *testing.T) {
	db, err := bolt.Open(filepath.Join(t.TempDir(), "calbell.db"), record.Key{1}, bolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s := New(Options{Store: storeOf(db), SignIn: asksNobody{}})
	anna := calbell.User{Name: "Anna", Role: calbell.RoleAdmin, Epoch: 7, MadeAt: t0}
	if err := db.Users().Put(t.Context(), anna); err != nil {
		t.Fatal(err)
	}
	who := callerOf(anna)
	ask := map[string]func() error{
		"token": func() error {
			_, err := s.Tokens.Add(t.Context(), who, types.NewToken{Name: "x", Scopes: []calbell.Scope{calbell.ScopeRead}}, t0)
			return err
		},
		"user": func() error {
			_, err := s.People.Add(t.Context(), who, types.NewUser{Name: "Mallory", Password: "correct horse battery"}, t0)
			return err
		},
		"change": func() error {
			_, err := s.People.Set(t.Context(), who, "Anna", "", types.UserEdit{Role: calbell.RoleAdmin, Locale: "fr"})
			return err
		},
		"password": func() error {
			return s.People.SetPassword(t.Context(), who, "Anna", types.NewPassword{New: "correct horse battery"}, t0)
		},
	}
	for _, now := range []calbell.User{
		{Name: "Anna", Role: calbell.RoleAdmin, Epoch: 8, MadeAt: t0},  // another password
		{Name: "Anna", Role: calbell.RoleMember, Epoch: 7, MadeAt: t0}, // no admin any more
	} {
		if err := db.Users().Put(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		for name, do := range ask {
			if err := do(); calbell.KindOf(err) != calbell.KindNotAllowed {
				t.Errorf("%s of what is by now %+v: %v", name, now, err)
			}
		}
	}
	if err := db.Users().Put(t.Context(), anna); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"token", "change"} {
		if err := ask[name](); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
