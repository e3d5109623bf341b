package webhook_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/webhook"
	"calbell/webhook/webhooktest"
)

// innerDNS knows names of an inner network, one public name, and nothing else.
func innerDNS() *net.Resolver {
	return webhooktest.DNS(func(name string) []netip.Addr {
		switch strings.TrimSuffix(name, ".") {
		case "db.corp.example.org":
			return []netip.Addr{netip.MustParseAddr("10.20.30.40")}
		case "loop.corp.example.org":
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}
		}
		return nil
	})
}

// A member learns nothing about the inner network: a name that leads there is told of like one
// that does not exist, and no text holds an address. An admin reads both.
func TestMembersLearnNoAddresses(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(closed.Addr().String())
	closed.Close()
	for _, tt := range []struct {
		name, url     string
		open          []calbell.Network
		member, admin string
	}{
		{"a name that leads inside", "https://db.corp.example.org/hooks/x", nil, `.corp.example.org" has no public address (check the name`, "10.20.30.40 is refused"},
		{"a name that does not exist", "https://no.corp.example.org/hooks/x", nil, `.corp.example.org" has no public address (check the name`, "no such host"},
		{"loopback", "https://loop.corp.example.org/hooks/x", nil, `.corp.example.org" has no public address (check the name`, "127.0.0.1 is refused"},
		{"an open network where nothing listens", "http://loop.corp.example.org:" + port + "/hooks/x", loopback(), "connect: connection refused", "127.0.0.1:" + port},
		{"another port of an open host", "http://loop.corp.example.org:" + port + "/hooks/x", []calbell.Network{{Prefix: netip.MustParsePrefix("127.0.0.0/8"), Port: 1}}, `.corp.example.org" has no public address (check the name`, "127.0.0.1 is refused"},
	} {
		s := webhook.NewSender(webhook.Options{Resolver: innerDNS(), PrivateNetworks: tt.open})
		for owner, want := range map[string]string{"bob": tt.member, "": tt.admin} {
			w := hook(calbell.KindKChat, tt.url)
			w.Owner = owner
			try := s.Send(t.Context(), w, message(), time.Now())
			if try.Verdict != calbell.NotSent || !strings.Contains(try.Error.English, want) {
				t.Errorf("%s, owner %q: %+v, want %q", tt.name, owner, try, want)
			}
			if owner != "" && (strings.Contains(try.Error.English, "127.0.0.") || strings.Contains(try.Error.English, "10.20.")) {
				t.Errorf("%s: a member reads %q", tt.name, try.Error)
			}
		}
		s.Close()
	}
}

// What inner servers answer is for admins; a member sees the status, and whether the message was
// taken. Of a chat that the configuration names with its port they see the answer.
func TestMembersReadNoInnerAnswers(t *testing.T) {
	const secret = "uid=0(root) and more of the inner network"
	inner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/500") {
			w.WriteHeader(http.StatusInternalServerError)
		}
		if strings.HasPrefix(r.URL.Path, "/ok") {
			_, _ = w.Write([]byte("ok"))
			return
		}
		_, _ = w.Write([]byte(secret))
	}))
	t.Cleanup(inner.Close)
	at := netip.MustParseAddrPort(inner.Listener.Addr().String())
	s := webhook.NewSender(webhook.Options{PrivateNetworks: loopback()})
	t.Cleanup(s.Close)
	named := webhook.NewSender(webhook.Options{PrivateNetworks: append(loopback(), calbell.Network{Prefix: netip.PrefixFrom(at.Addr(), 32), Port: at.Port()})})
	t.Cleanup(named.Close)
	for _, tt := range []struct {
		kind   calbell.WebhookKind
		path   string
		status int
	}{{calbell.KindJSON, "/200", 200}, {calbell.KindKChat, "/200", 200}, {calbell.KindKChat, "/500", 500}, {calbell.KindKChat, "/ok", 200}} {
		for _, owner := range []string{"bob", ""} {
			w := hook(tt.kind, inner.URL+tt.path)
			w.Owner = owner
			if try := named.Send(t.Context(), w, message(), time.Now()); try.Answer == "" {
				t.Errorf("%s %s, owner %q: no answer of a chat that the configuration names", tt.kind, tt.path, owner)
			}
			try := s.Send(t.Context(), w, message(), time.Now())
			want := secret
			switch {
			case tt.path == "/ok":
				want = "ok"
			case owner != "":
				want = ""
			}
			if try.Status != tt.status || try.Answer != want || strings.Contains(try.Error.English, "uid") != (owner == "" && tt.kind == calbell.KindKChat && want != "ok") {
				t.Errorf("%s %s, owner %q: %+v", tt.kind, tt.path, owner, try)
			}
		}
	}
}

// The program's own listener is refused to everybody, by name and by address, and although its
// network is open.
func TestOwnListenerIsRefused(t *testing.T) {
	asked := 0
	page := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	t.Cleanup(page.Close)
	at := netip.MustParseAddrPort(page.Listener.Addr().String())
	s := webhook.NewSender(webhook.Options{
		Resolver: innerDNS(), PrivateNetworks: loopback(),
		Self: func(a netip.AddrPort) bool { return a.Port() == at.Port() },
	})
	t.Cleanup(s.Close)
	for _, host := range []string{"127.0.0.1", "127.0.0.2", "loop.corp.example.org", "[::ffff:127.0.0.1]"} {
		for _, owner := range []string{"bob", ""} {
			u, _ := url.Parse(page.URL)
			u.Host = host + ":" + u.Port()
			w := hook(calbell.KindJSON, u.String())
			w.Owner = owner
			if try := s.Send(t.Context(), w, message(), time.Now()); try.Verdict != calbell.NotSent || asked > 0 {
				t.Errorf("%s, owner %q: %+v, asked %d times", host, owner, try, asked)
			}
		}
	}
}
