package api_test

import (
	"strings"
	"testing"

	"calbell"
)

// An account belongs to whoever made it: its name is taken for them alone, its secrets come back to
// nobody, and what is wrong with a request is said at the field.
func TestAccounts(t *testing.T) {
	i := inhabit(t)
	i.Program.File = []calbell.Account{{Name: "house", Origin: calbell.OriginFile, URL: "https://cal.example.org/house/"}}
	i.OK(i.Program.AccountsChanged(t.Context()))
	local := calbell.LocalAdmin()
	add := func(fields string) string {
		return `{"name":"new","url":"https://cal.example.org","username":"b","password":"x"` + fields + `}`
	}
	i.steps(t, []step{
		{"a new one", i.carol, "POST /accounts", `{"name":"bobs","url":"https://cal.example.org","username":"c","password":"hidden"}`, 201, `"id":"carol.bobs"`},
		{"its secrets", i.carol, "GET /accounts/bobs", "", 200, `"password":"[secret]"`},
		{"a name of one's own twice", i.carol, "POST /accounts", `{"name":"Bobs","url":"https://cal.example.org","username":"c","password":"x"}`, 422, "body.name | taken"},
		{"no name", i.carol, "POST /accounts", `{"name":"","url":"https://cal.example.org"}`, 422, "body.name | length"},
		{"a name that is a path", i.carol, "POST /accounts", `{"name":"a/b","url":"https://cal.example.org"}`, 422, "body.name | no slash"},
		{"no address", i.carol, "POST /accounts", `{"name":"new","url":" "}`, 422, "body.url | where is the calendar server?"},
		{"no password", i.carol, "POST /accounts", `{"name":"new","url":"https://cal.example.org","username":"c"}`, 422, "body.password | no password for"},
		{"two ways to sign in", i.carol, "POST /accounts", add(`,"token":"t"`), 422, "body.token | a token needs no username or password"},
		{"an unknown zone", i.carol, "POST /accounts", add(`,"time_zone":"Mars"`), 422, "body.time_zone | IANA"},
		{"an unknown mode", i.carol, "POST /accounts", add(`,"mode":"loud"`), 422, "body.mode | fallback"},
		{"times without a webhook", i.carol, "POST /accounts", add(`,"remind":["15m"]`), 422, "body.webhook | reminders need a webhook"},
		{"a webhook that is not there", i.carol, "POST /accounts", add(`,"webhook":"mine"`), 422, "body.webhook | no webhook"},
		{"no length of time", i.carol, "POST /accounts", add(`,"remind":["soon"]`), 422, "body"},
		{"a certificate without its key", i.carol, "POST /accounts", add(`,"client_certificate_pem":"x"`), 422, "body.client_key_pem | needs its key"},
		{"for somebody else", i.carol, "POST /accounts", add(`,"owner":"Bob"`), 403, "by others"},
		{"for the admins", i.carol, "POST /accounts", add(`,"owner":""`), 403, "by others"},
		{"for the admins, by one", i.anna, "POST /accounts", add(`,"owner":""`), 201, `"id":"new"`},
		{"for anybody, over the socket", local, "POST /accounts", add(`,"owner":"carol"`), 201, `"owner":"Carol"`},
		{"for nobody that there is", local, "POST /accounts", add(`,"owner":"karol"`), 404, `did you mean \"Carol\"?`},

		{"a name that is nearly right", i.bob, "GET /accounts/bob", "", 404, `did you mean \"bobs\"?`},
		{"another's", i.bob, "GET /accounts/carol.bobs", "", 404, "no account"},
		{"the file's, for a member", i.bob, "GET /accounts/house", "", 404, "no account"},
		{"the file's, for the admin", i.anna, "PATCH /accounts/house", `{"time_zone":"UTC"}`, 422, "configuration file"},
		{"the file's, removed", i.anna, "DELETE /accounts/house", "", 422, "configuration file"},

		{"without its password it keeps it", i.bob, "PATCH /accounts/bobs", `{"time_zone":"Europe/Paris"}`, 200, `"time_zone":"Europe/Paris"`},
		{"at another server it needs it again", i.bob, "PATCH /accounts/bobs", `{"url":"https://elsewhere.example.org"}`, 422, "body.password | no password"},
		{"its name stays", i.bob, "PATCH /accounts/bobs", `{"name":"other"}`, 422, "body.name | keeps its name"},
		{"null takes away", i.bob, "PATCH /accounts/bobs", `{"time_zone":null}`, 200, `"name":"bobs"`},
		{"given away", i.bob, "PATCH /accounts/bobs", `{"owner":"Carol"}`, 403, "by others"},

		{"what goes with it", i.bob, "GET /accounts/bobs/removal", "", 200, `"names":["Own"]`},
		{"removed", i.bob, "DELETE /accounts/bobs", "", 204, ""},
		{"removed with its calendars", i.bob, "GET /calendars", "", 200, "[]"},
		{"removed twice", i.bob, "DELETE /accounts/bobs", "", 404, "no account"},
	})
	if text := i.ask(t, i.bob, "GET", "/accounts", "").Body.String(); strings.TrimSpace(text) != "[]" {
		t.Errorf("Bob's accounts: %s", text)
	}
}

// Discovery says what it found with what it asked, for an account that is not stored as for one that
// is; a link with a secret is shown to nobody who did not sign in where it is kept.
func TestDiscovery(t *testing.T) {
	i := inhabit(t)
	i.Program.Found.Calendars = []calbell.Calendar{{Name: "Found"}}
	asked := `{"name":"x","url":"https://cal.example.org","username":"b","password":"x"}`
	i.steps(t, []step{
		{"not stored", i.bob, "POST /accounts/discover", asked, 200, `"name":"Found"`},
		{"stored", i.bob, "POST /accounts/bobs/discover", "", 200, `"name":"Found"`},
		{"another's", i.carol, "POST /accounts/bob.bobs/discover", "", 404, "no account"},
		{"an account that cannot be", i.bob, "POST /accounts/discover", `{"name":"x","url":"https://cal.example.org","username":"b"}`, 422, "body.password | no password"},
		{"by nobody", calbell.Caller{}, "POST /accounts/discover", asked, 401, "signed in"},
	})
}
