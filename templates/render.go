package templates

import (
	"strings"
	"unicode/utf8"

	"calbell"
	"calbell/templates/markup"
)

// message renders the text of a message: within the length that chats take, never empty,
// with the late and the repeat line at its end.
func (s *scope) message(t *Template) string {
	text := s.render(t, markup.RulesOfChat, s.room())
	if strings.TrimSpace(text) == "" {
		text = s.render(fallback, markup.RulesOfChat, s.room())
	}
	if strings.TrimSpace(text) == "" {
		text = s.loc.untitled
	}
	return s.finish(text)
}

// room is how long a text may be that finish adds the last lines to.
func (s *scope) room() int { return s.limit - runes(s.tail()) - 1 }

// finish adds the late and the repeat line.
func (s *scope) finish(text string) string {
	tail := s.tail()
	if tail != "" && s.chat.Markup.Absorbs(text) {
		tail = "\n" + tail
	}
	return strings.TrimPrefix(text+tail, "\n")
}

// fallback is the message instead of an empty one. An event without a title still has a
// date.
var fallback, _ = Compile("%subject%\n%date%")

// text renders a string of an attachment or payload.
func (s *scope) text(t *Template) string { return s.render(t, markup.RulesOfChat, s.limit) }

// plain renders a string that nobody interprets.
func (s *scope) plain(t *Template) string { return s.render(t, markup.RulesPlain, s.limit) }

// link renders an address.
func (s *scope) link(t *Template) string { return s.render(t, markup.RulesAddress, s.limit) }

// render renders a template in at most limit runes, by the rules by which the chat reads it.
func (s *scope) render(t *Template, rules markup.Rules, limit int) string {
	s.spent = 0
	pieces, _ := s.collect(make([]markup.Piece, 0, t.size), t.nodes)
	s.last = s.target(rules).Fit(pieces, limit)
	return s.last.String()
}

// fitPieces writes pieces of running text in at most limit runes.
func (s *scope) fitPieces(pieces []markup.Piece, limit int) string {
	s.last = s.target(markup.RulesOfChat).Fit(pieces, limit)
	return s.last.String()
}

// piecesOf returns the pieces of a part of a message, which is about an instance of its own.
func (s *scope) piecesOf(t *Template, in *calbell.Instance) []markup.Piece {
	s.in = in
	pieces, _ := s.collect(make([]markup.Piece, 0, t.size), t.nodes)
	return pieces
}

// target returns what a text is written for that the chat reads by rules.
func (s *scope) target(rules markup.Rules) markup.Target {
	return markup.Target{Markup: s.chat.Markup, Rules: rules, Quiet: s.quiet, Shared: s.shared, Untitled: s.loc.untitled}
}

func runes(s string) int { return utf8.RuneCountInString(s) }
