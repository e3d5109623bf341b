package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"calbell/config/yamltree"

	"calbell"
)

// knownKeys are the keys of every mapping of the file, by an example of its path.
func knownKeys(t *testing.T) map[string][]string {
	t.Helper()
	r, err := newReader([]byte("accounts: [{calendars: [{}], aliases: [{}], categories: [{}]}]\nwebhooks: [{quiet: {}}]\nrules: [{}]\ndigests: [{}]\ndata: {}\nserver: {tls: {}}\nauth: {caldav: {}}\nlog: {}\nsync: {}\nscheduler: {}\ndelivery: {}"), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	root, _ := r.doc.Parse()
	r.root(root)
	if len(r.known) != 18 {
		t.Fatalf("%d mappings: %v", len(r.known), slices.Sorted(maps.Keys(r.known)))
	}
	keys := map[string][]string{}
	for path, fs := range r.known {
		keys[path] = slices.Sorted(maps.Keys(fs))
	}
	return keys
}

// at writes a file with one key in the mapping at path.
func at(path, key, value string) string {
	line := key + ": " + value
	switch {
	case path == "":
		return line
	case path == "webhooks[0].quiet":
		return "webhooks: [{quiet: {" + line + "}}]"
	case path == "server.tls", path == "auth.caldav":
		section, name, _ := strings.Cut(path, ".")
		return section + ": {" + name + ": {" + line + "}}"
	case strings.HasPrefix(path, "accounts[0]."):
		list := strings.TrimSuffix(strings.TrimPrefix(path, "accounts[0]."), "[0]")
		return "accounts: [{" + list + ": [{" + line + "}]}]"
	case strings.HasSuffix(path, "[0]"):
		return strings.TrimSuffix(path, "[0]") + ": [{" + line + "}]"
	}
	return path + ": {" + line + "}"
}

// typos are spellings that slip into a key.
func typos(key string) []string {
	middle := len(key) / 2
	return []string{
		key[:middle] + key[middle+1:],                                                 // a letter forgotten
		key[:middle] + key[middle:middle+1] + key[middle:],                            // a letter doubled
		key[:middle-1] + key[middle:middle+1] + key[middle-1:middle] + key[middle+1:], // two swapped
		strings.ToUpper(key),
		strings.ReplaceAll(key, "_", "-"),
		key + "s",
	}
}

// A misspelt key is never accepted, and the right spelling is what is suggested.
func TestEveryMisspeltKeyIsSuggested(t *testing.T) {
	for path, keys := range knownKeys(t) {
		for _, key := range keys {
			for _, typo := range typos(key) {
				if slices.Contains(keys, typo) {
					continue
				}
				_, err := Parse([]byte(at(path, typo, "x")), "c.yaml", from(nil))
				want := fmt.Sprintf("unknown key %q, did you mean %q?", typo, calbell.Nearest(typo, keys))
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: %v, want %s", yamltree.Join(path, typo), err, want)
				}
				if near := calbell.Nearest(typo, keys); len(key) > 4 && near != key && !strings.HasPrefix(near, key) && !strings.HasPrefix(key, near) {
					t.Errorf("%s: suggests %q", yamltree.Join(path, typo), near)
				}
			}
		}
	}
}

// A value of a shape that the key cannot have is reported at the key; null is absence.
func TestEveryKeyRefusesOtherShapes(t *testing.T) {
	for path, keys := range knownKeys(t) {
		for _, key := range keys {
			refused := 0
			for _, value := range []string{"[[x]]", "{x: {y: z}}", "'x y'"} {
				_, err := Parse([]byte(at(path, key, value)), "c.yaml", from(nil))
				if err != nil && strings.Contains(err.Error(), `must be`) {
					refused++
				}
			}
			if refused == 0 {
				t.Errorf("%s takes a list, a mapping and a text", yamltree.Join(path, key))
			}
			_, err := Parse([]byte(at(path, key, "~")), "c.yaml", from(nil))
			if err != nil && strings.Contains(err.Error(), "must be") {
				t.Errorf("%s: ~ is reported: %v", yamltree.Join(path, key), err)
			}
		}
	}
}

// Bounds are inclusive, and what is one beyond is refused at its place.
func TestBounds(t *testing.T) {
	for _, c := range []struct{ key, least, below, most, above string }{
		{"sync.interval", "10s", "9.999s", "24h", "24h1ms"},
		{"sync.timeout", "1s", "999ms", "1h", "1h1ms"},
		{"sync.concurrency", "1", "0", "64", "65"},
		{"scheduler.late_window", "1m", "59s", "1d", "1d1s"},
		{"delivery.timeout", "1s", "0s", "1m", "61s"},
		{"delivery.in_flight", "1", "0", "4096", "4097"},
		{"delivery.per_host", "1", "-1", "4096", "4097"},
		{"data.keep_deliveries", "7d", "6d23h", "3660d", "3661d"},
	} {
		section, key, _ := strings.Cut(c.key, ".")
		for _, value := range []string{c.least, c.most} {
			if _, err := Parse([]byte(at(section, key, value)), "c.yaml", from(nil)); err != nil {
				t.Errorf("%s: %s is refused: %v", c.key, value, err)
			}
		}
		for _, value := range []string{c.below, c.above} {
			_, err := Parse([]byte(at(section, key, value)), "c.yaml", from(nil))
			place := fmt.Sprintf("c.yaml:1:%d: ", len(section)+len(key)+6)
			if err == nil || !strings.Contains(err.Error(), "out of range") || !strings.HasPrefix(err.Error(), place) {
				t.Errorf("%s: %s: %v, want a finding at %s", c.key, value, err, place)
			}
		}
	}
}

// Paths are relative to the file, wherever the process stands.
func TestPaths(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct{ file, path, want string }{
		{"/etc/calbell/config.yaml", "a.db", "/etc/calbell/a.db"},
		{"/etc/calbell/config.yaml", "../a.db", "/etc/a.db"},
		{"/etc/calbell/config.yaml", "./b/../a.db", "/etc/calbell/a.db"},
		{"/etc/calbell/config.yaml", "/var//a.db", "/var/a.db"},
	} {
		cfg, err := Parse([]byte("data: {path: "+c.path+"}"), c.file, from(nil))
		if err != nil || cfg.Data.Path != c.want || cfg.Path != c.file {
			t.Errorf("%s in %s: %v, %v", c.path, c.file, cfg, err)
		}
	}
	cfg, err := Parse([]byte("data: {path: a.db, key_file: k}"), "sub/config.yaml", from(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{cfg.Path, cfg.Data.Path, cfg.Data.KeyFile} {
		if !strings.HasPrefix(path, "/") || !strings.Contains(path, "/sub/") {
			t.Errorf("%s is not in the file's folder", path)
		}
	}
	for _, path := range []string{"''", "' '", "~/a.db", `"a\0b"`} {
		if _, err := Parse([]byte("data: {path: "+path+"}"), "config.yaml", from(nil)); err == nil {
			t.Errorf("%s is accepted", path)
		}
	}
}
