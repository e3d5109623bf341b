package daemon_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"calbell"
	"calbell/api/client"
	"calbell/api/types"
	"calbell/caldav/caldavtest"
	"calbell/config"
	"calbell/daemon"
	"calbell/webhook/webhooktest"
)

// house is a whole daemon between a calendar server and a chat, all of them real, over
// loopback.
type house struct {
	testing.TB
	calendars *caldavtest.Server
	chat      *webhooktest.Receiver
	cfg       *config.Config
	reload    func() (*config.Config, error)
	log       *syncBuffer
	client    *client.Client
	stop      func() error
	// dear has passwords cost what they cost people, for tests about that.
	dear bool
}

func newHouse(t testing.TB) *house {
	h := &house{TB: t, calendars: caldavtest.New(caldavtest.Options{}), chat: webhooktest.New(), log: &syncBuffer{}}
	t.Cleanup(h.chat.Close)
	h.calendars.AddUser("anna", "canary-password")
	h.calendars.AddCalendar("anna", caldavtest.Calendar{Path: "team", Name: "Team", TimeZone: "Europe/Zurich"})
	h.ok(h.calendars.Start(""))
	t.Cleanup(func() { h.ok(h.calendars.Close()) })
	dir, err := os.MkdirTemp("", "cb") // short: a socket's path has little room
	h.ok(err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	h.cfg = h.configuration(dir)
	h.client = client.New(h.cfg.Server.Socket)
	return h
}

func (h *house) configuration(dir string) *config.Config {
	cfg := config.Default()
	cfg.Data.Path, cfg.Data.Backup = filepath.Join(dir, "calbell.db"), filepath.Join(dir, "backup")
	cfg.Server = config.Server{Socket: filepath.Join(dir, "s"), Listen: "127.0.0.1:0"}
	chat := netip.MustParseAddrPort(h.chat.Addr())
	cfg.Delivery.PrivateNetworks = []calbell.Network{
		{Prefix: netip.MustParsePrefix("127.0.0.0/8")},
		{Prefix: netip.PrefixFrom(chat.Addr(), chat.Addr().BitLen()), Port: chat.Port()}, // named: its answers are shown
	}
	cfg.Accounts = []calbell.Account{{
		Name: "home", Origin: calbell.OriginFile, URL: h.calendars.URL(), Username: "anna", Password: "canary-password",
		Calendars: []calbell.CalendarSettings{{Name: "Team", Webhook: "team"}},
	}}
	cfg.Webhooks = []calbell.Webhook{{
		ID:          "team",
		Name:        "team",
		Origin:      calbell.OriginFile,
		URL:         calbell.Secret(h.chat.URL("/hooks/canary-hook")),
		WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Template: "%subject% (%location%)"},
	}}
	return cfg
}

