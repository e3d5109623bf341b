package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api"
	"calbell/api/client"
	"calbell/api/types"
	"calbell/service/servicetest"
)

// served is a client of the API over a real store, spoken to over a socket as the command line does.
type served struct {
	*servicetest.World
	c        *client.Client
	calendar calbell.Calendar
	event    string
}

func serve(t *testing.T) *served {
	t.Helper()
	w := servicetest.New(t)
	w.User("Bob", calbell.RoleMember)
	w.Webhook("Bob", "mine", false)
	s := &served{World: w, calendar: w.Account("Bob", "bobs", "Own")}
	s.event = w.Event(s.calendar, "Meeting", time.Now().Add(48*time.Hour), "")
	h := api.Handler(w.Service, "v0.0.0-test", func(*http.Request) calbell.Caller { return calbell.LocalAdmin() }, nil)
	s.c = client.New(listen(t, h))
	return s
}

// listen has a handler answer at a socket.
func listen(t *testing.T, h http.Handler) (socket string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: h}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return socket
}

// Each method asks for the operation that it is named for, and returns what that answers; all methods
// are tried.
func TestEveryMethod(t *testing.T) {
	s := serve(t)
	ctx, lead := t.Context(), []calbell.Lead{{Exact: time.Hour}}
	owner := "Bob"
	account := types.NewAccount{Name: "more", URL: "https://cal.example.org", Username: "b", Password: "x", Owner: &owner}
	hook := types.NewWebhook{Name: "more", URL: "https://chat.example.org/hooks/x", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat}}
	rule := types.NewRule{Name: "r", Owner: &owner, RuleSpec: calbell.RuleSpec{Subject: "meet", Webhooks: []string{"bob.mine"}}}
	reminder := types.NewReminder{Event: s.event, Webhook: "mine", Before: lead}
	var binding calbell.BindingID
	var delivery calbell.ReminderID
	var token calbell.TokenID
	var backup bytes.Buffer
	tried := map[string]bool{}
	for _, m := range []struct {
		name string
		ask  func() (any, error)
		want string // part of what comes back
	}{
		{"Status", func() (any, error) { return answer(s.c.Status(ctx)) }, `"version":"v0.0.0-test"`},
		{"Reload", func() (any, error) { return answer(s.c.Reload(ctx)) }, "{"},
		{"Sync", func() (any, error) { return answer(s.c.Sync(ctx, "Own")) }, `"account":"bob.bobs"`},
		{"StartSync", func() (any, error) { return nil, s.c.StartSync(ctx, "") }, ""},
		{"Syncing", func() (any, error) { return answer(s.c.Syncing(ctx)) }, `"account":"bob.bobs"`},
		{"Calendars", func() (any, error) { return answer(s.c.Calendars(ctx)) }, `"name":"Own"`},
		{"Calendar", func() (any, error) { return answer(s.c.Calendar(ctx, "bob.bobs/Own")) }, `"name":"Own"`},
		{"EditCalendar", func() (any, error) { return answer(s.c.EditCalendar(ctx, "Own", client.Patch{"webhook": "bob.mine"})) }, `"webhooks":["bob.mine"]`},
		{"Webhooks", func() (any, error) { return answer(s.c.Webhooks(ctx)) }, `"id":"bob.mine"`},
		{"AddWebhook", func() (any, error) { return answer(s.c.AddWebhook(ctx, hook)) }, `"id":"more"`},
		{"EditWebhook", func() (any, error) { return answer(s.c.EditWebhook(ctx, "more", client.Patch{"template": "x"})) }, `"template":"x"`},
		{"TestWebhook", func() (any, error) {
			r, err := s.c.TestWebhook(ctx, "more", "all-day")
			return r, err
		}, `"verdict":"accepted"`},
		{"RemoveWebhook", func() (any, error) { return nil, s.c.RemoveWebhook(ctx, "more") }, ""},
		{"Accounts", func() (any, error) { return answer(s.c.Accounts(ctx)) }, `"id":"bob.bobs"`},
		{"Discover", func() (any, error) { return answer(s.c.Discover(ctx, account)) }, `"calendars"`},
		{"AddAccount", func() (any, error) { return answer(s.c.AddAccount(ctx, account)) }, `"id":"bob.more"`},
		{"EditAccount", func() (any, error) {
			return answer(s.c.EditAccount(ctx, "more", client.Patch{"time_zone": "Europe/Zurich"}))
		}, `"time_zone":"Europe/Zurich"`},
		{"AccountRemoval", func() (any, error) { return answer(s.c.AccountRemoval(ctx, "more")) }, `"name":"more"`},
		{"RemoveAccount", func() (any, error) { return nil, s.c.RemoveAccount(ctx, "more") }, ""},
		{"AddRule", func() (any, error) { return answer(s.c.AddRule(ctx, rule)) }, `"name":"r"`},
		{"Rules", func() (any, error) { return answer(s.c.Rules(ctx)) }, `"name":"r"`},
		{"TestRules", func() (any, error) { return answer(s.c.TestRules(ctx, s.event)) }, `"matches":true`},
		{"EditRule", func() (any, error) {
			return answer(s.c.EditRule(ctx, "r", client.Patch{"subject": nil, "location": "x"}))
		}, `"location":"x"`},
		{"RemoveRule", func() (any, error) { return nil, s.c.RemoveRule(ctx, "r") }, ""},
		{"Events", func() (any, error) { return answer(s.c.Events(ctx, types.EventQuery{Search: "meet", Limit: 3})) }, `"subject":"Meeting"`},
		{"BadEvents", func() (any, error) { return answer(s.c.BadEvents(ctx)) }, "[]"},
		{"Event", func() (any, error) { return answer(s.c.Event(ctx, s.event)) }, `"subject":"Meeting"`},
		{"Explain", func() (any, error) { return answer(s.c.Explain(ctx, s.event)) }, `"subject":"Meeting"`},
		{"PreviewReminder", func() (any, error) { return answer(s.c.PreviewReminder(ctx, reminder)) }, `"fires":[{`},
		{"AddReminder", func() (any, error) {
			r, err := s.c.AddReminder(ctx, reminder)
			if err == nil {
				binding = r.Bindings[0].ID
				s.World.Event(s.calendar, "Meeting", time.Now().Add(48*time.Hour), "")
			}
			return r, err
		}, `"webhook":"bob.mine"`},
		{"Upcoming", func() (any, error) {
			rows, err := s.c.Upcoming(ctx, 10)
			if len(rows) > 0 {
				delivery = rows[0].ID
			}
			return rows, err
		}, `"webhook":"bob.mine"`},
		{"History", func() (any, error) {
			return answer(s.c.History(ctx, types.DeliveryQuery{Statuses: []calbell.Status{calbell.StatusSent, calbell.StatusDead}, Limit: 5, Since: time.Now().Add(-time.Hour)}))
		}, `"notice":"test"`},
		{"Delivery", func() (any, error) { return answer(s.c.Delivery(ctx, string(delivery))) }, `"status":"planned"`},
		{"Resend", func() (any, error) {
			return answer(s.c.Resend(ctx, types.ResendRequest{Webhook: "bob.mine", Since: time.Now().Add(-time.Hour)}))
		}, `"planned":0`},
		{"RemoveReminder", func() (any, error) { return nil, s.c.RemoveReminder(ctx, string(binding)) }, ""},
		{"Unmute", func() (any, error) { return answer(s.c.Unmute(ctx, s.event, "")) }, "0"},
		{"Pause", func() (any, error) {
			return answer(s.c.Pause(ctx, types.PauseRequest{Webhook: "bob.mine", Until: time.Now().Add(time.Hour)}))
		}, `"webhook_name":"mine"`},
		{"Pauses", func() (any, error) { return answer(s.c.Pauses(ctx)) }, `"webhook_name":"mine"`},
		{"AddSetupLink", func() (any, error) { return answer(s.c.AddSetupLink(ctx)) }, "/setup/"},
		{"AddUser", func() (any, error) { return answer(s.c.AddUser(ctx, types.NewUser{Name: "Dora", CalDAV: true})) }, `"name":"Dora"`},
		{"Users", func() (any, error) { return answer(s.c.Users(ctx)) }, `"name":"Dora"`},
		{"EditUser", func() (any, error) { return answer(s.c.EditUser(ctx, "dora", client.Patch{"locale": "fr"})) }, `"locale":"fr"`},
		{"SetPassword", func() (any, error) { return nil, s.c.SetPassword(ctx, "dora", servicetest.Password) }, ""},
		{"UserRemoval", func() (any, error) { return answer(s.c.UserRemoval(ctx, "dora")) }, `"name":"Dora"`},
		{"RemoveUser", func() (any, error) { return nil, s.c.RemoveUser(ctx, "dora") }, ""},
		{"AddToken", func() (any, error) {
			m, err := s.c.AddToken(ctx, types.NewToken{Name: "t", User: "bob", Scopes: []calbell.Scope{calbell.ScopeRead}})
			token = m.ID
			return m, err
		}, `"text":"calbell_`},
		{"Tokens", func() (any, error) { return answer(s.c.Tokens(ctx)) }, `"name":"t"`},
		{"RemoveToken", func() (any, error) { return nil, s.c.RemoveToken(ctx, string(token)) }, ""},
		{"CheckStore", func() (any, error) { return answer(s.c.CheckStore(ctx)) }, `"took_ms"`},
		{"Backup", func() (any, error) {
			n, err := s.c.Backup(ctx, &backup)
			if n != int64(backup.Len()) {
				t.Errorf("a backup of %d bytes has %d", backup.Len(), n)
			}
			return backup.String(), err
		}, "backup"},
	} {
		tried[m.name] = true
		got, err := m.ask()
		text, jsonErr := json.Marshal(got)
		if err != nil || jsonErr != nil || m.want != "" && !strings.Contains(string(text), m.want) {
			t.Errorf("%s: %.300s, %v, want %s", m.name, text, err, m.want)
		}
	}
	tried["ApplyCalendar"] = true // which is refused: TestRefusals
	for m := range reflect.TypeFor[*client.Client]().Methods() {
		if !tried[m.Name] {
			t.Errorf("%s is not tried", m.Name)
		}
	}
}

