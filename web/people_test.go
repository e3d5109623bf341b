package web_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/servicetest"
)

// password gives a user the password of tests. It is hashed as any other, which takes its time.
func (h *house) password(name string) {
	h.t.Helper()
	h.OK(h.People.SetPassword(h.t.Context(), calbell.LocalAdmin(), name, types.NewPassword{New: servicetest.Password}, time.Now()))
	u, err := h.Store.Users().Get(h.t.Context(), name)
	h.OK(err)
	who := h.callers[name]
	who.Epoch = u.Epoch
	h.callers[name] = who // signed in again
}

// Whoever signs in is led to where they wanted to go, and nowhere else.
func TestSignIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.password("Bob")
	nobody := h.as("nobody")
	page := nobody.get("/sign-in?next=%2Fwebhooks%3Fa%3Db")
	for _, next := range []struct{ typed, to string }{
		{page.form("/sign-in").Get("next"), "/webhooks?a=b"}, {"", "/"}, {"https://evil.example.org/", "/"}, {"//evil.example.org", "/"}, {`/\evil.example.org`, "/"},
	} {
		nobody.submits(page, "/sign-in", "name", " Bob ", "password", servicetest.Password, "next", next.typed).leads(next.to)
	}
	if !slices.Equal(h.door.in, []string{"Bob", "Bob", "Bob", "Bob", "Bob"}) {
		t.Errorf("signed in are %q", h.door.in)
	}
	h.as("Bob").ask("GET", "/sign-in?next=%2Frules", nil).leads("/rules")
	h.as("Bob").ask("POST", "/sign-out", nil).leads("/sign-in")
	if len(h.door.out) != 1 {
		t.Error("nobody was signed out")
	}
}

// A wrong password and a user whom there is not are told alike; the name stays as it was typed, the password
// does not come back, and who goes on guessing is told to wait.
func TestSignInRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.password("Bob")
	nobody := h.as("nobody")
	page := nobody.get("/sign-in?next=%2Frules")
	told := map[string]bool{}
	for _, name := range []string{"Bob", "Nobody <b>"} {
		a := nobody.submits(page, "/sign-in", "name", name, "password", "wrong password").is(http.StatusForbidden)
		a.keeps("/sign-in", "name", name, "next", "/rules", "password", "").lacks("wrong password")
		told[regexp.MustCompile(`role="alert">.*?</div>`).FindString(a.text)] = true
	}
	if len(told) != 1 || len(h.door.in) != 0 {
		t.Errorf("told is %v, signed in are %q", told, h.door.in)
	}
	for range 30 {
		if a := nobody.submits(page, "/sign-in", "name", "Bob", "password", "wrong password"); a.status == http.StatusTooManyRequests {
			if a.holds("Too many sign-ins"); a.header.Get("Retry-After") == "" {
				t.Error("no word of when")
			}
			return
		}
	}
	t.Error("nobody stops a guesser")
}

// While there are no users the sign-in says how the first one is made; its link works once.
func TestSetUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, u := range []string{"Bob", "Carol", "Anna"} {
		h.OK(h.Store.Users().Remove(t.Context(), u))
	}
	nobody := h.as("nobody")
	nobody.get("/sign-in").holds("calbell setup-link").lacks(`name="password"`)
	link, err := h.People.AddSetupLink(t.Context(), calbell.LocalAdmin(), time.Now())
	h.OK(err)
	path := link.URL[strings.Index(link.URL, "/setup/"):]
	page := nobody.get(path).holds(`autocomplete="new-password"`)
	for _, c := range []struct{ name, password, told string }{{"Dora", "short", "password"}, {"#", servicetest.Password, "needs a letter"}} {
		form := page.form("", "name", c.name, "password", c.password)
		nobody.ask("POST", path, form).refuses(http.StatusUnprocessableEntity, "", c.told).keeps("", "name", c.name, "password", "")
	}
	nobody.ask("POST", path, page.form("", "name", "Dora", "password", servicetest.Password)).leads("/")
	if !slices.Equal(h.door.in, []string{"Dora"}) {
		t.Errorf("signed in are %q", h.door.in)
	}
	nobody.get(path).holds("calbell setup-link").lacks(`name="password"`)
	nobody.ask("POST", path, page.form("", "name", "Eve", "password", servicetest.Password)).is(http.StatusForbidden)
	nobody.get("/sign-in").holds(`name="password"`)
}

