package service

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"calbell"
	"calbell/service/authz"
	"calbell/store/bolt"
	"calbell/store/record"
)

// owned is a configuration with some accounts.
type owned struct {
	Config
	accounts []calbell.Account
}

func (d owned) Accounts() *authz.AccountIndex { return authz.NewAccountIndex(d.accounts) }

func withAccounts(t *testing.T, stored ...calbell.Account) (*Service, *bolt.Store) {
	t.Helper()
	db, err := bolt.Open(filepath.Join(t.TempDir(), "calbell.db"), record.Key{1}, bolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return New(Options{Store: storeOf(db), Config: owned{accounts: stored}}), db
}

func storeOf(db *bolt.Store) Store {
	return Store{People: db, Settings: db, CalendarStore: db, EventStore: db, WebhookStore: db, DeliveryStore: db}
}

// A name means one's own account before another's, a key means one account and no other, and a name
// that several users gave is refused over the socket, with what to write.
func TestAccountByName(t *testing.T) {
	s, _ := withAccounts(t,
		calbell.Account{Name: "Office", Origin: calbell.OriginFile},
		calbell.Account{Name: "home", Owner: "Bob", Origin: calbell.OriginStored}, // of an earlier version
		calbell.Account{ID: "anna.home", Name: "Home", Owner: "Anna", Origin: calbell.OriginStored},
		calbell.Account{ID: "anna.office", Name: "Office", Owner: "Anna", Origin: calbell.OriginStored},
		calbell.Account{ID: "bob.garden", Name: "Garden", Owner: "Carla", Origin: calbell.OriginStored}, // given away
		calbell.Account{ID: "bob.garden-2", Name: "Garden", Owner: "Bob", Origin: calbell.OriginStored},
	)
	root, anna := calbell.Caller{Name: "root", Local: true, Admin: true}, calbell.Caller{Name: "anna", Admin: true}
	bob, eve := calbell.Caller{Name: "BOB"}, calbell.Caller{Name: "Eve"}
	for _, tt := range []struct {
		who        calbell.Caller
		name, want string // the key, or what the error says
	}{
		{anna, "home", "anna.home"},
		{anna, "anna.home", "anna.home"},
		{anna, "office", "Office"},
		{anna, "Anna.Office", "anna.office"},
		{anna, "bob.home", "no account"},
		{bob, "home", "home"},
		{bob, "bob.home", "home"},
		{bob, "office", "no account"},
		{bob, "garden", "bob.garden-2"},
		{bob, "bob.garden", "bob.garden-2"},
		{eve, "home", "no account"},
		{eve, "anna.home", "no account"},
		{calbell.Caller{}, "home", "signed in"},
		{root, "office", "Office"},
		{root, "anna.office", "anna.office"},
		{root, "home", `2 users have an account called "home"`},
		{root, "bob.home", "home"},
		{root, "anna.home", "anna.home"},
		{root, "garden", "2 users"},
		{root, "bob.garden", "bob.garden"},
		{root, "carla.garden", "bob.garden"},
		{root, "bob.garden-2", "bob.garden-2"},
		{root, "", "no account"},
	} {
		a, err := s.core.findAccount(tt.who, tt.name)
		switch {
		case err != nil && !strings.Contains(err.Error(), tt.want), err == nil && a.Key() != tt.want:
			t.Errorf("%+v means %q by %q (%v), want %q", tt.who, a.Key(), tt.name, err, tt.want)
		case err != nil && !tt.who.Local && strings.Contains(strings.ReplaceAll(err.Error(), tt.name, "")+calbell.HintOf(err).English, "anna"):
			t.Errorf("%q tells %+v of others: %v", tt.name, tt.who, err)
		}
	}
	_, err := s.core.findAccount(root, "Home")
	if hint := calbell.HintOf(err); !strings.Contains(hint.English, "anna.home, bob.home") {
		t.Errorf("the hint is %q", hint)
	}
}

// A new account gets a key that none has or had, whosesoever it is.
func TestNewKey(t *testing.T) {
	s, db := withAccounts(t, calbell.Account{Name: "anna.home"}, calbell.Account{Name: "Office"}, calbell.Account{Name: "legacy", Owner: "Bob"})
	hidden := calbell.Account{Name: "Anna.Work", Owner: "Bob"} // not in force
	if err := db.Accounts().Put(t.Context(), hidden); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range []calbell.Account{
		{Owner: "Anna", Name: "home"},
		{Owner: "Anna", Name: "Work"},
		{Owner: "Anna", Name: "office"},
		{Owner: "Anna B.", Name: "Anna's cloud"},
		{Name: "new"},
		{Name: "Legacy"},
		{Owner: "Bob", Name: "new"},
	} {
		if err := s.Accounts.newKey(t.Context(), &a); err != nil {
			t.Fatal(err)
		}
		got = append(got, a.Key())
	}
	if want := []string{"anna.home-2", "anna.work-2", "anna.office", "anna-b.anna-s-cloud", "new", "legacy-2", "bob.new"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Names are unique per owner, whatever others call theirs.
func TestAccountNamesPerOwner(t *testing.T) {
	s, _ := withAccounts(t, calbell.Account{Name: "Home"}, calbell.Account{Name: "Cloud", Owner: "Anna"}, calbell.Account{Name: "cloud 2", Owner: "anna"})
	for _, tt := range []struct {
		owner, name string
		free        bool
	}{{"", "home", false}, {"Anna", "home", true}, {"anna", "CLOUD", false}, {"Bob", "Cloud", true}, {"", "Cloud", true}} {
		if err := s.Accounts.checkAccountName(tt.owner, tt.name); (err == nil) != tt.free {
			t.Errorf("%q of %q: %v", tt.name, tt.owner, err)
		}
	}
	if got := s.Accounts.freeAccountName("Anna", "Cloud"); got != "Cloud 3" {
		t.Errorf("%q", got)
	}
	if got := s.Accounts.freeAccountName("Bob", "a/Cloud"); got != "a-Cloud" {
		t.Errorf("%q", got)
	}
}
