package daemon_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"calbell"
	"calbell/api/types"
	"calbell/caldav/caldavtest"
)

// "Sync now" says how the sync ended: well, or not, also when it failed before; and well again.
func TestSyncNowTellsTheEnd(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	bob := i.signIn("Bob")
	form := url.Values{"calendar": {string(i.calendar)}, "back": {"/calendars"}}
	bob.holds("well", bob.does("/calendars/_sync", form), "✓ Synced.")
	address := strings.TrimSuffix(strings.TrimPrefix(i.calendars.URL(), "http://"), "/")
	i.ok(i.calendars.Close())
	for _, when := range []string{"the first time", "again"} {
		page := bob.does("/calendars/_sync", form)
		bob.holds("not well "+when, page, `role="alert">✕ Not every calendar could be synced`, "1 calendar fails", "<title>▲ ", "cannot reach")
		if strings.Contains(page, "✓ Synced") {
			t.Errorf("%s it is synced, and is not", when)
		}
	}
	i.ok(i.calendars.Start(address))
	bob.holds("well again", bob.does("/calendars/_sync", form), "✓ Synced.")
}

// An account whose server does not answer can be changed all the same: the password that is
// wrong, too.
func TestAccountOfASilentServer(t *testing.T) {
	if testing.Short() {
		t.Skip("takes its time: left out of make quick")
	}
	t.Parallel()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	h.start()
	_, err := h.client.AddUser(t.Context(), types.NewUser{Name: "Anna", Role: calbell.RoleAdmin, Password: password})
	h.ok(err)
	end := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-end }))
	t.Cleanup(silent.Close)
	t.Cleanup(func() { close(end) })
	_, err = h.client.AddAccount(t.Context(), types.NewAccount{Name: "silent", URL: silent.URL, Username: "anna", Password: "wrong", Calendars: []string{"Team"}})
	h.ok(err)
	anna := h.signIn("Anna")
	page := anna.get("/calendars/_account/silent")
	anna.holds("the account", page, "has not answered so far", "What was chosen stays", `name="password"`)
	form := url.Values{"etag": {hidden(page, "etag")}, "password": {"another"}, "mode": {"fallback"}}
	if status, to, page := anna.send("/calendars/_account/silent", form); status != http.StatusSeeOther {
		t.Errorf("%d to %q\n%s", status, to, inside(page))
	}
	list, err := h.client.Accounts(t.Context())
	h.ok(err)
	for _, a := range list {
		if a.Name == "silent" && (len(a.Calendars) != 1 || a.Calendars[0].Name != "Team") {
			t.Errorf("what was chosen is gone: %+v", a.Calendars)
		}
	}
}

// Somebody connects a calendar in three steps: a wrong password is told with each question that
// was asked, and the next thing to do; then the calendars are chosen.
func TestConnectInThreeSteps(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	i.calendars.AddUser("carol", "carols-password")
	carol := i.signIn("Carol")
	carol.holds("no calendar", carol.get("/"), `href="/calendars/_new"`)
	carol.holds("the first step", carol.get("/calendars/_new"), "Infomaniak", "Nextcloud", "iCloud", "Fastmail", "provider=caldav", "provider=ics")
	carol.holds("a hint", carol.get("/calendars/_new?provider=nextcloud"), "app password")
	form := url.Values{"provider": {"caldav"}, "name": {"Work"}, "url": {i.calendars.URL()}, "username": {"carol"}, "password": {"wrong"}}
	page := carol.refused("/calendars/_new", form)
	carol.holds("a wrong password", page, "401", "PROPFIND", "What to do:", `value="carol"`, "What the server was asked")
	if strings.Contains(page, `value="wrong"`) {
		t.Error("the password comes back")
	}
	form.Set("password", "carols-password")
	carol.holds("no calendar there", carol.refused("/calendars/_new", form), "PROPFIND")
	i.calendars.AddCalendar("carol", caldavtest.Calendar{Path: "work", Name: "Work <b>"})
	i.calendars.AddCalendar("carol", caldavtest.Calendar{Path: "home", Name: "Home"})
	status, to, page := carol.send("/calendars/_new", form)
	if status != http.StatusSeeOther || to != "/calendars/_account/carol.work?step=3" {
		t.Fatalf("%d to %q\n%s", status, to, inside(page))
	}
	page = carol.get(to)
	carol.holds("the third step", page, "Work &lt;b&gt;", "Home", "0 events in the next 30 days", `aria-current="step"`)
	form = url.Values{"etag": {hidden(page, "etag")}, "step": {"3"}, "listed": {"1"}, "known": {"Work <b>", "Home"}, "calendar": {"Work <b>"}, "mode": {"fallback"}}
	carol.does("/calendars/_account/Work", form)
	page = carol.get("/calendars/_account/Work")
	ticked := regexp.MustCompile(`value="([^"]*)" checked`).FindAllStringSubmatch(page, -1)
	if len(ticked) != 1 || ticked[0][1] != "Work &lt;b&gt;" {
		t.Errorf("ticked: %q\n%s", ticked, inside(page))
	}
}
