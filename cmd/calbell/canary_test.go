package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"calbell/webhook/webhooktest"
)

// The markers: each is a secret that goes through a whole run and must not come out, or,
// the last, text of an event, which people may see when they ask and nobody otherwise.
const (
	markHook   = "CANARY-HOOK-1f6b92d0"
	markStored = "CANARY-STORED-40be17aa"
	markWord   = "CANARY-WORD-77e0c35d"
	markToken  = "CANARY-TOKEN-5c88e2f1"
	markText   = "CANARY-TEXT-90ad3b64"
)

// spellings are the ways in which a secret may be written without being recognised.
func spellings(secret string) []string {
	percent := ""
	for _, b := range []byte(secret) {
		percent += fmt.Sprintf("%%%02X", b)
	}
	all := []string{
		secret, strings.ToLower(secret), url.QueryEscape(secret), percent, strings.ToLower(percent),
		hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))),
	}
	// In the middle of a longer text base64 has three ways to write it.
	for shift := range 3 {
		text := append(make([]byte, shift), secret...)
		from, to := (shift*8+5)/6, len(text)*8/6
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			all = append(all, enc.EncodeToString(text)[from:to])
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// leaks returns the secrets of which a spelling stands in data.
func leaks(data []byte, secrets ...string) (found []string) {
	for _, s := range secrets {
		for _, form := range spellings(s) {
			if bytes.Contains(data, []byte(form)) {
				found = append(found, fmt.Sprintf("%s as %s", s, form))
			}
		}
	}
	return found
}

// The search finds what is planted, in each spelling and wherever it stands: without this a
// search that finds nothing says nothing.
func TestCanaryIsFound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text string }{
		{"plain", "x" + markWord + "y"},
		{"header of Basic", base64.StdEncoding.EncodeToString([]byte("alice:" + markWord))},
		{"Basic, one letter on", base64.StdEncoding.EncodeToString([]byte("alicia:" + markWord + "!"))},
		{"Basic, two letters on", base64.StdEncoding.EncodeToString([]byte("alicia9:" + markWord + "!!"))},
		{"base64 of URLs", base64.URLEncoding.EncodeToString([]byte(markWord))},
		{"hexadecimal", hex.EncodeToString([]byte("x" + markWord))},
		{"URL", "https://chat.example.org/" + url.PathEscape(markWord)},
		{"escaped in full", strings.ReplaceAll(fmt.Sprintf("% X", markWord), " ", "%")},
	} {
		text := "%" + tt.text
		if got := leaks([]byte(text), markHook, markWord, markToken); len(got) != 1 {
			t.Errorf("%s: found %q in %q", tt.name, got, text)
		}
	}
	if got := leaks([]byte("CANARY"), markHook, markWord); got != nil {
		t.Errorf("found %q where there is nothing", got)
	}
}

// canary is a run with markers, and all that came out of it.
type canary struct {
	*world
	// asked is what comes out where people may see events, open what comes out elsewhere.
	asked, open map[string][]byte
}

// TestCanary: secrets are where they must be and nowhere else: not in logs, metrics, answers
// of the API, what commands print, the process' environment, or the bytes of the database, of
// the list of what was sent, of snapshots and backups. Event text is what people see when
// they ask for it, and nothing else shows it.
func TestCanary(t *testing.T) {
	long(t)
	t.Parallel()
	c := newCanary(t)
	c.serve()
	c.live()
	c.askAPI()
	c.askCommands()
	c.failures()
	c.openPlaces()
	c.stop()
	c.open["log"] = []byte(c.daemon.out.String() + c.daemon.errOut.String())
	c.files()

	credentials := []string{markHook, markStored, markWord, markToken}
	key := c.read("calbell.db.key")
	credentials = append(credentials, strings.TrimSpace(key))
	for name, data := range c.asked {
		if found := leaks(data, credentials...); found != nil {
			t.Errorf("%s shows %q", name, found)
		}
	}
	for name, data := range c.open {
		if len(data) == 0 {
			t.Errorf("%s is empty: nothing was searched", name)
		}
		if found := leaks(data, append(credentials, markText)...); found != nil {
			t.Errorf("%s shows %q", name, found)
		}
	}
	c.control()
	t.Logf("searched %d answers and %d places: %q", len(c.asked), len(c.open), slices.Sorted(maps.Keys(c.open)))
}

func newCanary(t *testing.T) *canary {
	w := memoryWorld(t)
	c := &canary{world: w, asked: map[string][]byte{}, open: map[string][]byte{}}
	server := w.calendarServer.(memoryCalendar)
	server.AddUser("alice", markWord)
	w.write("alice.password", markWord)
	w.configure("hooks/abc", "hooks/"+markHook,
		"  private_networks", "  error_webhook: team\n  private_networks",
		"webhooks:\n", "  - {name: refused, url: '"+server.URL()+"', token: "+markToken+"}\nwebhooks:\n")
	return c
}

