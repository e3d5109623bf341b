package templates

import (
	"strings"

	"calbell"
)

// message renders the text of a message: within the length that chats take, never empty,
// with the late and the repeat line at its end.
func (s *scope) message(t *Template) string {
	tail := s.tail()
	limit := calbell.MaxMessageRunes - runes(tail) - 1
	text := s.fit(t, limit)
	if strings.TrimSpace(text) == "" {
		text = s.fit(fallback, limit)
	}
	if tail != "" && s.kind == calbell.KindKChat && absorbs(text) {
		tail = "\n" + tail
	}
	return strings.TrimPrefix(text+tail, "\n")
}

// absorbs says whether a chat would count a line after the text to the quotation, list or
// table that ends it.
func absorbs(text string) bool {
	last := text[strings.LastIndexByte(text, '\n')+1:]
	return containers([]byte(last)) > 0 || strings.HasPrefix(last, "|")
}

// fallback is the message instead of an empty one. An event without a title still has a
// date.
var fallback, _ = Compile("%subject%\n%date%")

// text renders a string of an attachment or payload.
func (s *scope) text(t *Template) string { return s.fit(t, calbell.MaxMessageRunes) }

// plain renders a string that nobody interprets: values are cleaned, in one line, and not
// escaped.
func (s *scope) plain(t *Template) string {
	pieces, _ := s.collect(nil, t.nodes)
	var b strings.Builder
	for _, p := range pieces {
		if p.ref == nil {
			b.WriteString(p.lit)
			continue
		}
		b.WriteString(strings.ReplaceAll(p.val, "\n", " "))
	}
	return strings.TrimSpace(b.String())
}

// maxFits bounds how often a message that is too long is written again.
const maxFits = 8

// fit renders a template in at most limit runes. What is too long is taken from the
// longest value: the template's own text, with its code fences and links, stays whole.
func (s *scope) fit(t *Template, limit int) string {
	pieces, _ := s.collect(make([]piece, 0, 2*len(t.nodes)), t.nodes)
	for range maxFits {
		text := s.write(pieces)
		over := len(text) - limit
		if over > 0 {
			over = runes(text) - limit
		}
		if over <= 0 {
			return text
		}
		if !shorten(pieces, over) {
			return cut(text, limit)
		}
	}
	return cut(s.write(pieces), limit)
}

// shorten takes over runes from the longest value; false when no value has that many.
func shorten(pieces []piece, over int) bool {
	longest, size := -1, 1
	for i, p := range pieces {
		if n := runes(p.val); p.ref != nil && n > size {
			longest, size = i, n
		}
	}
	if longest < 0 {
		return false
	}
	pieces[longest].val = cut(pieces[longest].val, max(1, size-over-1))
	return true
}
