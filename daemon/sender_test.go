package daemon

import (
	"testing"

	"calbell/config"
)

// TestProxyOfTheConfiguration: webhooks go through a proxy that the configuration names, and
// through no other.
func TestProxyOfTheConfiguration(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://elsewhere.example.org:3128")
	cfg := config.Default()
	if p := senderOptions(cfg, "").Proxy; p != nil {
		t.Errorf("through %s, which nobody named", p)
	}
	cfg.Delivery.Proxy = "http://anna:secret@proxy.example.org:3128"
	if p := senderOptions(cfg, "").Proxy; p == nil || p.Host != "proxy.example.org:3128" || p.User.Username() != "anna" {
		t.Errorf("through %v", p)
	}
}
