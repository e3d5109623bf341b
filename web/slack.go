package web

import (
	"html"
	"html/template"
	"strings"
)

// mrkdwn shows a text as Slack would, as far as our own messages go: *bold*, `code` and
// <address|text>. All else is shown as the text that it is.
func mrkdwn(text string) template.HTML {
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteString("<br>")
		}
		slackLine(&b, line)
	}
	return template.HTML(b.String()) // each piece was escaped on its way in
}

// slackLine writes one line. A mark that has no second is text.
func slackLine(b *strings.Builder, line string) {
	tags := map[byte]string{'*': "b", '`': "code"}
	for line != "" {
		i := strings.IndexAny(line, "*`<")
		if i < 0 {
			break
		}
		end := byte('>')
		if line[i] != '<' {
			end = line[i]
		}
		length := strings.IndexByte(line[i+1:], end)
		if length < 1 {
			slackText(b, line[:i+1])
			line = line[i+1:]
			continue
		}
		slackText(b, line[:i])
		inner := line[i+1 : i+1+length]
		if tag, ok := tags[line[i]]; ok {
			b.WriteString("<" + tag + ">")
			slackText(b, inner)
			b.WriteString("</" + tag + ">")
		} else {
			slackLink(b, inner)
		}
		line = line[i+length+2:]
	}
	slackText(b, line)
}

// slackLink writes what is between < and >: an address, with or without a text. It leads
// nowhere: this is a picture of a message.
func slackLink(b *strings.Builder, inner string) {
	address, text, named := strings.Cut(inner, "|")
	if !named {
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
