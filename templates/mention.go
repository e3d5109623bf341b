package templates

import (
	"strings"

	"calbell"
)

// mentionsDeny is the setting by which not even the template's own text mentions anybody:
// for webhooks whose template is written by people who may post, but not wake everybody.
const mentionsDeny = "deny"

// quietText takes the power from every mention in a finished text: at signs that do not
// stand in an address, and Slack's control forms, which Mattermost reads too. It looks at
// the finished text because parts of a template that are harmless alone may meet there.
func quietText(text string, kind calbell.WebhookKind) string {
	if strings.IndexByte(text, '@') < 0 && strings.IndexByte(text, '<') < 0 {
		return text
	}
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		switch {
		case c == '@' && (i == 0 || !isAlnum(text[i-1]) || isGroupMention(text[i+1:])):
			b.WriteByte(c)
			b.WriteString(breaker)
		case c == '<' && i+1 < len(text) && strings.IndexByte("!@#", text[i+1]) >= 0:
			if kind == calbell.KindSlack {
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
