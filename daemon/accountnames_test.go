package daemon_test

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"
	"time"

	"calbell/api/types"
	"calbell/caldav/caldavtest"
)

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
