package webhook_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/webhook"
	"calbell/webhook/webhooktest"
)

func TestProbePostsNothing(t *testing.T) {
	plain := webhooktest.New()
	defer plain.Close()
	secure := webhooktest.NewTLS(nil)
	defer secure.Close()
	proxy, err := url.Parse(plain.URL(""))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, base string
		proxy      *url.URL
		addr, tls  string
	}{
		{"http", plain.URL(""), nil, plain.Addr(), ""},
		{"https", secure.URL(""), nil, secure.Addr(), "TLS 1.3"},
		{"behind a proxy", "https://chat.example.org", proxy, plain.Addr(), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := sender(t, webhook.Options{PrivateNetworks: loopback(), RootCAs: secure.RootCAs(), Proxy: tt.proxy})
			got, err := s.Probe(t.Context(), hook(calbell.KindKChat, tt.base))
			if err != nil {
				t.Fatal(err)
			}
			if got.Addr.String() != tt.addr || got.TLS != tt.tls || !strings.HasSuffix(tt.base, got.Host) || got.Host == "" {
				t.Errorf("%+v", got)
			}
			if got.Expires.IsZero() != (tt.tls == "") || tt.tls != "" && got.Expires.Before(time.Now()) {
				t.Errorf("expires %s", got.Expires)
			}
		})
	}
	if n := len(plain.Requests()) + len(secure.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestProbeSaysWhatFailed(t *testing.T) {
	gone := webhooktest.New()
	gone.Close()
	secure := webhooktest.NewTLS(nil)
	defer secure.Close()
	old := webhooktest.NewTLS(&tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10})
	defer old.Close()
	// A listener that accepts and says nothing.
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	dns := webhooktest.DNS(func(string) []netip.Addr { return nil })
	for _, tt := range []struct {
		name, base string
		says, hint string
		kind       calbell.ErrorKind
	}{
		{"nothing there", gone.URL(""), "connection refused", "nothing listens", calbell.KindUnreachable},
		{"no such host", "https://chat.example.org", `look up "chat.example.org": no such host`, "check the host name", calbell.KindUnreachable},
		{"untrusted", secure.URL(""), "tls: ", "nobody this machine trusts", calbell.KindUnreachable},
		{"old TLS", old.URL(""), "tls: ", "", calbell.KindUnreachable},
		{"mute", "https://" + mute.Addr().String(), "no connection within", "firewall", calbell.KindUnreachable},
		{"refused address", "https://10.0.0.1", "10.0.0.1 is refused", "delivery.private_networks", calbell.KindUsage},
		{"no URL", "", "not an absolute", "https://", calbell.KindUsage},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := webhook.Options{PrivateNetworks: loopback(), Resolver: dns}
			if tt.name == "mute" {
				o.Timeout = 100 * time.Millisecond
			}
			s := sender(t, o)
			_, err := s.Probe(t.Context(), hook(calbell.KindKChat, tt.base))
			if err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(calbell.HintOf(err).English, tt.hint) || calbell.KindOf(err) != tt.kind {
				t.Fatalf("kind %d, %v (%s)", calbell.KindOf(err), err, calbell.HintOf(err))
			}
			if strings.Contains(err.Error()+calbell.HintOf(err).English, secret) {
				t.Errorf("shows the secret: %v", err)
			}
		})
	}
}

func TestProbeStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := sender(t, webhook.Options{PrivateNetworks: loopback()})
	if _, err := s.Probe(ctx, hook(calbell.KindKChat, "https://127.0.0.1:9")); err == nil {
		t.Error("reached something")
	}
}
