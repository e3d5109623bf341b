package daemon

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"maps"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"calbell"
	"calbell/config"
)

// change is how a test changes one key of the file, and asks the running program for it.
type change struct {
	to    map[string]string // the key with its new value, and those that it goes with
	probe func(*testing.T, *Daemon) any
}

// inForce asks for the value that the program reads each time that it uses it.
func inForce(get func(*config.Config) any) func(*testing.T, *Daemon) any {
	return func(_ *testing.T, d *Daemon) any { return get(d.config.Load()) }
}

// to is the change of one key alone.
func to(key, value string, probe func(*testing.T, *Daemon) any) change {
	return change{map[string]string{key: value}, probe}
}

// madeWith asks for an option that a part of the program was made with.
func madeWith(of func(*Daemon) any, option string) func(*testing.T, *Daemon) any {
	return func(_ *testing.T, d *Daemon) any {
		return reflect.ValueOf(of(d)).Elem().FieldByName("o").FieldByName(option).Int()
	}
}

// made asks whether there is a file.
func made(path string) func(*testing.T, *Daemon) any {
	return func(*testing.T, *Daemon) any { return exists(path) }
}

// reloadable are changes of the keys that a reload puts in force.
func reloadable(dir string) map[string]change {
	calendar := calbell.Calendar{ID: "c", Account: "home", Name: "Team", SyncedAt: time.Unix(1e9, 0)}
	elsewhere := filepath.Join(dir, "elsewhere")
	return map[string]change{
		"time_zone":            to("time_zone", "Asia/Tokyo", func(_ *testing.T, d *Daemon) any { return d.Policy().Zone().String() }),
		"locale":               to("locale", "it", func(_ *testing.T, d *Daemon) any { return d.Policy().Locale() }),
		"data.keep_deliveries": to("data.keep_deliveries", "7d", inForce(func(c *config.Config) any { return c.Data.KeepDeliveries })),
		"data.backup": to("data.backup", elsewhere, func(t *testing.T, d *Daemon) any {
			d.upkeep.snapshotIfOld(t.Context())
			return len(snapshots(elsewhere))
		}),
		"data.keep_snapshots": to("data.keep_snapshots", "7", inForce(func(c *config.Config) any { return c.Data.KeepSnapshots })),
		"auth.password":       to("auth.password", "false", func(_ *testing.T, d *Daemon) any { return d.servers.PasswordsAllowed() }),
		"auth.caldav.url": to("auth.caldav.url", "https://other.example.org/", func(_ *testing.T, d *Daemon) any {
			url, _ := d.servers.SignInServer()
			return url
		}),
		"auth.caldav.create": to("auth.caldav.create", "true", func(_ *testing.T, d *Daemon) any { _, create := d.servers.SignInServer(); return create }),
		"log.level":          to("log.level", "error", func(t *testing.T, d *Daemon) any { return d.log.Enabled(t.Context(), slog.LevelWarn) }),
		"sync.interval": to("sync.interval", "1h", func(_ *testing.T, d *Daemon) any {
			return fmt.Sprint(d.syncer.Overdue(calendar), len(d.retime)) // the second: the timetable is to be made anew
		}),
		"sync.timeout":           to("sync.timeout", "1s", func(_ *testing.T, d *Daemon) any { return d.servers.remote().Timeout }),
		"sync.before_reminders":  to("sync.before_reminders", "false", inForce(func(c *config.Config) any { return c.Sync.BeforeReminders })),
		"scheduler.all_day_time": to("scheduler.all_day_time", "01:00", func(_ *testing.T, d *Daemon) any { return d.Policy().AllDayTime() }),
		"scheduler.skip":         to("scheduler.skip", "[free]", func(_ *testing.T, d *Daemon) any { return d.Policy().Key(calendar) }),
		"delivery.timeout":       to("delivery.timeout", "1s", func(_ *testing.T, d *Daemon) any { return d.sender.p.Load().Options().Timeout }),
		"delivery.error_webhook": to("delivery.error_webhook", "team", func(_ *testing.T, d *Daemon) any { return d.errorWebhook() }),
		"delivery.proxy":         to("delivery.proxy", "http://a:other@proxy.example.org:1", func(_ *testing.T, d *Daemon) any { return fmt.Sprint(d.sender.p.Load().Options().Proxy) }),
		"delivery.private_networks": to("delivery.private_networks", "[10.0.0.0/8]", func(_ *testing.T, d *Daemon) any {
			return fmt.Sprint(d.sender.p.Load().Options().PrivateNetworks, d.servers.remote().PrivateNetworks)
		}),
		"accounts": to("accounts", "[{name: home, url: 'https://cloud.example.org/', username: anna, password: other}]",
			func(_ *testing.T, d *Daemon) any { return d.Accounts().All()[0].Password.Reveal() }),
		"webhooks": to("webhooks", "[{name: team, url: 'https://chat.example.org/hooks/x', kind: json, quiet: {from: 19:00, to: 07:00}}]", func(t *testing.T, d *Daemon) any {
			all, err := d.store.Webhooks().All(t.Context())
			return fmt.Sprint(all[0].Kind, all[0].Quiet != nil, err)
		}),
		"rules":   to("rules", "[{name: r, mode: 'off'}]", func(_ *testing.T, d *Daemon) any { return len(d.Rules()) }),
		"digests": to("digests", "[{name: d, cron: 0 7 * * *, webhook: team}]", inForce(func(c *config.Config) any { return len(c.Digests) })),
	}
}

