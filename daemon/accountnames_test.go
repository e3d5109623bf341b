package daemon_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/caldav/caldavtest"
	"calbell/store/bolt"
	"calbell/store/record"
)

// storedAccount puts an account into the database of a daemon that does not run.
func (h *house) storedAccount(a calbell.Account) {
	h.Helper()
	key, err := record.LoadKey(h.cfg.Data.Path, h.cfg.Data.KeyFile)
	h.ok(err)
	s, err := bolt.Open(h.cfg.Data.Path, key, bolt.Options{})
	h.ok(err)
	h.ok(s.Accounts().Put(h.Context(), a))
	h.ok(s.Close())
}

// TestAccountsOfOneName: two members and the file have an account of one name. Each sees, changes and
// removes their own by it, no answer tells of another's, and what speaks to the admin tells them apart.
func TestAccountsOfOneName(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t)
	n.calendars.AddUser("carla", "carlas-password")
	n.calendars.AddCalendar("carla", caldavtest.Calendar{Path: "own", Name: "Own", TimeZone: "Europe/Zurich"})
	n.calendars.Put("bob", "own", "a.ics", []byte(event("a@example.org", "Bob's", time.Now().Add(24*time.Hour))))
	n.calendars.Put("carla", "own", "a.ics", []byte(event("b@example.org", "Carla's", time.Now().Add(24*time.Hour))))
	add := func(v *visitor, user string, want int) (r types.AccountRow) {
		t.Helper()
		body := fmt.Sprintf(`{"name":"Home","url":%q,"username":%q,"password":"%ss-password"}`, n.calendars.URL(), user, user)
		if want == http.StatusCreated {
			n.made(v, "POST", "/accounts", body, want, &r)
			return r
		}
		resp, text := v.ask("POST", "/api/v1/accounts", body)
		if resp.StatusCode != want || !bytes.Contains(text, []byte("taken")) {
			t.Errorf("%d %s", resp.StatusCode, text)
		}
		return r
	}
	bobs, annas := add(n.bob, "bob", http.StatusCreated), add(n.anna, "carla", http.StatusCreated)
	if bobs.ID != "bob.home" || annas.ID != "anna.home" || bobs.Name != "Home" || annas.Name != "Home" {
		t.Errorf("%+v, %+v", bobs.Account, annas.Account)
	}
	add(n.bob, "bob", http.StatusUnprocessableEntity)
	n.sync()
	for v, own := range map[*visitor]string{n.bob: "Bob's", n.anna: "Carla's"} {
		var accounts []types.AccountRow
		var calendars []types.CalendarRow
		var events []types.EventRow
		n.made(v, "GET", "/accounts", "", http.StatusOK, &accounts)
		n.made(v, "GET", "/calendars", "", http.StatusOK, &calendars)
		n.made(v, "GET", "/events", "", http.StatusOK, &events)
		if len(accounts) != 1 || len(calendars) != 1 || len(events) != 1 || events[0].Subject != own || calendars[0].Account != accounts[0].ID || events[0].Account != accounts[0].ID {
			t.Errorf("%s: %+v, %+v, %+v", own, accounts, calendars, events)
		}
		page := v.get("/calendars")
		v.holds("the list", page, `<a href="/calendars/_account/`+accounts[0].ID+`">Home</a>`)
		v.holds("the account", v.get("/calendars/_account/"+accounts[0].ID), "Home")
		v.holds("the calendar", v.get("/calendars/"+string(calendars[0].ID)), "› Home")
		v.holds("the event", v.get("/events/"+events[0].ID), "Home")
	}
	var events []types.EventRow
	n.made(n.bob, "GET", "/events", "", http.StatusOK, &events)
	n.made(n.bob, "POST", "/events/"+events[0].ID+"/reminders", `{"before":["1h"],"webhook":"ops"}`, http.StatusCreated, nil)
	for v, want := range map[*visitor]int{n.bob: 1, n.anna: 0} {
		var accounts []types.AccountRow
		n.made(v, "GET", "/accounts", "", http.StatusOK, &accounts)
		if accounts[0].Reminders != want {
			t.Errorf("%d reminders are attached in %s", accounts[0].Reminders, accounts[0].ID)
		}
	}
	n.made(n.bob, "PATCH", "/accounts/home", `{"time_zone":"Europe/Paris"}`, http.StatusOK, &bobs)
	n.made(n.anna, "GET", "/accounts/home", "", http.StatusOK, &annas)
	if bobs.TimeZone != "Europe/Paris" || annas.TimeZone != "" {
		t.Errorf("%+v, %+v", bobs.Account, annas.Account)
	}
	n.made(n.bob, "GET", "/accounts/anna.home", "", http.StatusNotFound, nil)
	for _, name := range []string{"home", "bob.home", "anna.home"} {
		n.eventually(name+" has a series of its own", func() bool {
			return n.metric(`calbell_account_failing_since_timestamp_seconds{account="`+name+`"}`) == "0"
		})
	}
	n.made(n.bob, "DELETE", "/accounts/home", "", http.StatusNoContent, nil)
	n.made(n.anna, "GET", "/accounts/home", "", http.StatusOK, nil)
	n.made(n.anna, "GET", "/events", "", http.StatusOK, &events)
	if len(events) != 1 {
		t.Errorf("Bob's account went, and Anna has %+v", events)
	}
}

