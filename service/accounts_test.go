package service_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/servicetest"
)

// What an account must have, and what it may not have beside that.
func TestAddAccount(t *testing.T) {
	w, ctx := servicetest.New(t, calbell.Account{Name: "house", Origin: calbell.OriginFile}), t.Context()
	bob := w.User("Bob", calbell.RoleMember)
	w.Webhook("Bob", "mine", false)
	w.Webhook("Anna", "hers", false)
	good := types.NewAccount{Name: "work", URL: "https://cal.example.org", Username: "bob", Password: "x"}
	for field, change := range map[string]func(*types.NewAccount){
		"name":                   func(n *types.NewAccount) { n.Name = "a/b" },
		"username":               func(n *types.NewAccount) { n.Username = strings.Repeat("x", 201) },
		"password":               func(n *types.NewAccount) { n.Password = "" },
		"addresses":              func(n *types.NewAccount) { n.Addresses = []string{strings.Repeat("x", 5000)} },
		"url":                    func(n *types.NewAccount) { n.URL = " " },
		"time_zone":              func(n *types.NewAccount) { n.TimeZone = "Mars" },
		"token":                  func(n *types.NewAccount) { n.Token = "x" },
		"webhook":                func(n *types.NewAccount) { n.Remind = hours(1) },
		"mode":                   func(n *types.NewAccount) { n.Mode = "sometimes" },
		"client_key_pem":         func(n *types.NewAccount) { n.ClientKeyPEM = "x" },
		"client_certificate_pem": func(n *types.NewAccount) { n.CAPEM = "-----BEGIN PRIVATE KEY-----" },
	} {
		n := good
		change(&n)
		_, err := w.Accounts.Add(ctx, bob, n)
		if fields := calbell.FieldsOf(err); len(fields) != 1 || fields[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	n := good
	n.Webhook = "hers"
	if _, err := w.Accounts.Add(ctx, bob, n); outcome(err) != "usage" {
		t.Errorf("another's webhook: %v", err)
	}
	n.Webhook = "mine"
	a, err := w.Accounts.Add(ctx, bob, n)
	w.OK(err)
	if a.ID != "bob.work" || a.Owner != "Bob" || a.Default.Webhook != "bob.mine" || !a.Editable || a.ETag == "" {
		t.Errorf("account %+v", a)
	}
	if _, err := w.Accounts.Add(ctx, bob, good); outcome(err) != "usage" {
		t.Errorf("another of the name: %v", err)
	}
	good.Name = "house" // the file's is not Bob's
	a, err = w.Accounts.Add(ctx, bob, good)
	if err != nil || a.ID != "bob.house" {
		t.Errorf("account %+v, %v", a, err)
	}
}

// Secrets stay as long as they go where they went before; to another place they are asked for anew.
func TestAccountKeepsSecrets(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	bob := w.User("Bob", calbell.RoleMember)
	_, err := w.Accounts.Add(ctx, bob, types.NewAccount{Name: "work", URL: "https://cal.example.org", Username: "bob", Password: "old", ClientKeyPEM: "key", AccountSpec: calbell.AccountSpec{ClientCertificatePEM: "cert"}})
	w.OK(err)
	for _, tt := range []struct {
		url, username, password, want string // "": an error
	}{
		{"https://cal.example.org", "bob", "", "old"},
		{"https://cal.example.org", "bob", "new", "new"},
		{"https://thief.example.org", "bob", "", ""},
		{"https://cal.example.org", "mallory", "", ""},
		{"https://cal2.example.org", "bob", "other", "other"},
	} {
		n, tag, err := w.Accounts.Request(ctx, bob, "work")
		w.OK(err)
		if n.Password != "" || n.ClientKeyPEM != "" {
			t.Fatalf("an editor reads secrets: %+v", n)
		}
		n.URL, n.Username, n.Password = tt.url, tt.username, tt.password
		if tt.url != "https://cal.example.org" {
			n.ClientCertificatePEM = ""
		}
		_, err = w.Accounts.Set(ctx, bob, "work", tag, n)
		stored, storedErr := w.Store.Accounts().All(ctx)
		w.OK(storedErr)
		if (err == nil) != (tt.want != "") || err == nil && stored[0].Password.Reveal() != tt.want {
			t.Errorf("%+v: %v, password %q", tt, err, stored[0].Password.Reveal())
		}
	}
	if _, err := w.Accounts.Set(ctx, bob, "work", "", types.NewAccount{Name: "other", URL: "https://cal.example.org"}); outcome(err) != "usage" {
		t.Errorf("another name: %v", err)
	}
}

// Only the admin who speaks over the socket gives an account to another user, and its name must be
// free there.
func TestAccountChangesItsOwner(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	bob := w.User("Bob", calbell.RoleMember)
	w.User("Carol", calbell.RoleMember)
	w.Account("Bob", "work", "Own")
	carol := "Carol"
	give := func(who calbell.Caller) error {
		n, tag, err := w.Accounts.Request(ctx, who, "bob.work")
		w.OK(err)
		n.Owner = &carol
		_, err = w.Accounts.Set(ctx, who, "bob.work", tag, n)
		return err
	}
	if err := give(bob); outcome(err) != "denied" {
		t.Errorf("Bob gives it away: %v", err)
	}
	w.OK(give(calbell.LocalAdmin()))
	if keys := accountsOf(t, w, bob); len(keys) != 0 {
		t.Errorf("Bob has %q", keys)
	}
	w.Account("Bob", "work", "Own") // under the same key
	if rows, err := w.Calendars.List(ctx, bob); err != nil || len(rows) != 1 {
		t.Errorf("Bob has %d calendars, %v", len(rows), err)
	}
}

// Links that a server keeps for an account's owner are not shown to others who see the account: who
// has such a link reads the file.
func TestDiscoveryHidesLinks(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	bob := w.User("Bob", calbell.RoleMember)
	w.Account("Bob", "work", "Own")
	const link = "https://feeds.example.org/secret/of-bob.ics"
	w.Program.Found = types.Discovered{Subscriptions: []calbell.Subscription{{Name: "Holidays", URL: link}}}
	for who, want := range map[string]bool{"bob": true, "root": false} {
		caller := bob
		if who == "root" {
			caller = calbell.LocalAdmin()
		}
		d, err := w.Accounts.DiscoverStored(ctx, caller, "bob.work")
		if err != nil || len(d.Subscriptions) != 1 || strings.Contains(d.Subscriptions[0].URL, "secret") != want {
			t.Errorf("%s sees %+v, %v", who, d.Subscriptions, err)
		}
	}
}

// An account goes with its calendars and what is attached to their events; what others have stays.
func TestRemoveAccount(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	bob := w.User("Bob", calbell.RoleMember)
	w.Webhook("Bob", "mine", false)
	for _, name := range []string{"work", "home"} {
		event := w.Event(w.Account("Bob", name, name+" calendar"), "Meeting at "+name, now.Add(24*time.Hour), "")
		_, err := w.Reminders.Add(ctx, bob, types.NewReminder{Event: event, Webhook: "mine", Before: hours(1)})
		w.OK(err)
	}
	row, err := w.Accounts.Get(ctx, bob, "work")
	w.OK(err)
	w.OK(w.Accounts.Remove(ctx, bob, "work", row.ETag, now))
	calendars, err := w.Store.Calendars(ctx)
	bindings, bindingsErr := w.Store.AllBindings(ctx)
	if err != nil || bindingsErr != nil || len(calendars) != 1 || len(bindings) != 1 || bindings[0].Account != "bob.home" {
		t.Errorf("left are %+v and %+v, %v, %v", calendars, bindings, err, bindingsErr)
	}
	if keys := accountsOf(t, w, bob); !slices.Equal(keys, []string{"bob.home"}) {
		t.Errorf("accounts %q", keys)
	}
}
