package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api"
	"calbell/api/types"
	"calbell/service/servicetest"
)

// Admins see to users, and users to their language, their zone and their password; the last admin
// stays one.
func TestUsers(t *testing.T) {
	i := inhabit(t)
	local := calbell.LocalAdmin()
	i.steps(t, []step{
		{"oneself", i.bob, "GET /users/bob", "", 200, `"role":"member"`},
		{"another, by a member", i.bob, "GET /users/carol", "", 403, "administrator"},
		{"another, by the admin", i.anna, "GET /users/carol", "", 200, `"name":"Carol"`},
		{"nearly one", i.anna, "GET /users/karol", "", 404, `did you mean \"Carol\"?`},

		{"a name that is taken", i.anna, "POST /users", `{"name":"BOB","password":"correct horse battery"}`, 422, "body.name | exists already"},
		{"a name without a letter", i.anna, "POST /users", `{"name":"#","password":"correct horse battery"}`, 422, "body.name | "},
		{"no way in", i.anna, "POST /users", `{"name":"Dora"}`, 422, "body.password | no way in"},
		{"a short password", i.anna, "POST /users", `{"name":"Dora","password":"short"}`, 422, "body.password | "},
		{"an unknown role", i.anna, "POST /users", `{"name":"Dora","caldav":true,"role":"owner"}`, 422, "body.role | unknown value"},
		{"an unknown zone", i.anna, "POST /users", `{"name":"Dora","caldav":true,"time_zone":"Mars"}`, 422, "body.time_zone | "},
		{"by the calendar account", i.anna, "POST /users", `{"name":"Dora","caldav":true}`, 201, `"has_password":false`},

		{"their language", i.bob, "PATCH /users/bob", `{"locale":"fr"}`, 200, `"locale":"fr"`},
		{"a language that is none", i.bob, "PATCH /users/bob", `{"locale":"klingon"}`, 422, "body.locale | "},
		{"their language, no more", i.bob, "PATCH /users/bob", `{"locale":null}`, 200, `"name":"Bob"`},
		{"their role", i.bob, "PATCH /users/bob", `{"role":"admin"}`, 403, "administrator"},
		{"their role, by the admin", i.anna, "PATCH /users/bob", `{"role":"admin"}`, 200, `"role":"admin"`},
		{"and back", i.anna, "PATCH /users/bob", `{"role":"member"}`, 200, `"role":"member"`},
		{"the last admin", i.anna, "PATCH /users/anna", `{"role":"member"}`, 422, "admin"},
		{"the last admin, removed", i.anna, "DELETE /users/anna", "", 422, "admin"},

		{"what goes with a user", i.anna, "GET /users/bob/removal", "", 200, `"calendars":{"count":1`},
		{"removed", i.anna, "DELETE /users/carol", "", 204, ""},
		{"removed twice", i.anna, "DELETE /users/carol", "", 404, "no user"},
		{"a link, over the net", i.anna, "POST /setup-link", "", 403, "machine's administrator"},
		{"a link where there is an admin", local, "POST /setup-link", "", 422, "Anna"},
	})
}

// A user changes their own password with the present one, an admin anybody's without. Whoever was
// signed in is signed out by it.
func TestPasswords(t *testing.T) {
	i := inhabit(t)
	const fresh = "another battery staple"
	i.OK(i.People.SetPassword(t.Context(), calbell.LocalAdmin(), "bob", types.NewPassword{New: servicetest.Password}, time.Now()))
	i.steps(t, []step{{"signed out by it", i.bob, "POST /users/bob/password", `{"old":"` + servicetest.Password + `","new":"` + fresh + `"}`, 403, "signed out"}})
	u := i.userNow(t, "Bob")
	i.steps(t, []step{
		{"without the present one", u, "POST /users/bob/password", `{"new":"` + fresh + `"}`, 422, "body.old | "},
		{"with another one", u, "POST /users/bob/password", `{"old":"wrong","new":"` + fresh + `"}`, 422, "body.old | "},
		{"a short one", u, "POST /users/bob/password", `{"old":"` + servicetest.Password + `","new":"short"}`, 422, "body.new | "},
		{"none", u, "POST /users/bob/password", `{"old":"x","new":""}`, 422, "body.new | length"},
		{"of another", i.carol, "POST /users/bob/password", `{"new":"` + fresh + `"}`, 403, ""},
		{"with the present one", u, "POST /users/bob/password", `{"old":"` + servicetest.Password + `","new":"` + fresh + `"}`, 204, ""},
		{"the old one is worth nothing", calbell.Caller{}, "POST /session", `{"name":"Bob","password":"` + servicetest.Password + `"}`, 403, "name or password is wrong"},
		{"the new one is", calbell.Caller{}, "POST /session", `{"name":"Bob","password":"` + fresh + `"}`, 200, `"name":"Bob"`},
	})
	if !slices.Equal(i.signedIn, []string{"Bob"}) {
		t.Errorf("signed in are %q", i.signedIn)
	}
}

