package calbell

import (
	"errors"
	"strings"
	"testing"
)

func TestMatcher(t *testing.T) {
	for _, tt := range []struct {
		text    string
		yes, no []string
	}{
		{"stand-up", []string{"Daily Stand-Up", "STAND-UP"}, []string{"standup", ""}},
		{"Zürich", []string{"zu\u0308rich", "ZÜRICH HB"}, []string{"Zurich"}},
		{"a.c", []string{"xa.cx"}, []string{"abc"}},
		{"/^on[- ]call$/", []string{"On call", "on-CALL"}, []string{"on call x", "oncall"}},
		{"/é/", []string{"E\u0301te\u0301"}, []string{"ete"}},
		{"/", []string{"a/b"}, []string{"ab"}},
		{"/a", []string{"x/A"}, []string{"a"}},
		{"/a/b/", []string{"xA/bx"}, []string{"ab"}},
	} {
		m, err := NewMatcher(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		for _, s := range tt.yes {
			if !m.Match(s) {
				t.Errorf("%s does not match %q", tt.text, s)
			}
		}
		for _, s := range tt.no {
			if m.Match(s) {
				t.Errorf("%s matches %q", tt.text, s)
			}
		}
	}
	if (Matcher{}).Match("anything") != true {
		t.Error("the zero matcher refuses something")
	}
}

// What cannot be compiled is pointed at.
func TestMatcherRefuses(t *testing.T) {
	for _, tt := range []struct {
		text   string
		at     int
		reason string
	}{
		{"", 0, "empty pattern"},
		{"  ", 0, "empty pattern"},
		{"//", 0, "empty pattern"},
		{strings.Repeat("x", MaxPatternBytes+1), 0, "longer than"},
		{"/a[b/", 2, "missing closing ]"},
		{"/é(b/", 1, "missing closing )"},
		{"/ab**/", 3, "invalid nested repetition"},
		{`/a\zb\y/`, 5, "invalid escape sequence"},
		{"/x{2000}/", 2, "invalid repeat count"},
		{"/(?:" + strings.Repeat("xy", 450) + "){1000}/", 0, "more than 5000 steps"},
		{"/(?:(?:a|b){0,30}c){0,33}(?:(?:.?){10}){100}/", 0, "more than 5000 steps"},
		{"/" + strings.Repeat(`\pL`, 300) + "/", 0, "more than 5000 steps"},
		{"/(?=a)/", 1, "invalid or unsupported Perl syntax"},
	} {
		_, err := NewMatcher(tt.text)
		var bad *PatternError
		if !errors.As(err, &bad) {
			t.Errorf("%.20s: %v", tt.text, err)
			continue
		}
		if bad.At != tt.at || !strings.Contains(bad.Reason.English, tt.reason) {
			t.Errorf("%.20s: at %d: %s, want at %d: %s", tt.text, bad.At, bad.Reason, tt.at, tt.reason)
		}
	}
}
