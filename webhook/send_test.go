package webhook_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"calbell"
	"calbell/webhook"
	"calbell/webhook/webhooktest"
)

const secret = "k8h1n2p3q4r5s6t7"

// loopback lets the tests reach their receivers past the guard.
func loopback() []calbell.Network {
	return []calbell.Network{{Prefix: netip.MustParsePrefix("127.0.0.0/8")}}
}

// start returns a receiver and a Sender that may reach it; both are closed at the end.
func start(t *testing.T, o webhook.Options) (*webhooktest.Receiver, *webhook.Sender) {
	t.Helper()
	chat := webhooktest.New()
	t.Cleanup(chat.Close)
	o.PrivateNetworks = append(o.PrivateNetworks, loopback()...)
	return chat, sender(t, o)
}

func sender(t *testing.T, o webhook.Options) *webhook.Sender {
	t.Helper()
	s := webhook.NewSender(o)
	t.Cleanup(s.Close)
	return s
}

func hook(kind calbell.WebhookKind, base string) calbell.Webhook {
	return calbell.Webhook{ID: "team", Name: "team", URL: calbell.Secret(base + "/hooks/" + secret), WebhookSpec: calbell.WebhookSpec{Kind: kind}}
}

func message() calbell.Message {
	return calbell.Message{ID: "0123456789abcdef", Text: "**Stand-up**, 09:00"}
}

// noSecret fails when anything that is printed of a try holds the URL's secret.
func noSecret(t *testing.T, try calbell.Try) {
	t.Helper()
	printed, err := json.Marshal(try)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(strings.ToLower(string(printed)), secret) {
		t.Errorf("shows the secret: %s", printed)
	}
}

func TestSendPostsTheMessage(t *testing.T) {
	chat, s := start(t, webhook.Options{UserAgent: "Calbell/test"})
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, encoding := range []string{"json", "form"} {
		w := hook(calbell.KindKChat, chat.URL(""))
		w.Encoding = encoding
		m := message()
		m.Channel, m.Attachments = "town-square", []any{map[string]any{"text": "a & b"}}
		try := s.Send(t.Context(), w, m, now)
		if try.Verdict != calbell.Accepted || try.Status != 200 || try.Answer != "ok" || !try.Error.IsZero() || !try.At.Equal(now) || try.Took <= 0 {
			t.Errorf("%s: %+v", encoding, try)
		}
	}
	got := chat.Requests()
	if len(got) != 2 {
		t.Fatalf("%d requests", len(got))
	}
	for i, contentType := range []string{"application/json", "application/x-www-form-urlencoded"} {
		q := got[i]
		if q.Method != "POST" || q.Path != "/hooks/"+secret || q.Err != nil || q.Text != message().Text || q.Payload["channel"] != "town-square" {
			t.Errorf("%+v", q)
		}
		for name, want := range map[string]string{"Content-Type": contentType, "Webhook-Id": "0123456789abcdef", "User-Agent": "Calbell/test", "Accept-Encoding": "identity"} {
			if q.Header.Get(name) != want {
				t.Errorf("%s: %q, want %q", name, q.Header.Get(name), want)
			}
		}
		for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key", "Referer", "Cookie", "Authorization", "Expect", "Transfer-Encoding"} {
			if v, ok := q.Header[name]; ok {
				t.Errorf("has %s: %q", name, v)
			}
		}
	}
	if chat.Connections() != 1 {
		t.Errorf("%d connections for two posts, one after the other", chat.Connections())
	}
}

// No byte reaches the target of a redirect, and the method is not changed.
func TestSendFollowsNoRedirect(t *testing.T) {
	chat, s := start(t, webhook.Options{})
	for _, code := range []int{300, 301, 302, 303, 307, 308} {
		for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindJSON} {
			chat.Script(webhooktest.Redirect(code))
			try := s.Send(t.Context(), hook(kind, chat.URL("")), message(), time.Now())
			if try.Verdict != calbell.Outage || try.Status != code || !strings.Contains(try.Error.English, `to host "127.0.0.1"; redirects are not followed`) {
				t.Errorf("%d: %+v", code, try)
			}
			noSecret(t, try)
		}
	}
	if n := chat.Redirected(); n != 0 {
		t.Errorf("%d requests came to the target", n)
	}
}

func TestSendWhereNothingListens(t *testing.T) {
	chat, s := start(t, webhook.Options{})
	base := chat.URL("")
	chat.Close()
	try := s.Send(t.Context(), hook(calbell.KindKChat, base), message(), time.Now())
	if try.Verdict != calbell.NotSent || !strings.Contains(try.Error.English, "connection refused (nothing listens") {
		t.Errorf("%+v", try)
	}
	noSecret(t, try)
}