// restartable are changes of the keys that a reload leaves to the next start.
func restartable(dir string) map[string]change {
	file := func(name string) string { return filepath.Join(dir, name) }
	tls := map[string]string{"server.tls.cert": file("cert.pem"), "server.tls.key": file("key.pem")}
	dispatcher := func(d *Daemon) any { return d.dispatcher }
	speaksTLS := func(t *testing.T, d *Daemon) any { _, scheme := pageAnswers(t, d, ""); return scheme }
	return map[string]change{
		"data.path":     to("data.path", file("other.db"), made(file("other.db"))),
		"data.key_file": to("data.key_file", file("other.key"), func(_ *testing.T, d *Daemon) any { return exists(d.config.Load().Data.Path + ".key") }),
		"server.listen": to("server.listen", "127.0.0.2:0", func(_ *testing.T, d *Daemon) any { return d.self.at.Load().Addr() }),
		"server.socket": to("server.socket", file("t"), made(file("t"))),
		"server.base_url": to("server.base_url", "https://base.example.org", func(t *testing.T, d *Daemon) any {
			status, _ := pageAnswers(t, d, "base.example.org")
			return fmt.Sprint(status, d.BaseURL() == "https://base.example.org")
		}),
		"server.hosts":           to("server.hosts", "[bell.example.org]", func(t *testing.T, d *Daemon) any { status, _ := pageAnswers(t, d, "bell.example.org"); return status }),
		"server.trusted_proxies": to("server.trusted_proxies", "[10.0.0.0/8]", inForce(func(c *config.Config) any { return len(c.Server.TrustedProxies) })),
		"server.tls.cert":        {tls, speaksTLS},
		"server.tls.key":         {tls, speaksTLS},
		"log.format":             to("log.format", "json", inForce(func(c *config.Config) any { return c.Log.Format })), // the command makes the log: see settings.txtar
		"sync.concurrency":       to("sync.concurrency", "3", madeWith(func(d *Daemon) any { return d.syncer }, "Concurrency")),
		"scheduler.late_window": to("scheduler.late_window", "2h", func(t *testing.T, d *Daemon) any {
			syncer, digests := madeWith(func(d *Daemon) any { return d.syncer }, "LateWindow"), madeWith(func(d *Daemon) any { return d.digests }, "LateWindow")
			return fmt.Sprint(madeWith(dispatcher, "LateWindow")(t, d), syncer(t, d), digests(t, d))
		}),
		"delivery.in_flight": to("delivery.in_flight", "3", madeWith(dispatcher, "InFlight")),
		"delivery.per_host": to("delivery.per_host", "4", func(t *testing.T, d *Daemon) any {
			return fmt.Sprint(madeWith(dispatcher, "PerHost")(t, d), d.sender.p.Load().Options().MaxPerHost)
		}),
	}
}

