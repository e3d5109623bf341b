package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"calbell/config/yamltree"

	"calbell"
)

func TestSecretsFromElsewhere(t *testing.T) {
	long := strings.Repeat("p", maxSecret)
	dir := write(t, map[string]string{
		"lf": "s3cret\n", "crlf": "s3cret\r\n", "bare": "s3cret", "two": "s3cret\n\n", "spaces": " s 3 \n", "bom": "\ufeffs3cret\n",
		"long": long, "url": "https://chat.example.org/hooks/x \n",
	})
	t.Run("password", func(t *testing.T) {
		for name, want := range map[string]string{
			"lf": "s3cret", "crlf": "s3cret", "bare": "s3cret", "two": "s3cret", "spaces": " s 3 ", "bom": "s3cret", "long": long,
		} {
			for _, key := range []string{"password_file: ", "password_file: " + dir + "/", "password_credential: "} {
				text := "accounts: [{name: a, url: 'https://x.example.org', username: u, " + key + name + "}]"
				cfg, err := Parse([]byte(text), filepath.Join(dir, "c.yaml"), from(map[string]string{"CREDENTIALS_DIRECTORY": dir}))
				if err != nil {
					t.Errorf("%s%s: %v", key, name, err)
				} else if got := cfg.Accounts[0].Password.Reveal(); got != want {
					t.Errorf("%s%s gives %q", key, name, got)
				}
			}
		}
	})
	t.Run("url", func(t *testing.T) {
		cfg, err := Parse([]byte("webhooks: [{name: a, url_file: url}]"), filepath.Join(dir, "c.yaml"), from(nil))
		if err != nil {
			t.Fatal(err)
		}
		if w := cfg.Webhooks[0]; w.URL.Reveal() != "https://chat.example.org/hooks/x" || w.Kind != calbell.KindKChat {
			t.Errorf("webhook %q of kind %s", w.URL.Reveal(), w.Kind)
		}
	})
}

func TestBadSecretFiles(t *testing.T) {
	dir := write(t, map[string]string{"empty": "", "newline": "\n", "long": strings.Repeat("p", maxSecret+1), "closed": "x"})
	if err := os.Chmod(filepath.Join(dir, "closed"), 0); err != nil {
		t.Fatal(err)
	}
	cases := map[string]string{"empty": "is empty", "newline": "is empty", "long": "more than", "none": "there is no file", ".": "directory", "a\x00b": ""}
	if os.Getuid() != 0 { // root may read everything
		cases["closed"] = "may not be read"
	}
	for name, want := range cases {
		text := fmt.Sprintf("accounts: [{name: a, url: 'https://x.example.org', username: u, password_file: %q}]", name)
		_, err := Parse([]byte(text), filepath.Join(dir, "c.yaml"), from(nil))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `"password_file"`) {
			t.Errorf("%q: error %v, want one with %q and the key", name, err, want)
		}
	}
}