func (h *house) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// start runs the daemon until the test or stop ends it.
func (h *house) start() {
	h.Helper()
	d, err := daemon.New(h.cfg, daemon.Options{Version: "test", Log: slog.New(slog.NewTextHandler(h.log, nil)), Load: h.reload, CheapPasswords: !h.dear})
	h.ok(err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	h.stop = sync.OnceValue(func() error {
		cancel()
		err := <-ended
		if closing := d.Close(); err == nil {
			err = closing
		}
		return err
	})
	h.Cleanup(func() { h.ok(h.stop()) })
	h.eventually("the daemon answers", func() bool {
		_, err := h.client.Status(h.Context())
		return err == nil
	})
}

// eventually waits for something to become true; how long it takes is not judged.
func (h *house) eventually(what string, true func() bool) {
	h.Helper()
	for deadline := time.Now().Add(time.Minute); !true(); {
		if time.Now().After(deadline) {
			h.Fatalf("not within a minute: %s\n%s", what, h.log)
		}
		<-time.After(5 * time.Millisecond)
	}
}

func (h *house) sync() {
	h.Helper()
	rows, err := h.client.Sync(h.Context(), "")
	h.ok(err)
	for _, r := range rows {
		if !r.Error.IsZero() {
			h.Fatalf("sync: %+v", r)
		}
	}
}

// put stores an event that begins in a minute and whose alarm rings after wait.
func (h *house) put(uid, title string, wait time.Duration) time.Time {
	due := time.Now().Add(wait).Truncate(time.Second).Add(time.Second)
	h.calendars.Put("anna", "team", uid+".ics", []byte(event(uid, title, due)))
	return due
}

func event(uid, title string, due time.Time) string {
	const utc = "20060102T150405Z"
	start := due.Add(time.Minute).UTC()
	return strings.ReplaceAll(fmt.Sprintf("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//example.org//test//EN\nBEGIN:VEVENT\nUID:%s\nDTSTAMP:20260101T000000Z\n"+
		"DTSTART:%s\nDTEND:%s\nSUMMARY:%s\nLOCATION:Room 1\nBEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:x\nTRIGGER:-PT1M\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n",
		uid, start.Format(utc), start.Add(time.Hour).Format(utc), title), "\n", "\r\n")
}

// syncBuffer is a log that may be read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestFromCalendarToChat(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start()
	h.sync() // the first sync is quiet; what comes now is new
	due := h.put("a@example.org", "Stand-up", time.Second)
	h.sync()
	up, err := h.client.Upcoming(t.Context(), 10)
	h.ok(err)
	if len(up) != 1 || !up[0].Due.Equal(due) || up[0].Subject != "Stand-up" || up[0].Status != calbell.StatusPlanned {
		t.Fatalf("upcoming %+v", up)
	}
	got, err := h.chat.Wait(t.Context(), 1)
	h.ok(err)
	if got[0].Text != "Stand-up (Room 1)" || got[0].Header.Get("Webhook-Id") != string(up[0].ID) {
		t.Errorf("posted %q as %q", got[0].Text, got[0].Header.Get("Webhook-Id"))
	}
	if got[0].At.Before(due) {
		t.Errorf("posted %v before it was due", due.Sub(got[0].At))
	}
	h.eventually("the delivery is recorded", func() bool {
		rows, err := h.client.History(t.Context(), types.DeliveryQuery{Statuses: []calbell.Status{calbell.StatusSent}})
		h.ok(err)
		return len(rows) == 1 && rows[0].ID == up[0].ID && *rows[0].LateMS >= 0
	})
	d, err := h.client.Delivery(t.Context(), string(up[0].ID))
	h.ok(err)
	if len(d.Tries) != 1 || d.Tries[0].Status != 200 || d.Tries[0].Answer != "ok" {
		t.Errorf("tries %+v", d.Tries)
	}
}

func TestEventsForPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.calendars.Put("anna", "team", "bad.ics", []byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:bad@example.org\r\nDTSTART:garbage\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"))
	h.start()
	h.put("a@example.org", "Stand-up", time.Hour)
	h.put("b@example.org", "Retrospective", 2*time.Hour)
	h.sync()
	rows, err := h.client.Events(t.Context(), types.EventQuery{})
	h.ok(err)
	if len(rows) != 2 || rows[0].Subject != "Stand-up" || rows[1].Calendar != "Team" {
		t.Fatalf("events %+v", rows)
	}
	found, err := h.client.Events(t.Context(), types.EventQuery{Search: "RETRO", Calendar: "team"})
	h.ok(err)
	if len(found) != 1 || found[0].UID != "b@example.org" {
		t.Errorf("found %+v", found)
	}
	for _, id := range []string{rows[0].ID, "a@example.org"} {
		e, err := h.client.Event(t.Context(), id)
		h.ok(err)
		if e.Subject != "Stand-up" || len(e.Next) != 1 || !e.Silent.IsZero() || e.Next[0].Webhooks[0] != "team" {
			t.Errorf("event %s: %+v", id, e)
		}
	}
	bad, err := h.client.BadEvents(t.Context())
	h.ok(err)
	if len(bad) != 1 || bad[0].Reason.IsZero() || bad[0].Calendar != "Team" || !strings.HasSuffix(string(bad[0].Href), "bad.ics") {
		t.Errorf("bad %+v", bad)
	}
	for _, err := range []error{
		second(h.client.Event(t.Context(), "nothing")),
		second(h.client.Events(t.Context(), types.EventQuery{Calendar: "Taem"})),
		second(h.client.Delivery(t.Context(), "0123")),
	} {
		if calbell.KindOf(err) != calbell.KindNotFound {
			t.Errorf("%v: kind %d", err, calbell.KindOf(err))
		}
	}
	if err := second(h.client.Sync(t.Context(), "Taem")); !strings.Contains(calbell.HintOf(err).English, `"Team"`) {
		t.Errorf("no suggestion: %v, %q", err, calbell.HintOf(err))
	}
}

func second[T any](_ T, err error) error { return err }