// The demo's link signs in once, and leads to the page all the same later; a look at it alone uses nothing up.
func TestWelcome(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	nobody := h.as("nobody")
	nobody.ask("HEAD", "/welcome/first", nil).is(http.StatusOK)
	nobody.ask("GET", "/welcome/other", nil).leads("/")
	if len(h.door.in) != 0 {
		t.Errorf("signed in are %q", h.door.in)
	}
	nobody.ask("GET", "/welcome/first", nil).leads("/")
	if !slices.Equal(h.door.in, []string{"Anna"}) {
		t.Errorf("signed in are %q", h.door.in)
	}
}

// A person's language and zone take effect at once and on all pages; what cannot be stays as it was typed.
func TestSettings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bob := h.as("Bob")
	page := bob.get("/settings").keeps("/settings", "locale", "", "time_zone", "")
	bob.submits(page, "/settings", "locale", "fr", "time_zone", "Mars/<b>").refuses(http.StatusUnprocessableEntity, "time_zone", "Mars/<b>").
		keeps("/settings", "locale", "fr", "time_zone", "Mars/<b>")
	bob.submits(page, "/settings", "locale", "xx").refuses(http.StatusUnprocessableEntity, "", "xx").keeps("/settings", "locale", "xx")
	bob.does(page, "/settings", "locale", "fr", "time_zone", "Asia/Tokyo").holds(`<html lang="fr"`, "Asia/Tokyo").lacks("data-zone")
	bob.get("/help").holds(`<html lang="fr"`)
	u, err := h.People.Get(t.Context(), h.callers["Bob"], "")
	if err != nil || u.Locale != "fr" || u.TimeZone != "Asia/Tokyo" {
		t.Errorf("stored is %+v, %v", u, err)
	}
	bob.does(bob.get("/settings").keeps("/settings", "locale", "fr", "time_zone", "Asia/Tokyo"), "/settings", "locale", "", "time_zone", "").holds(`<html lang="en"`, `data-zone="UTC"`)
	h.as("Carol").get("/help").holds(`<html lang="en"`)
}

// A token's text is in one answer alone; after that its page tells what it may do, until it is revoked.
func TestTokens(t *testing.T) {
	t.Parallel()
	h := inhabit(t)
	bob := h.as("Bob")
	page := bob.get("/settings").holds("bobs token", "never used")
	bob.submits(page, "/settings/tokens", "name", "typed", "scope", "admin", "days", "365").refuses(http.StatusForbidden, "", "more than you may give").
		keeps("/settings/tokens", "name", "typed", "days", "365")
	bob.submits(page, "/settings/tokens", "name", "").refuses(http.StatusUnprocessableEntity, "name", "needs a name")
	if scopes := page.form("/settings/tokens")["scope"]; !slices.Equal(scopes, []string{"read"}) {
		t.Errorf("to begin with a token may %q", scopes)
	}
	page.lacks(`value="admin"`)
	h.as("Anna").get("/settings").holds(`value="admin"`)
	made := bob.submits(page, "/settings/tokens", "name", "for <b>", "scope", "write", "days", "30").is(http.StatusOK).holds("for &lt;b&gt;", `role="status"`)
	secret := regexp.MustCompile(`calbell_[0-9A-Za-z_-]+`).FindString(made.text)
	if who, ok, err := h.Tokens.Bearer(t.Context(), secret, time.Now()); err != nil || !ok || who.Name != "Bob" || !who.Allows(calbell.ScopeWrite) || who.Allows(calbell.ScopeAdmin) {
		t.Errorf("the token stands for %+v, %v, %v", who, ok, err)
	}
	if _, ok, _ := h.Tokens.Bearer(t.Context(), secret, time.Now().AddDate(0, 0, 31)); ok {
		t.Error("it is worth something after its 30 days")
	}
	bob.get("/settings").lacks(secret).holds("for &lt;b&gt;", " · ")
	bob.ask("POST", "/settings/tokens/"+string(h.token)+"/remove", nil).leads("/settings?done=token-removed")
	bob.get("/settings").lacks("bobs token")
	bob.ask("POST", "/settings/tokens/"+string(h.token)+"/remove", nil).is(http.StatusNotFound)
}

