package daemon

import (
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/config"
)

// change is how a test changes one key of the configuration, and asks the running program for it.
type change struct {
	set   func(*config.Config)
	probe func(*Daemon) any
}

// inForce asks for the value that the program reads each time that it uses it.
func inForce(get func(*config.Config) any) func(*Daemon) any {
	return func(d *Daemon) any { return get(d.config.Load()) }
}

// reloadable are the keys that a reload puts in force.
func reloadable(t *testing.T, dir string) map[string]change {
	calendar := calbell.Calendar{ID: "c", Account: "home", Name: "Team", SyncedAt: time.Unix(1e9, 0)}
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	network := []calbell.Network{{Prefix: netip.MustParsePrefix("10.0.0.0/8")}}
	return map[string]change{
		"time_zone":            {func(c *config.Config) { c.TimeZone, c.TimeZoneName = zone, "Asia/Tokyo" }, func(d *Daemon) any { return d.Policy().Zone().String() }},
		"locale":               {func(c *config.Config) { c.Locale = "it" }, func(d *Daemon) any { return d.Policy().Locale() }},
		"data.keep_deliveries": {func(c *config.Config) { c.Data.KeepDeliveries = config.MinKeep }, inForce(func(c *config.Config) any { return c.Data.KeepDeliveries })},
		"data.backup": {func(c *config.Config) { c.Data.Backup = filepath.Join(dir, "elsewhere") }, func(d *Daemon) any {
			d.upkeep.snapshot(t.Context())
			return len(snapshots(filepath.Join(dir, "elsewhere")))
		}},
		"data.keep_snapshots": {func(c *config.Config) { c.Data.KeepSnapshots = 7 }, inForce(func(c *config.Config) any { return c.Data.KeepSnapshots })},
		"auth.password":       {func(c *config.Config) { c.Auth.Password = false }, func(d *Daemon) any { return d.servers.PasswordsAllowed() }},
		"auth.caldav.url":     {func(c *config.Config) { c.Auth.CalDAV = "https://cloud.example.org/" }, func(d *Daemon) any { url, _ := d.servers.SignInServer(); return url }},
		"auth.caldav.create":  {func(c *config.Config) { c.Auth.Create = true }, func(d *Daemon) any { _, create := d.servers.SignInServer(); return create }},
		"log.level":           {func(c *config.Config) { c.Log.Level = slog.LevelError }, func(d *Daemon) any { return d.log.Enabled(t.Context(), slog.LevelWarn) }},
		"sync.interval": {func(c *config.Config) { c.Sync.Interval = time.Hour }, func(d *Daemon) any {
			return fmt.Sprint(d.syncer.Overdue(calendar), len(d.retime)) // the second: the timetable is to be made anew
		}},
		"sync.timeout":           {func(c *config.Config) { c.Sync.Timeout = time.Second }, func(d *Daemon) any { return d.servers.remote().Timeout }},
		"sync.before_reminders":  {func(c *config.Config) { c.Sync.BeforeReminders = false }, inForce(func(c *config.Config) any { return c.Sync.BeforeReminders })},
		"scheduler.all_day_time": {func(c *config.Config) { c.Scheduler.AllDayTime = time.Hour }, func(d *Daemon) any { return d.Policy().AllDayTime() }},
		"scheduler.skip":         {func(c *config.Config) { c.Scheduler.Skip = []string{"free"} }, func(d *Daemon) any { return d.Policy().Key(calendar) }},
		"delivery.timeout":       {func(c *config.Config) { c.Delivery.Timeout = time.Second }, func(d *Daemon) any { return d.sender.p.Load().Options().Timeout }},
		"delivery.error_webhook": {func(c *config.Config) { c.Delivery.ErrorWebhook = "team" }, func(d *Daemon) any { return d.errorWebhook() }},
		"delivery.proxy":         {func(c *config.Config) { c.Delivery.Proxy = "http://proxy.example.org:1" }, func(d *Daemon) any { return fmt.Sprint(d.sender.p.Load().Options().Proxy) }},
		"delivery.private_networks": {func(c *config.Config) { c.Delivery.PrivateNetworks = network }, func(d *Daemon) any {
			return fmt.Sprint(d.sender.p.Load().Options().PrivateNetworks, d.servers.remote().PrivateNetworks)
		}},
		"accounts": {func(c *config.Config) { c.Accounts[0].Username = "bea" }, func(d *Daemon) any { return d.Accounts().All()[0].Username }},
		"webhooks": {func(c *config.Config) { c.Webhooks[0].Name = "other" }, func(d *Daemon) any {
			all, err := d.store.Webhooks().All(t.Context())
			return fmt.Sprint(all[0].Name, err)
		}},
		"rules": {func(c *config.Config) {
			c.Rules = []calbell.Rule{{Name: "r", RuleSpec: calbell.RuleSpec{Mode: calbell.ModeOff}}}
		}, func(d *Daemon) any { return len(d.Rules()) }},
		"digests": {func(c *config.Config) {
			c.Digests = []calbell.Digest{{Name: "d", Cron: "0 7 * * *", Webhook: "team", Days: 1}}
		}, inForce(func(c *config.Config) any { return len(c.Digests) })},
	}
}

