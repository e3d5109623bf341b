package config

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// What the page about the configuration shows loads, once it has what an excerpt leaves out.
func TestExcerptsOfThePageLoad(t *testing.T) {
	page, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(page), "```yaml\n")
	if len(parts) < 5 {
		t.Fatalf("%d excerpts", len(parts)-1)
	}
	for _, part := range parts[1:] {
		text, _, _ := strings.Cut(part, "```")
		for key, secret := range map[string]string{"password_file: home.password": "password: x", "url_file: team.url": "url: https://chat.example.org/hooks/x"} {
			text = strings.ReplaceAll(text, key, secret)
		}
		if _, err := Parse([]byte(text), "c.yaml", from(nil)); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	}
}

// The page's table of keys is that of the program; -update writes it.
func TestPageListsEveryKey(t *testing.T) {
	const path, begin, end = "../docs/configuration.md", "<!-- keys: go test ./config -run TestPageListsEveryKey -update -->\n", "<!-- /keys -->\n"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(data), begin)
	table, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatal("the page has no place for the table of keys")
	}
	want := tableOfKeys()
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != want {
		t.Errorf("the page's table of keys is old: go test ./config -run TestPageListsEveryKey -update\nwant\n%s", want)
	}
}

// tableOfKeys writes each key of the tables, as the page shows them.
func tableOfKeys() string {
	var b strings.Builder
	b.WriteString("| key | values | default | environment | flag | takes effect at a |\n|---|---|---|---|---|---|\n")
	r := &reader{cfg: Default()}
	for _, s := range r.settings() {
		flag, value := "", fmt.Sprint(s.get())
		if s.flag != "" {
			flag = "`--" + s.flag + "`"
		}
		if s.key == "time_zone" {
			value = "the machine's"
		}
		if s.key == "data.backup" {
			value = "`backup` beside the database"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | `%s` | %s | %s |\n", s.key, valuesOf(s.shape), value, s.envName(), flag, s.effect)
	}
	for _, l := range r.lists() {
		fmt.Fprintf(&b, "| `%s` | list | empty | | | %s |\n", l.key, l.effect)
	}
	return b.String()
}

// valuesOf says which values a shape allows.
func valuesOf(s shape) string {
	if words, ok := s["enum"].([]string); ok {
		return strings.Join(words, ", ")
	}
	if least, ok := s["minimum"]; ok {
		return fmt.Sprintf("%v to %v", least, s["maximum"])
	}
	if said, ok := s["description"].(string); ok {
		bounds, _, _ := strings.Cut(said, ":")
		return strings.TrimPrefix(bounds, "a length of time from ")
	}
	if types, ok := s["type"].([]string); ok && slices.Contains(types, "boolean") && s["pattern"] != nil {
		return "true, false"
	}
	return "text"
}
