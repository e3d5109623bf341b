package markup

import "strings"

// Markup is the language in which a chat reads its texts.
type Markup string

// The markups.
const (
	None     Markup = "none"     // nothing in a text means anything to the receiver
	Markdown Markup = "markdown" // Mattermost's, with mentions and Slack's <…> forms
	Mrkdwn   Markup = "mrkdwn"   // Slack's: entities for & < >, marks without escape
)

// Absorbs reports whether the chat would count a line after the text to the quotation, list or
// table that ends it.
func (m Markup) Absorbs(text string) bool {
	if m != Markdown {
		return false
	}
	last := text[strings.LastIndexByte(text, '\n')+1:]
	return containers([]byte(last)) > 0 || strings.HasPrefix(last, "|")
}

// Rules are those by which a chat reads a string, and so by which values in it lose their power.
type Rules uint8

// The rules.
const (
	RulesOfChat   Rules = iota // running text, in the markup of the chat
	RulesPlain                 // a colour, an id, a name: one line in which nothing is rendered
	RulesAddress               // an address
	RulesMarkdown              // Slack's markdown block takes Markdown in the place of mrkdwn
	RulesLabel                 // Slack's plain_text: entities and emoji, no marks
	RulesLiteral               // Slack's rich text and cells: lines of text in which nothing is rendered
)

// Target is what a text is written for.
type Target struct {
	Markup   Markup // of the chat
	Rules    Rules  // by which the chat reads the text
	Quiet    bool   // nobody is mentioned, not even by the author's own text
	Shared   bool   // other texts may follow in the same post
	Untitled string // stands for an empty title between marks of emphasis
}

// markup returns the markup that the text is written in.
func (t Target) markup() Markup {
	switch t.Rules {
	case RulesMarkdown:
		return Markdown
	case RulesLabel, RulesLiteral:
		return None
	}
	return t.Markup
}

// Text is what was written.
type Text struct {
	text string
	w    *writer // nil: nothing in it is rendered
}

// String returns the text.
func (t Text) String() string { return t.text }