// A password is changed by who knows the old one; no password comes back in a form that was refused.
func TestPasswordByItsForm(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.password("Bob")
	bob := h.as("Bob")
	page := bob.get("/settings").holds(`name="old"`)
	for old, fresh := range map[string]string{"wrong one here": "another good one", servicetest.Password: "short"} {
		a := bob.submits(page, "/settings/password", "old", old, "new", fresh)
		if a.status != http.StatusForbidden && a.status != http.StatusUnprocessableEntity {
			t.Errorf("%q to %q: %d", old, fresh, a.status)
		}
		a.holds(`role="alert"`).lacks(`value="`+old, `value="`+fresh)
	}
	bob.submits(page, "/settings/password", "old", servicetest.Password, "new", "another good one").leads("/sign-in?done=password-changed")
	h.as("nobody").get("/sign-in?done=password-changed").holds("Sign in with the new one")
	h.as("nobody").submits(h.as("nobody").get("/sign-in"), "/sign-in", "name", "Bob", "password", "another good one").leads("/")
	h.as("Carol").get("/settings").lacks(`name="old"`) // has none
}

// Signing out everywhere ends what sessions stand for.
func TestSignOutEverywhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	before, err := h.Store.Users().Get(t.Context(), "Bob")
	h.OK(err)
	h.as("Bob").ask("POST", "/settings/sign-out", nil).leads("/sign-in")
	after, err := h.Store.Users().Get(t.Context(), "Bob")
	if err != nil || after.Epoch <= before.Epoch {
		t.Errorf("the epoch is %d, %v; it was %d", after.Epoch, err, before.Epoch)
	}
}

// An admin makes users, gives them another role or password, and removes them; what cannot be is told, and no
// password comes back.
func TestUsersByTheirForms(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	anna := h.as("Anna")
	page := anna.get("/admin")
	for _, c := range []struct{ name, password, told string }{{"dave", "short", "password"}, {"#", servicetest.Password, "needs a letter"}, {"bob", servicetest.Password, "exists"}} {
		anna.submits(page, "/admin/users", "name", c.name, "role", "admin", "password", c.password, "caldav", "").refuses(http.StatusUnprocessableEntity, "", c.told).
			keeps("/admin/users", "name", c.name, "role", "admin", "password", "")
	}
	anna.submits(page, "/admin/users", "name", "dave <b>", "role", "member", "password", servicetest.Password).leads("/admin?done=user-added")
	anna.get("/admin?done=user-added").holds("dave &lt;b&gt;")
	dave := "/admin/users/dave%20%3Cb%3E"
	role := func() calbell.Role {
		u, _ := h.People.Get(t.Context(), h.callers["Anna"], "dave <b>")
		return u.Role
	}
	for _, do := range []string{"admin", "member"} {
		anna.ask("POST", dave, values("do", do)).leads("/admin?done=user-changed")
		if string(role()) != do {
			t.Errorf("made %s, and is %s", do, role())
		}
	}
	anna.ask("POST", dave, values("do", "password", "password", "short")).is(http.StatusUnprocessableEntity).holds("<details open><summary>dave &lt;b&gt;").lacks(`value="short"`)
	anna.ask("POST", dave, values("do", "password", "password", "another good one")).is(http.StatusSeeOther)
	anna.ask("POST", dave, values("do", "sign-out")).is(http.StatusSeeOther)
	anna.ask("POST", dave, values("do", "promote")).is(http.StatusNotFound)
	anna.ask("POST", dave, values("do", "remove")).is(http.StatusSeeOther)
	anna.get("/admin").lacks("dave")
	anna.ask("POST", dave, values("do", "admin")).is(http.StatusNotFound)
	anna.ask("POST", "/admin/users/Anna", values("do", "member")).refuses(http.StatusUnprocessableEntity, "", "admin") // the last one
}

// The admins' page tells what is configured and what is wrong, and reads the file again; members have none of
// it, not even its entry in the menu.
func TestAdminPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.as("Anna").get("/admin").holds("/etc/calbell.yaml", "v0.0.0-test", "A trouble of the program", "<code>locale</code>", `href="/admin" aria-current="page"`)
	h.as("Anna").ask("POST", "/admin/reload", nil).leads("/admin?done=reloaded")
	h.as("Bob").get("/").lacks(`href="/admin"`, "A trouble of the program")
	h.as("Bob").ask("GET", "/admin", nil).is(http.StatusForbidden).lacks("/etc/calbell.yaml", "locale")
}
