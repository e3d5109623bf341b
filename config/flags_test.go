package config_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"calbell/config"
)

// A setting takes the value of its flag, else of its variable, else of the file, else its default;
// what is in force says which.
func TestFlagOverEnvironmentOverFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte("log:\n  level: error\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(empty, []byte("locale: en\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	flag, env := map[string]string{"log-level": "debug"}, map[string]string{"CALBELL_LOG_LEVEL": "warn"}
	for _, c := range []struct {
		file          string
		env, flags    map[string]string
		value, origin string
	}{
		{path, env, flag, "debug", config.FromFlag},
		{path, nil, flag, "debug", config.FromFlag},
		{empty, env, flag, "debug", config.FromFlag},
		{path, env, nil, "warn", config.FromEnvironment},
		{empty, env, nil, "warn", config.FromEnvironment},
		{path, nil, nil, "error", config.FromFile},
		{empty, nil, nil, "info", config.FromDefault},
	} {
		cfg, err := config.LoadWith(c.file, func(name string) string { return c.env[name] }, c.flags)
		if err != nil {
			t.Fatal(err)
		}
		shown := cfg.Show()
		i := slices.IndexFunc(shown, func(s config.Shown) bool { return s.Key == "log.level" })
		if shown[i].Value != c.value || shown[i].Origin != c.origin {
			t.Errorf("environment %v, flags %v: %s from %s, want %s from %s",
				slices.Collect(maps.Keys(c.env)), c.flags, shown[i].Value, shown[i].Origin, c.value, c.origin)
		}
	}
}

// A path of a flag is relative to the folder where somebody types it, one of the file to the file.
func TestPathOfAFlag(t *testing.T) {
	path, here := filepath.Join(t.TempDir(), "config.yaml"), t.TempDir()
	if err := os.WriteFile(path, []byte("data:\n  path: file.db\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(here)
	for _, c := range []struct {
		flags map[string]string
		want  string
	}{
		{map[string]string{"data": "flag.db"}, filepath.Join(here, "flag.db")},
		{map[string]string{"data": "/srv/flag.db"}, "/srv/flag.db"},
		{nil, filepath.Join(filepath.Dir(path), "file.db")},
	} {
		cfg, err := config.LoadWith(path, nil, c.flags)
		if err != nil || cfg.Data.Path != c.want {
			t.Errorf("%v: %v, %v, want %s", c.flags, cfg, err, c.want)
		}
	}
}

// What is wrong with a flag is said at the flag.
func TestWrongFlag(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte("locale: en\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := config.LoadWith(path, nil, map[string]string{"listen": "nowhere"})
	if err == nil || err.Error() != `--listen: invalid host:port`+"\n  such as 127.0.0.1:8470, [::1]:8470, :8470 for every address, or unix:/run/calbell/page.sock" {
		t.Errorf("%v", err)
	}
}
