package config

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// fullFile has each kind of value, and a secret (%s) in each place for one.
const fullFile = `time_zone: Europe/Zurich
locale: fr
data: {path: calbell.db, keep_deliveries: 90d}
server:
  listen: 127.0.0.1:8470
  socket: calbell.sock
auth:
  password: true
sync:
  interval: 5m
delivery:
  private_networks: [127.0.0.0/8, 10.0.0.0/8]
  error_webhook: team
  proxy: http://proxy:%s@proxy.example.org:3128
accounts:
  - name: home
    url: https://cloud.example.org/dav
    username: anna
    password: %s
    addresses: [anna@example.org, a@example.org]
    calendars:
      - name: team
        webhook: team
        remind: [15m, 1d@18:00]
  - {name: feed, url: "https://feeds.example.org/%s/basic.ics"}
  - name: work
    url: https://work.example.org/dav
    token: "%s"
    aliases:
      - {address: ops@example.org, webhook: team}
webhooks:
  - name: team
    url: https://chat.example.org/hooks/%s
    template: |
      **%%subject%%**, %%date%%
      %%description%%
    quiet: {from: "22:00", to: "07:00"}
  - name: second
    kind: json
    url: >-
      https://chat.example.org/hooks/%s
    payload: {text: "%%subject%%", channel: [ops]}
  - {name: third, url: 'https://chat.example.org/hooks/%s', locale: de}
rules:
  - name: on call
    subject: /on[- ]call/
    webhooks: [team, second]
digests:
  - name: morning
    cron: "0 7 * * mon-fri"
    webhook: team
`

// secretsOf are secrets of several looks: random, a word, with the marks of YAML.
func secretsOf() []string { return []string{"Qk7canaryXw9", "swordfish", "hunter2-&*!x"} }

var allSlips = flag.Bool("slips", false, "play all slips of the configuration file, not one in nineteen; takes a minute")

// slips returns what a hand that slips makes of a text.
func slips(text string) (all []string) {
	add := func(s string) { all = append(all, s) }
	lines := strings.Split(text, "\n")
	with := func(i int, instead ...string) {
		add(strings.Join(slices.Concat(lines[:i], instead, lines[i+1:]), "\n"))
	}
	for i, line := range lines {
		for _, slip := range lineSlips(line) {
			with(i, slip)
		}
		with(i)
		with(i, line, line)
		if i+1 < len(lines) {
			add(strings.Join(slices.Concat(lines[:i], []string{line + " " + strings.TrimSpace(lines[i+1])}, lines[i+2:]), "\n"))
		}
		add(strings.Join(lines[:i], "\n") + "\n" + line)
	}
	add(strings.ReplaceAll(text, "\n", "\r\n"))
	add("\ufeff" + text)
	add(strings.ReplaceAll(text, ": ", " "))
	add(strings.ReplaceAll(text, ": ", ":"))
	add(strings.ReplaceAll(text, "  ", "\t"))
	add("[" + text)
	add("\"" + text)
	add("{" + strings.ReplaceAll(text, "\n", ",\n"))
	add(text + "\n...\n---\n" + text)
	add(text + "\x00")
	add(text + "\xff")
	return all
}

var (
	lineShape = regexp.MustCompile(`^([ -]*(?:\{name: \w+, )?)([a-z_]+): (.+)$`)
	marks     = `:"'[]{},-|>`
)

// lineSlips returns what slips make of one line.
func lineSlips(line string) (all []string) {
	trimmed := strings.TrimLeft(line, " ")
	indent := line[:len(line)-len(trimmed)]
	for i, r := range line {
		if strings.ContainsRune(marks, r) {
			all = append(all, line[:i]+line[i+1:], line[:i]+string(r)+line[i:])
		}
		if r == ' ' && i > len(indent) {
			all = append(all, line[:i]+line[i+1:], line[:i]+"\n"+line[i:], line[:i]+"\n"+indent+line[i+1:], line[:i]+"\t"+line[i:])
		}
	}
	for _, before := range []string{" ", "  ", "      ", "\t", "- ", "* ", "? ", "!", "&", "%", "@", "\"", "'", "[", "{", "# "} {
		all = append(all, indent+before+trimmed)
	}
	all = append(all, strings.TrimPrefix(line, " "), trimmed)
	m := lineShape.FindStringSubmatch(line)
	if m == nil {
		return all
	}
	for _, before := range []string{"*", "!", "!x ", "!!str ", "&", "&x ", "|", "| ", ">", "> ", "@", "`", "%", "#", "? ", "- ", "[", "{", "\"", "'", ": ", "<<: ", "|\n", ">\n", "\n", "|2\n    ", "~"} {
		all = append(all, m[1]+m[2]+": "+before+m[3])
	}
	for _, after := range []string{"\"", "'", ":", ": x", " #", "\\", "]", "}", ",", "\n" + indent + "  more", " & x"} {
		all = append(all, line+after)
	}
	for _, key := range append(typos(m[2]), "name", "owner", "username", "locale", "time_zone", "webhook", "remind", "rate_per_second", "share", "kind",
		"template", "max_length", "cron", "url_file", "password_file", "token_file", "url_credential", "ca_file", "subject", "calendar", "swordfish", "icon_url") {
		all = append(all, m[1]+key+": "+m[3], m[1]+key+" "+m[3])
	}
	return append(all, m[1]+m[3]+": "+m[2], m[1]+m[2]+" = "+m[3], m[1]+m[2]+"="+m[3], m[1]+m[2]+" "+m[3], m[1]+m[3], m[1]+m[2]+": ["+m[3]+"]",
		m[1]+m[2]+": {"+m[3]+"}", m[1]+"\""+m[2]+": "+m[3], m[1]+m[2]+": \""+m[3]+"\n"+indent+"x: y\"")
}

