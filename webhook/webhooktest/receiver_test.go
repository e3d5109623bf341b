package webhooktest_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calbell/webhook/webhooktest"
)

const helloJSON = `{"text":"hello","channel":"town-square"}`

// post sends a body and returns status and text of the answer.
func post(t *testing.T, c *http.Client, url, contentType, body string) (int, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "POST", url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Webhook-Id", "0123")
	resp, err := c.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

// client returns an HTTP client of its own, which follows no redirects.
func client(t *testing.T, rt http.RoundTripper) *http.Client {
	t.Helper()
	if rt == nil {
		own := &http.Transport{DisableCompression: true}
		t.Cleanup(own.CloseIdleConnections)
		rt = own
	}
	return &http.Client{Transport: rt, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func TestReceiverRecords(t *testing.T) {
	chat := webhooktest.New()
	defer chat.Close()
	c := client(t, nil)
	for _, tt := range []struct {
		name, contentType, body string
		text                    string
		broken                  bool
	}{
		{"json", "application/json", helloJSON, "hello", false},
		{"json with charset", "application/json; charset=utf-8", helloJSON, "hello", false},
		{"no type", "", helloJSON, "hello", false},
		{"form", "application/x-www-form-urlencoded", "payload=%7B%22text%22%3A%22a+b%22%7D", "a b", false},
		{"not json", "application/json", "hello", "", true},
		{"form without payload", "application/x-www-form-urlencoded", "text=hello", "", true},
		{"broken form", "application/x-www-form-urlencoded", "payload=%zz", "", true},
		{"no text", "application/json", `{"a":1}`, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := len(chat.Requests())
			if status, text, err := post(t, c, chat.URL("/hooks/abc?x=1"), tt.contentType, tt.body); status != 200 || text != "ok" || err != nil {
				t.Fatalf("%d %q %v", status, text, err)
			}
			all := chat.Requests()
			if len(all) != before+1 {
				t.Fatalf("%d requests", len(all))
			}
			q := all[before]
			if q.Method != "POST" || q.Path != "/hooks/abc?x=1" || string(q.Body) != tt.body || q.Text != tt.text || q.ID != "0123" {
				t.Errorf("%+v", q)
			}
			if (q.Err != nil) != tt.broken || (q.Payload == nil) != tt.broken {
				t.Errorf("error %v, payload %v", q.Err, q.Payload)
			}
			if q.At.IsZero() || q.Remote == "" || q.Host != chat.Addr() || q.Header.Get("Content-Type") != tt.contentType {
				t.Errorf("%+v", q)
			}
		})
	}
}

func TestScriptThenAnswer(t *testing.T) {
	chat := webhooktest.New()
	defer chat.Close()
	c := client(t, nil)
	chat.Script(webhooktest.Repeat(2, webhooktest.Status(503, "later", "Retry-After", "7", "X-A", "b"))...)
	chat.Script(webhooktest.Status(400, "no"))
	chat.Answer(func(q webhooktest.Request) webhooktest.Reply { return webhooktest.Status(299, "got "+q.Text) })
	var statuses []int
	var last string
	for range 5 {
		status, text, err := post(t, c, chat.URL("/"), "", helloJSON)
		if err != nil {
			t.Fatal(err)
		}
		statuses, last = append(statuses, status), text
	}
	if want := []int{503, 503, 400, 299, 299}; !slices.Equal(statuses, want) || last != "got hello" {
		t.Errorf("got %v, %q", statuses, last)
	}
	chat.Always(webhooktest.Empty())
	if status, text, err := post(t, c, chat.URL("/"), "", helloJSON); status != 200 || text != "" || err != nil {
		t.Errorf("%d %q %v", status, text, err)
	}
}

func TestReplies(t *testing.T) {
	for _, tt := range []struct {
		name     string
		reply    webhooktest.Reply
		status   int
		text     string // the beginning of the answer
		size     int    // of the answer; 0 = any
		fails    bool
		recorded bool // the request's body was recorded
	}{
		{"ok", webhooktest.OK(), 200, "ok", 0, false, true},
		{"html", webhooktest.HTML(), 200, "<!DOCTYPE html>", 0, false, true},
		{"huge", webhooktest.Huge(100_001), 200, "ok ok ", 100_001, false, true},
		{"func", webhooktest.Func(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Method) }), 200, "POST", 0, false, true},
		{"gzip", webhooktest.Gzip("ok"), 200, "\x1f\x8b", 0, false, true},
		{"bomb", webhooktest.GzipBomb(1 << 20), 200, "\x1f\x8b", 0, false, true},
		{"redirect", webhooktest.Redirect(307), 307, "", 0, false, true},
		{"raw", webhooktest.Raw("HTTP/1.0 418 Short\r\n\r\nteapot"), 418, "teapot", 0, false, true},
		{"late", webhooktest.Late(time.Millisecond, webhooktest.OK()), 200, "ok", 0, false, true},
		{"drip", webhooktest.Drip(time.Microsecond, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), 200, "ok", 0, false, true},
		{"reset before the body", webhooktest.Reset(webhooktest.BeforeBody), 0, "", 0, true, false},
		{"reset before the answer", webhooktest.Reset(webhooktest.BeforeAnswer), 0, "", 0, true, true},
		{"reset in the header", webhooktest.Reset(webhooktest.MidHeader), 0, "", 0, true, true},
		{"reset in the body", webhooktest.Reset(webhooktest.MidBody), 200, "", 0, true, true},
		{"reset after the body", webhooktest.Reset(webhooktest.AfterBody), 200, "ok", 0, false, true},
	} {
		for _, inProcess := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, in process %v", tt.name, inProcess), func(t *testing.T) {
				chat := webhooktest.New()
				if inProcess {
					chat = webhooktest.NewInProcess()
				}
				defer chat.Close()
				chat.Script(tt.reply)
				status, text, err := post(t, client(t, chat.Transport()), chat.URL("/hooks/abc"), "application/json", helloJSON)
				if (err != nil) != tt.fails {
					t.Fatalf("%d %q %v", status, text, err)
				}
				if !tt.fails && (status != tt.status || !strings.HasPrefix(text, tt.text)) {
					t.Errorf("%d %.40q", status, text)
				}
				if tt.size != 0 && len(text) != tt.size {
					t.Errorf("%d bytes", len(text))
				}
				got, err := chat.Wait(t.Context(), 1)
				if err != nil || (got[0].Text == "hello") != tt.recorded {
					t.Errorf("recorded %+v, %v", got, err)
				}
				if n := chat.Redirected(); n != 0 {
					t.Errorf("%d redirected", n)
				}
			})
		}
	}
}