// TestAdminNamesOneOfSeveral: over the socket a name is the file's account, and one that several users
// have is refused, with what to write; accounts that an earlier version stored among them.
func TestAdminNamesOneOfSeveral(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.calendars.AddUser("bob", "bobs-password")
	h.calendars.AddCalendar("bob", caldavtest.Calendar{Path: "own", Name: "Own", TimeZone: "Europe/Zurich"})
	h.storedAccount(calbell.Account{Name: "Cloud", Owner: "Bob", URL: h.calendars.URL(), Username: "bob", Password: "bobs-password"})
	h.start()
	for _, name := range []string{"Anna", "Bob"} {
		_, err := h.client.AddUser(t.Context(), types.NewUser{Name: name, Password: password})
		h.ok(err)
	}
	h.sync()
	calendars, err := h.client.Calendars(t.Context())
	h.ok(err)
	old := slices.IndexFunc(calendars, func(c types.CalendarRow) bool { return c.Account == "Cloud" })
	if len(calendars) != 2 || old < 0 || calendars[old].ID != calbell.NewCalendarID("Cloud", calendars[old].URL) {
		t.Fatalf("%+v", calendars)
	}
	anna := "Anna"
	for _, name := range []string{"Cloud", "Home"} {
		_, err = h.client.AddAccount(t.Context(), types.NewAccount{Name: name, URL: h.calendars.URL(), Username: "bob", Password: "bobs-password", Owner: &anna})
		h.ok(err)
	}
	rows, err := h.client.Accounts(t.Context())
	h.ok(err)
	var keys []string
	for _, r := range rows {
		keys = append(keys, r.ID)
	}
	if slices.Sort(keys); fmt.Sprint(keys) != "[Cloud anna.cloud anna.home home]" {
		t.Errorf("%q", keys)
	}
	_, err = h.client.AccountRemoval(t.Context(), "home") // the file's, which one does not remove
	h.rejects(err, "configuration file", "change it there")
	for _, ask := range []func(string) error{
		func(name string) error { _, err := h.client.AccountRemoval(t.Context(), name); return err },
		func(name string) error { return h.client.RemoveAccount(t.Context(), name) },
		func(name string) error {
			_, err := h.client.EditAccount(t.Context(), name, map[string]any{"time_zone": "Europe/Paris"})
			return err
		},
	} {
		h.rejects(ask("cloud"), `2 users have an account called "cloud"`, "anna.cloud, bob.cloud")
	}
	h.ok(h.client.RemoveAccount(t.Context(), "bob.cloud"))
	h.ok(h.client.RemoveAccount(t.Context(), "cloud"))
	rows, err = h.client.Accounts(t.Context())
	h.ok(err)
	if len(rows) != 2 || rows[0].ID == "Cloud" || rows[1].ID == "Cloud" {
		t.Errorf("left: %+v", rows)
	}
}

// rejects checks that something was refused, with a text and a hint.
func (h *house) rejects(err error, what, hint string) {
	h.Helper()
	if err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(calbell.HintOf(err), hint) {
		h.Errorf("%v (%s), want %q (%s)", err, calbell.HintOf(err), what, hint)
	}
}