// Whatever slips, no finding shows a secret, and nor does what is in force where the file is
// still one, unless the slip made a name or the like of the secret.
func TestSlipsShowNoSecret(t *testing.T) {
	dir := write(t, map[string]string{})
	for k, secret := range secretsOf() {
		text := strings.ReplaceAll(strings.ReplaceAll(fullFile, "%%", "%"), "%s", secret)
		n, broken := 0, 0
		for i, slip := range slips(text) {
			if !*allSlips && i%19 != k {
				continue
			}
			n++
			cfg, err := Parse([]byte(slip), filepath.Join(dir, "config.yaml"), from(nil))
			if err == nil {
				err = cfg.CheckWebhooks(nil)
				wantNotShown(t, slip, secret, cfg)
			}
			if err != nil {
				broken++
				wantAbsent(t, slip, err.Error(), secret)
			}
		}
		t.Logf("%d slips with %q, of which %d are errors", n, secret, broken)
		if broken < n/3 {
			t.Errorf("%d of %d slips are errors: do they slip?", broken, n)
		}
	}
}

// namesPeople are the keys whose values are shown wherever they are right: a secret that is
// written there is no secret any more.
var namesPeople = regexp.MustCompile(`(name|owner|username|webhook|calendar|subject|template|_file|_credential|addresses\[\d+\]|x|remind|channel|text|payload\.\w+|path|socket|error_webhook)(\[\d+\])?$`)

func wantNotShown(t *testing.T, slip, secret string, cfg *Config) {
	t.Helper()
	for _, s := range cfg.Show() {
		if !namesPeople.MatchString(s.Key) || strings.Contains(s.Value, "://") {
			wantAbsent(t, slip, s.Key+" = "+s.Value, secret)
		}
	}
}

// isMark reports whether a character separates the parts of a secret that a message may quote.
func isMark(r rune) bool { return r <= ' ' || strings.ContainsRune("\"'`,;:/\\?&#%=*!|>@[]{}", r) }

// wantAbsent reports a secret, or a part of it, in a text.
func wantAbsent(t *testing.T, slip, text, secret string) {
	t.Helper()
	for _, part := range append(strings.FieldsFunc(secret, isMark), secret) {
		if len(part) > 2 && strings.Contains(strings.ToLower(text), strings.ToLower(part)) {
			t.Errorf("%q is shown:\n%s\nof\n%s", part, text, around(slip, part))
			return
		}
	}
}

// around returns the lines of a file in which a text stands.
func around(file, text string) string {
	var lines []string
	for i, line := range strings.Split(file, "\n") {
		if strings.Contains(line, text) {
			lines = append(lines, fmt.Sprintf("%3d %s", i+1, line))
		}
	}
	return strings.Join(lines, "\n")
}

// The same for variables of the environment, each in the place of each other.
func TestSlipsInTheEnvironmentShowNoSecret(t *testing.T) {
	dir := t.TempDir()
	r, err := newReader(nil, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range r.settings() {
		for _, secret := range append(secretsOf(), "https://chat.example.org/hooks/Qk7canaryXw9", "http://u:Qk7canaryXw9@proxy.example.org/x", "unix:~Qk7canaryXw9") {
			getenv := from(map[string]string{s.envName(): secret, "CREDENTIALS_DIRECTORY": dir})
			cfg, err := Parse([]byte("locale: fr\n"), filepath.Join(dir, "config.yaml"), getenv)
			switch {
			case err != nil:
				wantAbsent(t, s.envName(), err.Error(), strings.Trim(secret[strings.LastIndexAny(secret, "/:~")+1:], "~"))
			case strings.Contains(secret, "://") && strings.Contains(fmt.Sprint(cfg.Show()), "Qk7canary"):
				t.Errorf("%s=%s is shown: %v", s.envName(), secret, cfg.Show())
			}
		}
	}
}

// Files of secrets that hold more than one, or something else, show nothing of it.
func TestSlipsInSecretFilesShowNoSecret(t *testing.T) {
	const secret = "Qk7canaryXw9"
	dir := t.TempDir()
	file := filepath.Join(dir, "it.url")
	for _, content := range []string{
		secret, secret + "\n" + secret, "url: https://chat.example.org/hooks/" + secret, "https://chat.example.org/hooks/" + secret + " # mine\n",
		secret + ":x", "ftp://" + secret, "\ufeff" + secret + "://x", strings.Repeat(secret, maxSecret), "\x00" + secret, "https://u:" + secret + "@h:bad/",
	} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"url_file", "url_credential"} {
			text := fmt.Sprintf("webhooks: [{name: a, %s: it.url}]\n", key)
			_, err := Parse([]byte(text), filepath.Join(dir, "c.yaml"), from(map[string]string{"CREDENTIALS_DIRECTORY": dir}))
			if err == nil {
				t.Errorf("%.60q: no finding", content)
				continue
			}
			wantAbsent(t, content[:min(60, len(content))], err.Error(), secret)
		}
	}
}
