package yamltree

import (
	"strings"

	"github.com/goccy/go-yaml/token"
)

// inside returns where in the file line and col of a scalar's value stand. It walks the
// value and the source side by side, by the rules with which YAML folds lines and
// escapes characters (YAML 1.2 §7.3, §8.1); where the two do not agree it gives the
// value's start, so that a caret never points at something unrelated.
func (d *Document) inside(n *Node, line, col int) Place {
	if n.Kind != Scalar {
		return n.Place
	}
	target := runeIndex(n.Text, line, col)
	w := walker{doc: d, style: n.style, at: n.Place}
	if !w.begin(n.Text) {
		return n.Place
	}
	for i, r := range []rune(n.Text) {
		if !w.reach(r) {
			return n.Place
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
	doc    *Document
	style  token.Type
	indent int // of a block scalar: columns before its text
	at     Place
	line   []rune // the current line
	end    int    // how many characters of it are left without the blanks at its end
}

// stand moves to a line, and to a column of it.
func (w *walker) stand(line int) {
	w.at.Line = line
	w.line = []rune(w.doc.line(line))
	w.end = len(w.line)
	for w.end > 0 && (w.line[w.end-1] == ' ' || w.line[w.end-1] == '\t') {
		w.end--
	}
}

// block reports whether the value is written as | or >.
func (w *walker) block() bool { return w.style == token.LiteralType || w.style == token.FoldedType }

// begin steps from the value's start to its first character.
func (w *walker) begin(value string) bool {
	w.stand(w.at.Line)
	switch {
	case w.style == token.SingleQuoteType, w.style == token.DoubleQuoteType:
		w.at.Col++
	case w.block():
		w.stand(w.at.Line + 1)
		if !w.measure(value) {
			return false
		}
		w.at.Col = w.indent + 1
	}
	return true
}

// measure finds the indentation of a block scalar: what its first line with text has more
// of than the value has.
func (w *walker) measure(value string) bool {
	own := strings.TrimLeft(value, "\n")
	for number := w.at.Line; number <= len(w.doc.lines); number++ {
		line := w.doc.line(number)
		if strings.Trim(line, " \t") == "" {
			continue
		}
		w.indent = leading(line) - leading(own)
		return w.indent >= 0
	}
	return false
}

// next returns the character at this place and how many are left of the line.
func (w *walker) next() (r rune, left int) {
	if left = len(w.line) - (w.at.Col - 1); left <= 0 {
		return 0, 0
	}
	return w.line[w.at.Col-1], left
}

// blank reports whether nothing but blanks is left of the line.
func (w *walker) blank() bool { return w.at.Col > w.end }

// escape reports whether a "\" of a double-quoted text stands here.
func (w *walker) escape() bool {
	r, _ := w.next()
	return r == '\\' && w.style == token.DoubleQuoteType
}

// reach moves to where r is written, over line ends that the value does not have. It
// returns false when something else stands there.
func (w *walker) reach(r rune) bool {
	for range len(w.doc.lines) {
		found, left := w.next()
		joined := w.escape() && left == 1 // the "\" that joins two lines
		switch {
		case !w.blank() && !joined, w.inBlock(r, left):
			return found == r || w.escape() // the escape's value is not worked out again
		case r == '\n' || r == ' ':
			return true // the line end itself
		case !w.nextLine():
			return false
		}
	}
	return false
}

// inBlock reports whether a blank of the value is one of a block scalar's line: there, and
// there alone, blanks at the end of a line count.
func (w *walker) inBlock(r rune, left int) bool {
	return (r == ' ' || r == '\t') && w.block() && left > 0
}

// pass steps over r, which reach found.
func (w *walker) pass(r rune) {
	_, left := w.next()
	switch {
	case w.escape() && left > 1:
		w.at.Col += escapeLength(w.line[w.at.Col])
	case r == '\n', r == ' ' && w.blank() && !w.inBlock(r, left):
		w.nextLine()
	case w.style == token.SingleQuoteType && r == '\'':
		w.at.Col += 2
	default:
		w.at.Col++
	}
}

// nextLine moves to the text of the next line.
func (w *walker) nextLine() bool {
	w.stand(w.at.Line + 1)
	w.at.Col = w.indent + 1
	if !w.block() {
		w.at.Col = leading(string(w.line)) + 1
	}
	return w.at.Line <= len(w.doc.lines)
}

// escapeLength is how many characters of a double-quoted text an escape takes, by the
// letter after its "\" (YAML 1.2 §5.7).
func escapeLength(letter rune) int {
	switch letter {
	case 'x':
		return 4
	case 'u':
		return 6
	case 'U':
		return 10
	}
	return 2
}

// leading counts the blanks before the text.
func leading(s string) int { return len(s) - len(strings.TrimLeft(s, " \t")) }

// last is the place behind a scalar: of its closing quote, or of its last character. It is
// the value's start where that cannot be told.
func (d *Document) last(n *Node) Place {
	p := d.inside(n, strings.Count(n.Text, "\n")+1, len(n.Text)+1)
	if p != n.Place && (n.style == token.SingleQuoteType || n.style == token.DoubleQuoteType) {
		p.Col++
	}
	return p
}
