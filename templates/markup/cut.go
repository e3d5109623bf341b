package markup

import (
	"unicode"
	"unicode/utf8"
)

// Ellipsis marks a cut.
const Ellipsis = "…"

// Cut shortens text to at most limit runes, an ellipsis included, at the end of a
// grapheme: no accent, emoji sequence or flag is torn apart.
func Cut(text string, limit int) string {
	if len(text) <= limit || runes(text) <= limit {
		return text
	}
	if limit < 1 {
		return ""
	}
	at := graphemeStart(text, byteOffset(text, limit-1))
	for at > 0 && (text[at-1] == ' ' || text[at-1] == '\n') {
		at--
	}
	return text[:at] + Ellipsis
}

// byteOffset is where the n-th rune begins.
func byteOffset(text string, n int) int {
	for i := range text {
		if n == 0 {
			return i
		}
		n--
	}
	return len(text)
}

// maxGrapheme bounds how far back the beginning of a grapheme is looked for, in runes.
const maxGrapheme = 32

// graphemeStart moves at back to the beginning of the grapheme that it would split.
func graphemeStart(text string, at int) int {
	start := at
	for range maxGrapheme {
		if start == 0 || start == len(text) || !continues(text, start) {
			return start
		}
		_, size := utf8.DecodeLastRuneInString(text[:start])
		start -= size
	}
	return at
}

// continues reports whether the rune at i belongs to the grapheme before it (UAX 29, the
// rules that matter for names and emoji).
func continues(text string, i int) bool {
	prev, _ := utf8.DecodeLastRuneInString(text[:i])
	r, _ := utf8.DecodeRuneInString(text[i:])
	switch {
	case unicode.Is(unicode.M, r) || r == '\u200d' || r == '\u200c':
		return true
	case r >= 0x1f3fb && r <= 0x1f3ff || r >= 0xe0020 && r <= 0xe007f: // skin tones, tags
		return true
	case prev == '\u200d':
		return true
	case r >= 0x1160 && r <= 0x11ff: // Hangul vowels and finals
		return true
	case isFlagLetter(r) && isFlagLetter(prev):
		return flagLetters(text[:i])%2 == 1
	}
	return false
}

// isFlagLetter knows the regional indicators: two of them make a flag.
func isFlagLetter(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// flagLetters counts the flag letters at the end of s: two make a flag.
func flagLetters(s string) int {
	n := 0
	for n < maxGrapheme {
		r, size := utf8.DecodeLastRuneInString(s)
		if !isFlagLetter(r) {
			break
		}
		n++
		s = s[:len(s)-size]
	}
	return n
}