func TestWebhooks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start()
	ctx := t.Context()
	w, err := h.client.AddWebhook(ctx, types.NewWebhook{Name: "kChat #ops", URL: h.chat.URL("/hooks/canary-ops"), WebhookSpec: calbell.WebhookSpec{Template: "ops: %subject%"}})
	h.ok(err)
	if w.ID != "kchat-ops" || w.Kind != calbell.KindKChat || w.Origin != calbell.OriginStored {
		t.Errorf("stored %+v", w)
	}
	r, err := h.client.TestWebhook(ctx, "KCHAT-OPS", "hostile")
	h.ok(err)
	if r.Verdict != calbell.Accepted || r.Status != 200 {
		t.Errorf("test: %+v", r)
	}
	if texts := h.chat.Texts(); len(texts) != 1 || !strings.HasPrefix(texts[0], "ops: @\u200bchannel") {
		t.Errorf("posted %q", texts)
	}
	for _, tt := range []struct {
		name string
		err  error
		kind calbell.ErrorKind
		text string
	}{
		{"same name", second(h.client.AddWebhook(ctx, types.NewWebhook{Name: "kchat OPS", URL: "https://chat.example.org/hooks/x"})), calbell.KindUsage, "exists already"},
		{"unknown variable", second(h.client.AddWebhook(ctx, types.NewWebhook{Name: "x", URL: "https://chat.example.org/hooks/x", WebhookSpec: calbell.WebhookSpec{Template: "%sujbect%"}})), calbell.KindUsage, "subject"},
		{"private address", second(h.client.AddWebhook(ctx, types.NewWebhook{Name: "x", URL: "https://10.0.0.1/hooks/x"})), calbell.KindUsage, "private_networks"},
		{"no letters", second(h.client.AddWebhook(ctx, types.NewWebhook{Name: "#!", URL: "https://chat.example.org/hooks/x"})), calbell.KindUsage, "letter"},
		{"empty name", second(h.client.AddWebhook(ctx, types.NewWebhook{URL: "https://chat.example.org/hooks/x"})), calbell.KindUsage, "name"},
		{"rate below nothing", second(h.client.AddWebhook(ctx, types.NewWebhook{Name: "x", URL: h.chat.URL("/hooks/x"), WebhookSpec: calbell.WebhookSpec{RatePerSecond: new(-1.0)}})), calbell.KindUsage, "rate_per_second"},
		{"unknown end of the missed", second(h.client.AddWebhook(ctx, types.NewWebhook{Name: "x", URL: h.chat.URL("/hooks/x"), WebhookSpec: calbell.WebhookSpec{Missed: "later"}})), calbell.KindUsage, "missed"},
		{"remove one of the file", h.client.RemoveWebhook(ctx, "team"), calbell.KindUsage, "configuration"},
		{"remove an unknown one", h.client.RemoveWebhook(ctx, "taem"), calbell.KindNotFound, "team"},
		{"test with an unknown sample", second(h.client.TestWebhook(ctx, "kchat-ops", "long")), calbell.KindUsage, "all-day"},
		{"test an unknown one", second(h.client.TestWebhook(ctx, "kchat-osp", "")), calbell.KindNotFound, "kChat #ops"},
	} {
		if text := fmt.Sprint(tt.err, " ", calbell.HintOf(tt.err)); calbell.KindOf(tt.err) != tt.kind || !strings.Contains(text, tt.text) {
			t.Errorf("%s: kind %d, %s; want kind %d with %q", tt.name, calbell.KindOf(tt.err), text, tt.kind, tt.text)
		}
	}
	list, err := h.client.Webhooks(ctx)
	h.ok(err)
	text, err := json.Marshal(list)
	h.ok(err)
	if len(list) != 2 || strings.Contains(string(text), "canary") {
		t.Errorf("listed %s", text)
	}
	h.ok(h.client.RemoveWebhook(ctx, "kchat-ops"))
	if list, err = h.client.Webhooks(ctx); err != nil || len(list) != 1 {
		t.Errorf("%d left, %v", len(list), err)
	}
}

// reloadConfig has the daemon read its configuration again.
func (h *house) reloadConfig() {
	h.Helper()
	_, err := h.client.Reload(h.Context())
	h.ok(err)
}

func TestReload(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	next, failure := *h.cfg, error(nil)
	h.reload = func() (*config.Config, error) { return &next, failure }
	h.start()
	h.sync()
	next.Webhooks = []calbell.Webhook{h.cfg.Webhooks[0]}
	next.Webhooks[0].Template = "now: %subject%"
	h.reloadConfig()
	h.put("a@example.org", "Stand-up", time.Second)
	h.sync()
	got, err := h.chat.Wait(t.Context(), 1)
	h.ok(err)
	if got[0].Text != "now: Stand-up" {
		t.Errorf("posted %q", got[0].Text)
	}
	failure = &calbell.Error{Kind: calbell.KindConfig, What: calbell.Plain("config.yaml:1:1: nonsense")}
	if _, err := h.client.Reload(t.Context()); calbell.KindOf(err) != calbell.KindConfig || !strings.Contains(err.Error(), "stays in force") {
		t.Errorf("a bad file: %v (kind %d)", err, calbell.KindOf(err))
	}
	failure = nil
	next.Accounts = nil // the account goes, and with it its calendar and what it planned
	h.reloadConfig()
	h.eventually("the calendar is gone, also when a sync was under way", func() bool {
		cals, err := h.client.Calendars(t.Context())
		return err == nil && len(cals) == 0
	})
}

func TestServerTroubleIsTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cfg.Accounts[0].Password = "wrong"
	h.start()
	rows, err := h.client.Sync(t.Context(), "")
	h.ok(err)
	if len(rows) != 1 || rows[0].Kind != calbell.KindRefused || !strings.Contains(rows[0].Error.English, "401") {
		t.Errorf("sync with a wrong password: %+v", rows)
	}
	h.ok(h.client.StartSync(t.Context(), ""))
	if _, err := h.client.Status(t.Context()); err != nil {
		t.Errorf("the daemon does not go on: %v", err)
	}
}

func TestRestartKeepsWhatWasSent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start()
	h.sync()
	h.put("a@example.org", "Sent before", 0)
	h.put("b@example.org", "Due while down", 3*time.Second)
	h.sync()
	_, err := h.chat.Wait(t.Context(), 1)
	h.ok(err)
	h.ok(h.stop())
	h.calendars.SetFault(caldavtest.Fault{Down: true}) // the stored copy must do
	h.start()
	if _, err = h.chat.Wait(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	h.ok(h.stop())
	if texts := h.chat.Texts(); len(texts) != 2 || texts[0] != "Sent before (Room 1)" || texts[1] != "Due while down (Room 1)" {
		t.Errorf("posted %q", texts)
	}
}

func TestSecondDaemon(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start()
	if _, err := daemon.New(h.cfg, daemon.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))}); calbell.KindOf(err) != calbell.KindAlreadyRuns {
		t.Errorf("on the same database: %v", err)
	}
	other := *h.cfg
	other.Data.Path += ".other"
	d, err := daemon.New(&other, daemon.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	h.ok(err)
	if err := d.Run(t.Context()); calbell.KindOf(err) != calbell.KindAlreadyRuns {
		t.Errorf("on the same socket: %v", err)
	}
	h.ok(d.Close())
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	file := func(text string) *config.Config {
		cfg, err := config.Parse([]byte(text), "config.yaml", nil)
		h.ok(err)
		return cfg
	}
	for _, tt := range []struct{ name, text, want string }{
		{"unknown variable", "webhooks:\n  - name: team\n    url: https://chat.example.org/hooks/x\n    template: |\n      Hello,\n      the %sujbect%\n", "config.yaml:6:11: unknown variable"},
		{"http to a public host", "webhooks:\n  - name: team\n    url: http://chat.example.org/hooks/x\n", "config.yaml:3:10: "},
		{"attachments", "webhooks:\n  - name: team\n    url: https://chat.example.org/hooks/x\n    attachments:\n      - text: 'x %locaton%'\n", "config.yaml:5:"},
		{"a day that never comes", "digests:\n  - {name: a, webhook: team, cron: 0 7 31 2 *}\n", "config.yaml:2:36: cron spec"},
		{"a minute that does not exist", "digests:\n  - {name: a, webhook: team, cron: 60 7 * * *}\n", "config.yaml:2:36: cron spec"},
		{"line of a digest", "digests:\n  - {name: a, webhook: team, cron: 0 7 * * *, line: 'x %sujbect%'}\n", "config.yaml:2:56: unknown variable"},
		{"head of a digest", "digests:\n  - {name: a, webhook: team, cron: 0 7 * * *, head: '%location%'}\n", "config.yaml:2:54: a digest"},
	} {
		err := daemon.CheckFile(file(tt.text))
		if calbell.KindOf(err) != calbell.KindConfig || !strings.Contains(fmt.Sprint(err), tt.want) {
			t.Errorf("%s: %v (kind %d), want %q", tt.name, err, calbell.KindOf(err), tt.want)
		}
	}
	found := map[string]error{}
	h.cfg.Accounts[0].Calendars = append(h.cfg.Accounts[0].Calendars, calbell.CalendarSettings{Name: "Taem"})
	h.cfg.Rules = []calbell.Rule{{Name: "one", RuleSpec: calbell.RuleSpec{Calendar: "Home/team"}}, {Name: "two", RuleSpec: calbell.RuleSpec{Calendar: "home/taem"}}, {Name: "any"}}
	h.cfg.Digests = []calbell.Digest{{Name: "week", Calendars: []string{"Team", "Elsewhere"}}}
	daemon.CheckOutside(t.Context(), h.cfg, "test", func(f daemon.Finding) { found[f.What] = f.Err })
	if err, ok := found[`webhook "team"`]; !ok || err != nil {
		t.Errorf("webhook: %v", err)
	}
	if err := found[`account "home"`]; calbell.KindOf(err) != calbell.KindNotFound || !strings.Contains(calbell.HintOf(err).English, "Team") {
		t.Errorf("account: %v", err)
	}
	if err, ok := found[`rule "one"`]; ok {
		t.Errorf("a rule about a calendar that is there: %v", err)
	}
	if err := found[`rule "two"`]; calbell.KindOf(err) != calbell.KindNotFound || !strings.Contains(calbell.HintOf(err).English, "home/Team") {
		t.Errorf("a rule about a calendar that is not there: %v", err)
	}
	if err := found[`digest "week"`]; calbell.KindOf(err) != calbell.KindNotFound || !strings.Contains(fmt.Sprint(err), "Elsewhere") {
		t.Errorf("a digest of a calendar that is not there: %v", err)
	}
	if n := len(h.chat.Requests()); n != 0 {
		t.Errorf("a check posted %d messages", n)
	}
}

