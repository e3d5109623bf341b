package markup

import "strings"

// quietText takes the power from every mention in a finished text: at signs that do not
// stand in an address, and Slack's control forms, which Mattermost reads too. It looks at
// the finished text because parts of a template that are harmless alone may meet there.
//
// In a web address behind its host an at sign is percent-encoded: the address leads to the
// same place and mentions nobody, whatever the chat takes for its end.
func quietText(text string, markup Markup) string {
	if strings.IndexByte(text, '@') < 0 && strings.IndexByte(text, '<') < 0 {
		return text
	}
	var b strings.Builder
	path, end := 0, 0 // the part of an address behind its host
	for i := range len(text) {
		if i >= end && addressStart(text[i:]) {
			path, end = addressPath(text, i)
		}
		c := text[i]
		switch {
		case c == '@' && path <= i && i < end:
			b.WriteString("%40")
		case c == '@' && (i == 0 || !isAlnum(text[i-1]) || isGroupMention(text[i+1:])):
			b.WriteByte(c)
			b.WriteString(breaker)
		case c == '<' && i+1 < len(text) && strings.IndexByte("!@#", text[i+1]) >= 0:
			if markup == Mrkdwn {
				b.WriteString("&lt;") // there a "<" begins a control form whatever follows it
				continue
			}
			b.WriteByte(c)
			b.WriteString(breaker)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// addressPath returns where the part behind the host begins and ends in the web address that
// begins at i.
func addressPath(text string, i int) (path, end int) {
	end = len(text)
	if n := strings.IndexFunc(text[i:], EndsAddress); n >= 0 {
		end = i + n
	}
	host := i + strings.Index(text[i:], "//") + len("//")
	path = end
	if n := strings.IndexAny(text[host:end], "/?#"); n >= 0 {
		path = host + n
	}
	return path, end
}