// pageAnswers asks the page for its sign-in under the name of a host, and returns the status and whether
// it speaks https or http.
func pageAnswers(t *testing.T, d *Daemon, host string) (status int, scheme string) {
	t.Helper()
	at := d.self.at.Load().String()
	c := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	for _, scheme := range []string{"https", "http"} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", scheme+"://"+at+"/static/app.css", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		resp, err := c.Do(req)
		if err == nil {
			resp.Body.Close()
			return resp.StatusCode, scheme
		}
	}
	t.Fatal("nobody answers at " + at)
	return 0, ""
}

// configured is a program with its file, which begins with what each start needs.
type configured struct {
	*testing.T
	dir  string
	base map[string]string
	d    *Daemon
	end  func()
}

// configure starts a program whose loops do not run: it answers, and does nothing by itself.
func configure(t *testing.T) *configured {
	t.Helper()
	dir, err := os.MkdirTemp("", "cb") // a socket's path has little room
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	c := &configured{T: t, dir: dir, end: func() {}, base: map[string]string{
		"data.path": "calbell.db", "server.listen": "127.0.0.1:0", "server.socket": "s", "auth.caldav.url": "https://cloud.example.org/",
		"delivery.proxy": "http://a:b@proxy.example.org:1",
		"webhooks":       "[{name: team, url: 'https://chat.example.org/hooks/x', kind: kchat}]",
		"accounts":       "[{name: home, url: 'https://cloud.example.org/', username: anna, password: x}]",
	}}
	for _, name := range []string{"other.key", "credential"} {
		c.write(name, strings.Repeat("0f", 32))
	}
	selfSigned(t, filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	t.Cleanup(func() { c.end() })
	return c
}

func (c *configured) write(name, text string) {
	c.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
		c.Fatal(err)
	}
}

// file writes the file with some keys changed.
func (c *configured) file(changed ...map[string]string) {
	c.Helper()
	keys := maps.Clone(c.base)
	for _, some := range changed {
		maps.Copy(keys, some)
	}
	tree := map[string]any{}
	for key, value := range keys {
		parts, at := strings.Split(key, "."), tree
		for _, part := range parts[:len(parts)-1] {
			if at[part] == nil {
				at[part] = map[string]any{}
			}
			at = at[part].(map[string]any)
		}
		at[parts[len(parts)-1]] = value
	}
	c.write("config.yaml", written(tree))
}