// waiting are the keys that a reload leaves to the next start.
func waiting(dir string) map[string]func(*config.Config) {
	elsewhere := filepath.Join(dir, "elsewhere")
	return map[string]func(*config.Config){
		"data.path":              func(c *config.Config) { c.Data.Path = elsewhere },
		"data.key_file":          func(c *config.Config) { c.Data.KeyFile = elsewhere },
		"data.key_credential":    func(c *config.Config) { c.Data.KeyCredential = "key" },
		"server.listen":          func(c *config.Config) { c.Server.Listen = "127.0.0.1:1" },
		"server.socket":          func(c *config.Config) { c.Server.Socket = elsewhere },
		"server.base_url":        func(c *config.Config) { c.Server.BaseURL = "https://bell.example.org" },
		"server.hosts":           func(c *config.Config) { c.Server.Hosts = []string{"bell.example.org"} },
		"server.trusted_proxies": func(c *config.Config) { c.Server.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} },
		"server.tls.cert":        func(c *config.Config) { c.Server.Cert = elsewhere },
		"server.tls.key":         func(c *config.Config) { c.Server.Key = elsewhere },
		"log.format":             func(c *config.Config) { c.Log.Format = "json" },
		"sync.concurrency":       func(c *config.Config) { c.Sync.Concurrency = 3 },
		"scheduler.late_window":  func(c *config.Config) { c.Scheduler.LateWindow = 2 * time.Hour },
		"delivery.in_flight":     func(c *config.Config) { c.Delivery.InFlight = 3 },
		"delivery.per_host":      func(c *config.Config) { c.Delivery.PerHost = 3 },
	}
}

// reloader is a daemon that reads next at each reload.
func reloader(t *testing.T, dir string) (d *Daemon, next *config.Config) {
	t.Helper()
	cfg := config.Default()
	cfg.Data.Path, cfg.Data.Backup = filepath.Join(dir, "calbell.db"), filepath.Join(dir, "backup")
	cfg.Webhooks = []calbell.Webhook{{ID: "team", Name: "team", Origin: calbell.OriginFile, URL: "https://chat.example.org/hooks/x", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat}}}
	cfg.Accounts = []calbell.Account{{Name: "home", Origin: calbell.OriginFile, URL: "https://cloud.example.org/", Username: "anna"}}
	again := *cfg
	again.Webhooks, again.Accounts = slices.Clone(cfg.Webhooks), slices.Clone(cfg.Accounts)
	level := new(slog.LevelVar)
	d, err := New(cfg, Options{
		Version: "test", Level: level, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: level})),
		Load: func() (*config.Config, error) { return &again, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	d.health.note(func(s *state) { s.findings = 0 })
	return d, &again
}

// Every key of the configuration either takes effect at a reload, which the running program shows,
// or the reload names it, and nothing of the running program follows it before the restart.
func TestEffectsOfAReload(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d, next := reloader(t, dir)
	original := *next
	reload := func(set func(*config.Config)) types.ReloadReport {
		t.Helper()
		*next = original
		next.Webhooks, next.Accounts = slices.Clone(original.Webhooks), slices.Clone(original.Accounts)
		set(next)
		r, err := d.Reload(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	now, later := reloadable(t, dir), waiting(dir)
	for _, key := range slices.Sorted(maps.Keys(config.Keys())) {
		effect := config.Keys()[key]
		drain(d.retime)
		switch {
		case effect == config.AtReload && now[key].set != nil:
			before := now[key].probe(d)
			if r := reload(now[key].set); len(r.Waiting) > 0 {
				t.Errorf("%s: %q wait", key, r.Waiting)
			}
			if after := now[key].probe(d); reflect.DeepEqual(after, before) {
				t.Errorf("%s is said to take effect at a reload, but it still is %v", key, after)
			}
		case effect == config.AtRestart && later[key] != nil:
			if r := reload(later[key]); !slices.Equal(r.Waiting, []string{key}) {
				t.Errorf("%s was changed, and %q wait", key, r.Waiting)
			}
			if still := d.config.Load().Waiting(&original); len(still) > 0 {
				t.Errorf("%s: %q are in force before the restart", key, still)
			}
		default:
			t.Errorf("no test changes %s (%s)", key, effect)
		}
		if r := reload(func(*config.Config) {}); len(r.Waiting) > 0 {
			t.Errorf("%s was put back, and %q wait", key, r.Waiting)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "elsewhere", "calbell.db")); err == nil {
		t.Error("a database was made elsewhere")
	}
}

// drain takes back a note.
func drain(c chan struct{}) {
	select {
	case <-c:
	default:
	}
}

// A folder of snapshots that nobody named stays beside the running database.
func TestSnapshotsStayBesideTheRunningDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d, next := reloader(t, dir)
	next.Data.Path, next.Data.Backup = "/srv/calbell/calbell.db", "/srv/calbell/backup"
	if _, err := d.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := d.config.Load().Data.Backup; got != filepath.Join(dir, "backup") {
		t.Errorf("snapshots are made in %s", got)
	}
}
