package config

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"calbell"
)

// write puts files into a folder of their own and returns it.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// from returns the environment that a map holds, on a machine at UTC.
func from(env map[string]string) func(string) string {
	return func(name string) string {
		if name == "TZ" && env["TZ"] == "" {
			return "UTC"
		}
		return env[name]
	}
}

const smallFile = `time_zone: Europe/Zurich
locale: en
data:
  path: calbell.db
server:
  listen: 127.0.0.1:8470
  socket: calbell.sock
sync:
  interval: 60s
delivery:
  private_networks: [127.0.0.0/8]     # chats in these networks may be reached, by plain http too; empty by default
accounts:
  - name: home
    url: http://127.0.0.1:5232/
    username: alice
    password_file: alice.password     # also password, password_credential
    calendars:                        # without this list all are synced, and stay silent until something is attached
      - name: team                    # display name, or the last part of its path
        webhook: team                 # where its alarms go
webhooks:
  - name: team
    kind: kchat                       # or slack, json; needed where the URL does not tell it
    url: http://127.0.0.1:9000/hooks/abc   # also url_file, url_credential
    template: |
      **%subject%**, %date%, %location%
      %description%
`

// wantSmall is what smallFile says, in the folder dir.
func wantSmall(t *testing.T, dir string, doc *file) *Config {
	t.Helper()
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.doc = doc
	want.Path = filepath.Join(dir, "config.yaml")
	want.TimeZone, want.TimeZoneName = zurich, "Europe/Zurich"
	want.Data.Path = filepath.Join(dir, "calbell.db")
	want.Data.Backup = filepath.Join(dir, "backup")
	want.Server.Socket = filepath.Join(dir, "calbell.sock")
	want.Sync.Interval = time.Minute
	want.Delivery.PrivateNetworks = []calbell.Network{{Prefix: netip.MustParsePrefix("127.0.0.0/8")}}
	want.Accounts = []calbell.Account{{
		Name: "home", Origin: calbell.OriginFile, URL: "http://127.0.0.1:5232/", Username: "alice", Password: "correct horse",
		Calendars: []calbell.CalendarSettings{{Name: "team", Webhook: "team"}},
	}}
	want.Webhooks = []calbell.Webhook{{
		ID:     "team",
		Name:   "team",
		Origin: calbell.OriginFile,
		URL:    "http://127.0.0.1:9000/hooks/abc",
		WebhookSpec: calbell.WebhookSpec{
			Kind:     calbell.KindKChat,
			Template: "**%subject%**, %date%, %location%\n%description%\n",
		},
	}}
	return want
}

func TestLoad(t *testing.T) {
	dir := write(t, map[string]string{"config.yaml": smallFile, "alice.password": "correct horse\n"})
	got, err := Load(filepath.Join(dir, "config.yaml"), from(nil))
	if err != nil {
		t.Fatal(err)
	}
	if want := wantSmall(t, dir, got.doc); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if err := got.CheckWebhooks(nil); err != nil {
		t.Error(err)
	}
}

// The bytes that editors and systems add or change move nothing.
func TestLoadsTheSameFileInOtherDress(t *testing.T) {
	for name, text := range map[string]string{
		"byte-order mark": "\ufeff" + smallFile,
		"CRLF":            strings.ReplaceAll(smallFile, "\n", "\r\n"),
		"CR":              strings.ReplaceAll(smallFile, "\n", "\r"),
		"document marks":  "---\n" + smallFile + "...\n",
		"no last newline": strings.TrimSuffix(smallFile, "\n") + "\n",
		"other order":     smallFile[strings.Index(smallFile, "accounts"):] + smallFile[:strings.Index(smallFile, "accounts")],
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, map[string]string{"config.yaml": text, "alice.password": "correct horse\r\n"})
			got, err := Load(filepath.Join(dir, "config.yaml"), from(nil))
			if err != nil {
				t.Fatal(err)
			}
			if want := wantSmall(t, dir, got.doc); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestEmptyFilesAreTheDefaults(t *testing.T) {
	for _, text := range []string{"", "\n", "# nothing\n", "---\n", "\ufeff", "null\n", "accounts:\nwebhooks: []\nsync: {}\n"} {
		got, err := Parse([]byte(text), "/etc/calbell/config.yaml", from(nil))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		want := Default()
		want.Path, want.doc = "/etc/calbell/config.yaml", got.doc
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %+v", text, got)
		}
	}
}

func TestLoadReportsAMissingFile(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "none.yaml"), nil)
	if calbell.KindOf(err) != calbell.KindConfig || !errors.Is(err, fs.ErrNotExist) || calbell.HintOf(err).IsZero() {
		t.Errorf("error %v of kind %d, hint %q", err, calbell.KindOf(err), calbell.HintOf(err))
	}
	_, err = Load(t.TempDir(), nil)
	if calbell.KindOf(err) != calbell.KindConfig {
		t.Errorf("a folder: error %v of kind %d", err, calbell.KindOf(err))
	}
}

