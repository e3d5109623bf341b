package templates

import (
	"slices"
	"strings"

	"calbell/webhook/dialect"
)

// rules are those by which the chat reads a string of a tree, and so by which values in it
// lose their power.
type rules uint8

const (
	rulesOfKind   rules = iota // running text, in the markup of the webhook's kind
	rulesPlain                 // a colour, an id, a name: one line in which nothing is rendered
	rulesLink                  // an address
	rulesMarkdown              // Slack's markdown block takes Markdown in the place of mrkdwn
	rulesLabel                 // Slack's plain_text: entities and emoji, no marks
	rulesLiteral               // Slack's rich text and cells: lines of text in which nothing is rendered
)

// rulesOf returns the rules for the string at a key of an attachment or block.
func rulesOf(chat *dialect.Dialect, key string) rules {
	switch {
	case isLinkKey(key):
		return rulesLink
	case isPlainKey(key), slices.Contains(chat.PlainKeys, key):
		return rulesPlain
	}
	return rulesOfKind
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
	r, ok := map[string]rules{
		"markdown": rulesMarkdown, "plain_text": rulesLabel,
		"text": rulesLiteral, "link": rulesLiteral, "raw_text": rulesLiteral, // in rich text and in tables
	}[kind]
	if text, isLeaf := compiled["text"].(leaf); ok && isLeaf {
		text.rules = r
		compiled["text"] = text
	}
}

// byRules renders a leaf in at most limit runes.
func (s *scope) byRules(l leaf, limit int) string {
	switch l.rules {
	case rulesLink:
		return cut(s.link(l.Template), limit)
	case rulesPlain:
		return cut(s.plain(l.Template), limit)
	}
	before := s.rules
	s.rules = l.rules
	text := s.fit(l.Template, limit)
	s.rules = before
	if s.chat.Markup == dialect.Mrkdwn && !s.addressed.event {
		s.addressed.event = s.last.addresses(true).event
	}
	return text
}

// markup returns the markup that the text at hand is written in.
func (s *scope) markup() dialect.Markup {
	switch s.rules {
	case rulesMarkdown:
		return dialect.Markdown
	case rulesLabel, rulesLiteral:
		return dialect.None
	}
	return s.chat.Markup
}

// label writes a value for a text in which Slack reads entities, and no marks.
func (w *writer) label(text string) {
	for i := range len(text) {
		switch c := text[i]; {
		case c == '&' || c == '<' || c == '>':
			w.entity(c)
		case c == '@' && isGroupMention(text[i+1:]):
			w.b = append(append(w.b, c), breaker...)
		default:
			w.b = append(w.b, c)
		}
	}
}