// Files with the mistakes that people make, each with a secret in it: nothing that is
// printed, logged or formatted may hold the secret.
func TestNoSecretIsShown(t *testing.T) {
	const canary = "CANARY-5e1f"
	for _, text := range []string{
		"accounts:\n  - name: \"a\n    password: CANARY-5e1f\n",
		"accounts:\n  - name: a\n    password: \"CANARY-5e1f\n",
		"accounts:\n  - name: a\n    password: 'CANARY-5e1f\n    url: x\n",
		"accounts:\n  - name: a\n    password : CANARY-5e1f\n   url: x\n",
		"accounts:\n  - name: a\n    password: @CANARY-5e1f\n",
		"accounts:\n  - name: a\n    password: %CANARY-5e1f\n",
		"accounts:\n  - name: a\n    password: CANARY-5e1f: x\n",
		"accounts:\n  - name: a\n    password: [CANARY-5e1f\n",
		"accounts:\n  - name: a\n    password: [CANARY-5e1f]\n",
		"accounts:\n  - name: a\n    password: {CANARY-5e1f: 1}\n",
		"accounts:\n  - name: a\n    password: !x CANARY-5e1f\n",
		"accounts:\n  - name: a\n    password: CANARY-5e1f\n    password: CANARY-5e1f\n",
		"accounts:\n  - name: a\n    pasword: CANARY-5e1f\n",
		"accounts:\n  - name: a\n    apssword: CANARY-5e1f\n",
		"accounts:\n  - name: a\n    pwd: CANARY-5e1f\n",
		"accounts:\n  - {name: a, pwd: CANARY-5e1f, url: 7}\n",
		"accounts:\n  - {name: '!', password: CANARY-5e1f, password: CANARY-5e1f, usrname: CANARY-5e1f}\n",
		"accounts:\n  - {time_zone: x, password: \"CANARY-5e1f\", url: \"https://u:CANARY-5e1f@x.example.org\"}\n",
		"accounts:\n  - name: a\n    password:CANARY-5e1f\n    url: x\n",
		"accounts:\n  - name: a\n\tpassword: CANARY-5e1f\n",
		"accounts:\n  - name: a\n    url: https://anna:CANARY-5e1f@cloud.example.org/\n",
		"accounts:\n  - name: a\n    url: https://anna:CANARY-5e1f@cloud.example.org:bad/\n",
		"webhooks:\n  - name: a\n    url: htps://chat.example.org/hooks/CANARY-5e1f\n",
		"webhooks:\n  - name: a\n    url: chat.example.org/hooks/CANARY-5e1f\n",
		"webhooks:\n  - name: a\n    url: CANARY-5e1f\n",
		"webhooks:\n  - name: a\n    url: https://chat.example.org/%zz/CANARY-5e1f\n",
		"webhooks:\n  - name: a\n    url: https://chat.example.org/ CANARY-5e1f\n",
		"webhooks:\n  - name: a\n    url: >\n      chat.example.org/hooks/CANARY-5e1f\n      two\n",
		"webhooks:\n  - name: a\n    url: \"chat.example.org/\n      CANARY-5e1f\n    kind: x\n",
		"webhooks:\n  - name: a\n    ulr: https://chat.example.org/hooks/CANARY-5e1f\n",
		"webhooks:\n  - url: https://chat.example.org/hooks/CANARY-5e1f\n",
		"webhooks:\n  - \"url\": chat.example.org/hooks/CANARY-5e1f\n",
		"webhooks:\n  - {kind: x, url: 'https://chat.example.org/hooks/CANARY-5e1f', share: 1}\n",
		"webhooks:\n  url: https://chat.example.org/hooks/CANARY-5e1f\n",
		"webhooks: https://chat.example.org/hooks/CANARY-5e1f\n",
		"url: https://chat.example.org/hooks/CANARY-5e1f\n",
		"password=CANARY-5e1f\n",
	} {
		cfg, err := Parse([]byte(text), "config.yaml", from(nil))
		if err == nil {
			t.Errorf("%q: no finding; %v", text, cfg)
			continue
		}
		for _, shown := range []string{err.Error(), fmt.Sprintf("%v %+v", err, cfg), fmt.Sprintf("%#v", cfg)} {
			if strings.Contains(strings.ToLower(shown), strings.ToLower(canary)) {
				t.Errorf("%q is reported as\n%s", text, shown)
			}
		}
	}
}

// Those who check more than this package does point at secrets too.
func TestErrorAtShowsNoSecret(t *testing.T) {
	cfg, err := Parse([]byte(`
accounts:
  - {name: a, username: u, password: hunter2, url: "https://cloud.example.org/private"}
webhooks:
  - {name: b, url: "https://chat.example.org/hooks/hunter2", channel: c}
  - name: d
    url: |
      https://chat.example.org/hooks/hunter2
    channel: e
`), "config.yaml", from(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"accounts[0].password", "accounts[0].url", "accounts[0].name", "webhooks[0].url", "webhooks[0].channel",
		"webhooks[1].url", "webhooks[1].channel", "webhooks[1]", "webhooks",
	} {
		for line := range 3 {
			text := cfg.ErrorAt(path, line, 12, calbell.Plain("is wrong"), calbell.Text{}).Error()
			if strings.Contains(text, "hunter2") {
				t.Errorf("%s, line %d:\n%s", path, line, text)
			}
		}
	}
	got := cfg.ErrorAt("webhooks[0].channel", 0, 0, calbell.Plain("is wrong"), calbell.Text{}).Error()
	if !strings.Contains(got, "channel: …}") {
		t.Errorf("what stands beside a secret is hidden too:\n%s", got)
	}
}

func TestControlCharactersStayInside(t *testing.T) {
	_, err := Parse([]byte("locale: x # \x1b]8;;evil\x07 \u202e\n"), "config.yaml", from(nil))
	var all yamltree.Errors
	if !errors.As(err, &all) || len(all) == 0 {
		t.Fatalf("error %v", err)
	}
	if strings.ContainsAny(err.Error(), "\x1b\x07\u202e") {
		t.Errorf("the finding holds control characters: %q", err)
	}
	_, err = Parse([]byte("locale: \"\\e[31m\"\n"), "config.yaml", from(nil))
	if err == nil || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("the finding holds control characters: %q", err)
	}
}
