package yamltree

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"calbell"
)

// pointAt marks with "‸" where ErrorAt points for a place in a value: before the mark is
// the file's text up to it.
func pointAt(t *testing.T, file, path string, line, col int) string {
	t.Helper()
	e := parsed(t, file).ErrorAt(path, line, col, calbell.Plain("msg"), calbell.Text{})
	lines := strings.Split(file, "\n")
	if e.Line < 1 || e.Line > len(lines) {
		t.Fatalf("line %d of %d", e.Line, len(lines))
	}
	text := []rune(lines[e.Line-1])
	if e.Col < 1 || e.Col > len(text)+1 {
		t.Fatalf("column %d of %d in line %d", e.Col, len(text), e.Line)
	}
	return strings.TrimSpace(string(text[:e.Col-1]) + "‸" + string(text[e.Col-1:]))
}

// parsed builds the document alone, without asking what its keys mean.
func parsed(t *testing.T, text string) *Document {
	t.Helper()
	doc := New("config.yaml", []byte(text))
	if _, findings := doc.Parse(); len(findings) > 0 {
		t.Fatal(findings)
	}
	return doc
}

func TestErrorAtFollowsTheValue(t *testing.T) {
	cases := []struct {
		name, file string
		line, col  int
		want       string
	}{
		{"plain", "t: a %b% c", 1, 3, "t: a ‸%b% c"},
		{"plain, the value", "t: a %b% c", 0, 0, "t: ‸a %b% c"},
		{"plain, no column", "t: a %b% c", 1, 0, "t: ‸a %b% c"},
		{"plain, behind the end", "t: a %b% c  # comment", 1, 8, "t: a %b% c‸  # comment"},
		{"plain, far behind the end", "t: abc  # comment", 9, 99, "t: abc‸  # comment"},
		{"plain after a wide key", "é予: ab", 1, 2, ""},
		{"plain, folded", "t: one\n  two\n  three", 1, 5, "‸two"},
		{"plain, folded, later", "t: one\n  two\n  three", 1, 10, "t‸hree"},
		{"plain, blank line", "t: one\n\n  two", 2, 2, "t‸wo"},
		{"single", "t: 'a %b%'", 1, 3, "t: 'a ‸%b%'"},
		{"single, the value", "t: 'a %b%'", 0, 0, "t: ‸'a %b%'"},
		{"single, with quotes", "t: 'it''s %b%'", 1, 6, "t: 'it''s ‸%b%'"},
		{"single, at a quote", "t: 'it''s %b%'", 1, 3, "t: 'it‸''s %b%'"},
		{"single, folded", "t: 'one\n   two'", 1, 5, "‸two'"},
		{"double", `t: "a %b%"`, 1, 3, `t: "a ‸%b%"`},
		{"double, newline escaped", `t: "a\nb%c%"`, 2, 2, `t: "a\nb‸%c%"`},
		{"double, at the escape", `t: "a\tb"`, 1, 2, `t: "a‸\tb"`},
		{"double, after \\x", `t: "\x41b"`, 1, 2, `t: "\x41‸b"`},
		{"double, after \\u", `t: "\u00e9b"`, 1, 2, `t: "\u00e9‸b"`},
		{"double, after \\U", `t: "\U0001F514b"`, 1, 2, `t: "\U0001F514‸b"`},
		{"double, lines joined", "t: \"one \\\n  two\"", 1, 5, "‸two\""},
		{"double, folded", "t: \"one\n\n  two\"", 2, 1, "‸two\""},
		{"literal, the value", "t: |\n  one", 0, 0, "t: ‸|"},
		{"literal", "t: |\n  one\n  two", 2, 2, "t‸wo"},
		{"literal, its own indentation", "t: |\n  one\n    two", 2, 4, "t‸wo"},
		{"literal, indicator", "t: |2\n    one\n  two", 1, 3, "‸one"},
		{"literal, blank line", "t: |\n  one\n\n  two", 3, 1, "‸two"},
		{"literal, blank first", "t: |\n\n  one\n  two", 2, 2, "o‸ne"},
		{"literal, trailing spaces", "t: |\n  one  \n  two", 2, 1, "‸two"},
		{"literal, spaces only", "t: |\n  one\n     \n  two", 3, 3, "tw‸o"},
		{"literal, strip", "t: |-\n  one\n  two", 2, 3, "tw‸o"},
		{"literal, keep", "t: |+\n  one\n  two\n\n", 2, 1, "‸two"},
		{"literal, behind the end of a line", "t: |\n  one\n  two", 1, 4, "one‸"},
		{"literal, comment after", "t: | # why\n  one\n  two", 2, 1, "‸two"},
		{"folded", "t: >\n  one\n  two", 1, 5, "‸two"},
		{"folded, paragraph", "t: >\n  one\n\n  two", 2, 2, "t‸wo"},
		{"folded, deeper lines", "t: >\n  one\n    two\n  three", 2, 3, "‸two"},
		{"folded, after deeper lines", "t: >\n  one\n    two\n  three", 3, 2, "t‸hree"},
		{"a list", "t: [a]", 1, 1, "t: ‸[a]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := "t"
			if strings.HasPrefix(c.file, "é") {
				path, c.want = "é予", "é予: a‸b"
			}
			got := pointAt(t, c.file, path, c.line, c.col)
			if c.want != "" && got != c.want {
				t.Errorf("points at %q, want %q", got, c.want)
			}
		})
	}
}

