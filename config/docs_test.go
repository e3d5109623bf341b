package config

import (
	"os"
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
