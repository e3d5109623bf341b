package daemon

import (
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/caldav/caldavtest"
	"calbell/config"
	"calbell/store"
)

// nobodyAt is an address of this machine at which nothing listens.
func nobodyAt(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// The error webhook is told of each account that was never let in, once, with the reason and what to
// do; and of none that was.
func TestNeverLetInIsNews(t *testing.T) {
	t.Parallel()
	calendars := caldavtest.New(caldavtest.Options{})
	calendars.AddUser("anna", "annas-password")
	calendars.AddUser("eve", "eves-password")
	calendars.AddCalendar("anna", caldavtest.Calendar{Path: "team", Name: "Team"})
	if err := calendars.Start(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { calendars.Close() })
	dir := t.TempDir()
	cfg := config.Default()
	cfg.Data.Path, cfg.Server = filepath.Join(dir, "calbell.db"), config.Server{Socket: filepath.Join(dir, "s"), Listen: "127.0.0.1:0"}
	cfg.Delivery.ErrorWebhook = "ops"
	cfg.Webhooks = []calbell.Webhook{{ID: "ops", Name: "ops", Origin: calbell.OriginFile, URL: "https://chat.example.org/hooks/x", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat}}}
	reasons := map[string]struct{ reason, hint string }{
		"wrong": {"401", "password"}, "empty": {"no calendars", ""}, "closed": {"connection refused", "url right"}, "typo": {"Tema", "\"Team\""},
	}
	add := func(name, url, user, password string, list ...calbell.CalendarSettings) {
		cfg.Accounts = append(cfg.Accounts, calbell.Account{
			Name: name, Origin: calbell.OriginFile, URL: url, Username: user, Password: calbell.Secret(password), Calendars: list,
		})
	}
	add("well", calendars.URL(), "anna", "annas-password")
	add("wrong", calendars.URL(), "anna", "not-her-password")
	add("empty", calendars.URL(), "eve", "eves-password")
	add("closed", "http://"+nobodyAt(t)+"/", "x", "x")
	add("typo", calendars.URL(), "anna", "annas-password", calbell.CalendarSettings{Name: "Tema"})
	d, err := New(cfg, Options{Version: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	for _, a := range cfg.Accounts {
		if err := d.syncer.Sync(t.Context(), calbell.SyncRequest{Account: a}); (err == nil) != (a.Name == "well") {
			t.Errorf("%s: %v", a.Name, err)
		}
	}
	for _, after := range []time.Duration{59 * time.Minute, 61 * time.Minute, 3 * time.Hour} {
		if err := d.notifier.Look(t.Context(), time.Now().Add(after)); err != nil {
			t.Fatal(err)
		}
		news, err := d.store.Upcoming(t.Context(), store.UpcomingQuery{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		told := map[string]bool{}
		for _, n := range news {
			if n.Webhook != "ops" || n.Notice == nil || n.Notice.Kind != calbell.NoticeFailing {
				continue
			}
			want, known := reasons[n.Notice.Subject]
			if told[n.Notice.Subject] || !known || !strings.Contains(n.Notice.Reason.English, want.reason) || !strings.Contains(n.Notice.Hint.English, want.hint) {
				t.Errorf("after %v: %+v", after, n.Notice)
			}
			told[n.Notice.Subject] = true
		}
		if want := len(reasons); after > time.Hour && len(told) != want || after < time.Hour && len(told) > 0 {
			t.Errorf("after %v: %v", after, told)
		}
	}
}
