package yamltree

import (
	"strings"
	"testing"

	"calbell"
)

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("a", 80) + "!" + strings.Repeat("b", 80)
	for name, c := range map[string]struct {
		text      string
		line, col int
		want      string // without the first line end
	}{
		"first line": {"webhoks:\n", 1, 1, "  > 1 | webhoks:\n        ^"},
		"line 31":    {strings.Repeat("\n", 30) + "webhoks:\n", 31, 1, "  > 31 | webhoks:\n         ^"},
		"line 1000":  {strings.Repeat("\n", 999) + "  a: b", 1000, 6, "  > 1000 |   a: b\n                ^"},
		"at the end": {"abc", 1, 4, "  > 1 | abc\n           ^"},
		"far behind": {"abc", 1, 99, "  > 1 | abc\n           ^"},
		"no line":    {"abc", 7, 3, "  > 7 | \n        ^"},
		"tab":        {"\ta: b", 1, 2, "  > 1 |  a: b\n         ^"},
		"wide":       {"予定: x", 1, 5, "  > 1 | 予定: x\n              ^"},
		"combining":  {"e\u0301: x", 1, 5, "  > 1 | e\u0301: x\n           ^"},
		"emoji":      {"🔔: x", 1, 4, "  > 1 | 🔔: x\n            ^"},
		"control":    {"a\x1b[1m: x", 1, 7, "  > 1 | a\ufffd[1m: x\n              ^"},
		"both ends cut": {long, 1, 81, "  > 1 | …" + strings.Repeat("a", 60) + "!" + strings.Repeat("b", 59) + "…\n" +
			strings.Repeat(" ", 8+61) + "^"},
		"too long":         {strings.Repeat("a", maxShownLine+1), 1, 9, ""},
		"password":         {"password: hunter2", 1, 1, "  > 1 | password: …\n        ^"},
		"long password":    {"password: correct-horse", 1, 11, "  > 1 | password: [secret]\n                  ^"},
		"caret in it":      {"password: correct-horse-battery", 1, 25, "  > 1 | password: [secret]\n                          ^"},
		"url":              {"url: https://chat.example.org/hooks/abcdefgh", 1, 6, "  > 1 | url: https://chat.example.org/[secret]\n             ^"},
		"url without path": {"url: https://chat.example.org", 1, 6, "  > 1 | url: https://chat.example.org\n             ^"},
		"user in url":      {"url: https://a:b@chat.example.org/", 1, 6, "  > 1 | url: [secret]\n             ^"},
		"url in a list":    {"- {url: \"https://chat.example.org/hooks/abcdefgh\", a: 1}", 1, 4, "  > 1 | - {url: \"https://chat.example.org/[secret]\n           ^"},
		"no secret":        {"curls: x, purl: y", 1, 1, "  > 1 | curls: x, purl: y\n        ^"},
	} {
		t.Run(name, func(t *testing.T) {
			d := New("x", []byte(c.text))
			d.Open = true
			got := d.excerpt(d.Finding(Place{c.line, c.col}, calbell.Text{}, calbell.Text{}))
			if got != "\n"+c.want && c.want+got != "" {
				t.Errorf("got\n%q\nwant\n%q", got, "\n"+c.want)
			}
		})
	}
}

func TestMaskURL(t *testing.T) {
	for text, want := range map[string]string{
		"https://chat.example.org/hooks/x":   "https://chat.example.org/[secret]",
		"https://chat.example.org:8065/":     "https://chat.example.org:8065/",
		"http://[::1]:9000/hooks/x":          "http://[::1]:9000/[secret]",
		"https://chat.example.org?key=x":     "[secret]",
		"https://u:p@chat.example.org/":      "[secret]",
		"chat.example.org/hooks/x":           "[secret]",
		"x":                                  "[secret]",
		"":                                   "[secret]",
		"https://chat.example.org#x":         "[secret]",
		"https://chat.example.org\\@x.org/y": "[secret]",
	} {
		if got := MaskURL(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

func TestFind(t *testing.T) {
	d := parsed(t, "a:\n  b_file: 1\n  c: [x, {d: 2}]\n")
	for path, want := range map[string]struct {
		text  string
		exact bool
	}{
		"a.c[0]": {"x", true}, "a.c[1].d": {"2", true}, "a.b": {"1", false}, "a.b_file": {"1", true},
	} {
		n, exact := d.Find(path)
		if n == nil || n.Text != want.text || exact != want.exact {
			t.Errorf("%s: %+v, exact %v", path, n, exact)
		}
	}
	for path, around := range map[string]string{"a.c[5]": "a.c", "a.c[1].x.y": "a.c[1]", "a.zzz": "a", "zzz": "", "": ""} {
		if n, _ := d.Find(path); n != d.Index[around] {
			t.Errorf("%s is not looked for around %q", path, around)
		}
	}
}
