package main

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/webhook/webhooktest"
)

// SIGHUP puts a new file in force; a bad one changes nothing, and that is said.
func TestReload(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	w.serve()
	w.sync()
	before := w.read("config.yaml")
	w.configure("**%subject%**", "New: %subject%")
	w.daemon.signal(t, syscall.SIGHUP)
	w.daemon.waitFor(t, 1, "configuration reloaded")
	good := w.read("config.yaml")

	w.write("config.yaml", strings.Replace(before, "%subject%", "%sujbect%", 1))
	w.daemon.signal(t, syscall.SIGHUP)
	w.daemon.waitFor(t, 1, "reload failed, the old configuration stays in force")
	w.run("reload").want(t, int(calbell.KindConfig), "the old configuration stays in force",
		`config.yaml:25:9: unknown variable "sujbect", did you mean "subject"?`, "> 25 |       **%sujbect%**", "^")

	e := ahead("new@example.org", "Template", 2*time.Second)
	w.add(e)
	got, err := w.chat.Wait(patient(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	if want := "New: Template, "; !strings.HasPrefix(got[0].Text, want) {
		t.Errorf("got %q, want %q in front", got[0].Text, want)
	}
	w.write("config.yaml", good)
	w.run("reload").want(t, 0, "configuration reloaded")
	w.stop()
}

// A webhook that refuses for now gets the message again, once.
func TestRetry(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	w.serve()
	w.sync()
	w.chat.Script(webhooktest.Status(503, "later"), webhooktest.Status(503, "later"))
	e := ahead("retry@example.org", "Retry", time.Second)
	w.add(e)
	got, err := w.chat.Wait(patient(t), 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range got {
		if r.ID != got[0].ID || r.Text != e.text() {
			t.Errorf("try %q with ID %s, want %q with %s", r.Text, r.ID, e.text(), got[0].ID)
		}
	}
	if first, second := got[1].At.Sub(got[0].At), got[2].At.Sub(got[1].At); first < 800*time.Millisecond || second < 4*time.Second {
		t.Errorf("tried again after %v and %v, want 1 s and 5 s, give or take a fifth", first, second)
	}
	eventually(t, "the delivery is sent", func() bool { return len(w.deliveries("--status", "sent")) == 1 })
	if d := w.deliveries()[0]; d.Attempts != 3 || d.LateMS == nil || *d.LateMS < 0 || d.UID != calbell.UID(e.uid) {
		t.Errorf("delivery %+v", d)
	}
	w.run("delivery", "show", string(w.deliveries()[0].ID)).want(t, 0, "Retry", "503 later", "accepted in")
	w.stop()
	if n := len(w.chat.Requests()); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
}

// A webhook that is gone is told of, with what it said and what to do.
func TestRefusedWebhook(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	w.serve()
	w.sync()
	w.chat.Always(webhooktest.Status(404, "no such hook"))
	w.add(ahead("refused@example.org", "Refused", time.Second))
	eventually(t, "the delivery waits", func() bool { return len(w.deliveries("--status", "waiting")) == 1 })
	w.run("webhook", "list").want(t, 0, "refused", "404")
	w.run("webhook", "test", "team").want(t, int(calbell.KindRefused), "404 no such hook", "make a new one in the chat")
	w.chat.Always(webhooktest.OK())
	w.run("webhook", "test", "team").want(t, 0, "accepted", "200 ok")
	w.chat.Close()
	w.run("webhook", "test", "team").want(t, int(calbell.KindUnreachable), "not sent", "connection refused")
	w.stop()
}

// What cannot be read is listed with its place and reason; what stands beside it fires.
func TestBrokenEvent(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	e := ahead("sound@example.org", "Sound", 3*time.Second)
	broken := strings.Replace(string(ahead("broken@example.org", "Broken", time.Hour).ics()), "DTSTART:", "DTSTART:yesterday", 1)
	w.serve()
	w.sync()
	w.put(t, "broken.ics", []byte(broken))
	w.put(t, "garbage.ics", []byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"))
	w.put(t, "deep.ics", []byte(strings.Repeat("BEGIN:A\r\n", 100_000)))
	w.add(e)
	w.arrives(1, e)
	bad := map[string]types.BadRow{}
	for _, r := range decode[[]types.BadRow](t, w.run("event", "list", "--bad", "-o", "json")) {
		bad[filepath.Base(string(r.Href))] = r
		if r.Account != "home" || r.Calendar != "team" || r.Reason.IsZero() {
			t.Errorf("a row without account, calendar or reason: %+v", r)
		}
	}
	if r := bad["broken.ics"]; len(r.UIDs) != 1 || r.UIDs[0] != "broken@example.org" || !strings.Contains(r.Reason.English, "DTSTART") {
		t.Errorf("the broken event is told of as %+v", r)
	}
	if len(bad) != 3 {
		t.Errorf("%d bad objects, want 3: %+v", len(bad), bad)
	}
	w.run("event", "list", "--bad").want(t, 0, "CALENDAR", "team", "broken@example.org", "DTSTART")
	w.daemon.waitFor(t, 1, `msg="bad object" account=home calendar=team`)

	w.put(t, "broken.ics", ahead("broken@example.org", "Mended", time.Hour).ics())
	w.sync()
	if out := w.run("event", "list", "--bad").want(t, 0).out; strings.Contains(out, "broken@example.org") {
		t.Errorf("the mended event is still listed as bad: %s", out)
	}
}

// Webhooks made by command: the URL goes in and never comes out.
func TestWebhookCommands(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	w.serve()
	url := w.chat.URL("/hooks/TOKEN-OF-OPS")
	never := func(a answer) answer {
		t.Helper()
		if strings.Contains(a.out+a.err, "TOKEN-OF-OPS") {
			t.Errorf("the URL is shown:\n%s%s", a.out, a.err)
		}
		return a
	}
	add := func(code int, stdin string, args ...string) answer {
		t.Helper()
		return never(cli(t, w.dir, stdin, append([]string{"webhook", "add", "-c", "config.yaml"}, args...)...)).want(t, code)
	}
	add(0, url+"\n", "kChat #ops", "--url-file", "-", "--template", "Soon: %subject%", "--channel", "ops").want(t, 0, "stored as kchat-ops")
	add(2, url+"\n", "often", "--url-file", "-", "--rate", "1001").want(t, 2, "rate_per_second")
	add(2, url+"\n", "often", "--url-file", "-", "--quiet", "all night").want(t, 2, "quiet hours", "22:00-07:00")
	add(2, url+"\n", "often", "--url-file", "-", "--missed", "later").want(t, 2, "missed", "digest")
	add(2, url+"\n", "often", "--url-file", "-", "--previews", "perhaps").want(t, 2, "--previews: true, false or empty")
	slow := add(0, url+"\n", "slow", "--url-file", "-", "--rate", "0", "--combine", "--missed", "drop",
		"--quiet", "22:00-07:00 working drop", "--corrections", "--previews", "false", "-o", "json")
	if w := decode[types.WebhookRow](t, slow); w.RatePerSecond == nil || *w.RatePerSecond != 0 || !w.Combine || w.Missed != "drop" ||
		w.Quiet == nil || w.Quiet.String() != "22:00-07:00 working drop" || !w.Corrections || w.Previews == nil || *w.Previews {
		t.Errorf("stored %+v", w)
	}
	for _, c := range []struct {
		value string
		want  *bool
	}{{"true", new(true)}, {"", nil}} {
		edited := never(cli(t, w.dir, "", "webhook", "edit", "slow", "--previews", c.value, "-o", "json", "-c", "config.yaml")).want(t, 0)
		if w := decode[types.WebhookRow](t, edited); (w.Previews == nil) != (c.want == nil) || c.want != nil && *w.Previews != *c.want {
			t.Errorf("edited to %q: %v", c.value, w.Previews)
		}
	}
	cli(t, w.dir, "", "webhook", "remove", "-y", "slow", "-c", "config.yaml").want(t, 0)
	add(2, url+"\n", "KCHAT #OPS", "--url-file", "-").want(t, 2, "exists already")
	add(2, "https://", "x", "--url-file", "-").want(t, 2, "URL")
	add(2, url, "x", "--url-file", "-", "--template", "%sujbect%").want(t, 2, `unknown variable "sujbect", did you mean "subject"?`)
	add(2, url, "x", "--url-file", "-", "--kind", "teams").want(t, 2, "kind")
	add(2, strings.Replace(url, "127.0.0.1", "192.0.2.1", 1), "x", "--url-file", "-").want(t, 2, "192.0.2.1", "delivery.private_networks")
	add(2, "", "x", "--url-file", "-").want(t, 2, "nothing was typed")

	for _, format := range []string{"table", "json", "jsonl"} {
		never(w.run("webhook", "list", "-o", format)).want(t, 0, "kChat #ops", "stored")
	}
	never(w.run("webhook", "test", "kchat-ops")).want(t, 0, "kChat #ops: accepted")
	got, err := w.chat.Wait(patient(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Path != "/hooks/TOKEN-OF-OPS" || !strings.HasPrefix(got[0].Text, "Soon: ") || got[0].Payload["channel"] != "ops" {
		t.Errorf("the test message was %+v", got[0])
	}
	w.run("webhook", "test", "kchat-opps").want(t, 6, `did you mean "kChat #ops"?`)

	w.configure("webhook: team ", "webhook: kchat-ops ")
	w.run("reload").want(t, 0)
	w.run("webhook", "remove", "-y", "kChat #ops").want(t, 2, "used by home/team")
	w.configure("webhook: kchat-ops ", "webhook: team ")
	w.run("reload").want(t, 0)
	w.run("webhook", "remove", "-y", "team").want(t, 2, "in the configuration file")
	w.run("webhook", "remove", "-y", "kChat #ops").want(t, 0, "removed")
	w.run("webhook", "remove", "-y", "kChat #ops").want(t, 6)
	w.run("webhook", "list", "--no-header").want(t, 0, "team")
}

// A second daemon on the same database, and one on the same socket, are refused.
func TestAlreadyRuns(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	w.serve()
	w.write("second.yaml", strings.Replace(w.read("config.yaml"), "socket: calbell.sock", "socket: second.sock", 1))
	w.write("third.yaml", strings.Replace(w.read("config.yaml"), "path: calbell.db", "path: third.db", 1))
	cli(t, w.dir, "", "serve", "-c", "second.yaml").want(t, 10, "calbell.db", "\n  ")
	cli(t, w.dir, "", "serve", "-c", "third.yaml").want(t, 10, "calbell.sock", "\n  ")
	w.run("status").want(t, 0, "running since")
	w.daemon.stop(t, syscall.SIGINT)
	w.run("status").want(t, 7, "no daemon at ")
	w.serve() // what the first one left is no hindrance
	if err := w.daemon.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-w.daemon.ended
	w.run("status").want(t, 7, "has ended")
	w.serve()
	w.stop()
}