func TestRedirectedCountsTheTarget(t *testing.T) {
	for _, chat := range []*webhooktest.Receiver{webhooktest.New(), webhooktest.NewTLS(nil)} {
		defer chat.Close()
		tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: chat.RootCAs()}}
		defer tr.CloseIdleConnections()
		chat.Script(webhooktest.Redirect(302))
		if status, _, err := post(t, &http.Client{Transport: tr}, chat.URL("/hooks/abc"), "", helloJSON); status != 200 || err != nil {
			t.Fatalf("%d %v", status, err)
		}
		if n := chat.Redirected(); n != 1 || len(chat.Requests()) != 1 {
			t.Errorf("%d redirected, %d requests", n, len(chat.Requests()))
		}
	}
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat := webhooktest.NewInProcess()
		defer chat.Close()
		c := client(t, chat.Transport())
		go func() {
			for i := range 3 {
				time.Sleep(time.Minute)
				post(t, c, chat.URL("/"), "", fmt.Sprintf(`{"text":"no %d"}`, i))
			}
		}()
		began := time.Now()
		got, err := chat.Wait(t.Context(), 2)
		if err != nil || len(got) != 2 || time.Since(began) != 2*time.Minute {
			t.Errorf("%d after %s, %v", len(got), time.Since(began), err)
		}
		third, err := chat.WaitFor(t.Context(), func(q webhooktest.Request) bool { return q.Text == "no 2" })
		if err != nil || !third.At.Equal(began.Add(3*time.Minute)) {
			t.Errorf("%+v, %v", third, err)
		}
		first, err := chat.WaitFor(t.Context(), func(q webhooktest.Request) bool { return q.Text == "no 0" })
		if err != nil || !first.At.Equal(began.Add(time.Minute)) {
			t.Errorf("what came before the call: %+v, %v", first, err)
		}
		if got := chat.Texts(); !slices.Equal(got, []string{"no 0", "no 1", "no 2"}) {
			t.Errorf("%q", got)
		}

		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if got, err := chat.Wait(ctx, 4); !errors.Is(err, context.DeadlineExceeded) || len(got) != 3 {
			t.Errorf("%d, %v", len(got), err)
		}
		if _, err := chat.WaitFor(ctx, func(webhooktest.Request) bool { return false }); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

