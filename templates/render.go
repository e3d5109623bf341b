package templates

import (
	"strings"

	"calbell"
	"calbell/webhook/dialect"
)

// message renders the text of a message: within the length that chats take, never empty,
// with the late and the repeat line at its end.
func (s *scope) message(t *Template) string {
	text := s.fit(t, s.room())
	if strings.TrimSpace(text) == "" {
		text = s.fit(fallback, s.room())
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
	if tail != "" && s.absorbs(text) {
		tail = "\n" + tail
	}
	return strings.TrimPrefix(text+tail, "\n")
}

// absorbs reports whether the chat would count a line after the text to the quotation, list or
// table that ends it.
func (s *scope) absorbs(text string) bool {
	if s.chat.Markup != dialect.Markdown {
		return false
	}
	last := text[strings.LastIndexByte(text, '\n')+1:]
	return containers([]byte(last)) > 0 || strings.HasPrefix(last, "|")
}

// fallback is the message instead of an empty one. An event without a title still has a
// date.
var fallback, _ = Compile("%subject%\n%date%")

// text renders a string of an attachment or payload.
func (s *scope) text(t *Template) string { return s.fit(t, s.limit) }

// plain renders a string that nobody interprets: values are cleaned, in one line, and not
// escaped.
func (s *scope) plain(t *Template) string {
	s.spent = 0
	pieces, _ := s.collect(nil, t.nodes)
	var b strings.Builder
	for _, p := range pieces {
		if p.ref == nil {
			b.WriteString(p.lit)
			continue
		}
		b.WriteString(fold(p.val))
	}
	return cut(strings.TrimSpace(b.String()), s.limit)
}

// link renders an address. A value inside of one is a part of it and says nothing about
// where it leads; one that is the whole address, or stands in other text, is as it is.
func (s *scope) link(t *Template) string {
	s.spent = 0
	pieces, _ := s.collect(nil, t.nodes)
	var b strings.Builder
	for _, p := range pieces {
		switch {
		case p.ref == nil:
			b.WriteString(p.lit)
		case addressStart(strings.TrimSpace(b.String())):
			b.WriteString(addressPart(p.val))
		default:
			b.WriteString(fold(p.val))
		}
	}
	return cut(strings.TrimSpace(b.String()), s.limit)
}

// maxFits bounds how often a message that is too long is written again.
const maxFits = 16

// fit renders a template in at most limit runes. What is too long is taken from the
// longest values: the template's own text, with its code fences and links, stays whole.
func (s *scope) fit(t *Template, limit int) string {
	s.spent = 0
	pieces, _ := s.collect(make([]piece, 0, t.size), t.nodes)
	return s.fitPieces(pieces, limit)
}

// piecesOf are the pieces of a part of a message, which is about an instance of its own.
func (s *scope) piecesOf(t *Template, in *calbell.Instance) []piece {
	s.in = in
	pieces, _ := s.collect(make([]piece, 0, t.size), t.nodes)
	return pieces
}

// fitPieces writes pieces in at most limit runes.
func (s *scope) fitPieces(pieces []piece, limit int) string {
	pieces = s.fillGaps(pieces)
	for range maxFits {
		text := s.write(pieces)
		size := len(text)
		if size > limit {
			size = runes(text)
		}
		if size <= limit {
			return text
		}
		if !shorten(pieces, size, size-limit) {
			break
		}
	}
	// The template itself is too long. Values go: cut at random, they could escape.
	for i := range pieces {
		pieces[i].val = ""
	}
	return cut(s.write(s.fillGaps(pieces)), limit)
}

// shorten takes about over runes of a message of size runes from its longest value;
// false when no value has any to give.
func shorten(pieces []piece, size, over int) bool {
	longest, length, literal, raw := -1, 1, 0, 0
	for i, p := range pieces {
		n := runes(p.val)
		literal += runes(p.lit)
		raw += n
		if n > length {
			longest, length = i, n
		}
	}
	if longest < 0 {
		return false
	}
	// Escapes make a value longer than it is: a rune of it stands for several written.
	written := max(size-literal, raw)
	less := 1 + over*raw/written
	pieces[longest].val = cut(pieces[longest].val, max(1, length-less))
	return true
}
