package webhook_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/webhook"
	"calbell/webhook/webhooktest"
)

// want of a status, as people are told in docs/webhooks.md. It is written out here and not
// taken from the code, so that the two can differ.
func wantOf(status int) calbell.Verdict {
	switch status {
	case 101:
		return calbell.Unrecognised
	case 400, 413, 422:
		return calbell.MessageRefused
	case 408, 425, 429:
		return calbell.RefusedForNow
	case 501, 505:
		return calbell.Outage // "no" names no reason: who said it, nobody knows
	}
	switch status / 100 {
	case 1:
		return calbell.Unknown // a word before the answer, which then never came
	case 2:
		return calbell.Unrecognised // "no" is not "ok"
	case 5:
		return calbell.RefusedForNow
	}
	return calbell.Outage
}

// Every status over the wire, with a secret in every part of the URL: one request each,
// none at a redirect's target, and nothing of the URL in what is told.
func TestEveryStatusOverTheWire(t *testing.T) {
	chat, s := start(t, webhook.Options{})
	base := strings.Replace(chat.URL(""), "http://", "http://"+"us-"+secret+":pw-"+secret+"@", 1)
	w := calbell.Webhook{URL: calbell.Secret(base + "/hooks/" + secret + "?token=qu-" + secret), WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat}}
	for status := 100; status <= 599; status++ {
		chat.Script(webhooktest.Raw(fmt.Sprintf("HTTP/1.1 %d Reason\r\nConnection: close\r\nLocation: %s/%s\r\nContent-Length: 2\r\n\r\nno", status, chat.URL("/redirected"), secret)))
		try := s.Send(t.Context(), w, message(), time.Now())
		if want := wantOf(status); try.Verdict != want {
			t.Errorf("%d: %+v, want %s", status, try, want)
		}
		noSecret(t, try)
	}
	if n := len(chat.Requests()); n != 500 {
		t.Errorf("%d requests for 500 attempts", n)
	}
	if n := chat.Redirected(); n != 0 {
		t.Errorf("%d requests came to the target of a redirect", n)
	}
	for _, q := range chat.Requests() {
		if q.Method != http.MethodPost || q.Header.Get("Referer") != "" {
			t.Fatalf("%s with Referer %q", q.Method, q.Header.Get("Referer"))
		}
	}
}

// Each way to ask for a rest, over the wire.
func TestRetryAfterOverTheWire(t *testing.T) {
	chat, s := start(t, webhook.Options{})
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	const date = "Sun, 22 Nov 2026 12:00:00 GMT"
	for value, want := range map[string]time.Duration{
		"1": time.Second, "30": 30 * time.Second, "1000000000": time.Hour, "soon": 0, "-5": 0, "": 0,
		"Sun, 22 Nov 2026 12:00:45 GMT": 45 * time.Second, "Sun, 22 Nov 2026 11:00:00 GMT": 0,
	} {
		for _, status := range []int{429, 503} {
			chat.Script(webhooktest.Status(status, "later", "Retry-After", value, "Date", date))
			try := s.Send(t.Context(), hook(calbell.KindSlack, chat.URL("")), message(), now)
			if try.Verdict != calbell.RefusedForNow || try.RetryAfter != want {
				t.Errorf("%d, Retry-After %q: %+v, want %s", status, value, try, want)
			}
		}
	}
}

// A connection that the other side closed while it was kept: whenever the close is seen
// before the first byte goes out, the post starts again on a new one by itself; when it is
// seen later, nothing does. Never does a receiver get a message twice for one attempt.
func TestKeptConnectionsThatRaceWithTheirClose(t *testing.T) {
	chat, s := start(t, webhook.Options{})
	closing := webhooktest.Func(func(w http.ResponseWriter, _ *http.Request) {
		// No "Connection: close": the answer says that the connection is kept.
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		conn.Close()
	})
	chat.Always(closing)
	const attempts = 300
	verdicts := make(map[calbell.Verdict]int)
	for n := range attempts {
		m := message()
		m.ID = calbell.ReminderID(fmt.Sprint(n))
		verdicts[s.Send(t.Context(), hook(calbell.KindKChat, chat.URL("")), m, time.Now()).Verdict]++
	}
	seen := make(map[string]int)
	for _, q := range chat.Requests() {
		seen[q.ID]++
	}
	for id, n := range seen {
		if n > 1 {
			t.Errorf("attempt %s came %d times", id, n)
		}
	}
	if got := verdicts[calbell.Accepted] + verdicts[calbell.Unknown] + verdicts[calbell.NotSent]; got != attempts {
		t.Errorf("verdicts %v", verdicts)
	}
	if len(seen) < verdicts[calbell.Accepted] {
		t.Errorf("%d accepted, %d came", verdicts[calbell.Accepted], len(seen))
	}
	t.Logf("%d attempts: %v, %d came", attempts, verdicts, len(seen))
}

// What is told of an attempt that a proxy ended holds neither URL nor the proxy's password.
func TestProxyPasswordIsNotShown(t *testing.T) {
	proxy := webhooktest.New()
	defer proxy.Close()
	proxy.Always(webhooktest.Status(407, "no "+secret))
	u, err := url.Parse(proxy.URL(""))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("calbell", secret)
	try := sender(t, webhook.Options{Proxy: u}).Send(t.Context(), hook(calbell.KindKChat, "https://chat.example.org"), message(), time.Now())
	if try.Verdict != calbell.NotSent || !strings.Contains(try.Error.English, "Proxy Authentication Required") {
		t.Errorf("%+v", try)
	}
	noSecret(t, try)
}
