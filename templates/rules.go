package templates

import (
	"slices"
	"strings"

	"calbell/templates/markup"
	"calbell/webhook/dialect"
)

// rulesOf returns the rules for the string at a key of an attachment or block.
func rulesOf(chat *dialect.Dialect, key string) markup.Rules {
	switch {
	case isLinkKey(key):
		return markup.RulesAddress
	case isPlainKey(key), slices.Contains(chat.PlainKeys, key):
		return markup.RulesPlain
	}
	return markup.RulesOfChat
}

// isPlainKey reports whether chats take the string at a key of an attachment as it is,
// instead of rendering it.
func isPlainKey(key string) bool {
	switch key {
	case "color", "ts", "id", "type", "style", "emoji":
		return true
	}
	return strings.HasSuffix(key, "_id")
}

// isLinkKey reports whether the string at a key is an address.
func isLinkKey(key string) bool {
	if key == "url" {
		return true
	}
	for _, suffix := range []string{"_url", "_link", "_icon"} {
		if strings.HasSuffix(key, suffix) {
			return true
		}
	}
	return false
}

// slackTypes sets the rules for the text of a block, an element or a text object, which its
// type names. src is what compiled was compiled from.
func (c *hookCompiler) slackTypes(src, compiled map[string]any) {
	kind, _ := src["type"].(string)
	r, ok := map[string]markup.Rules{
		"markdown": markup.RulesMarkdown, "plain_text": markup.RulesLabel,
		"text": markup.RulesLiteral, "link": markup.RulesLiteral, "raw_text": markup.RulesLiteral, // in rich text and in tables
	}[kind]
	if text, isLeaf := compiled["text"].(leaf); ok && isLeaf {
		text.rules = r
		compiled["text"] = text
	}
}

// leaf renders a string of a tree in at most limit runes. Slack shows previews for the addresses
// of all of them.
func (s *scope) leaf(l leaf, limit int) string {
	text := s.render(l.Template, l.rules, limit)
	if s.chat.Markup == markup.Mrkdwn && !s.addressed.Value {
		s.addressed.Value = s.last.Addresses().Value
	}
	return text
}