// written is a mapping of texts as YAML, in flow style.
func written(tree map[string]any) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(tree)) {
		if below, ok := tree[key].(map[string]any); ok {
			parts = append(parts, key+": "+written(below))
			continue
		}
		value := tree[key].(string)
		if !strings.HasPrefix(value, "[") {
			value = "'" + value + "'"
		}
		parts = append(parts, key+": "+value)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func (c *configured) load() (*config.Config, error) {
	env := map[string]string{"TZ": "UTC", "CREDENTIALS_DIRECTORY": c.dir}
	return config.Load(filepath.Join(c.dir, "config.yaml"), func(name string) string { return env[name] })
}

// start starts the program, or starts it again, by its file.
func (c *configured) start() {
	c.Helper()
	c.end()
	cfg, err := c.load()
	if err != nil {
		c.Fatal(err)
	}
	level := new(slog.LevelVar)
	level.Set(cfg.Log.Level)
	c.d, err = New(cfg, Options{Version: "test", Level: level, Log: slog.New(slog.NewTextHandler(c.Output(), &slog.HandlerOptions{Level: level})), Load: c.load})
	if err != nil {
		c.Fatal(err)
	}
	c.d.health.note(func(s *state) { s.findings = 0 })
	stop, err := c.d.front.listen(func(err error) { c.Error(err) })
	if err != nil {
		c.Fatal(err)
	}
	c.end = sync.OnceFunc(func() {
		stop()
		if err := c.d.Close(); err != nil {
			c.Error(err)
		}
	})
}

// reload has the program read its file again, and wants these keys in force and those waiting.
func (c *configured) reload(inForce, waiting []string) {
	c.Helper()
	drain(c.d.retime)
	r, err := c.d.Reload(c.Context())
	if err != nil {
		c.Fatal(err)
	}
	if !slices.Equal(r.InForce, inForce) || !slices.Equal(r.Waiting, waiting) {
		c.Errorf("in force are %q and %q wait, want %q and %q", r.InForce, r.Waiting, inForce, waiting)
	}
	marked := map[string]bool{}
	for _, row := range c.d.Settings() {
		if row.Waits {
			marked[strings.TrimSuffix(row.Key, "[0]")] = true
		}
	}
	if !slices.Equal(slices.Sorted(maps.Keys(marked)), slices.Sorted(slices.Values(waiting))) {
		c.Errorf("%v are shown as waiting, want %q", marked, waiting)
	}
}

// takesEffect wants a change to be in force once the file is read again.
func (c *configured) takesEffect(key string, at change) {
	c.Helper()
	drain(c.d.retime)
	was := at.probe(c.T, c.d)
	c.file(at.to)
	c.reload([]string{key}, []string{})
	if is := at.probe(c.T, c.d); reflect.DeepEqual(is, was) {
		c.Errorf("%s is said to take effect at a reload, but it still is %v", key, is)
	}
	c.file()
	c.reload([]string{key}, []string{})
}

// leftToRestart wants a change to be named and otherwise left alone when the file is read again, and
// returns how it is before the restart.
func (c *configured) leftToRestart(at change) any {
	c.Helper()
	was := at.probe(c.T, c.d)
	c.file(at.to)
	c.reload([]string{}, slices.Sorted(maps.Keys(at.to)))
	if is := at.probe(c.T, c.d); !reflect.DeepEqual(is, was) {
		c.Errorf("%v wait for a restart, but are %v already, not %v", at.to, is, was)
	}
	c.file()
	c.reload([]string{}, []string{})
	return was
}

// Every key of the configuration either takes effect at a reload, which the answer names and the running
// program shows, or the answer names it as waiting, nothing of the running program follows it, and the
// next start does.
func TestEffectsOfEveryKey(t *testing.T) {
	t.Parallel()
	c := configure(t)
	c.file()
	c.start()
	now, later := reloadable(c.dir), restartable(c.dir)
	credential := change{map[string]string{"data.key_credential": "credential"}, made(filepath.Join(c.dir, "third.db.key"))}
	before, all := map[string]any{}, map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(config.Keys())) {
		effect := config.Keys()[key]
		switch {
		case effect == config.AtReload && now[key].probe != nil:
			c.takesEffect(key, now[key])
		case effect == config.AtRestart && later[key].probe != nil:
			before[key] = c.leftToRestart(later[key])
			maps.Copy(all, later[key].to)
		case key == "data.key_credential": // it and data.key_file exclude each other
			c.leftToRestart(credential)
		default:
			t.Errorf("no test changes %s (%s)", key, effect)
		}
	}
	c.file(all)
	c.start()
	for key, change := range later {
		if is := change.probe(t, c.d); reflect.DeepEqual(is, before[key]) {
			t.Errorf("%s is still %v after a restart", key, is)
		}
	}
	c.file(credential.to, map[string]string{"data.path": "third.db"})
	c.start()
	if credential.probe(t, c.d) != false {
		t.Error("a key was made although there is a credential")
	}
}

// drain takes back a note.
func drain(c chan struct{}) {
	select {
	case <-c:
	default:
	}
}

// A folder of snapshots that nobody named stays beside the running database, and waits with it. One that
// has a name is in force at a reload.
func TestSnapshotsStayBesideTheRunningDatabase(t *testing.T) {
	t.Parallel()
	c := configure(t)
	c.file()
	c.start()
	c.file(map[string]string{"data.path": "/srv/calbell/calbell.db"})
	c.reload([]string{}, []string{"data.path", "data.backup"})
	if got := c.d.config.Load().Data.Backup; got != filepath.Join(c.dir, "backup") {
		t.Errorf("snapshots are made in %s", got)
	}
	c.file(map[string]string{"data.path": "/srv/calbell/calbell.db", "data.backup": "/srv/calbell/backup"})
	c.reload([]string{"data.backup"}, []string{"data.path"})
}

// selfSigned writes a certificate and its key.
func selfSigned(t *testing.T, cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 2)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
