package config

import (
	"strings"
	"testing"
)

// TestProxy: a proxy is one that is written down, and its password is shown nowhere.
func TestProxy(t *testing.T) {
	for text, ok := range map[string]bool{
		"http://proxy.example.org:3128":           true,
		"https://anna:CANARY@proxy.example.org/":  true,
		"socks5://[2001:db8::1]:1080":             true,
		"proxy.example.org:3128":                  false,
		"ftp://anna:CANARY@proxy.example.org":     false,
		"http://anna:CANARY@":                     false,
		"http://anna:CANARY@proxy.example.org/x":  false,
		"http://proxy.example.org?p=CANARY":       false,
		"http://anna:CANARY@proxy.example.org:x/": false,
	} {
		for _, from := range []struct {
			name, file string
			env        map[string]string
		}{
			{"the file", "delivery:\n  proxy: '" + text + "'", nil},
			{"the environment", "{}", map[string]string{"CALBELL_DELIVERY_PROXY": text}},
		} {
			cfg, err := Parse([]byte(from.file), "c.yaml", func(name string) string { return from.env[name] })
			switch {
			case ok != (err == nil):
				t.Errorf("%s in %s: %v", text, from.name, err)
			case err != nil && strings.Contains(err.Error(), "CANARY"):
				t.Errorf("%s in %s: shown: %v", text, from.name, err)
			case ok && strings.TrimSuffix(text, "/") != strings.TrimSuffix(cfg.Delivery.Proxy.Reveal(), "/"):
				t.Errorf("%s in %s became %s", text, from.name, cfg.Delivery.Proxy.Reveal())
			}
		}
	}
}
