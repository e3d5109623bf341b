package service_test

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/servicetest"
)

// peer is where sign-ins come from, another one each time.
func peer(n int) calbell.Peer {
	return calbell.Peer{Addr: netip.AddrFrom4([4]byte{60, 51, byte(n), 1})}
}

// signIn signs a user in, and returns the caller that the session stands for.
func signIn(t *testing.T, w *servicetest.World, name, password string) (calbell.Caller, error) {
	t.Helper()
	u, err := w.People.SignIn(t.Context(), types.SignIn{Name: name, Password: password}, peer(len(name)), time.Now())
	if err != nil {
		return calbell.Caller{}, err
	}
	who, ok, err := w.People.Caller(t.Context(), u.Name, u.Epoch)
	if err != nil || !ok {
		t.Fatalf("the session of %s: %v, %v", name, ok, err)
	}
	return who, nil
}

// What a new user must have, and what they may not be called.
func TestAddUser(t *testing.T) {
	w, ctx, root := servicetest.New(t), t.Context(), calbell.LocalAdmin()
	for _, tt := range []struct {
		in    types.NewUser
		field string
	}{
		{types.NewUser{Name: "Anna", Role: calbell.RoleAdmin, Password: servicetest.Password}, ""},
		{types.NewUser{Name: " Bob ", CalDAV: true}, ""},
		{types.NewUser{Name: "ANNA", Password: servicetest.Password}, "name"},
		{types.NewUser{Name: "#", Password: servicetest.Password}, "name"},
		{types.NewUser{Name: strings.Repeat("x", 201), Password: servicetest.Password}, "name"},
		{types.NewUser{Name: "Carol"}, "password"},
		{types.NewUser{Name: "Carol", Password: "too short"}, "password"},
		{types.NewUser{Name: "Carol", Password: strings.Repeat("x", 1025)}, "password"},
		{types.NewUser{Name: "Carol", Password: servicetest.Password, Role: "owner"}, "role"},
		{types.NewUser{Name: "Carol", Password: servicetest.Password, Locale: "xx"}, "locale"},
		{types.NewUser{Name: "Carol", Password: servicetest.Password, TimeZone: "Mars"}, "time_zone"},
	} {
		_, err := w.People.Add(ctx, root, tt.in, time.Now())
		field := ""
		if fields := calbell.FieldsOf(err); len(fields) > 0 {
			field = fields[0].Name
		}
		if field != tt.field || (err == nil) != (tt.field == "") {
			t.Errorf("%+v: %v, want an error of %q", tt.in, err, tt.field)
		}
	}
	rows, err := w.People.List(ctx, root)
	if err != nil || len(rows) != 2 || !rows[0].HasPassword || rows[1].Name != "Bob" || rows[1].HasPassword || rows[1].Role != calbell.RoleMember {
		t.Errorf("users %+v, %v", rows, err)
	}
}

// There is always an admin who can sign in, unless the machine's own says otherwise.
func TestLastAdmin(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	anna := w.User("Anna", calbell.RoleAdmin)
	member := types.UserEdit{Role: calbell.RoleMember}
	if _, err := w.People.Set(ctx, anna, "anna", "", member); outcome(err) != "usage" {
		t.Errorf("the last admin becomes a member: %v", err)
	}
	if err := w.People.Remove(ctx, anna, "anna", "", now); outcome(err) != "usage" {
		t.Errorf("the last admin is removed: %v", err)
	}
	w.User("Bea", calbell.RoleAdmin)
	if _, err := w.People.Set(ctx, anna, "anna", "", member); err != nil {
		t.Errorf("one of two admins: %v", err)
	}
	if _, err := w.People.Set(ctx, anna, "bea", "", member); outcome(err) != "denied" {
		t.Errorf("who is no admin any more changes another: %v", err)
	}
	w.OK(w.People.Remove(ctx, calbell.LocalAdmin(), "bea", "", now))
}

// A new password wants the present one, and ends all that the old one let in.
func TestPasswordChange(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	_, err := w.People.Add(ctx, calbell.LocalAdmin(), types.NewUser{Name: "Anna", Password: servicetest.Password}, now)
	w.OK(err)
	anna, err := signIn(t, w, "ANNA", servicetest.Password)
	w.OK(err)
	token, err := w.Tokens.Add(ctx, anna, types.NewToken{Name: "script", Scopes: []calbell.Scope{calbell.ScopeRead}}, now)
	w.OK(err)
	const another = "another battery staple"
	for _, in := range []types.NewPassword{{New: another}, {Old: "wrong password", New: another}, {Old: servicetest.Password, New: "short"}} {
		if err := w.People.SetPassword(ctx, anna, "anna", in, now); outcome(err) != "usage" {
			t.Errorf("%+v: %v", in, err)
		}
	}
	w.OK(w.People.SetPassword(ctx, anna, "", types.NewPassword{Old: servicetest.Password, New: another}, now))
	if _, ok, err := w.People.Caller(ctx, "Anna", anna.Epoch); ok || err != nil {
		t.Errorf("the session goes on: %v, %v", ok, err)
	}
	if _, ok, err := w.Tokens.Bearer(ctx, token.Text, now); ok || err != nil {
		t.Errorf("the token goes on: %v, %v", ok, err)
	}
	if _, err := signIn(t, w, "anna", servicetest.Password); outcome(err) != "denied" {
		t.Errorf("the old password: %v", err)
	}
	if _, err := signIn(t, w, "anna", another); err != nil {
		t.Errorf("the new password: %v", err)
	}
}

// Of many who have the link, one becomes the first admin; then there is no link any more.
func TestSetUp(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	link, err := w.People.AddSetupLink(ctx, calbell.LocalAdmin(), now)
	w.OK(err)
	prefix := "https://calbell.example.org/setup/"
	secret, ok := strings.CutPrefix(link.URL, prefix)
	if !ok || link.ExpiresAt.Sub(now) != 15*time.Minute {
		t.Fatalf("link %+v", link)
	}
	try := func(secret, name, password string, now time.Time) error {
		_, err := w.People.SetUp(ctx, types.SetUp{Secret: secret, Name: name, Password: password}, now)
		return err
	}
	for name, tt := range map[string]struct {
		secret, name, password string
		at                     time.Time
		want                   string
	}{
		"another link":     {secret[1:] + "x", "Anna", servicetest.Password, now, "denied"},
		"no secret":        {"", "Anna", servicetest.Password, now, "denied"},
		"too late":         {secret, "Anna", servicetest.Password, link.ExpiresAt, "denied"},
		"a short password": {secret, "Anna", "short", now, "usage"},
		"no name":          {secret, "#", servicetest.Password, now, "usage"},
	} {
		if err := try(tt.secret, tt.name, tt.password, tt.at); outcome(err) != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	var made atomic.Int32
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			if try(secret, fmt.Sprint("user", i), servicetest.Password, now) == nil {
				made.Add(1)
			}
		})
	}
	all.Wait()
	users, err := w.People.List(ctx, calbell.LocalAdmin())
	if err != nil || len(users) != 1 || users[0].Role != calbell.RoleAdmin || made.Load() != 1 {
		t.Errorf("%d were told that they are the admin, there are %+v, %v", made.Load(), users, err)
	}
	if works, err := w.People.SetupLinkWorks(ctx, secret, now); works || err != nil {
		t.Errorf("the link works again: %v, %v", works, err)
	}
}