// live lets a reminder be refused, answered by a redirect and accepted, another wait for an
// hour, and a bad object be met.
func (c *canary) live() {
	c.t.Helper()
	c.run("sync", "--wait").want(c.t, 3)                                           // the account with a token is refused
	c.put(c.t, "sent.ics", ahead("sent@example.org", markText, time.Second).ics()) // the list of what was sent has something in it
	c.run("sync", "--wait").want(c.t, 3)
	if _, err := c.chat.Wait(patient(c.t), 1); err != nil {
		c.t.Fatal(err)
	}
	c.chat.Script(webhooktest.Status(503, "later"), webhooktest.Redirect(302))
	e := ahead("canary@example.org", markText, time.Second)
	e.place, e.text1 = markText, markText
	c.put(c.t, "now.ics", e.ics())
	c.put(c.t, "later.ics", ahead("later@example.org", markText, time.Hour).ics())
	c.put(c.t, "bad.ics", []byte(strings.Replace(string(e.ics()), "DTSTART:", "DTSTART:x", 1)))
	c.run("sync", "--wait").want(c.t, 3)
	if _, err := c.chat.Wait(patient(c.t), 3); err != nil {
		c.t.Fatal(err)
	}
	a := cli(c.t, c.dir, c.chat.URL("/hooks/"+markStored), "webhook", "add", "-c", "config.yaml", "second", "--url-file", "-")
	c.asked["webhook add"] = []byte(a.want(c.t, 0).out + a.err)
}

// askAPI asks every route that the API describes.
func (c *canary) askAPI() {
	c.t.Helper()
	unix := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(c.dir, "calbell.sock"))
	}}}
	defer unix.CloseIdleConnections()
	ask := func(method, path, body string) []byte {
		req, err := http.NewRequestWithContext(patient(c.t), method, "http://calbell"+path, strings.NewReader(body))
		if err != nil {
			c.t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		return c.answer(unix, req)
	}
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(ask("GET", "/api/v1/openapi.json", ""), &doc); err != nil || len(doc.Paths) < 10 {
		c.t.Fatalf("the API describes %d paths: %v", len(doc.Paths), err)
	}
	heard := c.listens(unix)
	delivery := string(c.deliveries()[0].ID)
	for path, methods := range doc.Paths {
		if path == streamPath { // which has no end
			continue
		}
		for method := range methods {
			id := delivery
			if strings.Contains(path, "/events/") {
				id = "canary@example.org"
			}
			full := strings.NewReplacer("{name}", "team", "{id}", id).Replace(path)
			// A body that is wrong everywhere is repeated by many a program.
			body := fmt.Sprintf(`{"name":"third","url":"ftp://%s/","ids":["%s"],"webhook":7}`, markHook, delivery)
			name := strings.ToUpper(method) + " " + path
			c.asked[name] = ask(strings.ToUpper(method), full, body)
			if len(c.asked[name]) == 0 && method == "get" {
				c.t.Errorf("%s answers nothing", name)
			}
		}
	}
	c.asked["GET "+streamPath] = heard()
	c.open["a backup by the API"] = c.asked["GET /api/v1/backup"]
}

// streamPath is where the API tells what happens, as it happens.
const streamPath = "/api/v1/stream"

// listens hears what happens until the function that it returns is called, which returns it.
func (c *canary) listens(client *http.Client) (heard func() []byte) {
	c.t.Helper()
	ctx, cancel := context.WithCancel(c.t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", "http://calbell"+streamPath, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		c.t.Fatalf("listen: %v, %v", resp, err)
	}
	all := make(chan []byte, 1)
	go func() {
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body) // until it is cut off
		all <- text
	}()
	return func() []byte {
		cancel()
		return <-all
	}
}

// answer returns the head and body of an answer.
func (c *canary) answer(client *http.Client, req *http.Request) []byte {
	c.t.Helper()
	resp, err := client.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if strings.HasSuffix(req.URL.Path, "openapi.json") {
		return body
	}
	return append(fmt.Appendf(nil, "%d %v\n", resp.StatusCode, resp.Header), body...)
}

// askCommands runs every command that asks the daemon, in every format.
func (c *canary) askCommands() {
	c.t.Helper()
	commands := []string{
		"status", "calendar list", "calendar show team", "event list", "event show canary@example.org", "event list --bad",
		"reminder list", "delivery list", "webhook list", "webhook test team", "webhook test second", "check", "check --offline",
		"check --store", "reload", "sync --wait", "webhook add third --url-file config.yaml", "backup --force copy.db",
	}
	for _, d := range c.deliveries() {
		commands = append(commands, "delivery show "+string(d.ID), "delivery resend "+string(d.ID))
	}
	for _, command := range commands {
		for _, format := range []string{"table", "json", "jsonl"} {
			a := c.run(append(strings.Fields(command), "-o", format)...)
			c.asked[command+" -o "+format] = []byte(a.out + a.err)
		}
	}
}

