package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// modesFile names a file for each kind of secret, and some without one.
const modesFile = `
accounts:
  - {name: a, url: 'https://x.example.org', username: u, password_file: a.password}
  - {name: b, url: 'https://x.example.org', token_file: b.token}
  - {name: c, url: 'https://x.example.org', client_certificate: c.crt, client_key: c.key, ca_file: ca.crt}
  - {name: d, url: 'https://x.example.org', username: u, password_credential: it}
webhooks:
  - {name: w, url_file: w.url}
server: {tls: {cert: s.crt, key: s.key}}
`

// open returns a folder that other users can get into, with the files of modesFile.
func openFolder(t *testing.T, config string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "calbell-modes-") // t.TempDir lies in a folder of mode 0700 on some systems
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if !reachable(filepath.Join(dir, "x")) {
		t.Skipf("%s is in a folder that others cannot enter", dir)
	}
	for _, name := range []string{"a.password", "b.token", "c.crt", "c.key", "ca.crt", "s.crt", "s.key", "w.url", "it", "config.yaml"} {
		content := "https://chat.example.org/hooks/x"
		if name == "config.yaml" {
			content = config
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// warned returns the names of files that are warned about, by what is said of them.
func warned(t *testing.T, dir string) map[string]string {
	t.Helper()
	cfg, err := Load(filepath.Join(dir, "config.yaml"), from(map[string]string{"CREDENTIALS_DIRECTORY": filepath.Join(dir)}))
	if err != nil {
		t.Fatal(err)
	}
	cfg.doc.credentials = "/nowhere"
	all := map[string]string{}
	for _, w := range cfg.Warnings() {
		name := filepath.Base(strings.Fields(w.Hint.English)[2])
		if !strings.Contains(w.What.English, filepath.Join(dir, name)) {
			t.Errorf("%q does not name its file", w.What)
		}
		all[name] = w.What.English + "; " + w.Hint.English
	}
	return all
}

// What others can read is warned about if it is a secret, what they can change always.
func TestModesOfFiles(t *testing.T) {
	secrets := []string{"a.password", "b.token", "c.key", "s.key", "w.url"}
	public := []string{"c.crt", "ca.crt", "s.crt", "config.yaml"}
	for mode, want := range map[os.FileMode][]string{
		0o600: nil, 0o640: nil, 0o400: nil, 0o644: secrets, 0o604: secrets,
		0o646: append(slices.Clone(secrets), public...), 0o602: append(slices.Clone(secrets), public...), 0o666: append(slices.Clone(secrets), public...),
	} {
		t.Run(fmt.Sprintf("%04o", mode), func(t *testing.T) {
			dir := openFolder(t, modesFile)
			for _, name := range append(slices.Clone(secrets), public...) {
				if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
					t.Fatal(err)
				}
			}
			got := warned(t, dir)
			for _, name := range append(slices.Clone(secrets), public...) {
				text, ok := got[name]
				if ok != slices.Contains(want, name) {
					t.Errorf("%s: warned %v: %s", name, ok, text)
				}
				if ok && (!strings.Contains(text, fmt.Sprintf("(mode %04o); chmod ", mode)) || strings.Contains(text, "o-rwx") != slices.Contains(secrets, name)) {
					t.Errorf("%s: %s", name, text)
				}
			}
		})
	}
}

// The configuration file itself is one with a secret when one stands in it.
func TestModeOfTheConfiguration(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       bool
	}{
		{"none", "locale: fr\n", false},
		{"a file's", "webhooks: [{name: w, url_file: w.url}]\n", false},
		{"webhook", "webhooks: [{name: w, url: 'https://chat.example.org/hooks/x'}]\n", true},
		{"password", "accounts: [{name: a, url: 'https://x.example.org', username: u, password: x}]\n", true},
		{"token", "accounts: [{name: a, url: 'https://x.example.org', token: x}]\n", true},
		{"proxy with password", "delivery: {proxy: 'http://u:p@proxy.example.org:1'}\n", true},
		{"proxy", "delivery: {proxy: 'http://proxy.example.org:1'}\n", false},
	} {
		dir := openFolder(t, c.text)
		if err := os.Chmod(filepath.Join(dir, "config.yaml"), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := warned(t, dir)["config.yaml"]; (got != "") != c.want {
			t.Errorf("%s: warned %q, want one: %v", c.name, got, c.want)
		}
	}
}

// A folder that others cannot enter protects what is in it, as systemd's of credentials does.
func TestModesBehindClosedDoors(t *testing.T) {
	dir := openFolder(t, modesFile)
	for _, name := range []string{"a.password", "w.url", "it"} {
		if err := os.Chmod(filepath.Join(dir, name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if got := warned(t, dir); len(got) != 2 {
		t.Errorf("warned of %v, want the two that are no credentials", got)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := warned(t, dir); len(got) != 0 {
		t.Errorf("behind a closed door: %v", got)
	}
	if !isCredential("/run/credentials/calbell.service/it", "") || !isCredential("/c/it", "/c/") || isCredential("/cc/it", "/c") || isCredential("/it", "") {
		t.Error("the folders of credentials are mixed up")
	}
}

// The group may read; that it can change is said unless the group is the owner's own.
func TestModeOfTheGroup(t *testing.T) {
	dir := openFolder(t, modesFile)
	file := filepath.Join(dir, "w.url")
	if err := os.Chown(file, -1, 12345); err != nil {
		t.Skip("only root gives files to other groups")
	}
	for mode, want := range map[os.FileMode]bool{0o640: false, 0o660: true} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		if got := warned(t, dir)["w.url"]; (got != "") != want || want && !strings.HasSuffix(got, "chmod g-w "+file) {
			t.Errorf("%04o: %q", mode, got)
		}
	}
	if err := os.Chown(file, 12345, -1); err != nil {
		t.Fatal(err)
	}
	if got := warned(t, dir)["w.url"]; got != "" {
		t.Errorf("the owner's own group: %q", got)
	}
}
