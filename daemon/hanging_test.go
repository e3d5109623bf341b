package daemon_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"calbell/api/types"
	"calbell/caldav/caldavtest"
)

// TestSlowAnswers: a request may take as long as what it waits for, and its connection is good for
// more.
func TestSlowAnswers(t *testing.T) {
	if testing.Short() {
		t.Skip("takes its time: left out of make quick")
	}
	t.Parallel()
	n := newNeighbours(t)
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-time.After(6 * time.Second)
		w.WriteHeader(http.StatusNotFound)
	}))
	t.Cleanup(slow.Close)
	find := fmt.Sprintf(`{"name":"slow","url":%q,"username":"bob","password":"bobs-password"}`, slow.URL+"/calendars/")
	resp, text := n.bob.ask("POST", "/api/v1/accounts/discover", find)
	if resp.StatusCode != http.StatusOK || !bytes.Contains(text, []byte("404")) {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
	n.made(n.bob, "GET", "/pauses", "", http.StatusOK, nil)
}

// TestHangingServerKeepsNobodyWaiting: while a member's calendar server does not answer, others
// change what is theirs, and their calendars are synced.
func TestHangingServerKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t)
	hangs := caldavtest.NewFaultServer(caldavtest.Options{})
	server := httptest.NewServer(hangs)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	hangs.AddUser("mallory", "mallorys-password")
	hangs.AddCalendar("mallory", caldavtest.Calendar{Path: "m", Name: "M", TimeZone: "Europe/Zurich"})
	_, err := n.client.AddUser(t.Context(), types.NewUser{Name: "Mallory", Password: password})
	n.ok(err)
	mallory := n.signIn("Mallory")
	for i := range 6 { // more than are synced at a time
		n.made(mallory, "POST", "/accounts", fmt.Sprintf(`{"name":"m%d","url":%q,"username":"mallory","password":"mallorys-password"}`, i, server.URL+"/"), http.StatusCreated, nil)
	}
	n.made(mallory, "POST", "/sync?wait=true", "", http.StatusOK, nil)
	hangs.Asked()
	hangs.Behave(caldavtest.Hang())
	n.made(mallory, "POST", "/sync", "", http.StatusOK, nil)
	n.eventually("it hangs", func() bool { return len(hangs.Asked()) > 0 })

	n.bob.http.Timeout = 20 * time.Second
	bobs := fmt.Sprintf(`{"name":"bobs","url":%q,"username":"bob","password":"bobs-password"}`, n.calendars.URL())
	n.made(n.bob, "POST", "/accounts", bobs, http.StatusCreated, nil)
	n.made(n.bob, "POST", "/sync?wait=true", "", http.StatusOK, nil)
	n.made(n.bob, "POST", "/rules", `{"name":"r","webhooks":["ops"]}`, http.StatusCreated, nil)
	n.made(n.bob, "PATCH", "/calendars/own/settings", `{"webhook":"ops"}`, http.StatusOK, nil)
	n.made(n.bob, "DELETE", "/accounts/bobs", "", http.StatusNoContent, nil)
}

// TestOnlyWhatChangedIsSynced: a new account, another password or a rule has no other server
// asked.
func TestOnlyWhatChangedIsSynced(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t)
	other := caldavtest.New(caldavtest.Options{})
	n.ok(other.Start(""))
	t.Cleanup(func() { n.ok(other.Close()) })
	other.AddUser("bob", "bobs-password")
	other.AddCalendar("bob", caldavtest.Calendar{Path: "own", Name: "Own", TimeZone: "Europe/Zurich"})
	n.sync()
	n.calendars.Requests()
	n.made(n.bob, "POST", "/accounts", fmt.Sprintf(`{"name":"bobs","url":%q,"username":"bob","password":"bobs-password"}`, other.URL()), http.StatusCreated, nil)
	synced := func(zone string) func() bool {
		return func() bool {
			var a types.AccountRow
			n.made(n.bob, "GET", "/accounts/bobs", "", http.StatusOK, &a)
			return a.TimeZone == zone && len(a.Found) == 1 && len(other.Requests()) > 0
		}
	}
	n.eventually("the new account is synced at once", synced(""))
	n.made(n.bob, "PATCH", "/accounts/bobs", `{"time_zone":"Europe/Zurich"}`, http.StatusOK, nil)
	n.eventually("the changed account is synced at once", synced("Europe/Zurich"))
	n.made(n.bob, "POST", "/rules", `{"name":"r","webhooks":["ops"]}`, http.StatusCreated, nil)
	n.made(n.bob, "DELETE", "/accounts/bobs", "", http.StatusNoContent, nil)
	n.made(n.bob, "POST", "/accounts", fmt.Sprintf(`{"name":"again","url":%q,"username":"bob","password":"bobs-password"}`, other.URL()), http.StatusCreated, nil)
	n.eventually("another one is synced", func() bool { return len(other.Requests()) > 0 })
	if asked := n.calendars.Requests(); len(asked) > 0 {
		t.Errorf("the other server was asked: %q", asked)
	}
}