// failures takes the chat and the calendars away, and a file that is wrong.
func (c *canary) failures() {
	c.t.Helper()
	c.chat.Close()
	a := c.run("webhook", "test", "team").want(c.t, 8)
	c.asked["a chat that is gone"] = []byte(a.out + a.err)
	c.calendarServer.(memoryCalendar).Close()
	a = c.run("sync", "--wait").want(c.t, 8)
	c.asked["a calendar server that is gone"] = []byte(a.out + a.err)
	good := c.read("config.yaml")
	c.write("config.yaml", strings.Replace(good, "template: |", "template: 7\n    tempalte: |", 1))
	for _, command := range []string{"reload", "check"} {
		a = c.run(command).want(c.t, 4)
		c.asked["a wrong file: "+command] = []byte(a.out + a.err)
	}
	c.slips(good)
	c.write("config.yaml", good)
}

// slips writes the secrets into the file by slips of the hand, and asks for it to be read.
func (c *canary) slips(good string) {
	c.t.Helper()
	hook := "https://chat.example.org/hooks/" + markHook
	for i, slip := range []string{
		"url " + hook, "url: *" + markHook, "url: !" + markHook, "url: |" + markHook, "url_file: " + markHook, "url_file: " + hook,
		"url_credential: " + markHook, "url: [" + hook, "url: {" + markHook, "ulr: " + hook, "name: " + hook, "locale: " + markHook,
		"url: \"" + hook, "url:\n" + markHook, "url: >\n" + markHook, markHook + ": url", "url: " + hook + "\n    url: " + hook,
		"kind: " + markHook, "time_zone: " + markHook, "url: %" + markHook, "\turl: " + hook, "rate_per_second: " + markHook,
	} {
		c.write("config.yaml", good+"  - name: slip\n    "+slip+"\n")
		for _, command := range []string{"reload", "check --offline", "config show", "status"} {
			a := c.run(strings.Fields(command)...)
			if command != "status" && a.code == 0 {
				c.t.Errorf("%s: %q is fine", command, slip)
			}
			c.asked[fmt.Sprintf("slip %d: %s", i, command)] = []byte(a.out + a.err)
		}
	}
	logged := c.daemon.errOut.String()
	c.daemon.signal(c.t, syscall.SIGHUP)
	eventually(c.t, "the reload in the log", func() bool { return len(c.daemon.errOut.String()) > len(logged) })
}

// openPlaces looks at what others on the machine or in the network can see.
func (c *canary) openPlaces() {
	c.t.Helper()
	for _, path := range []string{"/metrics", "/healthz", "/readyz", "/", "/api/v1/status"} {
		req, err := http.NewRequestWithContext(patient(c.t), "GET", "http://"+c.page()+path, nil)
		if err != nil {
			c.t.Fatal(err)
		}
		c.open[path] = c.answer(http.DefaultClient, req)
	}
	for _, name := range []string{"cmdline", "environ", "comm", "status"} {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", c.daemon.cmd.Process.Pid, name))
		if err != nil {
			c.t.Fatal(err)
		}
		c.open["/proc/PID/"+name] = data
	}
}

// files reads the database and all that is made of it.
func (c *canary) files() {
	c.t.Helper()
	for _, pattern := range []string{"calbell.db*", "backup/*", "copy.db"} {
		files, err := filepath.Glob(filepath.Join(c.dir, pattern))
		if err != nil || len(files) == 0 {
			c.t.Errorf("no file %s: %v", pattern, err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, ".key") {
				continue
			}
			data, err := os.ReadFile(f)
			if err != nil {
				c.t.Fatal(err)
			}
			c.open["file "+strings.TrimPrefix(f, c.dir+"/")] = data
		}
	}
	for _, want := range []string{"file calbell.db", "file calbell.db.sent"} {
		if c.open[want] == nil {
			c.t.Errorf("there is no %s", want)
		}
	}
}

// control sees to it that the markers did take the way on which they might have been lost:
// the chat was asked by the secret path, with the text; people see the text when they ask.
func (c *canary) control() {
	c.t.Helper()
	paths := map[string]bool{}
	text := false
	for _, r := range c.chat.Requests() {
		paths[r.Path] = true
		text = text || strings.Contains(r.Text, markText)
	}
	if !paths["/hooks/"+markHook] || !paths["/hooks/"+markStored] || !text {
		c.t.Errorf("the chat was asked by %v, with the text: %v", paths, text)
	}
	for _, name := range []string{"event show canary@example.org -o json", "GET /api/v1/events/{id}", "delivery list -o table"} {
		if leaks(c.asked[name], markText) == nil {
			c.t.Errorf("%s does not show the event to who may see it: %.300s", name, c.asked[name])
		}
	}
	if log := string(c.open["log"]); !strings.Contains(log, "503") || !strings.Contains(log, "401") {
		c.t.Errorf("the log tells of no failure: was it read?\n%s", log)
	}
}