func TestSocketTrouble(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	plainFile := filepath.Join(t.TempDir(), "file")
	h.ok(os.WriteFile(plainFile, []byte("mine"), 0o600))
	for _, tt := range []struct {
		socket string
		kind   calbell.ErrorKind
		hint   string
	}{
		{"/tmp/" + strings.Repeat("x", 120), calbell.KindConfig, "shorter"},
		{filepath.Join(t.TempDir(), "missing", "s"), calbell.KindFailed, "folder"},
		{plainFile, calbell.KindFailed, "server.socket"},
	} {
		h.cfg.Server.Socket = tt.socket
		d, err := daemon.New(h.cfg, daemon.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		h.ok(err)
		if err := d.Run(t.Context()); calbell.KindOf(err) != tt.kind || !strings.Contains(calbell.HintOf(err).English, tt.hint) {
			t.Errorf("%.40s: %v (kind %d), hint %q", tt.socket, err, calbell.KindOf(err), calbell.HintOf(err))
		}
		h.ok(d.Close())
	}
	if text, err := os.ReadFile(plainFile); err != nil || string(text) != "mine" {
		t.Errorf("a file that is no socket was touched: %q, %v", text, err)
	}
}

func TestProbes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	h.start()
	for _, path := range []string{"/healthz", "/readyz"} {
		h.eventually(path, func() bool {
			resp, err := http.Get("http://" + h.cfg.Server.Listen + path)
			if err != nil {
				return false
			}
			defer resp.Body.Close()
			return resp.StatusCode == http.StatusOK
		})
	}
	resp, err := http.Get("http://" + h.cfg.Server.Listen + "/api/v1/status")
	h.ok(err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("the API answers %d to everyone", resp.StatusCode)
	}
}

// ports are counted, so that no two tests have the same, from a random one on: another run of the
// tests may be under way.
var ports atomic.Int32

func init() { ports.Store(rand.Int32N(10_000)) }

// freeAddress finds an address at which nobody listens. Its port is none of those that the system
// gives to whoever asks for any, and so to all other servers and connections of the tests.
func freeAddress(t testing.TB) string {
	for range 1000 {
		address := fmt.Sprintf("127.0.0.1:%d", 20_000+ports.Add(1)%12_000)
		l, err := net.Listen("tcp", address)
		if err == nil {
			l.Close()
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

// TestCanary: marker secrets go through the whole program, and nobody sees them.
func TestCanary(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start()
	h.sync()
	h.put("a@example.org", "canary-subject", time.Second)
	h.sync()
	_, err := h.chat.Wait(t.Context(), 1)
	h.ok(err)
	h.chat.Always(webhooktest.Status(500, "no"))
	h.put("b@example.org", "canary-subject", 0)
	h.sync()
	_, err = h.chat.Wait(t.Context(), 2)
	h.ok(err)
	status, err := h.client.Status(t.Context())
	h.ok(err)
	text, err := json.Marshal(status)
	h.ok(err)
	h.ok(h.stop())
	db, err := os.ReadFile(h.cfg.Data.Path)
	h.ok(err)
	for name, data := range map[string][]byte{"log": []byte(h.log.String()), "status": text, "database": db} {
		for _, word := range []string{"canary-password", "canary-hook", "canary-subject"} {
			if bytes.Contains(data, []byte(word)) {
				t.Errorf("the %s holds %q", name, word)
			}
		}
	}
}
