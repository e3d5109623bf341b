package syntax

import (
	"strings"
	"unicode/utf8"

	"calbell"
)

// windows1252 is what the bytes 0x80 to 0x9f mean in Windows-1252; those above mean what they
// mean in Latin-1. Five are free there: they stay control characters.
var windows1252 = [32]rune{
	'\u20ac', '\u0081', '\u201a', '\u0192', '\u201e', '\u2026', '\u2020', '\u2021',
	'\u02c6', '\u2030', '\u0160', '\u2039', '\u0152', '\u008d', '\u017d', '\u008f',
	'\u0090', '\u2018', '\u2019', '\u201c', '\u201d', '\u2022', '\u2013', '\u2014',
	'\u02dc', '\u2122', '\u0161', '\u203a', '\u0153', '\u009d', '\u017e', '\u0178',
}

// decoded returns a line that is not UTF-8 as UTF-8: what is Windows-1252 as such (D32), and
// U+FFFD for broken characters of UTF-8.
func decoded(s string) string {
	if broken(s) {
		return strings.ToValidUTF8(s, "\ufffd")
	}
	var b strings.Builder
	b.Grow(len(s) + len(s)/8)
	for i := range len(s) {
		switch c := s[i]; {
		case c < utf8.RuneSelf:
			b.WriteByte(c)
		case c < 0xa0:
			b.WriteRune(windows1252[c-0x80])
		default:
			b.WriteRune(rune(c))
		}
	}
	return b.String()
}

// broken reports whether a line that is not UTF-8 was meant to be: most of what is not ASCII
// in it is. No sentence of another encoding looks so.
func broken(s string) bool {
	whole, invalid := 0, 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			invalid++
		case n > 1:
			whole++
		}
		i += n
	}
	return whole >= invalid
}

// Encoding reports bytes of a text that are not UTF-8, the first of each kind. A character may be
// split over a folded line.
func (p *Problems) Encoding(text string) {
	if utf8.ValidString(text) {
		return
	}
	told := map[calbell.WarningCode]bool{}
	for walk := (Lines{text: text, next: 1}); len(told) < 2; {
		l, ok := walk.Scan()
		if !ok {
			return
		}
		s := l.Raw
		if l.folded && !utf8.ValidString(s) {
			s = unfold(s, len(s))
		}
		if utf8.ValidString(s) {
			continue
		}
		code := calbell.WarnEncoding
		if broken(s) {
			code = calbell.WarnBytes
		}
		if !told[code] {
			told[code] = true
			p.Warn(l.Num, "", code)
		}
	}
}

// cutAt cuts a string after at most n bytes, not inside a character.
func cutAt(s string, n int) string {
	for i := n; i > n-utf8.UTFMax && i > 0; i-- {
		if utf8.RuneStart(s[i]) {
			return s[:i]
		}
	}
	return s[:n]
}
