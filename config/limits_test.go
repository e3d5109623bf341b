//go:build !race

package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"calbell/config/yamltree"

	"calbell"
)

// bomb is a file whose aliases stand for ten thousand million values.
func bomb() string {
	var b strings.Builder
	b.WriteString("webhooks:\n  - name: a\n    kind: json\n    url: https://chat.example.org/x\n    payload:\n      l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 10 {
		alias := fmt.Sprintf("*l%d", i)
		fmt.Fprintf(&b, "      l%d: &l%d [%s]\n", i+1, i+1, strings.Join(slicesRepeat(alias, 10), ", "))
	}
	return b.String()
}

func slicesRepeat(s string, n int) []string { return strings.Fields(strings.Repeat(s+" ", n)) }

// Files that no person writes must be refused soon, and not bring the process down.
func TestHostileFiles(t *testing.T) {
	const big = 2 << 20
	var indented strings.Builder
	for i := range 2000 {
		indented.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	for name, c := range map[string]struct{ text, want string }{
		"aliases":         {bomb(), "values"},
		"merged aliases":  {strings.ReplaceAll(bomb(), "name: a", "<<: [{b: 1}, {c: 2}]\n    name: a"), "values"},
		"alias of itself": {"webhooks: &a\n  - *a\n", "no anchor"},
		"brackets":        {strings.Repeat("[", big), "nested"},
		"braces":          {strings.Repeat("{a: ", big/4), "nested"},
		"lines of braces": {strings.Repeat("{a:\n", big/4), "nested"},
		"dashes":          {strings.Repeat("- ", big/2), "nested"},
		"questions":       {strings.Repeat("? ", big/2), "nested"},
		"tags":            {"a: " + strings.Repeat("!x ", big/3), "nested"},
		"anchors":         {"a: " + strings.Repeat("&x ", big/3), "nested"},
		"indentation":     {indented.String(), "nested"},
		"deep":            {strings.Repeat("[", 100) + strings.Repeat("]", 100), "nested"},
		"too large":       {strings.Repeat("#", calbell.MaxConfigBytes+1), "larger than"},
		"not UTF-8":       {"locale: en\nlog:\n  level: \xff\n", "not UTF-8"},
		"UTF-16":          {"\xff\xfel\x00o\x00", "not UTF-8"},
		"NUL":             {"locale: \x00\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := Parse([]byte(c.text), "config.yaml", from(nil))
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || calbell.KindOf(err) != calbell.KindConfig {
				t.Errorf("error %.300v, want one with %q", err, c.want)
			}
			if err != nil && len(err.Error()) > 64<<10 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
}

func TestNotUTF8Points(t *testing.T) {
	_, err := Parse([]byte("locale: en\nlog:\n  level: é\xff\n"), "config.yaml", from(nil))
	var one *yamltree.Error
	if !errors.As(err, &one) || one.Line != 3 || one.Col != 11 {
		t.Errorf("error %v", err)
	}
}

// A file at the upper end of what is allowed loads in a moment.
func TestLargeFile(t *testing.T) {
	var b strings.Builder
	b.WriteString("webhooks:\n")
	const n = 5000
	for i := range n {
		fmt.Fprintf(&b, "  - name: hook %d\n    url: https://chat.example.org/hooks/%d\n    template: |\n      **%%subject%%** in [[%%location%%]]\n      %d\n", i, i, i)
	}
	start := time.Now()
	cfg, err := Parse([]byte(b.String()), "config.yaml", from(nil))
	if err != nil {
		t.Fatalf("%.300v", err)
	}
	if len(cfg.Webhooks) != n {
		t.Errorf("%d webhooks", len(cfg.Webhooks))
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("%d webhooks take %v", n, took)
	} else {
		t.Logf("%d webhooks, %d bytes: %v", n, b.Len(), took)
	}
}

// Whatever the file, there is a configuration or there are findings; each points into the
// file, and a file that loads once loads again to the same.
func FuzzParse(f *testing.F) {
	f.Add(smallFile)
	f.Add(bomb())
	f.Add(twoCalendars)
	for _, s := range []string{
		"", "a", "- x", "sync: {interval: 30}", "\ufeffa: 1", "a: &x [1, *x]", "a: |\n b\n", "? a\n: b", "a: !!str 1", "%YAML 1.2\n---\na",
		"webhooks:\n  - {name: a, url: 'https://x/y', payload: {a: 0x1, b: ~, c: [.nan]}}", "a: \"\\", "<<: *a", "a:\t1", "\x00", "--- |\n x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		cfg, err := Parse([]byte(text), "config.yaml", from(nil))
		if (cfg == nil) == (err == nil) {
			t.Fatalf("configuration %v, error %v", cfg, err)
		}
		if err == nil {
			for i := range cfg.Webhooks {
				_ = cfg.ErrorAt(fmt.Sprintf("webhooks[%d].template", i), 2, 3, calbell.Plain("x"), calbell.Text{}).Error()
			}
			return
		}
		var all yamltree.Errors
		if !errors.As(err, &all) || len(all) == 0 || calbell.KindOf(err) != calbell.KindConfig {
			t.Fatalf("error %v", err)
		}
		lines := strings.Count(text, "\n") + strings.Count(text, "\r") + 1
		for _, e := range all {
			if e.Line < 0 || e.Line > lines+1 || e.Line > 0 && e.Col < 1 {
				t.Errorf("finding at %d:%d of %d lines", e.Line, e.Col, lines)
			}
			if strings.ContainsAny(e.Error(), "\x00\x1b\a\b\r") {
				t.Errorf("finding with control characters: %q", e.Error())
			}
		}
	})
}
