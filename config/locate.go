package config

import (
	"strings"

	"github.com/goccy/go-yaml/token"
)

// inside returns where in the file line and col of a scalar's value stand. It walks the
// value and the source side by side, by the rules with which YAML folds lines and
// escapes characters (YAML 1.2 §7.3, §8.1); where the two do not agree it gives the
// value's start, so that a caret never points at something unrelated.
func (d *document) inside(n *node, line, col int) place {
	if n.kind != scalar {
		return n.place
	}
	target := runeIndex(n.text, line, col)
	w := walker{doc: d, style: n.style, at: n.place}
	if !w.begin(n.text) {
		return n.place
	}
	for i, r := range []rune(n.text) {
		if !w.reach(r) {
			return n.place
		}
		if i == target {
			return w.at
		}
		w.pass(r)
	}
	return w.at
}

// runeIndex returns the index, in characters, of a line and column; the nearest one when
// the text has no such place.
func runeIndex(text string, line, col int) int {
	index := 0
	for l := range strings.SplitSeq(text, "\n") {
		n := len([]rune(l))
		if line == 1 {
			return index + min(col-1, n)
		}
		line--
		index += n + 1
	}
	return index
}

// walker stands in the source where the next character of a value is written.
type walker struct {
	doc    *document
	style  token.Type
	indent int // of a block scalar: columns before its text
	at     place
}

// block says whether the value is written as | or >.
func (w *walker) block() bool { return w.style == token.LiteralType || w.style == token.FoldedType }

// begin steps from the value's start to its first character.
func (w *walker) begin(value string) bool {
	switch {
	case w.style == token.SingleQuoteType, w.style == token.DoubleQuoteType:
		w.at.col++
	case w.block():
		w.at.line++
		if !w.measure(value) {
			return false
		}
		w.at.col = w.indent + 1
	}
	return true
}

// measure finds the indentation of a block scalar: what its first line with text has more
// of than the value has.
func (w *walker) measure(value string) bool {
	own := strings.TrimLeft(value, "\n")
	for number := w.at.line; number <= len(w.doc.lines); number++ {
		line := w.doc.line(number)
		if blank(line) {
			continue
		}
		w.indent = leading(line) - leading(own)
		return w.indent >= 0
	}
	return false
}

// rest returns what is left of the current line.
func (w *walker) rest() []rune {
	line := []rune(w.doc.line(w.at.line))
	return line[min(w.at.col-1, len(line)):]
}

// reach moves to where r is written, over line ends that the value does not have. It
// returns false when something else stands there.
func (w *walker) reach(r rune) bool {
	for range len(w.doc.lines) {
		rest := w.rest()
		atEnd := blank(string(rest)) || w.style == token.DoubleQuoteType && blankAfterBackslash(rest)
		if !atEnd || (r == ' ' || r == '\t') && w.block() && len(rest) > 0 {
			return w.here(r, rest)
		}
		if r == '\n' || r == ' ' {
			return true // the line end itself
		}
		if !w.nextLine() {
			return false
		}
	}
	return false
}

// here says whether r is what the source has at this place.
func (w *walker) here(r rune, rest []rune) bool {
	if w.style == token.DoubleQuoteType && rest[0] == '\\' {
		return true // the escape's value is not worked out again
	}
	return rest[0] == r
}

// pass steps over r, which reach found.
func (w *walker) pass(r rune) {
	rest := w.rest()
	switch {
	case r == '\n' && w.style == token.DoubleQuoteType && len(rest) > 1 && rest[0] == '\\' && rest[1] == 'n':
		w.at.col += 2
	case r == '\n', r == ' ' && blank(string(rest)) && !(w.block() && len(rest) > 0):
		w.nextLine()
	case w.style == token.DoubleQuoteType && rest[0] == '\\':
		w.at.col += escapeLength(rest)
	case w.style == token.SingleQuoteType && r == '\'':
		w.at.col += 2
	default:
		w.at.col++
	}
}

// nextLine moves to the text of the next line.
func (w *walker) nextLine() bool {
	w.at.line++
	w.at.col = w.indent + 1
	if !w.block() {
		w.at.col = leading(w.doc.line(w.at.line)) + 1
	}
	return w.at.line <= len(w.doc.lines)
}

// escapeLength is how many characters of a double-quoted text the escape at its start
// takes (YAML 1.2 §5.7).
func escapeLength(rest []rune) int {
	if len(rest) < 2 {
		return 1
	}
	switch rest[1] {
	case 'x':
		return 4
	case 'u':
		return 6
	case 'U':
		return 10
	}
	return 2
}

// blankAfterBackslash says whether rest is the "\" that joins two lines.
func blankAfterBackslash(rest []rune) bool {
	return len(rest) == 1 && rest[0] == '\\'
}

func blank(s string) bool { return strings.Trim(s, " \t") == "" }

// leading counts the blanks before the text.
func leading(s string) int { return len(s) - len(strings.TrimLeft(s, " \t")) }

// lastLine is the last line of a value of any style.
func (d *document) lastLine(n *node) int {
	end := strings.Count(n.text, "\n") + 1
	last := d.inside(n, end, len(n.text)+1).line
	if n.style == token.DoubleQuoteType || n.style == token.SingleQuoteType || last > n.place.line {
		return last
	}
	return n.place.line
}