func answer[T any](v T, err error) (any, error) { return v, err }

// A refusal arrives as the error that it was: its kind, which decides the exit code, its words and its
// next step.
func TestRefusals(t *testing.T) {
	s := serve(t)
	ctx := t.Context()
	for _, tt := range []struct {
		rule       string
		err        error
		kind       calbell.ErrorKind
		text, hint string
	}{
		{"not found", only(s.c.Event(ctx, "none")), calbell.KindNotFound, `no event "none"`, ""},
		{"a name with a slash", only(s.c.Calendar(ctx, "a/b?c#d")), calbell.KindNotFound, `no calendar "a/b?c#d"`, "calbell calendar list"},
		{"nearly right", s.c.RemoveAccount(ctx, "bob"), calbell.KindNotFound, "no account", `did you mean "bobs"?`},
		{"a rule", only(s.c.ApplyCalendar(ctx, "Own")), calbell.KindUsage, "nothing is held back", "calbell sync own"},
		{"a schema", only(s.c.AddWebhook(ctx, types.NewWebhook{})), calbell.KindUsage, "name", "openapi.json"},
		{"an unknown field", only(s.c.EditUser(ctx, "bob", client.Patch{"local": "fr"})), calbell.KindUsage, `did you mean "locale"?`, "openapi.json"},
	} {
		if calbell.KindOf(tt.err) != tt.kind || !strings.Contains(tt.err.Error(), tt.text) || !strings.Contains(calbell.HintOf(tt.err).English, tt.hint) {
			t.Errorf("%s: %v (%s, kind %d), want %q (%s, kind %d)", tt.rule, tt.err, calbell.HintOf(tt.err), calbell.KindOf(tt.err), tt.text, tt.hint, tt.kind)
		}
	}
}