// Every key of accounts and webhooks arrives in its field.
func TestItems(t *testing.T) {
	got, err := Parse([]byte(`
accounts:
  - name: all
    owner: anna
    url: https://cloud.example.org/dav
    username: anna
    password: '  pass: word '
    addresses: [anna@example.org, 'a@example.org']
    time_zone: America/New_York
    calendars:
      - {name: team, webhook: "Team Chat", time_zone: Asia/Tokyo}
      - name: silent
  - name: none
    url: http://[::1]:8080
    calendars: []
webhooks:
  - name: Team Chat
    owner: anna
    share: true
    url: https://hooks.slack.com/services/T/B/x
    encoding: form
    success: 2xx
    template: "%subject%"
    channel: ops
    username: bell
    icon_url: https://example.org/i.png
    icon_emoji: ":bell:"
    type: custom_x
    attachments: [{title: "%subject%", fields: [{short: true, n: 1, f: 1.5, nothing: ~, s: "1"}]}]
    locale: fr-CH
    time_zone: Europe/Paris
    on_unknown: drop
    previews: false
  - name: Ä
    kind: json
    url: https://example.org/in
    payload: {a: {b: ["%date%"]}}
  - name: mm
    kind: mattermost
    url: https://example.org/other
    previews: true
`), "", from(nil))
	if err != nil {
		t.Fatal(err)
	}
	wantAccounts := []calbell.Account{
		{
			Name:      "all",
			Owner:     "anna",
			Origin:    calbell.OriginFile,
			URL:       "https://cloud.example.org/dav",
			Username:  "anna",
			Password:  "  pass: word ",
			Calendars: []calbell.CalendarSettings{{Name: "team", Webhook: "Team Chat", TimeZone: "Asia/Tokyo"}, {Name: "silent"}},
			AccountSpec: calbell.AccountSpec{
				TimeZone:  "America/New_York",
				Addresses: []string{"anna@example.org", "a@example.org"},
			},
		},
		{Name: "none", Origin: calbell.OriginFile, URL: "http://[::1]:8080", Calendars: []calbell.CalendarSettings{}},
	}
	if !reflect.DeepEqual(got.Accounts, wantAccounts) {
		t.Errorf("accounts are\n%#v\nwant\n%#v", got.Accounts, wantAccounts)
	}
	wantWebhooks := []calbell.Webhook{
		{
			ID:     "team-chat",
			Name:   "Team Chat",
			Origin: calbell.OriginFile,
			Owner:  "anna",
			URL:    "https://hooks.slack.com/services/T/B/x",
			WebhookSpec: calbell.WebhookSpec{
				Share:    true,
				Kind:     calbell.KindSlack,
				Encoding: "form",
				Success:  "2xx",
				Template: "%subject%",
				Attachments: []any{map[string]any{"title": "%subject%", "fields": []any{
					map[string]any{"short": true, "n": int64(1), "f": 1.5, "nothing": nil, "s": "1"},
				}}},
				Locale:    "fr-CH",
				TimeZone:  "Europe/Paris",
				OnUnknown: "drop",
				Previews:  new(false),
				Envelope:  calbell.Envelope{Channel: "ops", Username: "bell", IconURL: "https://example.org/i.png", IconEmoji: ":bell:", Type: "custom_x"},
			},
		},
		{
			ID:     "ä",
			Name:   "Ä",
			Origin: calbell.OriginFile,
			URL:    "https://example.org/in",
			WebhookSpec: calbell.WebhookSpec{
				Kind:    calbell.KindJSON,
				Payload: map[string]any{"a": map[string]any{"b": []any{"%date%"}}},
			},
		},
		{ID: "mm", Name: "mm", Origin: calbell.OriginFile, URL: "https://example.org/other", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Previews: new(true)}},
	}
	if !reflect.DeepEqual(got.Webhooks, wantWebhooks) {
		t.Errorf("webhooks are\n%#v\nwant\n%#v", got.Webhooks, wantWebhooks)
	}
}

