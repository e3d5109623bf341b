package markup

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxValueBytes bounds what is read of one value: many times what a message holds.
const maxValueBytes = 64 << 10

// Head returns as much of a text from outside as is looked at.
func Head(text string) string { return text[:min(len(text), maxValueBytes)] }

// maxMarks bounds combining marks on one character; languages need four at most, more
// paint over the lines around them.
const maxMarks = 6

// Clean makes text from outside printable: valid UTF-8, no controls, nothing that
// changes the direction of what follows or hides between letters. Without keepLines
// newlines are folded into spaces. Space at the ends is trimmed.
func Clean(text string, keepLines bool) string {
	text = strings.TrimSpace(Head(text))
	if isClean(text) {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	marks, blank := 0, 0 // combining marks in a row; newlines in a row
	var prev rune
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for text != "" {
		r, size := utf8.DecodeRuneInString(text)
		text = text[size:]
		r = printable(r, prev, text)
		if r == '\n' && !keepLines {
			r = ' '
		}
		switch {
		case r < 0 || r == ' ' && prev == ' ' && !keepLines:
			continue
		case unicode.Is(unicode.M, r):
			if marks++; marks > maxMarks {
				continue
			}
		case r == '\n':
			marks = 0
			if blank++; blank > 2 {
				continue
			}
		default:
			marks = 0
			if r != ' ' {
				blank = 0
			}
		}
		b.WriteRune(r)
		prev = r
	}
	return trimLines(strings.TrimSpace(b.String()))
}

// isClean says that a text has Latin letters, in one line with single spaces: most do.
func isClean(s string) bool {
	var prev rune
	for _, r := range s {
		latin := r >= ' ' && r <= '~' || r > 0xa0 && r < 0x250 && r != 0xad
		if !latin || r == ' ' && prev == ' ' {
			return false
		}
		prev = r
	}
	return true
}

// printable maps a rune to what may stand for it; -1 drops it. rest follows it.
func printable(r, prev rune, rest string) rune {
	switch {
	case r == utf8.RuneError:
		return '\ufffd'
	case r == '\n' || r == '\r' || r == '\v' || r == '\f' || r == '\u0085' || r == '\u2028' || r == '\u2029':
		return '\n'
	case r == '\u2424': // a picture of a newline; Mattermost reads it as one
		return ' '
	case r == '\u200d' || r == '\u200c': // joiners shape letters and emoji; elsewhere they hide
		next, _ := utf8.DecodeRuneInString(rest)
		if joins(prev) && joins(next) {
			return r
		}
		return -1
	case r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0' || r == '\u034f' || r == '\u2800': // blanks that count as letters
		return -1
	case r >= 0xe0020 && r <= 0xe007f && !unicode.Is(unicode.So, prev) && (prev < 0xe0020 || prev > 0xe007f):
		return -1 // tags make flags after 🏴; elsewhere they smuggle text
	case unicode.IsSpace(r) || unicode.Is(unicode.Zs, r):
		return ' '
	case unicode.Is(unicode.Cf, r) && r != '\u200d' && r != '\u200c' && (r < 0xe0020 || r > 0xe007f):
		return -1 // bidi controls, zero-width characters, soft hyphens, BOM
	case unicode.IsControl(r) || unicode.Is(unicode.Co, r) || unicode.Is(unicode.Cs, r):
		return -1
	}
	return r
}

// joins reports whether a joiner beside r has work to do.
func joins(r rune) bool {
	return unicode.Is(unicode.So, r) || unicode.Is(unicode.Sk, r) || unicode.Is(unicode.M, r) || r == '\ufe0f' ||
		unicode.IsLetter(r) && r > 0x5ff && !unicode.In(r, unicode.Latin, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// trimLines drops space at the end of every line.
func trimLines(s string) string {
	if !strings.Contains(s, " \n") && !strings.Contains(s, "\t\n") {
		return strings.TrimRight(s, " \t")
	}
	var b strings.Builder
	b.Grow(len(s))
	for line := range strings.SplitSeq(s, "\n") {
		b.WriteString(strings.TrimRight(line, " \t"))
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Fold makes one line of several.
func Fold(s string) string {
	if !strings.Contains(s, "\n") {
		return s
	}
	lines := strings.FieldsFunc(s, func(r rune) bool { return r == '\n' })
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, " ")
}