func only[T any](_ T, err error) error { return err }

// What is no answer of the daemon's is an error of its own, and so is one that breaks off.
func TestStrangeAnswers(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"no JSON":              {http.StatusOK, "<html>", "read the daemon's answer"},
		"half of it":           {http.StatusOK, `{"version":"v`, "read the daemon's answer"},
		"an error of a proxy":  {http.StatusBadGateway, "<html>", "the daemon answered 502"},
		"an empty problem":     {http.StatusTeapot, "{}", "the daemon answered 418"},
		"a problem":            {http.StatusTeapot, `{"detail":"no coffee","hint":"take tea","kind":9}`, "no coffee"},
		"an address elsewhere": {http.StatusFound, "", "the daemon answered 302"},
	} {
		c := client.New(listen(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(tt.status)
			_, _ = w.Write([]byte(tt.body))
		})))
		if _, err := c.Status(t.Context()); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	breaks := client.New(listen(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("some of it"))
		panic(http.ErrAbortHandler)
	})))
	var got bytes.Buffer
	if _, err := breaks.Backup(t.Context(), &got); err == nil || !strings.Contains(err.Error(), "the backup") && !strings.Contains(err.Error(), "EOF") {
		t.Errorf("a backup that breaks off: %v with %q", err, got.String())
	}
}

// Where no daemon answers, the error says why and what to do.
func TestNoDaemon(t *testing.T) {
	dir := t.TempDir()
	dead, err := net.Listen("unix", filepath.Join(dir, "dead"))
	if err != nil {
		t.Fatal(err)
	}
	dead.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = dead.Close()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"none": "no daemon at", "dead": "has ended", "file": "has ended"} {
		_, err := client.New(filepath.Join(dir, name)).Status(t.Context())
		if calbell.KindOf(err) != calbell.KindNoDaemon || !strings.Contains(err.Error(), want) || !strings.Contains(calbell.HintOf(err).English, "calbell serve") {
			t.Errorf("%s: %v (%s), want %q", name, err, calbell.HintOf(err), want)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.New(filepath.Join(dir, "none")).Status(gone); err == nil || calbell.KindOf(err) == calbell.KindNoDaemon {
		t.Errorf("a caller who has gone: %v", err)
	}
}