// Close ends whatever hangs, and whoever waits.
func TestCloseEndsWhatHangs(t *testing.T) {
	for name, reply := range map[string]webhooktest.Reply{
		"hang": webhooktest.Hang(), "early": webhooktest.HangEarly(), "late": webhooktest.Late(time.Hour, webhooktest.OK()),
		"held": webhooktest.Held(nil, webhooktest.OK()), "drip": webhooktest.Drip(time.Hour, "HTTP/1.1 200 OK\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			chat := webhooktest.New()
			chat.Script(reply)
			ended := make(chan error, 1)
			go func() {
				_, _, err := post(t, client(t, nil), chat.URL("/"), "", helloJSON)
				ended <- err
			}()
			if _, err := chat.Wait(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			chat.Close()
			chat.Close()
			// An answer without a word from the handler is an empty 200.
			<-ended
			if _, err := chat.Wait(t.Context(), 2); !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
		})
	}
}

func TestHeldUntilReleased(t *testing.T) {
	chat := webhooktest.New()
	defer chat.Close()
	release := make(chan struct{})
	chat.Script(webhooktest.Held(release, webhooktest.Status(201, "now")))
	answered := make(chan int)
	go func() {
		status, _, _ := post(t, client(t, nil), chat.URL("/"), "", helloJSON)
		answered <- status
	}()
	if _, err := chat.Wait(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	select {
	case status := <-answered:
		t.Fatalf("answered %d before it was released", status)
	default:
	}
	close(release)
	if status := <-answered; status != 201 {
		t.Errorf("%d", status)
	}
}

func TestConnectionsAreKept(t *testing.T) {
	chat := webhooktest.New()
	defer chat.Close()
	if chat.Transport() != nil || chat.RootCAs() != nil {
		t.Error("a plain receiver has a transport or a certificate")
	}
	c := client(t, nil)
	for range 3 {
		if _, _, err := post(t, c, chat.URL("/"), "", helloJSON); err != nil {
			t.Fatal(err)
		}
	}
	if n := chat.Connections(); n != 1 {
		t.Errorf("%d connections", n)
	}
	got := chat.Requests()
	if got[0].Remote != got[2].Remote {
		t.Errorf("%s and %s", got[0].Remote, got[2].Remote)
	}
}

func TestDNS(t *testing.T) {
	v4, v6 := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")
	dns := webhooktest.DNS(func(name string) []netip.Addr {
		switch name {
		case "both.example.org":
			return []netip.Addr{v4, v6}
		case "four.example.org":
			return []netip.Addr{v4, v4.Next()}
		}
		return nil
	})
	for name, want := range map[string][]netip.Addr{
		"both.example.org.": {v4, v6}, "BOTH.example.ORG.": {v4, v6}, "four.example.org.": {v4, v4.Next()}, "none.example.org.": nil,
	} {
		got, err := dns.LookupNetIP(t.Context(), "ip", name)
		for i := range got {
			got[i] = got[i].Unmap()
		}
		slices.SortFunc(got, netip.Addr.Compare)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		var notFound *net.DNSError
		if want == nil && (!errors.As(err, &notFound) || !notFound.IsNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a test does with a record must not change what the next one sees.
func TestRequestsAreCopies(t *testing.T) {
	chat := webhooktest.New()
	defer chat.Close()
	if _, _, err := post(t, client(t, nil), chat.URL("/"), "", helloJSON); err != nil {
		t.Fatal(err)
	}
	chat.Requests()[0] = webhooktest.Request{}
	got, err := chat.Wait(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	got[0] = webhooktest.Request{}
	if chat.Requests()[0].Text != "hello" {
		t.Error("the record was changed")
	}
}

// Under many clients each request gets exactly one reply of the script.
func TestScriptUnderLoad(t *testing.T) {
	chat := webhooktest.New()
	defer chat.Close()
	const clients, refusals = 40, 15
	chat.Script(webhooktest.Repeat(refusals, webhooktest.Status(503, ""))...)
	c := client(t, nil)
	statuses := make(chan int, clients)
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			status, _, err := post(t, c, chat.URL("/"), "", helloJSON)
			if err != nil {
				t.Error(err)
			}
			statuses <- status
		})
	}
	all.Wait()
	close(statuses)
	refused := 0
	for status := range statuses {
		if status == 503 {
			refused++
		}
	}
	if refused != refusals || len(chat.Requests()) != clients {
		t.Errorf("%d refused, %d received", refused, len(chat.Requests()))
	}
}

func TestInProcessTakesAnyHost(t *testing.T) {
	chat := webhooktest.NewInProcess()
	defer chat.Close()
	c := client(t, chat.Transport())
	for _, url := range []string{chat.URL("/hooks/abc"), "https://hooks.example.org/services/a", "http://other.example.org:8065/x"} {
		if status, text, err := post(t, c, url, "application/json", helloJSON); status != 200 || text != "ok" || err != nil {
			t.Errorf("%s: %d %q %v", url, status, text, err)
		}
	}
	var hosts []string
	for _, q := range chat.Requests() {
		hosts = append(hosts, q.Host)
	}
	if want := []string{"chat.example.org", "hooks.example.org", "other.example.org:8065"}; !slices.Equal(hosts, want) {
		t.Errorf("%q", hosts)
	}
	if chat.Addr() != "" {
		t.Errorf("address %q", chat.Addr())
	}
	chat.Close()
	if _, _, err := post(t, c, chat.URL("/"), "", helloJSON); err == nil {
		t.Error("a closed receiver answered")
	}
}

func TestReceiverOverTLS(t *testing.T) {
	for _, tt := range []struct {
		name  string
		cfg   *tls.Config
		max   uint16
		fails bool
	}{
		{"any", nil, 0, false},
		{"1.2 alone", &tls.Config{MaxVersion: tls.VersionTLS12}, 0, false},
		{"1.3 alone, client of 1.2", &tls.Config{MinVersion: tls.VersionTLS13}, tls.VersionTLS12, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			chat := webhooktest.NewTLS(tt.cfg)
			defer chat.Close()
			tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: chat.RootCAs(), MaxVersion: tt.max}}
			defer tr.CloseIdleConnections()
			status, _, err := post(t, &http.Client{Transport: tr}, chat.URL("/"), "", helloJSON)
			if (err != nil) != tt.fails || !tt.fails && status != 200 {
				t.Errorf("%d %v", status, err)
			}
			if n := len(chat.Requests()); (n == 0) != tt.fails {
				t.Errorf("%d requests", n)
			}
		})
	}
}
