package service_test

import (
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service"
	"calbell/service/servicetest"
)

const server = "https://cal.example.org/"

// The calendar server is asked for each name alike, so that nobody learns who is a user; what others
// than its users type, it does not see.
func TestSignInTellsNobodyWhoIsThere(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	asked := map[string][]string{}
	w.Program.Server, w.Program.LetsIn = server, func(name, password string) bool {
		asked[name] = append(asked[name], password)
		return name == "pupil" && password == "pupils-password"
	}
	for _, u := range []types.NewUser{{Name: "local", Password: servicetest.Password}, {Name: "pupil", CalDAV: true}} {
		_, err := w.People.Add(ctx, calbell.LocalAdmin(), u, time.Now())
		w.OK(err)
	}
	const typed = "something that was typed"
	for _, name := range []string{"pupil", "local", "unknown", "PUPIL", "p.u.p.i.l"} {
		_, err := signIn(t, w, name, typed)
		if outcome(err) != "denied" || err.Error() != "name or password is wrong" {
			t.Errorf("%s: %v", name, err)
		}
		if got := asked[name]; len(got) != 1 || len(got[0]) != len(typed) || (got[0] == typed) != (name == "pupil") {
			t.Errorf("the calendar server saw of %s: %q", name, got)
		}
	}
	if _, err := signIn(t, w, "pupil", "pupils-password"); err != nil {
		t.Errorf("the right password: %v", err)
	}
	if got, want := w.People.SignIns(), (service.SignIns{Right: 1, Wrong: 5}); got != want {
		t.Errorf("sign-ins %+v, want %+v", got, want)
	}
}

// Whoever the calendar server lets in becomes a user if the configuration says so, with an account
// there that has the password of today. An account that the file defines is left alone.
func TestCalendarServerMakesUsers(t *testing.T) {
	w, ctx := servicetest.New(t, calbell.Account{Name: "home", Owner: "pupil2", URL: server, Username: "pupil2", Password: "of the file", Origin: calbell.OriginFile}), t.Context()
	right := "first password"
	w.Program.Server, w.Program.LetsIn = server, func(_, password string) bool { return password == right }
	if _, err := signIn(t, w, "pupil", right); outcome(err) != "denied" {
		t.Errorf("without create: %v", err)
	}
	w.Program.Create = true
	for _, right = range []string{"first password", "second password"} {
		if _, err := signIn(t, w, "pupil", right); err != nil {
			t.Fatal(err)
		}
		stored, err := w.Store.Accounts().All(ctx)
		if err != nil || len(stored) != 1 || stored[0].Password.Reveal() != right || stored[0].URL != server || stored[0].Owner != "pupil" {
			t.Errorf("accounts %+v, %v", stored, err)
		}
	}
	if _, err := signIn(t, w, "pupil2", right); err != nil {
		t.Fatal(err)
	}
	stored, err := w.Store.Accounts().All(ctx)
	users, usersErr := w.People.List(ctx, calbell.LocalAdmin())
	if err != nil || usersErr != nil || len(stored) != 1 || len(users) != 2 || users[0].Role != calbell.RoleMember || !users[0].CalDAV {
		t.Errorf("accounts %+v, users %+v, %v, %v", stored, users, err, usersErr)
	}
}

// Where stored passwords let nobody in, they let nobody in.
func TestStoredPasswordsSwitchedOff(t *testing.T) {
	w := servicetest.New(t)
	_, err := w.People.Add(t.Context(), calbell.LocalAdmin(), types.NewUser{Name: "Anna", Password: servicetest.Password}, time.Now())
	w.OK(err)
	w.Program.Passwords = false
	if _, err := signIn(t, w, "anna", servicetest.Password); outcome(err) != "denied" {
		t.Errorf("signed in: %v", err)
	}
}
