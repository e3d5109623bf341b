package markup

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Fit writes pieces in at most limit runes. What is too long is taken from the longest values:
// the author's own text, with its code fences and links, stays whole. The pieces are changed in
// place.
func (t Target) Fit(pieces []Piece, limit int) Text {
	switch t.Rules {
	case RulesPlain:
		return Text{text: joinPlain(pieces, limit)}
	case RulesAddress:
		return Text{text: joinAddress(pieces, limit)}
	}
	return t.fit(pieces, limit)
}

// Write writes pieces, however long they are. The pieces are changed in place.
func (t Target) Write(pieces []Piece) Text { return t.write(t.fillGaps(pieces)) }

// joinPlain writes a string that nobody interprets: values are cleaned, in one line, and not
// escaped.
func joinPlain(pieces []Piece, limit int) string {
	var b strings.Builder
	for _, p := range pieces {
		if p.As == nil {
			b.WriteString(p.Text)
			continue
		}
		b.WriteString(Fold(p.Text))
	}
	return Cut(strings.TrimSpace(b.String()), limit)
}

// joinAddress writes an address. A value inside of one is a part of it and says nothing about
// where it leads; one that is the whole address, or stands in other text, is as it is.
func joinAddress(pieces []Piece, limit int) string {
	var b strings.Builder
	for _, p := range pieces {
		switch {
		case p.As == nil:
			b.WriteString(p.Text)
		case addressStart(strings.TrimSpace(b.String())):
			b.WriteString(addressPart(p.Text))
		default:
			b.WriteString(Fold(p.Text))
		}
	}
	return Cut(strings.TrimSpace(b.String()), limit)
}

// maxFits bounds how often a message that is too long is written again.
const maxFits = 16

// fit writes running text.
func (t Target) fit(pieces []Piece, limit int) Text {
	pieces = t.fillGaps(pieces)
	for range maxFits {
		out := t.write(pieces)
		size := len(out.text)
		if size > limit {
			size = runes(out.text)
		}
		if size <= limit {
			return out
		}
		if !shorten(pieces, size, size-limit) {
			break
		}
	}
	// The template itself is too long. Values go: cut at random, they could escape.
	for i := range pieces {
		if pieces[i].As != nil {
			pieces[i].Text = ""
		}
	}
	out := t.write(t.fillGaps(pieces))
	out.text = Cut(out.text, limit)
	return out
}

// shorten takes about over runes of a message of size runes from its longest value;
// false when no value has any to give.
func shorten(pieces []Piece, size, over int) bool {
	longest, length, literal, raw := -1, 1, 0, 0
	for i, p := range pieces {
		n := runes(p.Text)
		if p.As == nil {
			literal += n
			continue
		}
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
	pieces[longest].Text = Cut(pieces[longest].Text, max(1, length-less))
	return true
}

// fillGaps drops empty values. Where marks of code or emphasis stand around one, a word or
// a blank takes its place: two backticks in a row would be the beginning of another
// code span, four asterisks a rule. The pieces are changed in place.
func (t Target) fillGaps(pieces []Piece) []Piece {
	if !slices.ContainsFunc(pieces, Piece.empty) {
		return pieces
	}
	kept := pieces[:0]
	for i, p := range pieces {
		if !p.empty() {
			kept = append(kept, p)
			continue
		}
		before, after := lastByte(kept), firstByte(pieces[i+1:])
		if t.markup() == None || before != after || strings.IndexByte("`*_~", before) < 0 {
			continue
		}
		switch p.Text = " "; {
		case p.As.Title:
			p.Text = t.Untitled
		case before != '`':
			p.Text = "–"
		}
		kept = append(kept, p)
	}
	return kept
}

func runes(s string) int { return utf8.RuneCountInString(s) }
