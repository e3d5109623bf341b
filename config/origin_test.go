package config

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sample is values of a key: of the file, of its variable and of its flag, each another than the one before.
type sample struct {
	file, env, flag string
	needs           map[string]string // other keys of the file that it goes with
}

// samples holds one of each key. Values of lists are YAML; those of single keys are as they are shown.
func samples() map[string]sample {
	url := map[string]string{"auth.caldav.url": "https://cloud.example.org/"}
	return map[string]sample{
		"time_zone":                 {file: "Asia/Tokyo", env: "Europe/Zurich"},
		"locale":                    {file: "it", env: "fr-CH"},
		"data.path":                 {file: "/srv/file.db", env: "/srv/env.db", flag: "/srv/flag.db"},
		"data.key_file":             {file: "/srv/file.key", env: "/srv/env.key"},
		"data.key_credential":       {file: "one", env: "two"},
		"data.keep_deliveries":      {file: "8d", env: "9d"},
		"data.backup":               {file: "/srv/backup", env: "off"},
		"data.keep_snapshots":       {file: "3", env: "4"},
		"server.listen":             {file: "127.0.0.1:1", env: "127.0.0.1:2", flag: "127.0.0.1:3"},
		"server.socket":             {file: "/srv/file.sock", env: "/srv/env.sock"},
		"server.base_url":           {file: "https://file.example.org", env: "https://env.example.org"},
		"server.tls.cert":           {file: "/srv/file.pem", env: "/srv/env.pem", needs: map[string]string{"server.tls.key": "/srv/key.pem"}},
		"server.tls.key":            {file: "/srv/file.pem", env: "/srv/env.pem", needs: map[string]string{"server.tls.cert": "/srv/cert.pem"}},
		"auth.password":             {file: "false", env: "true"},
		"auth.caldav.url":           {file: "https://file.example.org/", env: "https://env.example.org/"},
		"auth.caldav.create":        {file: "true", env: "false", needs: url},
		"log.level":                 {file: "error", env: "warn", flag: "debug"},
		"log.format":                {file: "json", env: "text"},
		"sync.interval":             {file: "1m", env: "2m"},
		"sync.timeout":              {file: "1m", env: "2m"},
		"sync.concurrency":          {file: "3", env: "4"},
		"sync.before_reminders":     {file: "false", env: "true"},
		"scheduler.late_window":     {file: "2h", env: "3h"},
		"scheduler.all_day_time":    {file: "08:00", env: "07:30"},
		"delivery.timeout":          {file: "3s", env: "4s"},
		"delivery.in_flight":        {file: "3", env: "4"},
		"delivery.per_host":         {file: "3", env: "4"},
		"delivery.error_webhook":    {file: "team", env: "ops"},
		"delivery.proxy":            {file: "http://file.example.org:3128", env: "http://env.example.org:3128"},
		"accounts":                  {file: "[{name: home, url: 'https://cloud.example.org/', username: anna, password: x}]"},
		"webhooks":                  {file: "[{name: team, kind: json, url: 'https://chat.example.org/x'}]"},
		"rules":                     {file: "[{name: quiet, mode: 'off'}]"},
		"digests":                   {file: "[{name: week, cron: 0 7 * * mon, webhook: team}]"},
		"delivery.private_networks": {file: "[10.0.0.0/8]"},
		"scheduler.skip":            {file: "[free]"},
		"server.trusted_proxies":    {file: "[10.0.0.0/8]"},
		"server.hosts":              {file: "[bell.example.org]"},
	}
}

// flow writes keys as a file, sections as flow mappings.
func flow(keys map[string]string) string {
	sections := map[string]map[string]string{}
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		section, rest, nested := strings.Cut(key, ".")
		switch {
		case !nested:
			lines = append(lines, key+": "+keys[key])
		case sections[section] == nil:
			sections[section] = map[string]string{rest: keys[key]}
		default:
			sections[section][rest] = keys[key]
		}
	}
	for _, section := range slices.Sorted(maps.Keys(sections)) {
		lines = append(lines, section+": {"+strings.ReplaceAll(flow(sections[section]), "\n", ", ")+"}")
	}
	return strings.Join(lines, "\n")
}

