package syntax

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	goical "github.com/emersion/go-ical"
)

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "plain": "plain", `Hello, world`: "Hello, world", `a\, b\; c\\ d\n e\N`: "a, b; c\\ d\n e\n",
		`\:`: `\:`, `\x41`: `\x41`, `end\`: `end\`, `\\n`: `\n`, `\\\n`: "\\\n", `é\,`: "é,", `\"`: `\"`,
	} {
		if got := Unescape(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func TestTextList(t *testing.T) {
	for in, want := range map[string][]string{
		"": nil, ",": nil, "a": {"a"}, "a,b , c": {"a", "b", "c"}, `a\,b,c\\,d`: {"a,b", `c\`, "d"}, `a\`: {`a\`},
	} {
		if got := TextList(in); !slices.Equal(got, want) {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

// TestCaret is RFC 6868.
func TestCaret(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "a^nb": "a\nb", "^'x^'": `"x"`, "^^n": "^n", "^x": "^x", "^": "^", "^^^^": "^^",
	} {
		if got := Uncaret(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func TestParam(t *testing.T) {
	p, ok := Line{Raw: `X-A;one=1;Two="a;b:c,d";THREE="x","y";FOUR=;TWO=again:value:with;all`}.Property()
	if !ok || p.Name != "X-A" || p.Value != "value:with;all" {
		t.Fatalf("%+v %t", p, ok)
	}
	for name, want := range map[string]string{"ONE": "1", "two": "a;b:c,d", "THREE": `x","y`, "FOUR": "", "FIVE": "", "T": ""} {
		if got := p.Param(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// FuzzContentLine compares our reading of a line with go-ical's, wherever that one takes
// the line for well-formed.
func FuzzContentLine(f *testing.F) {
	for _, s := range []string{
		"SUMMARY:x", "DTSTART;TZID=Europe/Zurich:20260101T000000", `A;B="c:d;e,f",g;H=:value:with;colons`,
		`ATTENDEE;CN="Doe, Jane":mailto:jane@example.org`, ";:", "A;B", `X;A="b"`, "a.b/c:d",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || strings.ContainsAny(s, "\r\n\x00") || s == "" || s[0] == ' ' || s[0] == '\t' {
			return
		}
		want, ok := bySecondOpinion(s)
		if !ok || upperName(want.Name) == "" || want.Name == "BEGIN" || want.Name == "END" {
			return
		}
		got, ok := Line{Raw: s}.Property()
		if !ok {
			t.Fatalf("%q is refused", s)
		}
		for name := range want.Params {
			if !plain(name) || name == "" {
				return // go-ical takes ";:=:" for a parameter of the name ":", and so for a line
			}
		}
		if got.Name != want.Name || got.Value != want.Value {
			t.Errorf("%q: %q and %q, go-ical has %q and %q", s, got.Name, got.Value, want.Name, want.Value)
		}
		for name, values := range want.Params {
			if got := got.Param(name); got != strings.Join(values, ",") && len(values) == 1 {
				t.Errorf("%q: parameter %s is %q, go-ical has %q", s, name, got, values)
			}
		}
	})
}

// plain reports whether a name is one that RFC 5545 allows.
func plain(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z')
	})
}

// bySecondOpinion reads one line by go-ical; false when that fails or panics.
func bySecondOpinion(s string) (p goical.Prop, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	c, err := goical.NewDecoder(strings.NewReader("BEGIN:VCALENDAR\r\n" + s + "\r\nEND:VCALENDAR\r\n")).Decode()
	if err != nil || len(c.Props) != 1 {
		return p, false
	}
	for _, list := range c.Props {
		p = list[0]
	}
	return p, true
}