// A token is shown once; it is worth no more than its owner, and than the token by which it was made.
func TestTokens(t *testing.T) {
	i := inhabit(t)
	reads := i.bob
	reads.Scopes = []calbell.Scope{calbell.ScopeWrite}
	made := read[types.MadeToken](t, i.ask(t, i.bob, "POST", "/tokens", `{"name":"t","scopes":["read"]}`))
	if !strings.HasPrefix(made.Text, "calbell_"+string(made.ID)+"_") {
		t.Errorf("the text is %q", made.Text)
	}
	if who, ok, err := i.Tokens.Bearer(t.Context(), made.Text, time.Now()); err != nil || !ok || who.Name != "Bob" || who.Allows(calbell.ScopeWrite) {
		t.Errorf("it stands for %+v, %v, %v", who, ok, err)
	}
	if text := i.ask(t, i.bob, "GET", "/tokens", "").Body.String(); strings.Contains(text, strings.TrimPrefix(made.Text, "calbell_"+string(made.ID))) || !strings.Contains(text, string(made.ID)) {
		t.Errorf("listed: %s", text)
	}
	i.steps(t, []step{
		{"no scope", i.bob, "POST /tokens", `{"name":"x","scopes":[]}`, 422, "body.scopes | "},
		{"an unknown scope", i.bob, "POST /tokens", `{"name":"x","scopes":["all"]}`, 422, "body.scopes[0] | unknown value"},
		{"no name", i.bob, "POST /tokens", `{"name":" ","scopes":["read"]}`, 422, "body.name | "},
		{"an end that has passed", i.bob, "POST /tokens", `{"name":"x","scopes":["read"],"expires_at":"2001-01-01T00:00:00Z"}`, 422, "body.expires_at | passed"},
		{"more than oneself", i.bob, "POST /tokens", `{"name":"x","scopes":["admin"]}`, 403, "more than you may give"},
		{"more than the token by which it is made", reads, "POST /tokens", `{"name":"x","scopes":["admin"]}`, 403, "more than you may give"},
		{"as much as that token", reads, "POST /tokens", `{"name":"x","scopes":["read","write"]}`, 201, `"text":"calbell_`},
		{"for another", i.bob, "POST /tokens", `{"name":"x","scopes":["read"],"user":"Carol"}`, 403, "by themselves"},
		{"for anybody, over the socket", calbell.LocalAdmin(), "POST /tokens", `{"name":"x","scopes":["read"],"user":"carol"}`, 201, `"owner":"Carol"`},
		{"for nobody, over the socket", calbell.LocalAdmin(), "POST /tokens", `{"name":"x","scopes":["read"]}`, 422, "body.user | "},
		{"another's, revoked", i.carol, "DELETE /tokens/" + string(made.ID), "", 404, "no token"},
		{"revoked", i.bob, "DELETE /tokens/" + string(made.ID), "", 204, ""},
		{"revoked twice", i.bob, "DELETE /tokens/" + string(made.ID), "", 404, "no token"},
	})
}

// A wrong sign-in says nothing of who exists, and too many say how long to wait. Nobody signs in over
// the socket: there are no sessions.
func TestSignIn(t *testing.T) {
	i := inhabit(t)
	answers, limited := map[string]bool{}, 0
	for n := range 30 {
		name := []string{"Bob", "Nobody"}[n%2]
		rec := i.ask(t, calbell.Caller{}, "POST", "/session", `{"name":"`+name+`","password":"wrong"}`)
		switch rec.Code {
		case http.StatusForbidden:
			answers[rec.Body.String()] = true
		case http.StatusTooManyRequests:
			if limited++; rec.Header().Get("Retry-After") == "" {
				t.Fatal("nothing tells how long to wait")
			}
		default:
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
	}
	if len(answers) != 1 || limited == 0 || len(i.signedIn) != 0 {
		t.Errorf("answers %v, %d limited, signed in %q", answers, limited, i.signedIn)
	}
	for _, pattern := range api.Routes(nil) {
		if strings.HasSuffix(pattern, "/session") || strings.HasSuffix(pattern, "/setup") {
			t.Errorf("over the socket there is %s", pattern)
		}
	}
}

// The link makes the first admin, once, and signs them in.
func TestSetUp(t *testing.T) {
	i := inhabit(t)
	i.User("Anna", calbell.RoleMember) // there is no admin
	made := read[types.MadeSetupLink](t, i.ask(t, calbell.LocalAdmin(), "POST", "/setup-link", ""))
	secret := made.URL[strings.LastIndex(made.URL, "/")+1:]
	in := func(secret, name, password string) string {
		return `{"secret":"` + secret + `","name":"` + name + `","password":"` + password + `"}`
	}
	nobody := calbell.Caller{}
	i.steps(t, []step{
		{"another link", nobody, "POST /setup", in(secret[1:]+"x", "Eve", servicetest.Password), 403, "was used"},
		{"a short password", nobody, "POST /setup", in(secret, "Eve", "short"), 422, "body.password | "},
		{"no name", nobody, "POST /setup", in(secret, "#", servicetest.Password), 422, "body.name | "},
		{"the link", nobody, "POST /setup", in(secret, "Eve", servicetest.Password), 201, `"role":"admin"`},
		{"again", nobody, "POST /setup", in(secret, "Mallory", servicetest.Password), 403, "was used"},
	})
	if !slices.Equal(i.signedIn, []string{"Eve"}) {
		t.Errorf("signed in are %q", i.signedIn)
	}
}
