package webhook

import (
	"testing"

	"calbell"
)

// A server of https refuses plain http. Where the URL is one of https, a proxy before the chat speaks
// so to what is behind it: an outage, and no word about the URL.
func TestWantsHTTPS(t *testing.T) {
	for _, tt := range []struct {
		url     string
		verdict calbell.Verdict
		advice  string
	}{
		{"http://chat.example.org/hooks/x", calbell.HookRefused, httpsHint.English},
		{"HTTP://chat.example.org/hooks/x", calbell.HookRefused, httpsHint.English},
		{"https://chat.example.org/hooks/x", calbell.Outage, adviceBetween.English},
	} {
		w := calbell.Webhook{URL: calbell.Secret(tt.url), WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat}}
		a := answer{status: 400, body: []byte("Client sent an HTTP request to an HTTPS server.\n")}
		if v := verdictOf(w, a); v != tt.verdict || advise(w, a, v).English != tt.advice {
			t.Errorf("%s: %s, %q", tt.url, v, advise(w, a, v))
		}
	}
}
