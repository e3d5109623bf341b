package chat

import (
	"html"
	"html/template"
	"strings"
	"unicode/utf8"
)

// Mrkdwn shows a text as Slack would, as far as our own messages go: *bold*, _italic_, ~struck~,
// `code` and <address|text>. All else is shown as the text that it is.
func Mrkdwn(text string) template.HTML {
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteString("<br>")
		}
		slackLine(&b, line)
	}
	return template.HTML(b.String()) // each piece was escaped on its way in
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

// slackEnd is where what begins at i ends; -1: nothing begins there. A mark stands at the edge
// of a word and has a second one; else it is text.
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

// slackLink writes what is between < and >: an address with or without a text, or who is
// mentioned. It leads nowhere: this is a picture of a message.
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

// slackText writes text in which & < and > are escaped in Slack's way, which is HTML's.
func slackText(b *strings.Builder, text string) {
	b.WriteString(template.HTMLEscapeString(html.UnescapeString(text)))
}