func TestErrorAtFindsThePath(t *testing.T) {
	const file = `webhooks:
  - name: a
    url_file: a.url
    payload:
      blocks:
        - text: x
        - {text: "y %z%", "a.b": [1, 2]}
  - name: b
`
	for _, c := range []struct{ path, want string }{
		{"webhooks[0].name", "- name: ‸a"},
		{"webhooks[1].name", "- name: ‸b"},
		{"webhooks[0].url", "url_file: ‸a.url"},
		{"webhooks[0].template", "- ‸name: a"},
		{"webhooks[0].payload.blocks[1].text", `- {text: ‸"y %z%", "a.b": [1, 2]}`},
		{"webhooks[0].payload.blocks[1].a.b[1]", `- {text: "y %z%", "a.b": [1, ‸2]}`},
		{"webhooks[0].payload.blocks[7].text", "‸- text: x"},
		{"webhooks[9]", "‸- name: a"},
		{"nothing", "‸webhooks:"},
	} {
		t.Run(c.path, func(t *testing.T) {
			if got := pointAt(t, file, c.path, 0, 0); got != c.want {
				t.Errorf("points at %q, want %q", got, c.want)
			}
		})
	}
	// A place inside a value has no meaning in another one.
	if got := pointAt(t, file, "webhooks[0].url", 1, 3); got != "url_file: ‸a.url" {
		t.Errorf("a column of the URL points at %q of its file", got)
	}
}

// written returns a value in every style that can hold it, as the value of the key t.
func written(value string) map[string]string {
	out := map[string]string{"double": `t: "` + strings.NewReplacer(
		`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`, "\x00", `\0`, "\u0085", `\N`,
		"\u2028", `\L`, "\u2029", `\P`, "\ufeff", `\uFEFF`, "\u00a0", `\_`,
	).Replace(value) + "\""}
	if strings.ContainsFunc(value, func(r rune) bool {
		return r != '\n' && (r < ' ' || r > '~' && r < 0xa1 || r == 0xfeff || r == 0x2028 || r == 0x2029)
	}) {
		return out
	}
	if !strings.ContainsRune(value, '\n') && strings.TrimSpace(value) != "" {
		out["single"] = "t: '" + strings.ReplaceAll(value, "'", "''") + "'"
	}
	if strings.Trim(value, " \n") != "" && !strings.HasPrefix(strings.TrimLeft(value, "\n"), " ") && !strings.HasSuffix(value, "\n") {
		out["literal"] = "t: |-\n   " + strings.ReplaceAll(value, "\n", "\n   ")
	}
	return out
}

// Whatever the value and the style, the place that ErrorAt finds for each character holds
// that character, or the escape that stands for it.
func FuzzErrorAt(f *testing.F) {
	for _, s := range []string{
		"a", "**%subject%**, %date%\n%description%", "it's \"quoted\" \\ 'twice'", "\ttab", "é予🔔",
		" leading", "trailing ", "a\n\nb\n  c\n", "# not a comment", ": ", "- x", "a  b", "\n\na", "a \n b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		value = strings.ToValidUTF8(value, "?")
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\n\t\r\x00", r) || r == 0x7f }) {
			t.Skip("cannot be written")
		}
		if len(value) > 400 {
			t.Skip("each character is looked up: long ones only take time")
		}
		for style, file := range written(value) {
			doc := New("config.yaml", []byte(file))
			root, findings := doc.Parse()
			n := root.Get("t")
			if len(findings) > 0 || n == nil || n.Text != value {
				continue // the parser's own mistake, or an empty value
			}
			line, col := 1, 1
			for i, r := range []rune(value) {
				p := doc.inside(n, line, col)
				if p == n.Place {
					t.Fatalf("%s %q: character %d (%q) is not found in %q", style, value, i, r, file)
				}
				if err := stands(doc, p, r, style); err != nil {
					t.Fatalf("%s %q, character %d at %d:%d: %v", style, value, i, line, col, err)
				}
				col++
				if r == '\n' {
					line, col = line+1, 1
				}
			}
		}
	})
}

// stands checks that r is written at p.
func stands(doc *Document, p Place, r rune, style string) error {
	line := []rune(doc.line(p.Line))
	switch {
	case p.Col-1 > len(line):
		return fmt.Errorf("column %d is behind the line %q", p.Col, string(line))
	case p.Col-1 == len(line):
		if r != '\n' {
			return fmt.Errorf("%q is at the end of %q", r, string(line))
		}
		return nil
	}
	got := line[p.Col-1]
	if got == r || style == "double" && got == '\\' || r == '\n' && strings.TrimSpace(string(line[p.Col-1:])) == "" {
		return nil
	}
	return fmt.Errorf("%q is there, want %q", got, r)
}

// A template may be as long as its limit, in one line too.
func TestErrorAtInALongValue(t *testing.T) {
	for _, value := range []string{strings.Repeat("x", 64<<10), strings.Repeat("x ", 32<<10) + "x", strings.Repeat("x\n", 32<<10) + "x"} {
		for style, file := range written(value) {
			n := parsed(t, file).Index["t"]
			start := time.Now()
			p := parsed(t, file).inside(n, strings.Count(value, "\n")+1, len(value))
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("%s: took %v", style, took)
			}
			if p == n.Place {
				t.Errorf("%s: not found", style)
			}
		}
	}
}
