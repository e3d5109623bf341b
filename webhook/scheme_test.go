package webhook_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/webhook"
)

// alerting answers each connection with an alert of TLS, as servers of https do that are spoken to by
// plain http.
func alerting(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 4096))
			_, _ = c.Write([]byte("\x15\x03\x01\x00\x02\x02\x46"))
			c.Close()
		}
	}()
	return l.Addr().String()
}

// A server that is spoken to by the wrong one of http and https took no message, and the next step is
// the scheme to write.
func TestWrongScheme(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	for _, tt := range []struct {
		name, url string
		verdict   calbell.Verdict
		says      string
	}{
		{"https to plain http", "https://" + plain.Listener.Addr().String(), calbell.NotSent, "write http:// in the URL"},
		{"http to one that says so", "http://" + secure.Listener.Addr().String(), calbell.HookRefused, "write https:// in the URL"},
		{"http to one that alerts", "http://" + alerting(t), calbell.NotSent, "write https:// in the URL"},
	} {
		sender := webhook.NewSender(webhook.Options{Unguarded: true})
		w := calbell.Webhook{URL: calbell.Secret(tt.url + "/hooks/s3cr3tpart"), WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat}}
		try := sender.Send(t.Context(), w, calbell.Message{Text: "x"}, time.Now())
		if try.Verdict != tt.verdict || !strings.Contains(try.Error.English+try.Hint.English, tt.says) || strings.Contains(try.Hint.English, "arrived") {
			t.Errorf("%s: %s: %s\n  %s", tt.name, try.Verdict, try.Error, try.Hint)
		}
		sender.Close()
	}
}
