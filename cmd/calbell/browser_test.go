package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// browserTools is where the browser tests live: tools/deps installs what they need there.
const browserTools = "../../web/browsertest"

// longJourney ends a journey that hangs: it takes a minute on a machine with nothing else to do.
const longJourney = 5 * time.Minute

// needBrowser returns where chromium is; the test is skipped where "make test" has not
// installed what drives it.
func needBrowser(t *testing.T) string {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err == nil {
		_, err = exec.LookPath("node")
	}
	if err == nil {
		_, err = os.Stat(filepath.Join(browserTools, "node_modules", "playwright-core"))
	}
	if err != nil {
		t.Skipf("no browser (%v): make test installs one", err)
	}
	return chromium
}

// Somebody with a calendar comes by the set-up link, connects it, adds a webhook and attaches a
// reminder; its message is seen in the chat. Every page is looked at by axe on the way.
// CALBELL_SCREENS=docs/screens, as a whole path, keeps pictures of pages there.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("takes its time: left out of make quick")
	}
	chromium := needBrowser(t)
	w := memoryWorld(t)
	for i, title := range []string{"Release review", "Lunch with the new colleague", "Hand-over to *night shift* @channel <b>now</b>", "Budget, second reading"} {
		e := ahead(fmt.Sprintf("later-%d@example.org", i), title, time.Hour)
		e.start = e.start.AddDate(0, 0, 1+i/2).Add(time.Duration(i) * time.Hour)
		w.put(t, fmt.Sprintf("later-%d.ics", i), e.ics())
	}
	w.write("config.yaml", "time_zone: Europe/Zurich\nlocale: en\ndata: {path: calbell.db}\n"+
		"server: {listen: \"127.0.0.1:0\", socket: calbell.sock}\ndelivery: {private_networks: [127.0.0.0/8]}\n"+
		"webhooks: [{name: from the file, url: \"https://chat.example.org/hooks/x\"}]\n")
	w.serve()
	link := regexp.MustCompile(`/setup/\S+`).FindString(w.run("setup-link").want(t, 0).out)
	if link == "" {
		t.Fatal("no set-up link")
	}
	base := "http://" + w.page()
	server := w.calendarServer.(memoryCalendar)
	journey, err := json.Marshal(map[string]any{
		"base": base, "setup": base + link, "chat": strings.TrimSuffix(w.chat.URL("/"), "/"), "chromium": chromium,
		"calendar": map[string]string{"url": server.URL(), "collection": server.URL() + "alice/calendars/team/"},
		"user":     "alice", "password": password, "screens": os.Getenv("CALBELL_SCREENS"),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), longJourney)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "journey.mjs")
	var out bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = browserTools, append(os.Environ(), "JOURNEY="+string(journey)), &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("the journey: %v\n%s", err, out.Bytes())
	}
	t.Logf("%s", out.Bytes())
	w.expect(out.String())
}

// expect waits for the messages that the journey attached reminders for.
func (w *world) expect(told string) {
	w.t.Helper()
	titles := regexp.MustCompile(`(?m)^expect: (.+)$`).FindAllStringSubmatch(told, -1)
	if len(titles) != 2 {
		w.t.Fatalf("%d reminders were attached, want one with JavaScript and one without", len(titles))
	}
	for _, title := range titles {
		eventually(w.t, fmt.Sprintf("the message about %q", title[1]), func() bool {
			return slices.ContainsFunc(w.chat.Texts(), func(text string) bool { return strings.Contains(text, title[1]) })
		})
	}
}
