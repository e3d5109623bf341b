package markup

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ in, oneLine, many string }{
		{"plain text", "plain text", "plain text"},
		{"  a  b  ", "a b", "a  b"},
		{"a\nb", "a b", "a\nb"},
		{"a\r\nb\rc", "a b c", "a\nb\nc"},
		{"a\u2028b\u0085c\vd", "a b c d", "a\nb\nc\nd"},
		{"a\n\n\n\n\nb", "a b", "a\n\nb"},
		{"a \nb\t\n c", "a b c", "a\nb\n c"},
		{"a\tb\u00a0c\u3000d", "a b c d", "a b c d"},
		{"\u202eevil\u202c \u2066x\u2069 \u200ey\u061c", "evil x y", "evil x y"},
		{"a\u200bb\u2060c\ufeffd\u00ade", "abcde", "abcde"},
		{"a\x00b\x1b[0mc\x7f\u009b", "ab[0mc", "ab[0mc"},
		{"a\xffb", "a\ufffdb", "a\ufffdb"},
		{"a\u115fb\u3164c\u2800d", "abcd", "abcd"},
		{"👩\u200d👩\u200d👧 x\u200dy", "👩\u200d👩\u200d👧 xy", "👩\u200d👩\u200d👧 xy"},
		{"👍🏽 ❤\ufe0f", "👍🏽 ❤\ufe0f", "👍🏽 ❤\ufe0f"},
		{"می\u200cخواهم", "می\u200cخواهم", "می\u200cخواهم"},
		{"क्\u200dष", "क्\u200dष", "क्\u200dष"},
		{"x\U000e0041\U000e0042", "x", "x"},
		{"🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0067\U000e0062\U000e007f"},
		{"e\u0301", "e\u0301", "e\u0301"},
		{"a" + strings.Repeat("\u0301", 50), "a" + strings.Repeat("\u0301", maxMarks), "a" + strings.Repeat("\u0301", maxMarks)},
		{"a\u2424b", "a b", "a b"},
		{"\ue000x\U000f0000", "x", "x"},
		{"", "", ""},
		{" \n\t\u200b ", "", ""},
	} {
		if got := Clean(c.in, false); got != c.oneLine {
			t.Errorf("one line of %q: %q, want %q", c.in, got, c.oneLine)
		}
		if got := Clean(c.in, true); got != c.many {
			t.Errorf("lines of %q: %q, want %q", c.in, got, c.many)
		}
		if got := Clean(Clean(c.in, true), true); got != c.many {
			t.Errorf("%q is not clean after cleaning: %q", c.in, got)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"abcd", 1, "…"},
		{"abcd", 0, ""},
		{"", 3, ""},
		{"äöüß", 3, "äö…"},
		{"ab cd", 4, "ab…"},
		{"ae\u0301b", 3, "a…"},
		{"ae\u0301bc", 4, "ae\u0301…"},
		{"a👩\u200d👩\u200d👧bc", 5, "a…"},
		{"a👍🏽bc", 3, "a…"},
		{"a❤\ufe0fbc", 3, "a…"},
		{"🇨🇭🇫🇷x", 4, "🇨🇭…"},
		{"🇨🇭🇫🇷x", 3, "🇨🇭…"},
		{"한국어입니다", 4, "한국어…"},
		{"\u1112\u1161\u11ab\u1100\u116e\u11a8", 3, "…"},
	} {
		if got := Cut(c.in, c.limit); got != c.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
	// One grapheme without end still has to be cut.
	endless := "a" + strings.Repeat("\u0301", 1000)
	if got := Cut(endless, 100); utf8.RuneCountInString(got) > 100 || !strings.HasSuffix(got, "…") {
		t.Errorf("%q", got)
	}
}