func TestSendRefusesByURL(t *testing.T) {
	for url, says := range map[string]string{
		"": "missing",
		"http://chat.example.org/hooks/" + secret:         "plain http",
		"https://[::1]/hooks/" + secret:                   "delivery.private_networks",
		"https://example.org:port/" + secret + "\x7f":     "cannot be read",
		"https://169.254.169.254/latest/" + secret:        "169.254.169.254 is refused",
		"gopher://chat.example.org/hooks/" + secret + "#": "absolute",
	} {
		try := sender(t, webhook.Options{}).Send(t.Context(), calbell.Webhook{URL: calbell.Secret(url)}, message(), time.Now())
		if try.Verdict != calbell.NotSent || !strings.Contains(try.Error.English, says) {
			t.Errorf("%q: %+v", url, try)
		}
		noSecret(t, try)
	}
}

func TestSendRefusesWhatCannotBeEncoded(t *testing.T) {
	chat, s := start(t, webhook.Options{})
	m := message()
	m.Attachments = []any{map[string]any{"a": func() {}}}
	try := s.Send(t.Context(), hook(calbell.KindKChat, chat.URL("")), m, time.Now())
	if try.Verdict != calbell.MessageRefused || !strings.Contains(try.Error.English, "encode message") || len(chat.Requests()) != 0 {
		t.Errorf("%+v", try)
	}
}

// The environment's proxy would see every message, and get around the guard.
func TestSendAsksNoProxyOfTheEnvironment(t *testing.T) {
	proxy := webhooktest.New()
	defer proxy.Close()
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL(""))
	}
	s := sender(t, webhook.Options{Unguarded: true, Resolver: webhooktest.DNS(func(string) []netip.Addr { return nil })})
	for _, base := range []string{"http://chat.example.org", "https://chat.example.org"} {
		if try := s.Send(t.Context(), hook(calbell.KindKChat, base), message(), time.Now()); try.Verdict != calbell.NotSent {
			t.Errorf("%+v", try)
		}
	}
	if n := proxy.Connections(); n != 0 {
		t.Errorf("%d connections to the proxy", n)
	}
}

func TestSendThroughAConfiguredProxy(t *testing.T) {
	for _, tt := range []struct {
		name, base, says string
		want             calbell.Verdict
		connections      int
	}{
		{"https goes through it", "https://chat.example.org", "Method Not Allowed", calbell.NotSent, 1},
		{"http does not", "http://chat.example.org", "no such host", calbell.NotSent, 0},
		{"a literal private address is refused before", "https://10.0.0.1", "10.0.0.1 is refused", calbell.NotSent, 0},
		{"an allowed one goes direct", "https://127.0.0.1:1", "refused", calbell.NotSent, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			proxy := webhooktest.New()
			defer proxy.Close()
			proxy.Always(webhooktest.Status(405, ""))
			u, err := url.Parse(proxy.URL(""))
			if err != nil {
				t.Fatal(err)
			}
			s := sender(t, webhook.Options{Proxy: u, PrivateNetworks: loopback(), Resolver: webhooktest.DNS(func(string) []netip.Addr { return nil })})
			try := s.Send(t.Context(), hook(calbell.KindKChat, tt.base), message(), time.Now())
			if try.Verdict != tt.want || !strings.Contains(try.Error.English, tt.says) || proxy.Connections() != tt.connections {
				t.Errorf("%d connections, %+v", proxy.Connections(), try)
			}
			noSecret(t, try)
			for _, q := range proxy.Requests() {
				if q.Method != "CONNECT" || q.Host != "chat.example.org:443" || strings.Contains(q.Path, secret) {
					t.Errorf("the proxy saw %s %s", q.Method, q.Path)
				}
			}
		})
	}
}

