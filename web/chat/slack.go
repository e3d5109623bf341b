package chat

import (
	"html"
	"html/template"
	"strings"
	"unicode/utf8"
)

// Mrkdwn renders a text as Slack would, as far as our own messages need it: *bold*,
// _italic_, ~struck~, `code` and <address|text>. Everything else is shown as text.
func Mrkdwn(text string) template.HTML {
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteString("<br>")
		}
		slackLine(&b, line)
	}
	return template.HTML(b.String()) // every part was escaped when it was added
}

// slackLine writes one line.
func slackLine(b *strings.Builder, line string) {
	tags := map[byte]string{'*': "b", '_': "i", '~': "s", '`': "code"}
	from := 0
	for i := 0; i < len(line); i++ {
		end := slackEnd(line, i)
		if end < 0 {
			continue
		}
		slackText(b, line[from:i])
		inner := line[i+1 : end]
		if tag, ok := tags[line[i]]; ok {
			b.WriteString("<" + tag + ">")
			slackText(b, inner)
			b.WriteString("</" + tag + ">")
		} else {
			slackLink(b, inner)
		}
		i, from = end, end+1
	}
	slackText(b, line[from:])
}

// slackEnd returns the end of the markup that begins at i; -1 when none begins there. A
// mark is markup only at the edge of a word and with a second one after it.
func slackEnd(line string, i int) int {
	end := line[i]
	switch end {
	case '<':
		end = '>'
	case '*', '_', '~', '`':
	default:
		return -1
	}
	length := strings.IndexByte(line[i+1:], end)
	j := i + 1 + length
	switch {
	case length < 1:
		return -1
	case end == '>' || end == '`':
		return j
	case i > 0 && inWord(line[i-1]), j+1 < len(line) && inWord(line[j+1]), line[i+1] == ' ', line[j-1] == ' ':
		return -1
	}
	return j
}

// inWord reports whether a byte is part of a word.
func inWord(c byte) bool {
	return c >= utf8.RuneSelf || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// slackLink writes what is between < and >: an address with or without a text, or a
// mention. It is not a link, because this only pictures a message.
func slackLink(b *strings.Builder, inner string) {
	address, text, named := strings.Cut(inner, "|")
	switch {
	case strings.HasPrefix(address, "!"):
		text = "@" + strings.TrimPrefix(address, "!")
	case strings.HasPrefix(address, "#") && named:
		text = "#" + text
	case !named:
		text = address
	}
	b.WriteString("<u>")
	slackText(b, text)
	b.WriteString("</u>")
}

// slackText writes text in which & < and > are escaped as entities, as in HTML.
func slackText(b *strings.Builder, text string) {
	b.WriteString(template.HTMLEscapeString(html.UnescapeString(text)))
}
