package config

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"calbell/config/yamltree"

	"calbell"
)

const examplePath = "../config.example.yaml"

func readExample(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// prose is a comment for people; any other comment is a key that is commented out.
var prose = regexp.MustCompile(`^#($| [^ ]| *#)`)

// uncommented returns the example with everything switched on.
func uncommented(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "#") && !prose.MatchString(line) {
			lines[i] = line[1:]
		}
	}
	return strings.Join(lines, "\n")
}

// As shipped, the example is the default configuration.
func TestExampleHoldsTheDefaults(t *testing.T) {
	cfg, err := Parse([]byte(readExample(t)), "/etc/calbell/config.yaml", func(name string) string {
		return map[string]string{"TZ": "UTC"}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Path, want.doc = "/etc/calbell/config.yaml", cfg.doc
	if !reflect.DeepEqual(cfg, want) {
		t.Errorf("the example is\n%+v\nthe defaults are\n%+v", cfg, want)
	}
}

// With everything switched on it loads too, and no key is missing from it.
func TestExampleHoldsEveryKey(t *testing.T) {
	text := uncommented(readExample(t))
	// Of two keys that exclude each other the example has one and names the other.
	text = strings.Replace(text, "  key_credential: calbell.key\n", "", 1)
	dir := t.TempDir()
	for name, secret := range map[string]string{
		"home.password": "correct horse\n", "team.url": "https://chat.example.org/hooks/x\n", "work.token": "battery staple\n",
		"home.pem": "-----\n", "home.key": "-----\n", "company-ca.pem": "-----\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := newReader([]byte(text), filepath.Join(dir, "config.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	root, findings := r.doc.Parse()
	r.root(root)
	if all := slices.Concat(findings, r.findings); len(all) > 0 {
		t.Fatal(all)
	}
	if err := r.cfg.CheckWebhooks(nil); err != nil {
		t.Error(err)
	}
	instead := []string{"key_credential", "password", "password_credential", "url", "url_credential", "token", "token_credential"}
	shown := map[string]bool{}
	for path := range r.doc.Index {
		shown[anyItem.ReplaceAllString(path, "[]")] = true
	}
	for path, keys := range r.known {
		for key := range keys {
			full := anyItem.ReplaceAllString(yamltree.Join(path, key), "[]")
			named := (slices.Contains(instead, key) || full == "rules[].webhook") && strings.Contains(readExample(t), " "+key+": ")
			if !shown[full] && !named {
				t.Errorf("the example does not show %s", full)
			}
		}
	}
}

var anyItem = regexp.MustCompile(`\[\d+\]`)

// What the structs hold can be written in the file, but for what follows from the rest, and the
// texts of certificates, whose paths the file has; the keys of an account's default are its own.
func TestEveryFieldHasAKey(t *testing.T) {
	r, err := newReader([]byte("accounts: [{calendars: [{}]}]\nwebhooks: [{}]\nrules: [{}]\ndigests: [{}]"), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	root, _ := r.doc.Parse()
	r.root(root)
	for path, c := range map[string]struct {
		of      any
		derived []string
	}{
		"accounts[0]":              {calbell.Account{}, []string{"default", "id", "origin", "ca_pem", "client_certificate_pem", "client_key_pem"}},
		"accounts[0] ":             {calbell.Default{}, nil},
		"accounts[0].calendars[0]": {calbell.CalendarSettings{}, []string{"switched_on"}},
		"webhooks[0]":              {calbell.Webhook{}, []string{"id", "origin"}},
		"rules[0]":                 {calbell.Rule{}, nil},
		"digests[0]":               {calbell.Digest{}, nil},
	} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(c.of)) {
			if f.Anonymous {
				continue
			}
			key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if _, ok := r.known[strings.TrimSpace(path)][key]; !ok && !slices.Contains(c.derived, key) {
				t.Errorf("%s.%s cannot be written in the file", path, key)
			}
		}
	}
}