// A name that is public when it is looked up first and private a moment later.
func TestSendJudgesTheAddressItDials(t *testing.T) {
	chat := webhooktest.NewTLS(nil)
	defer chat.Close()
	_, port, err := net.SplitHostPort(chat.Addr())
	if err != nil {
		t.Fatal(err)
	}
	public, private := netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("127.0.0.1")
	var flipped atomic.Bool
	dns := webhooktest.DNS(func(string) []netip.Addr {
		if flipped.Load() {
			return []netip.Addr{private}
		}
		return []netip.Addr{public}
	})
	first, err := dns.LookupNetIP(t.Context(), "ip4", "chat.example.org")
	if err != nil || len(first) != 1 || first[0].Unmap() != public {
		t.Fatalf("first look-up: %v, %v", first, err)
	}
	flipped.Store(true)
	s := sender(t, webhook.Options{Resolver: dns, RootCAs: chat.RootCAs()})
	w := hook(calbell.KindKChat, "https://chat.example.org:"+port)
	try := s.Send(t.Context(), w, message(), time.Now())
	if try.Verdict != calbell.NotSent || !strings.Contains(try.Error.English, "127.0.0.1 is refused") || !strings.Contains(try.Error.English, "delivery.private_networks") {
		t.Errorf("%+v", try)
	}
	if _, err := s.Probe(t.Context(), w); err == nil || !strings.Contains(err.Error(), "127.0.0.1 is refused") {
		t.Errorf("probe: %v", err)
	}
	if n := chat.Connections(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

// Of a name with a private and a public address only the public one is tried.
func TestSendSkipsRefusedAddresses(t *testing.T) {
	chat := webhooktest.New()
	defer chat.Close()
	_, port, err := net.SplitHostPort(chat.Addr())
	if err != nil {
		t.Fatal(err)
	}
	dns := webhooktest.DNS(func(string) []netip.Addr {
		return []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("127.0.0.1")}
	})
	s := sender(t, webhook.Options{Resolver: dns, PrivateNetworks: loopback()})
	try := s.Send(t.Context(), hook(calbell.KindKChat, "http://chat.example.org:"+port), message(), time.Now())
	if try.Verdict != calbell.Accepted {
		t.Errorf("%+v", try)
	}
	chat.Close()
	s = sender(t, webhook.Options{Resolver: dns, PrivateNetworks: loopback()})
	try = s.Send(t.Context(), hook(calbell.KindKChat, "http://chat.example.org:"+port), message(), time.Now())
	if try.Verdict != calbell.NotSent || !strings.Contains(try.Error.English, "127.0.0.1:"+port) {
		t.Errorf("the allowed address does not answer: %+v", try)
	}
}

func TestSendLooksUpInVain(t *testing.T) {
	s := sender(t, webhook.Options{Resolver: webhooktest.DNS(func(string) []netip.Addr { return nil })})
	try := s.Send(t.Context(), hook(calbell.KindKChat, "https://chat.example.org"), message(), time.Now())
	if try.Verdict != calbell.NotSent || !strings.Contains(try.Error.English, `look up "chat.example.org": no such host`) {
		t.Errorf("%+v", try)
	}
	noSecret(t, try)
}

func TestSendOverTLS(t *testing.T) {
	chat := webhooktest.NewTLS(nil)
	defer chat.Close()
	old := webhooktest.NewTLS(&tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10})
	defer old.Close()
	tls12 := webhooktest.NewTLS(&tls.Config{MaxVersion: tls.VersionTLS12})
	defer tls12.Close()
	http := webhooktest.New()
	defer http.Close()
	dns := webhooktest.DNS(func(string) []netip.Addr { return []netip.Addr{netip.MustParseAddr("127.0.0.1")} })
	trusting := webhook.Options{PrivateNetworks: loopback(), RootCAs: chat.RootCAs(), Resolver: dns}
	asName := func(r *webhooktest.Receiver, name string) string {
		_, port, err := net.SplitHostPort(r.Addr())
		if err != nil {
			t.Fatal(err)
		}
		return "https://" + net.JoinHostPort(name, port)
	}
	for _, tt := range []struct {
		name string
		base string
		opts webhook.Options
		want calbell.Verdict
		says string
	}{
		{"trusted", chat.URL(""), trusting, calbell.Accepted, ""},
		{"trusted by name", asName(chat, "example.com"), trusting, calbell.Accepted, ""},
		{"TLS 1.2", tls12.URL(""), trusting, calbell.Accepted, ""},
		{"TLS 1.1", old.URL(""), trusting, calbell.NotSent, "tls: "},
		{"unknown authority", chat.URL(""), webhook.Options{PrivateNetworks: loopback()}, calbell.NotSent, "signed by nobody this machine trusts"},
		{"another name", asName(chat, "chat.example.org"), trusting, calbell.NotSent, "the certificate is for another name"},
		{"no TLS there", "https://" + http.Addr(), trusting, calbell.NotSent, "answers in plain http"},
		{"plain http to a TLS port", "http://" + chat.Addr(), trusting, calbell.HookRefused, "an HTTPS server"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := sender(t, tt.opts)
			try := s.Send(t.Context(), hook(calbell.KindKChat, tt.base), message(), time.Now())
			if try.Verdict != tt.want || !strings.Contains(try.Error.English, tt.says) {
				t.Errorf("%+v", try)
			}
			noSecret(t, try)
		})
	}
}

func TestSendStopsWithItsContext(t *testing.T) {
	chat, s := start(t, webhook.Options{})
	chat.Always(webhooktest.Hang())
	ctx, cancel := context.WithCancel(t.Context())
	tries := make(chan calbell.Try)
	go func() {
		tries <- s.Send(ctx, hook(calbell.KindKChat, chat.URL("")), message(), time.Now())
	}()
	if _, err := chat.Wait(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	cancel()
	if try := <-tries; try.Verdict != calbell.Unknown || try.Error.English != "stopped before the answer came" {
		t.Errorf("%+v", try)
	}
	if try := s.Send(ctx, hook(calbell.KindKChat, chat.URL("")), message(), time.Now()); try.Verdict != calbell.NotSent {
		t.Errorf("stopped before it began: %+v", try)
	}
	if n := len(chat.Requests()); n != 1 {
		t.Errorf("%d requests", n)
	}
}