// A key in the environment lies over the file's, the file's over the default.
func TestEnvironment(t *testing.T) {
	const file = "/srv/calbell/config.yaml"
	env := map[string]string{
		"CALBELL_TIME_ZONE": "Asia/Tokyo", "CALBELL_LOCALE": "de-CH",
		"CALBELL_DATA_PATH": "over.db", "CALBELL_DATA_KEY_FILE": "/keys/key", "CALBELL_DATA_KEEP_DELIVERIES": "4w",
		"CALBELL_DATA_BACKUP": "off", "CALBELL_DATA_KEEP_SNAPSHOTS": "5", "CALBELL_DELIVERY_ERROR_WEBHOOK": "ops",
		"CALBELL_SYNC_BEFORE_REMINDERS": "false",
		"CALBELL_SERVER_LISTEN":         "[::1]:0", "CALBELL_SERVER_SOCKET": "/tmp/x.sock",
		"CALBELL_SERVER_BASE_URL": "https://Cal.example.org/", "CALBELL_SERVER_TLS_CERT": "c.pem", "CALBELL_SERVER_TLS_KEY": "/k.pem",
		"CALBELL_AUTH_PASSWORD": "false", "CALBELL_AUTH_CALDAV_URL": "https://cloud.example.org/", "CALBELL_AUTH_CALDAV_CREATE": "true",
		"CALBELL_LOG_LEVEL": "debug", "CALBELL_LOG_FORMAT": "json",
		"CALBELL_SYNC_INTERVAL": "1h30m", "CALBELL_SYNC_TIMEOUT": "10s", "CALBELL_SYNC_CONCURRENCY": "1",
		"CALBELL_SCHEDULER_LATE_WINDOW": "90s", "CALBELL_SCHEDULER_ALL_DAY_TIME": "8:30",
		"CALBELL_DELIVERY_TIMEOUT": "5s", "CALBELL_DELIVERY_IN_FLIGHT": "1024", "CALBELL_DELIVERY_PER_HOST": "7",
	}
	got, err := Parse([]byte("locale: fr\ndata: {path: /file.db}\n"), file, from(env))
	if err != nil {
		t.Fatal(err)
	}
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		Path: file, TimeZone: tokyo, TimeZoneName: "Asia/Tokyo", Locale: "de-CH",
		Data: Data{Path: "/srv/calbell/over.db", KeyFile: "/keys/key", KeepDeliveries: 28 * 24 * time.Hour, KeepSnapshots: 5},
		Server: Server{
			Listen: "[::1]:0", Socket: "/tmp/x.sock", BaseURL: "https://cal.example.org", Cert: "/srv/calbell/c.pem", Key: "/k.pem",
		},
		Auth:      Auth{CalDAV: "https://cloud.example.org/", Create: true},
		Log:       Log{Level: slog.LevelDebug, Format: "json"},
		Sync:      Sync{Interval: 90 * time.Minute, Timeout: 10 * time.Second, Concurrency: 1},
		Scheduler: Scheduler{LateWindow: 90 * time.Second, AllDayTime: 8*time.Hour + 30*time.Minute},
		Delivery:  Delivery{Timeout: 5 * time.Second, InFlight: 1024, PerHost: 7, ErrorWebhook: "ops"},
		doc:       got.doc,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// Each scalar key has its variable, and the test above sets each of them but one.
func TestEveryScalarKeyHasAVariable(t *testing.T) {
	r, err := newReader(nil, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range r.settings() {
		if name := s.envName(); strings.ContainsAny(name, ".-") || name != strings.ToUpper(name) {
			t.Errorf("the variable of %s is %s", s.key, name)
		}
		got := ""
		r.getenv = func(name string) string {
			got += name + "\n"
			return ""
		}
		r.overlay()
		if !strings.Contains(got, s.envName()+"\n") {
			t.Errorf("%s is not looked up", s.envName())
		}
	}
}

// An empty variable is none, and a variable alone is no key of the file.
func TestEmptyVariableIsNone(t *testing.T) {
	got, err := Parse([]byte("locale: fr\n"), "", from(map[string]string{"CALBELL_LOCALE": ""}))
	if err != nil || got.Locale != "fr" {
		t.Errorf("locale %q, error %v", got.Locale, err)
	}
}

func TestKeyCredential(t *testing.T) {
	got, err := Parse([]byte("data: {key_credential: calbell.key}\n"), "",
		from(map[string]string{"CREDENTIALS_DIRECTORY": "/run/credentials/calbell.service"}))
	if err != nil {
		t.Fatal(err)
	}
	if got.Data.KeyCredential != "calbell.key" || got.Data.KeyFile != "/run/credentials/calbell.service/calbell.key" {
		t.Errorf("data is %+v", got.Data)
	}
}

func TestDefault(t *testing.T) {
	if err := Default().CheckWebhooks(nil); err != nil {
		t.Error(err)
	}
	err := Default().ErrorAt("webhooks[0].url", 1, 1, calbell.Plain("is wrong"), calbell.Plain("mend it"))
	if want := "webhooks[0].url: is wrong\n  mend it"; err == nil || err.Error() != want || calbell.KindOf(err) != calbell.KindConfig {
		t.Errorf("error %v, want %q", err, want)
	}
}
