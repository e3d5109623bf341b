package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"calbell"
	"calbell/webhook/dialect"
)

// An account's URL may be one, a host, or a mail address; no mistake shows what may be a
// secret.
func TestAccountURL(t *testing.T) {
	const taken = ""
	for text, want := range map[string]string{
		"https://cloud.example.org/remote.php/dav": taken,
		"http://127.0.0.1:5232/":                   taken,
		"cloud.example.org":                        taken,
		"localhost:5232":                           taken,
		"[::1]:5232":                               taken,
		"cloud.example.org/dav/anna/":              taken,
		"anna@example.org":                         taken,
		"mailto:anna@example.org":                  taken,
		"webcal://example.org/team.ics":            taken,
		"webcals://example.org/team.ics":           taken,
		"https://example.org/private-x/basic.ics":  taken,
		"file:///srv/team.ics":                     taken,
		"file://localhost/srv/team.ics":            taken,
		"file://elsewhere/srv/team.ics":            "the URL of the file cannot be read",
		"file://":                                  "the URL of the file cannot be read",
		"webcal://":                                "the URL has no host",
		"ftp://example.org/":                       "the URL begins with",
		"https://":                                 "the URL has no host",
		"https://a:CANARY@example.org/":            "the URL holds a sign-in",
		"webcal://a:CANARY@example.org/x.ics":      "the URL holds a sign-in",
		"a:CANARY@example.org":                     "this is no URL, host or mail address",
		"CANARY@":                                  "this is no URL, host or mail address",
		"CANARY with spaces":                       "this is no URL, host or mail address",
		"https://example.org/#CANARY":              "no part after #",
	} {
		_, err := Parse(fmt.Appendf(nil, "accounts: [{name: a, url: %q}]", text), "c.yaml", from(nil))
		switch {
		case want == taken && err != nil:
			t.Errorf("%s: %v", text, err)
		case want != taken && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", text, err, want)
		case err != nil && strings.Contains(err.Error(), "CANARY"):
			t.Errorf("%s: the error shows a secret: %v", text, err)
		}
	}
}

func TestSignIn(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"cert.pem", "key.pem", "token"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("CANARY\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for keys, want := range map[string]string{
		"token: CANARY":                                     "",
		"token_file: token":                                 "",
		"client_certificate: cert.pem":                      "",
		"client_certificate: cert.pem, client_key: key.pem": "",
		"ca_file: cert.pem":                                 "",
		"client_key: key.pem":                               "a client key needs a client certificate",
		"ca_file: none.pem":                                 "there is no file",
		"token: CANARY, username: anna":                     "both a token and a username",
		"token: CANARY, password: CANARY":                   "both a token and a username",
		"token: CANARY, token_file: token":                  `both "token" and "token_file"`,
		"username: anna":                                    "no password for",
		"password: CANARY":                                  "a password needs a username",
	} {
		text := fmt.Sprintf("accounts: [{name: a, url: cloud.example.org, %s}]", keys)
		cfg, err := Parse([]byte(text), filepath.Join(dir, "c.yaml"), from(nil))
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", keys, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", keys, err, want)
		case err != nil && strings.Contains(err.Error(), "CANARY"):
			t.Errorf("%s: the error shows a secret: %v", keys, err)
		}
		if err == nil && strings.HasPrefix(keys, "token") && cfg.Accounts[0].Token != calbell.Secret("CANARY") {
			t.Errorf("%s: another token", keys)
		}
	}
	for text, ok := range map[string]bool{
		"{name: a, url: anna@example.org, password: x}":                 true, // the address is the username
		"{name: a, url: 'file:///srv/a.ics', username: u, password: x}": false,
	} {
		if _, err := Parse([]byte("accounts: ["+text+"]"), "c.yaml", from(nil)); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestRate(t *testing.T) {
	for text, ok := range map[string]bool{"0": true, "0.5": true, "1000": true, "1001": false, "-1": false, ".nan": false, "NaN": false, "x": false, "[]": false} {
		cfg, err := Parse([]byte("webhooks: [{name: a, kind: json, url: 'https://example.org/x', rate_per_second: "+text+"}]"), "c.yaml", from(nil))
		if (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
		if ok && err == nil && cfg.Webhooks[0].RatePerSecond == nil {
			t.Errorf("%s: not taken over", text)
		}
	}
	var w calbell.Webhook
	for kind, want := range map[calbell.WebhookKind]float64{calbell.KindSlack: 1, calbell.KindKChat: 10, calbell.KindJSON: 0} {
		w.Kind = kind
		if got, burst := dialect.Rate(w); got != want || burst < 1 {
			t.Errorf("%s: %v posts a second, bursts of %d", kind, got, burst)
		}
	}
}

func TestErrorWebhookMustExist(t *testing.T) {
	cfg, err := Parse([]byte("delivery: {error_webhook: obs}\nwebhooks: [{name: Ops, kind: json, url: 'https://example.org/x'}]"), "c.yaml", from(nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := cfg.CheckWebhooks(nil); err == nil || !strings.Contains(err.Error(), `no webhook "obs"`) {
		t.Errorf("got %v", err)
	}
	if err := cfg.CheckWebhooks([]string{"obs"}); err != nil {
		t.Error(err)
	}
}