// Each key that stands alone takes the value of its flag if it has one, else of the environment, else
// of the file, else its default, and what is in force names which, and when a change takes effect.
func TestOriginOfEveryKey(t *testing.T) {
	credentials := t.TempDir()
	for _, name := range []string{"one", "two"} {
		if err := os.WriteFile(filepath.Join(credentials, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	flags := map[string]string{}
	for _, f := range Flags() {
		flags[f.Key] = f.Name
	}
	known := samples()
	for _, set := range (&reader{cfg: Default()}).settings() {
		s, ok := known[set.key]
		if !ok || (flags[set.key] != "") != (s.flag != "") {
			t.Errorf("no test gives %s a value wherever it can have one", set.key)
			continue
		}
		for given := range 8 { // each combination of file, environment and flag
			keys, env, flag := maps.Clone(s.needs), map[string]string{"CREDENTIALS_DIRECTORY": credentials}, map[string]string{}
			if keys == nil {
				keys = map[string]string{}
			}
			value, origin := "", FromDefault
			if given&1 != 0 {
				keys[set.key], value, origin = "'"+s.file+"'", s.file, FromFile
			}
			if given&2 != 0 {
				env[set.envName()], value, origin = s.env, s.env, FromEnvironment
			}
			if given&4 != 0 {
				if s.flag == "" {
					continue
				}
				flag[set.flag], value, origin = s.flag, s.flag, FromFlag
			}
			if origin == FromDefault && strings.HasPrefix(set.key, "server.tls.") {
				continue // they go together
			}
			cfg, err := parse([]byte(flow(keys)), "c.yaml", from(env), flag)
			if err != nil {
				t.Errorf("%s %v: %v", set.key, given, err)
				continue
			}
			i := slices.IndexFunc(cfg.Show(), func(s Shown) bool { return s.Key == set.key })
			got := cfg.Show()[i]
			if got.Origin != origin || origin != FromDefault && got.Value != value || got.Effect != set.effect {
				t.Errorf("%s: %s by %s at %s, want %s by %s at %s", set.key, got.Value, got.Origin, got.Effect, value, origin, set.effect)
			}
		}
	}
}

// A list stands in the file or is empty. The environment cannot give it, and does not seem to.
func TestOriginOfEveryList(t *testing.T) {
	known := samples()
	for _, list := range (&reader{cfg: Default()}).lists() {
		s, ok := known[list.key]
		if !ok {
			t.Errorf("no test gives %s a value", list.key)
			continue
		}
		for text, origin := range map[string]string{"": FromDefault, flow(map[string]string{list.key: "[]"}): FromFile, flow(map[string]string{list.key: s.file}): FromFile} {
			cfg, err := Parse([]byte(text), "c.yaml", from(nil))
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			n := 0
			for _, got := range cfg.Show() {
				if got.Key != list.key && !strings.HasPrefix(got.Key, list.key+"[") {
					continue
				}
				n++
				if got.Origin != origin || got.Effect != list.effect {
					t.Errorf("%q: %s by %s at %s, want %s at %s", text, got.Key, got.Origin, got.Effect, origin, list.effect)
				}
			}
			if n == 0 {
				t.Errorf("%q: %s is not shown", text, list.key)
			}
		}
		name := envName(list.key)
		_, err := Parse(nil, "c.yaml", from(map[string]string{name: "x"}))
		if err == nil || !strings.HasPrefix(err.Error(), name+`: "`+list.key+`" is a list, which the environment cannot give`) {
			t.Errorf("%s is set: %v", name, err)
		}
	}
}

// Two readings of one file differ in nothing, and one with a key changed in that key alone, also
// where what is shown of it is the same.
func TestDiffersInOneKey(t *testing.T) {
	read := func(keys map[string]string) *Config {
		t.Helper()
		cfg, err := Parse([]byte(flow(keys)), "c.yaml", from(map[string]string{"CREDENTIALS_DIRECTORY": t.TempDir()}))
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	for key, s := range samples() {
		if strings.HasPrefix(key, "data.key_credential") || strings.HasPrefix(key, "server.tls") || key == "data.path" {
			continue // they bring others with them
		}
		before := map[string]string{"auth.caldav.url": "https://cloud.example.org/"}
		after := maps.Clone(before)
		after[key] = s.file
		if !strings.HasPrefix(s.file, "[") {
			after[key] = "'" + s.file + "'"
		}
		if got := read(after).Differs(read(after)); len(got) > 0 {
			t.Errorf("%s: one file differs from itself in %q", key, got)
		}
		if got := read(after).Differs(read(before)); !slices.Equal(got, []string{key}) {
			t.Errorf("%s was changed, and %q differ", key, got)
		}
	}
	secret := map[string]string{"delivery.proxy": "http://a:x@proxy.example.org:3128", "accounts": "[{name: h, url: 'https://c.example.org/', username: a, password: x}]"}
	other := map[string]string{}
	for key, text := range secret {
		other[key] = strings.NewReplacer(":x@", ":y@", "password: x", "password: y").Replace(text)
	}
	if got := read(secret).Differs(read(other)); !slices.Equal(got, []string{"delivery.proxy", "accounts"}) {
		t.Errorf("passwords were changed, and %q differ", got)
	}
}
