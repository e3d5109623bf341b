package templates

import (
	"strings"
	"testing"

	"calbell"
)

// escapes are values in running text, with what becomes of them: what Mattermost's two
// parsers would render is escaped in a way that both know, all else is left as it is.
var escapes = []struct{ name, in, kchat, slack string }{
	{"plain", "Lunch, at 12:30 (room 4)!", "Lunch, at 12:30 (room 4)!", "Lunch, at 12:30 (room 4)!"},
	{"ampersand", "Q&A", "Q&A", "Q&amp;A"},
	{"ampersands that make a character", "&lt; &#64; &copy;", "&amp;lt; &amp;#64; &amp;copy;", "&amp;lt; &amp;#64; &amp;copy;"},
	{"half a character", "R&D; a&b", "R&amp;D; a&b", "R&amp;D; a&amp;b"},
	{"comparison", "a < b > c", "a < b > c", "a &lt; b &gt; c"},
	{"heart", "I <3 you", "I <3 you", "I &lt;3 you"},
	{"tag", "<b>x</b>", "&lt;b>x&lt;/b>", "&lt;b&gt;x&lt;/b&gt;"},
	{"comment", "<!-- x -->", "&lt;!-- x -->", "&lt;!-- x --&gt;"},
	{"slack's everyone", "<!everyone>", "&lt;!everyone>", "&lt;!everyone&gt;"},
	{"slack's user", "<@U1>", "&lt;@\u200bU1>", "&lt;@U1&gt;"},
	{"slack's link", "<https://x.example|y>", "&lt;<https://x.example>&#124;y>", "&lt;<https://x.example>|y&gt;"},
	{"parts of slack's link", "a < b | c > d", "a &lt; b | c > d", "a &lt; b | c &gt; d"},
	{"one asterisk", "5* hotel", "5* hotel", "5* hotel"},
	{"product", "3 * 4 * 5", "3 * 4 * 5", "3 * 4 * 5"},
	{"emphasis", "*a* and **b**", `\*a\* and \*\*b\*\*`, "∗a∗ and ∗∗b∗∗"},
	{"in a word", "a*b*c", `a\*b\*c`, "a*b*c"},
	{"names", "snake_case_name and part_1", "snake_case_name and part_1", "snake_case_name and part_1"},
	{"underscores", "_a_ __b__", `\_a\_ \_\_b\_\_`, "＿a＿ __b__"},
	{"name with underscores", "__init__ of a_b_c", `\_\_init\_\_ of a_b_c`, "__init__ of a_b_c"},
	{"stars of a list", "* a, * b", `\* a, * b`, "* a, * b"},
	{"beside letters that are not ASCII", "é_b_ c", `é\_b\_ c`, "é＿b＿ c"},
	{"about", "~5 min, ~10 m", "~5 min, ~10 m", "∼5 min, ∼10 m"},
	{"strike", "~~a~~ ~b~", `\~\~a\~\~ \~b\~`, "∼∼a∼∼ ∼b∼"},
	{"channel", "see ~town-square", `see \~town-square`, "see ~town-square"},
	{"backtick", "`a` and `", "\\`a\\` and \\`", "'a' and '"},
	{"brackets", "[URGENT] call [1]", "[URGENT] call [1]", "[URGENT] call [1]"},
	{"link", "[a](https://x.example)", `\[a\](https://x.example)`, "[a](https://x.example)"},
	{"reference", "[a][b] [c]: d", `\[a\]\[b\] \[c\]: d`, "[a][b] [c]: d"},
	{"image", "![a](b)", `!\[a\](b)`, "![a](b)"},
	{"hashtags", "#1 and #team, c# d", `#1 and \#team, c# d`, "#1 and #team, c# d"},
	{"backslashes", `C:\dir \* \`, `C:\dir \\* \\`, `C:\dir \* \`},
	{"server", `\\server\share`, `\\\server\share`, `\\server\share`},
	{"one price", "costs $5", "costs $5", "costs $5"},
	{"prices", "costs $5 or $6", "costs $5 or $6", "costs $5 or $6"},
	{"formula", "$x$ and 5$", "$x&#36; and 5&#36;", "$x$ and 5$"},
	{"mention", "@anna and (@ben)", "@\u200banna and (@\u200bben)", "@anna and (@ben)"},
	{"everyone", "@channel, @all. @here! @Everyone", "@\u200bchannel, @\u200ball. @\u200bhere! @\u200bEveryone", "@\u200bchannel, @\u200ball. @\u200bhere! @\u200bEveryone"},
	{"mail", "anna@example.org, anna@here.example.org", "anna@example.org, anna@here.example.org", "anna@example.org, anna@here.example.org"},
	{"mail that is a mention", "anna@here", "anna@\u200bhere", "anna@\u200bhere"},
	{"time", "lunch @ 12:30", "lunch @ 12:30", "lunch @ 12:30"},
	{"address", "https://x.example/a_b_c?d=e&f=g#h", "https://x.example/a_b_c?d=e&f=g#h", "https://x.example/a_b_c?d=e&amp;f=g#h"},
	{"address with marks", "https://x.example/*a*_b_(c)~d", "<https://x.example/*a*_b_(c)~d>", "<https://x.example/*a*_b_(c)~d>"},
	{"address in a sentence", "see (https://x.example/a), or https://x.example.", "see (https://x.example/a), or https://x.example.", "see (https://x.example/a), or https://x.example."},
	{"address with a mention", "https://x.example/@channel", "https://x.example/%40channel", "https://x.example/%40channel"},
	{"address of two hosts", "https://bank.example@x.example/", "https://bank.example%40x.example/", "https://bank.example%40x.example/"},
	{"heading", "# a", `\# a`, "# a"},
	{"no heading", "a # b", "a # b", "a # b"},
	{"list", "- a", `\- a`, "- a"},
	{"no list", "-a +b", "-a +b", "-a +b"},
	{"numbers", "1. a", `1\. a`, "1. a"},
	{"version", "1.2 b", "1.2 b", "1.2 b"},
	{"quotation", "> a", `\> a`, "› a"},
	{"rule", "---", `\---`, "---"},
	{"task", "[ ] a", `\[ ] a`, "[ ] a"},
	{"underline", "====", "&#61;===", "===="},
	{"bars", "a | b", "a | b", "a | b"},
	{"emoji", ":tada: 10:30:45", ":tada: 10:30:45", ":tada: 10:30:45"},
}

func TestEscapes(t *testing.T) {
	for _, e := range escapes {
		d := Data{Instance: &calbell.Instance{Summary: e.in}}
		if got := renderText(t, calbell.KindKChat, "%subject%", d); got != e.kchat {
			t.Errorf("%s, kchat:\n got %q\nwant %q", e.name, got, e.kchat)
		}
		if got := renderText(t, calbell.KindSlack, "%subject%", d); got != e.slack {
			t.Errorf("%s, slack:\n got %q\nwant %q", e.name, got, e.slack)
		}
		if got := renderText(t, calbell.KindJSON, "%subject%", d); got != e.in {
			t.Errorf("%s, json: %q", e.name, got)
		}
	}
}

// What a reader of kChat sees is what was written: no escape shows, nothing is lost.
func TestEscapesAreInvisible(t *testing.T) {
	for _, e := range escapes {
		got := plainText(renderText(t, calbell.KindKChat, "%subject%", Data{Instance: &calbell.Instance{Summary: e.in}}))
		got = strings.ReplaceAll(strings.TrimSpace(got), breaker, "")
		want := e.in
		if strings.Contains(e.in, "https://") && strings.Contains(e.in, "@") {
			continue // an address keeps its meaning, not its letters
		}
		if got != want {
			t.Errorf("%s: a reader sees %q instead of %q", e.name, got, want)
		}
	}
}

// Where a value lands decides what is done to it.
func TestPlaces(t *testing.T) {
	const bar = "a`b` | *c* <d> @all"
	for _, c := range []struct {
		name, src, subject, description string
		kind                            calbell.WebhookKind
		want                            string
	}{
		{"code span", "`%subject%`", bar, "", calbell.KindKChat, "`a'b' | *c* ‹d> @\u200ball`"},
		{"code span in slack", "`%subject%`", bar, "", calbell.KindSlack, "`a'b' | *c* &lt;d&gt; @\u200ball`"},
		{"long code span", "``%subject% x``", bar, "", calbell.KindKChat, "``a'b' | *c* ‹d> @\u200ball x``"},
		{"lines in a code span", "`%description%`", "", "a\n\nb", calbell.KindKChat, "`a b`"},
		{"block", "```\n%description%\n```", "", "a `b`\n```\n* c", calbell.KindKChat, "```\na `b`\n'''\n* c\n```"},
		{"block in slack", "```%description%```", "", "a `b` ```\n> c", calbell.KindSlack, "```a `b` '''\n&gt; c```"},
		{"tildes", "~~~\n%description%\n~~~", "", "a\n~~~~\n~~", calbell.KindKChat, "~~~\na\n∼∼∼∼\n~~\n~~~"},
		{"after a block", "```\nx\n```\n%description%", "", "* a", calbell.KindKChat, "```\nx\n```\n\\* a"},
		{"backtick without partner", "it`s %subject%", "`a*", "", calbell.KindKChat, "it`s 'a*"},
		{"quotation", "> %description%\n\nx", "", "a\n\nb", calbell.KindKChat, "> a\n>\n> b\n\nx"},
		{"quotation in slack", "> %description%", "", "a\nb", calbell.KindSlack, "> a\n> b"},
		{"list item", "- %description%", "", "a\n- b", calbell.KindKChat, "- a\n  \\- b"},
		{"item that looks like a task", "- %subject%", "[x] (later)", "", calbell.KindKChat, "- &#91;x] (later)"},
		{"task in a quoted list", "> 1. %subject%\n> 2. %subject%", "[ ] pay", "", calbell.KindKChat, "> 1. &#91; ] pay\n> 2. &#91; ] pay"},
		{"numbered item", "10. %description%", "", "a\nb", calbell.KindKChat, "10. a\n    b"},
		{"block in a quotation", "> ```\n> %description%\n> ```", "", "a\nb", calbell.KindKChat, "> ```\n> a\n> b\n> ```"},
		{"table", "| a | b |\n|---|---|\n| %subject% | %description% |", "x | y", "c\nd", calbell.KindKChat, "| a | b |\n|---|---|\n| x \\| y | c d |"},
		{"words of a link", "[%subject%](https://example.org)", "a] (b) [c", "", calbell.KindKChat, "[a&#93; (b) &#91;c](https://example.org)"},
		{"target of a link", "[x](%subject%)", "https://x.example/(a) b", "", calbell.KindKChat, "[x](https://x.example/%28a%29%20b)"},
		{"script as a target", "[x](%subject%)", "javascript:alert(1)", "", calbell.KindKChat, "[x](javascript%3Aalert%281%29)"},
		{"part of a target", "[x](https://example.org/?q=%subject%)", "a b&c/d", "", calbell.KindKChat, "[x](https://example.org/?q=a%20b%26c%2Fd)"},
		{"slack's link", "<https://example.org/?q=%subject%|%subject%>", "a|b>c", "", calbell.KindSlack, "<https://example.org/?q=a%7Cb%3Ec|a|b&gt;c>"},
		{"behind an at sign", "@%subject%", "channel", "", calbell.KindKChat, "@\u200bchannel"},
		{"behind half a name", "@chan%subject%", "nel", "", calbell.KindKChat, "@chan\u200bnel"},
		{"behind a backslash", `\%subject%`, "*a*", "", calbell.KindKChat, "\\\u200b\\*a\\*"},
		{"before a link", "%subject%[x](https://example.org)", "!", "", calbell.KindKChat, `\![x](https://example.org)`},
		{"address before a link", "%subject%[x](https://example.org)", "https://x.example", "", calbell.KindKChat, "https://x.example [x](https://example.org)"},
		{"behind a link's words", "[x]%subject%", "(https://x.example)", "", calbell.KindKChat, `[x]\(https://x.example)`},
		{"part of an address in text", "https://example.org/?q=%subject%, x", "a `b` *c*_", "", calbell.KindKChat, "https://example.org/?q=a%20%60b%60%20%2Ac%2A%5F, x"},
		{"part of an address in slack's text", "https://example.org/%subject%", "@here <b>", "", calbell.KindSlack, "https://example.org/%40here%20%3Cb%3E"},
		{"address beside a bar", "%subject% | %description%", "*https://x.example*", "a", calbell.KindKChat, `\*https://x.example \* | a`},
		{"address without a scheme before a mark", "%subject%", "*x.example.org/a* _b_", "", calbell.KindKChat, `\*x.example.org/a \* \_b\_`},
		{"address in emphasis of the template", "*%subject%*", "https://x.example/*a*/b", "", calbell.KindKChat, "*<https://x.example/%2Aa%2A/b>*"},
		{"marks of the template stay", "@here **%subject%** <!channel>", "a", "", calbell.KindKChat, "@here **a** <!channel>"},
		{"empty code span", "x `%description%` y", "", "", calbell.KindKChat, "x ` ` y"},
		{"empty bold title", "**%subject%**, x", "", "", calbell.KindKChat, "**(no title)**, x"},
		{"empty bold place", "x **%location%**", "", "", calbell.KindKChat, "x **–**"},
	} {
		d := Data{Instance: &calbell.Instance{Summary: c.subject, Description: c.description}}
		if got := renderText(t, c.kind, c.src, d); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

// Modifiers that put marks around a value.
func TestWraps(t *testing.T) {
	for _, c := range []struct {
		src, value string
		kind       calbell.WebhookKind
		want       string
	}{
		{"%description|code%", "a`b", calbell.KindKChat, "`a'b`"},
		{"%description|code%", "a\nb", calbell.KindKChat, "```\na\nb\n```"},
		{"x %description|code%", "a\nb", calbell.KindKChat, "x `a b`"},
		{"> %description|code%", "a\nb", calbell.KindKChat, "> ```\n> a\n> b\n> ```"},
		{"`%description|code%`", "a", calbell.KindKChat, "`a`"},
		{"``x`` %description|code%`y`", "a", calbell.KindKChat, "``x`` `a` `y`"},
		{"it`s %description|code%", "a", calbell.KindKChat, "it`s a"},
		{"%description|bold%", "a*b", calbell.KindKChat, `**a\*b**`},
		{"%description|bold%", "a\nb", calbell.KindSlack, "*a b*"},
		{"%description|bold%", "---", calbell.KindKChat, `**\---**`},
		{"- %description|bold%", "_ _ _", calbell.KindKChat, `- **\_ _ \_**`},
		{"%description|quote%\nx", "a\nb", calbell.KindKChat, "> a\n> b\n\nx"},
		{"%description|quote%\nx", "a\nb", calbell.KindSlack, "> a\n> b\nx"},
		{"x %description|quote%", "a", calbell.KindKChat, "x\n> a"},
		{"%description|default:none|code%", "", calbell.KindKChat, "`none`"},
		{"%description|default:*none*%", "", calbell.KindKChat, "*none*"},
		{"x%description|code%%description|bold%%description|quote%", "", calbell.KindKChat, "x"},
		{"%description|code%%description|bold%", "a", calbell.KindJSON, "aa"},
	} {
		d := Data{Instance: &calbell.Instance{Description: c.value}}
		if got := renderText(t, c.kind, c.src, d); got != c.want {
			t.Errorf("%s, %q of %q:\n got %q\nwant %q", c.kind, c.src, c.value, got, c.want)
		}
	}
}
