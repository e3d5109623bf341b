package daemon_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"calbell"
	"calbell/api/types"
	"calbell/caldav/caldavtest"
)

// TestCalendarAccount: people sign in with the name and password of the calendar server.
func TestCalendarAccount(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	h.cfg.Delivery.PrivateNetworks = []calbell.Network{} // the server is the configuration's own
	h.cfg.Webhooks, h.cfg.Accounts = nil, nil
	h.cfg.Auth.CalDAV, h.cfg.Auth.Create = h.calendars.URL(), true
	h.start()
	try := func(name, secret string) int {
		t.Helper()
		resp, _ := h.visitor().ask("POST", "/api/v1/session", fmt.Sprintf(`{"name":%q,"password":%q}`, name, secret))
		return resp.StatusCode
	}
	if got := try("anna", "wrong password"); got != http.StatusForbidden {
		t.Errorf("a wrong password: %d", got)
	}
	if users, err := h.client.Users(t.Context()); err != nil || len(users) != 0 {
		t.Errorf("users %v, %v", users, err)
	}
	if got := try("anna", "canary-password"); got != http.StatusOK {
		t.Fatalf("the right password: %d\n%s", got, h.log)
	}
	h.eventually("the calendars are there", func() bool {
		list, err := h.client.Calendars(t.Context())
		return err == nil && len(list) == 1 && list[0].Account == "anna.anna" && !list[0].SyncedAt.IsZero()
	})
	accounts, err := h.client.Accounts(t.Context())
	h.ok(err)
	if len(accounts) != 1 || accounts[0].Owner != "anna" || accounts[0].Origin != calbell.OriginStored {
		t.Fatalf("accounts %+v", accounts)
	}
	h.calendars.AddUser("anna", "another-password") // and the account follows
	if got := try("anna", "canary-password"); got != http.StatusForbidden {
		t.Errorf("the password of before: %d", got)
	}
	if got := try("anna", "another-password"); got != http.StatusOK {
		t.Errorf("the new password: %d", got)
	}
	h.sync()
	if accounts, err := h.client.Accounts(t.Context()); err != nil || len(accounts) != 1 {
		t.Errorf("accounts %v, %v", accounts, err)
	}
	// Who has a name at the calendar server that only looks like a user's is another person.
	h.calendars.AddUser("anna!", "mallorys-password")
	if got := try("anna!", "mallorys-password"); got != http.StatusForbidden {
		t.Errorf("another person signed in: %d", got)
	}
	// A user of Calbell's own is not the calendar server's to let in.
	_, err = h.client.AddUser(t.Context(), types.NewUser{Name: "root", Role: calbell.RoleAdmin, Password: password})
	h.ok(err)
	h.calendars.AddUser("root", "roots-calendar")
	if got := try("root", "roots-calendar"); got != http.StatusForbidden {
		t.Errorf("the calendar server let an admin in: %d", got)
	}
	if strings.Contains(h.log.String(), "canary-password") || strings.Contains(h.log.String(), "another-password") {
		t.Error("a password is in the log")
	}
}

// TestCalendarAccountOfAnOpenServer: a server that asks nobody for a password says nothing of
// who somebody is.
func TestCalendarAccountOfAnOpenServer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	feed := http.Server{Addr: freeAddress(t), Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n")
	})}
	go func() { _ = feed.ListenAndServe() }()
	t.Cleanup(func() { feed.Close() })
	h.cfg.Auth.CalDAV, h.cfg.Auth.Create = "http://"+feed.Addr+"/calendar.ics", true
	h.start()
	resp, text := h.visitor().ask("POST", "/api/v1/session", `{"name":"mallory","password":"anything at all"}`)
	if resp.StatusCode == http.StatusOK {
		t.Errorf("an open server let mallory in: %s", text)
	}
	if users, err := h.client.Users(t.Context()); err != nil || len(users) != 0 {
		t.Errorf("users %v, %v", users, err)
	}
}

// TestSignInTellsNobodyWhoIsThere: for each name the calendar server is asked as often, whether
// it is a user's, and of which kind; and what others than its users type, it does not see.
func TestSignInTellsNobodyWhoIsThere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	server := caldavtest.NewFaultServer(caldavtest.Options{})
	server.AddUser("pupil", "pupils-password")
	server.AddCalendar("pupil", caldavtest.Calendar{Path: "p", Name: "P", TimeZone: "Europe/Zurich"})
	var mu sync.Mutex
	seen := map[string]string{}
	server.Behave(func(_ *caldavtest.FaultServer, _ http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if name, typed, ok := r.BasicAuth(); ok {
			seen[name] = typed
		}
		return false
	})
	front := httptest.NewServer(server)
	t.Cleanup(front.Close)
	h.cfg.Auth.CalDAV, h.cfg.Auth.Create = front.URL+"/", false
	h.start()
	for _, u := range []types.NewUser{{Name: "local", Password: password}, {Name: "pupil", CalDAV: true}} {
		_, err := h.client.AddUser(t.Context(), u)
		h.ok(err)
	}
	const typed = "something that was typed"
	try := func(name, secret string) int {
		t.Helper()
		resp, _ := h.visitor().ask("POST", "/api/v1/session", fmt.Sprintf(`{"name":%q,"password":%q}`, name, secret))
		return resp.StatusCode
	}
	asked := map[string]int{}
	for _, name := range []string{"pupil", "local", "unknown", "PUPIL", "p.u.p.i.l"} {
		server.Asked()
		if got := try(name, typed); got != http.StatusForbidden {
			t.Errorf("%s: %d", name, got)
		}
		asked[name] = len(server.Asked())
		mu.Lock()
		if is := seen[name] == typed; is != (name == "pupil") || len(seen[name]) != len(typed) {
			t.Errorf("the calendar server saw of %s: %q", name, seen[name])
		}
		mu.Unlock()
		if asked[name] != asked["pupil"] || asked[name] == 0 {
			t.Errorf("asked for %s %d times, for pupil %d", name, asked[name], asked["pupil"])
		}
	}
	if got := try("pupil", "pupils-password"); got != http.StatusOK {
		t.Errorf("the right password: %d", got)
	}
	pupil := h.visitor()
	pupil.ask("POST", "/api/v1/session", `{"name":"pupil","password":"pupils-password"}`)
	for _, old := range []string{"", typed} {
		if resp, text := pupil.ask("POST", "/api/v1/users/pupil/password", fmt.Sprintf(`{"old":%q,"new":"another battery staple"}`, old)); resp.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a password with the old one %q: %d %s", old, resp.StatusCode, text)
		}
	}
	if resp, text := pupil.ask("POST", "/api/v1/users/pupil/password", `{"old":"pupils-password","new":"another battery staple"}`); resp.StatusCode != http.StatusNoContent {
		t.Errorf("with the right one: %d %s", resp.StatusCode, text)
	}
	front.CloseClientConnections()
	front.Close() // and when it is down, all are told so alike
	for _, name := range []string{"pupil", "local", "unknown"} {
		if got := try(name, typed); got != http.StatusBadGateway {
			t.Errorf("%s, with the server down: %d", name, got)
		}
	}
	if got := try("local", password); got != http.StatusOK {
		t.Errorf("a password kept here, with the server down: %d", got)
	}
}
