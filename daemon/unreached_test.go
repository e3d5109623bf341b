package daemon_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/caldav/caldavtest"
)

// hangs listens on loopback, accepts and never answers, until the test ends.
func (h *house) hangs() (url string) {
	h.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	h.ok(err)
	h.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			h.Cleanup(func() { c.Close() })
		}
	}()
	return "http://" + l.Addr().String() + "/"
}

// TestFourOfFiveHang: what is new in the fifth account is posted, what is cancelled stays silent, and
// a sync that somebody asks for ends, and says how each account fared.
func TestFourOfFiveHang(t *testing.T) {
	if testing.Short() {
		t.Skip("takes its time: left out of make quick")
	}
	t.Parallel()
	h := newHouse(t)
	h.cfg.Sync.Interval, h.cfg.Sync.Timeout, h.cfg.Sync.Concurrency = time.Second, 4*time.Second, 1
	hanging := h.hangs()
	for i := range 4 {
		h.cfg.Accounts = append(h.cfg.Accounts, calbell.Account{
			Name: fmt.Sprint("hangs", i), Origin: calbell.OriginFile, URL: hanging, Username: "x", Password: "x",
		})
	}
	h.start()
	h.eventually("the fifth is synced", func() bool {
		c, err := h.client.Calendars(t.Context())
		return err == nil && len(c) == 1 && !c[0].SyncedAt.IsZero()
	})
	h.put("cancelled@example.org", "Cancelled", 5*time.Second)
	h.put("new@example.org", "New", 2*time.Second)
	h.eventually("both are seen", func() bool {
		up, err := h.client.Upcoming(t.Context(), 10)
		return err == nil && len(up) == 2 || len(h.chat.Requests()) > 0
	})
	h.calendars.Delete("anna", "team", "cancelled@example.org.ics")
	got, err := h.chat.Wait(t.Context(), 1)
	h.ok(err)
	if got[0].Text != "New (Room 1)" {
		t.Errorf("posted %q", got[0].Text)
	}
	rows, err := h.client.Sync(t.Context(), "team")
	h.ok(err)
	if len(rows) != 1 || !rows[0].Error.IsZero() {
		t.Errorf("synced: %+v", rows)
	}
	rows, err = h.client.Sync(t.Context(), "")
	h.ok(err)
	for _, r := range rows {
		if hung := strings.HasPrefix(r.Account, "hangs"); hung != strings.Contains(r.Error.English, "answer within 4s") {
			t.Errorf("%+v", r)
		}
	}
	if up, err := h.client.Upcoming(t.Context(), 10); err != nil || len(up) != 0 || len(h.chat.Requests()) != 1 {
		t.Errorf("%d waiting, %d posted, %v", len(up), len(h.chat.Requests()), err)
	}
}

// TestAccountsThatWereNeverLetIn: each is named by commands, page and metrics, with its reason, and
// nothing says that all is well; until it is let in.
func TestAccountsThatWereNeverLetIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	empty := caldavtest.New(caldavtest.Options{})
	h.ok(empty.Start(""))
	t.Cleanup(func() { h.ok(empty.Close()) })
	empty.AddUser("eve", "eves-password")
	add := func(name, url, user, password string, list ...calbell.CalendarSettings) {
		h.cfg.Accounts = append(h.cfg.Accounts, calbell.Account{
			Name: name, Origin: calbell.OriginFile, URL: url, Username: user, Password: calbell.Secret(password), Calendars: list,
		})
	}
	add("wrong", h.calendars.URL(), "anna", "not-her-password")
	add("empty", empty.URL(), "eve", "eves-password")
	add("closed", "http://"+freeAddress(t)+"/", "x", "x")
	add("typo", h.calendars.URL(), "anna", "canary-password", calbell.CalendarSettings{Name: "Tema"})
	reasons := map[string]string{"wrong": "401", "empty": "no calendars", "closed": "connection refused", "typo": "Tema"}
	h.start()
	_, err := h.client.AddUser(t.Context(), types.NewUser{Name: "Anna", Role: calbell.RoleAdmin, Password: password})
	h.ok(err)
	anna := h.signIn("Anna")
	rows, err := h.client.Sync(t.Context(), "")
	h.ok(err)
	if len(rows) != 5 {
		t.Fatalf("%+v", rows)
	}
	status, err := h.client.Status(t.Context())
	h.ok(err)
	accounts, err := h.client.Accounts(t.Context())
	h.ok(err)
	for _, a := range accounts {
		status.Accounts = append(status.Accounts, calbell.AccountState{Account: a.Name, AccountHealth: a.Sync})
	}
	if len(status.Accounts) != 10 {
		t.Fatalf("%+v", status.Accounts)
	}
	for _, a := range status.Accounts {
		why, bad := reasons[a.Account]
		if bad && (a.State != calbell.SyncFailing || !a.Whole || !strings.Contains(a.LastError.English, why) || a.FailingSince.IsZero()) || !bad && a.State != calbell.SyncOK {
			t.Errorf("%+v", a)
		}
	}
	for name := range reasons {
		h.eventually(name+" has a series", func() bool {
			since := h.metric(`calbell_account_failing_since_timestamp_seconds{account="` + name + `"}`)
			return since != "" && since != "0"
		})
	}
	if ok, bad := h.metric(`calbell_accounts{state="ok"}`), h.metric(`calbell_accounts{state="failing"}`); ok != "1" || bad != "4" {
		t.Errorf("%s accounts are well, %s fail", ok, bad)
	}
	page := anna.get("/calendars")
	anna.holds("the head", page, "4 accounts fail to sync", "<title>▲")
	anna.holds("the list", page, "failing since", "401", "connection refused", "Tema")
	if strings.Contains(page, "All calendars synced") || strings.Contains(page, "None of its calendars is used") {
		t.Error("the page says that all is well")
	}

	h.calendars.AddUser("anna", "not-her-password")
	h.stopped()
	h.cfg.Accounts = h.cfg.Accounts[1:2] // only the one that was wrong
	h.start()
	h.sync()
	if page := h.signIn("Anna").get("/calendars"); !strings.Contains(page, "All calendars synced") {
		t.Errorf("all is well, and the page says: %s", inside(page))
	}
}

// stopped ends the daemon.
func (h *house) stopped() {
	h.Helper()
	h.ok(h.stop())
}

// TestPasswordThatBreaksLater: an account that a person added is named when it is not let in any
// more, too.
func TestPasswordThatBreaksLater(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t)
	n.made(n.bob, "POST", "/accounts", fmt.Sprintf(`{"name":"bobs","url":%q,"username":"bob","password":"bobs-password"}`, n.calendars.URL()), http.StatusCreated, nil)
	n.made(n.bob, "POST", "/sync?wait=true", "", http.StatusOK, nil)
	state := func() (s types.StatusReport) {
		n.made(n.bob, "GET", "/status", "", http.StatusOK, &s)
		return s
	}
	if s := state(); len(s.Accounts) != 1 || s.Accounts[0].State != calbell.SyncOK || s.Calendars[0].State != calbell.SyncOK {
		t.Errorf("%+v", s.Accounts)
	}
	n.calendars.AddUser("bob", "another")
	var rows []json.RawMessage
	n.made(n.bob, "POST", "/sync?wait=true", "", http.StatusOK, &rows)
	if s := state(); s.Accounts[0].State != calbell.SyncFailing || !s.Accounts[0].Whole || s.Calendars[0].State != calbell.SyncFailing {
		t.Errorf("%+v", s.Accounts)
	}
}
