package templates

import (
	"strings"
	"testing"

	"calbell"
)

// places are templates that put a value where it could do something.
var places = []string{
	"%subject%",
	"%subject%, %location%",
	"%subject%%location%",
	"**%subject%**, %date%, %location%\n%description%",
	"*%subject%* _%location%_ ~~%calendar%~~",
	"`%subject%` at `%location%`",
	"`%subject%, %location%` and `x`",
	"``%subject%``",
	"```\n%description%\n```\nafter %subject%",
	"```%subject%\ncode\n```\nafter",
	"~~~\n%description%\n~~~\nafter %subject%",
	"> ```\n> %description%\n> ```\n> after\n\n%subject%",
	"- item %subject%\n- ```\n  %description%\n  ```\n",
	"# %subject%\n%description%",
	"## Reminder: %subject%\n\n%location%",
	"- %subject%\n- %location%\n\n%description%",
	"1. %subject%\n2. %location%",
	"- [ ] %subject%",
	"> %description%\n\nafter",
	"> **%subject%**\n> %location%\n\n%description%",
	"| What | Where |\n|------|:-----:|\n| %subject% | %location% |\n| `%subject%` | %description% |\n\nend",
	"[%subject%](https://example.org/) %location%",
	"[Go](https://example.org/?q=%subject%&x=%location%)",
	"[Join](%url%) or [%subject%](%url%)",
	"![%subject%](https://example.org/x.png)",
	"<https://example.org/|%subject%>",
	"<%subject%> <%url%> <%url%|%subject%> <%location%|x> <https://example.org/%uid%>",
	"see [docs] %subject% [x]\n\n[docs]: https://example.org/docs",
	"@%organizer% says %subject%",
	"#%subject% ~%location%",
	"don`t %subject% and %location%",
	"a `b\n%subject% c` %location%",
	" `*\n%subject% `[%subject%] `[**",
	"%subject% `%uid%` %description%",
	"\\%subject% \\`%location%`",
	"%description%",
	"%description|quote%\nafter",
	"%description|code%\nafter %subject|code% %location|bold%",
	"x %description|quote% y",
	"%url|link:Join now%, %subject%",
	"[[%subject% ]][[at %location%]]\n[[`%uid%`]]",
	"%attendees% %categories% %alarm_text% %status% %calendar% %uid%",
	"    %subject%\n%location%",
	"%subject|max:20%…%location|upper%",
	"- %description%\n- b",
	"$%subject%$ %location%",
	"%subject%\n---\n%location%\n===\n",
	"%subject%: %location%! %subject%[x](https://example.org)",
	"[a]%subject% [b](%location%)",
	"1%subject% -%location%",
}

// attacks are what a stranger writes.
var attacks = map[string]string{
	"channel":            "@channel",
	"mentions":           "hey @all, @here; @everyone! (@anna.rossi) .@ben _@channel_",
	"mention after dot":  "x.@channel-y:@all",
	"mention in capital": "@Channel @HERE",
	"mention word":       "channel",
	"slack mention":      "<!channel> <!here|x> <!everyone> <@U123> <#C1|general> <!subteam^S1>",
	"slack link":         "<https://evil.example/|your bank>",
	"slack link parts":   "a < b | c > d",
	"tail of form":       "!channel>",
	"link":               "[your bank](https://evil.example/)",
	"link tail":          "](https://evil.example/)",
	"link head":          "[your bank",
	"link middle":        "bank](https://evil.example/) [x",
	"escaped link":       `\[bank\](https://evil.example/) \\[bank\\](https://evil.example/)`,
	"reference":          "[bank]: https://evil.example/\n\n[bank] [x][bank]",
	"target":             "(https://evil.example/)",
	"definition tail":    ": https://evil.example/",
	"image":              "![x](https://evil.example/x.png) !",
	"autolink":           "<https://evil.example/> <anna@evil.example> <1@evil.example>",
	"addresses":          "https://evil.example/*a*_b_~~c~~`d`[e](f)|g https://evil.example/@channel&copy; (https://evil.example/a_(b))",
	"address":            "https://evil.example/a",
	"www":                "see www.evil.example",
	"userinfo":           "https://bank.example@evil.example/",
	"emphasis":           "*a* **b** _c_ __d__ ***e*** ~~f~~ ~g~ *h",
	"half emphasis":      "a* b** c_ d~~ *e",
	"code":               "`a` ``b`` ```c``` ` `` ```",
	"code end":           "a`",
	"code start":         "`a",
	"fence":              "```\nfence\n```\n~~~\nx\n~~~",
	"fence end":          "```",
	"long fence":         "``````",
	"tildes":             "~~~~",
	"heading":            "# a\n## b\n#c\na\n===\nb\n---",
	"closing heading":    "a #",
	"lists":              "- a\n* b\n+ c\n1. d\n2) e\n- [ ] f\n-",
	"list mark":          ". a",
	"task":               "[ ] a",
	"task done":          "[x] a",
	"quotation":          "> a\n>b\n   > c",
	"rules":              "---\n***\n___\n- - -\n* * *\n_____________",
	"table":              "a | b\n--- | ---\n1 | 2\n\n| a |\n|---|\n| b |\n\n:--|--:\n",
	"pipes":              "| a | b |",
	"delimiter row":      "|---|---|",
	"html":               "<script>alert(1)</script> <b>x</b> <!-- x --> <?x?> <![CDATA[x]]> </p>",
	"html block":         "<div>\n<table>\n\n<pre>",
	"entities":           "&lt;b&gt; &#64;channel &commat;all &amp;lt;",
	"entity in address":  "http://e+&#64;channel https://evil.example/&#64;",
	"entity tail":        "lt;x",
	"indented":           "a\n\n    code\n\tcode",
	"backslashes":        `C:\dir\ \\server \* \` + "`",
	"last backslash":     `a\`,
	"hard break":         "a  \nb\\\nc",
	"newline picture":    "a\u2424# b\u2028# c\u0085# d\v# e",
	"bidi":               "\u202egnp.exe\u2066x\u200f",
	"zero width":         "@\u200bchannel @\u2060all @\u00adhere \u200c@\u200dall",
	"controls":           "a\x00b\x1b[31mc\x7fd\u009b",
	"invalid":            "a\xff\xfe`b\xc3",
	"template":           "%description% %% [[x]] %subject%",
	"dollars":            "$x$ $$y$$ costs 5$ or 6$",
	"hashtags":           "#general a #b-c ~town-square",
	"javascript":         "javascript:alert(1)",
	"data":               "data:text/html,<script>",
	"footnote":           "[^1]\n\n[^1]: x",
	"marks":              "a" + strings.Repeat("\u0301", 200),
	"empty":              " \n\t ",
	"invisible":          "\u200b\u2060\ufeff",
	"html description":   `<p>Hi <a href="https://evil.example/">your bank</a> <b>@channel</b></p><ul><li>* x</li></ul>`,
	"closing":            "x)",
	"title":              `https://evil.example/ "x") [y](z`,
	"long":               strings.Repeat("@channel `*_[x](https://evil.example/)_*` ", 300),
}

func TestHostile(t *testing.T) {
	for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack} {
		for name, attack := range attacks {
			for _, src := range places {
				got := renderText(t, kind, src, attackData(attack))
				harmless := renderText(t, kind, src, harmlessData(attack, attack))
				if diff := difference(kind, got, harmless); diff != "" {
					t.Errorf("%s, %s in %q: %s\n%s", kind, name, src, diff, got)
				}
			}
		}
	}
}
