package yamltree

import (
	"strings"

	"github.com/goccy/go-yaml/token"
)

// inside returns the position in the file of line and col of a scalar's value. It walks the
// value and the source in parallel, by the YAML rules for folding and escapes (YAML 1.2
// §7.3, §8.1). When the two do not match it returns the value's start, so that a caret
// never points at something unrelated.
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
// the text has no such position.
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

// walker is the position in the source of the next character of a value.
type walker struct {
	doc    *Document
	style  token.Type
	indent int // columns before the text of a block scalar
	at     Place
	line   []rune // the current line
	end    int    // length of the line without trailing blanks
}

// stand moves to a line and leaves the column as it is.
func (w *walker) stand(line int) {
	w.at.Line = line
	w.line = []rune(w.doc.line(line))
	w.end = len(w.line)
	for w.end > 0 && (w.line[w.end-1] == ' ' || w.line[w.end-1] == '\t') {
		w.end--
	}
}

// block reports whether the value is a block scalar (| or >).
func (w *walker) block() bool { return w.style == token.LiteralType || w.style == token.FoldedType }

// begin moves from the value's start to its first character.
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

// measure determines the indentation of a block scalar: the difference between its first
// line with text and the value.
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

// next returns the current character and how many are left in the line.
func (w *walker) next() (r rune, left int) {
	if left = len(w.line) - (w.at.Col - 1); left <= 0 {
		return 0, 0
	}
	return w.line[w.at.Col-1], left
}

// blank reports whether only blanks are left in the line.
func (w *walker) blank() bool { return w.at.Col > w.end }

// escape reports whether the current character begins an escape in a double-quoted text.
func (w *walker) escape() bool {
	r, _ := w.next()
	return r == '\\' && w.style == token.DoubleQuoteType
}

// reach moves to where r is written, across line breaks that the value does not have. It
// returns false when another character is found.
func (w *walker) reach(r rune) bool {
	for range len(w.doc.lines) {
		found, left := w.next()
		joined := w.escape() && left == 1 // a "\" that joins two lines
		switch {
		case !w.blank() && !joined, w.inBlock(r, left):
			return found == r || w.escape() // an escape is assumed to be that of r
		case r == '\n' || r == ' ':
			return true // the line end itself
		case !w.nextLine():
			return false
		}
	}
	return false
}

// inBlock reports whether a blank of the value is in a line of a block scalar. Only there
// do trailing blanks count.
func (w *walker) inBlock(r rune, left int) bool {
	return (r == ' ' || r == '\t') && w.block() && left > 0
}

// pass moves past r, which reach found.
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

// escapeLength returns the length of an escape in a double-quoted text, by the letter after
// its "\" (YAML 1.2 §5.7).
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

// leading returns the number of leading blanks.
func leading(s string) int { return len(s) - len(strings.TrimLeft(s, " \t")) }

// last returns the position after a scalar: after its closing quote, or its last character.
// It returns the value's start when that is unknown.
func (d *Document) last(n *Node) Place {
	p := d.inside(n, strings.Count(n.Text, "\n")+1, len(n.Text)+1)
	if p != n.Place && (n.style == token.SingleQuoteType || n.style == token.DoubleQuoteType) {
		p.Col++
	}
	return p
}
