package chat_test

import (
	"regexp"
	"strings"
	"testing"

	"calbell/web/chat"
)

// A message is shown as Slack shows it.
func TestMrkdwn(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "",
		"*Review* in _15_ min":               "<b>Review</b> in <i>15</i> min",
		"~gone~ `a*b*c`":                     "<s>gone</s> <code>a*b*c</code>",
		"one\ntwo":                           "one<br>two",
		"2*3*4 snake_case_name a~b~":         "2*3*4 snake_case_name a~b~",
		"* no * list _ of _ marks":           "* no * list _ of _ marks",
		"**":                                 "**",
		"*open":                              "*open",
		"<https://example.org|join>":         "<u>join</u>",
		"<https://example.org/?a=1&amp;b=2>": "<u>https://example.org/?a=1&amp;b=2</u>",
		"<!channel> <@U1> <#C1|general>":     "<u>@channel</u> <u>@U1</u> <u>#general</u>",
		"a &lt;b&gt; &amp;amp; <":            "a &lt;b&gt; &amp;amp; &lt;",
		"<>*<*>*":                            "&lt;&gt;<b>&lt;</b>&gt;*",
		"é*é* *é*":                           "é*é* <b>é</b>",
	} {
		if got := string(chat.Mrkdwn(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Whatever a message holds, what is shown has no other tags than these, and none without its
// second half.
func FuzzMrkdwn(f *testing.F) {
	for _, text := range []string{`<script>alert(1)</script>"'><img src=x onerror=alert(2)>`, "*<b>*", "`<script>`", "<javascript:alert(1)|*x*>", "<\"onload=x|_y_>", "&lt;script&gt;", strings.Repeat("*<_`~", 1000)} {
		f.Add(text)
	}
	tags := regexp.MustCompile(`</?(b|i|s|u|code)>|<br>`)
	f.Fuzz(func(t *testing.T, text string) {
		got := string(chat.Mrkdwn(text))
		if rest := tags.ReplaceAllString(got, ""); strings.ContainsAny(rest, "<>\"'") {
			t.Errorf("%q: %q", text, got)
		}
		for _, tag := range []string{"b", "i", "s", "u", "code"} {
			if strings.Count(got, "<"+tag+">") != strings.Count(got, "</"+tag+">") {
				t.Errorf("%q: %q", text, got)
			}
		}
	})
}
