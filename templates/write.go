package templates

import (
	"slices"
	"strings"

	"calbell/webhook/dialect"
)

// writer puts a message together: literal text as it is, values made harmless.
type writer struct {
	*survey
	b      []byte
	markup dialect.Markup
	pieces []piece
	openMarks
	closed int // where the last address ends for certain, in b
	open   int // where one begins that may go on, and one more; 0: none
	values int // written so far
	// written are the parts of b that values made, in order.
	written []stretch
	after   byte // the character that follows the piece at hand; 0: the end
}

// write joins pieces, none of which is empty.
func (s *scope) write(pieces []piece) string {
	w := &writer{b: make([]byte, 0, 768), markup: s.markup(), pieces: pieces, written: make([]stretch, 0, len(pieces))}
	if w.markup != dialect.None {
		w.survey = look(pieces, w.markup == dialect.Mrkdwn)
		if s.shared {
			w.expectMore()
		}
	}
	for i, p := range pieces {
		w.after = firstByte(pieces[i+1:])
		begin := len(w.b)
		switch {
		case p.ref == nil:
			w.b = append(w.b, p.lit...)
			w.pass(p.lit)
		case s.rules == rulesLabel && !p.own:
			w.label(p.val)
		case w.survey == nil:
			w.b = append(w.b, p.val...)
		default:
			w.value(p, w.spots[w.values])
			w.values++
		}
		if p.ref != nil && !p.own {
			w.written = append(w.written, stretch{begin, len(w.b)})
		}
	}
	s.last = w
	text := strings.Trim(trimLines(string(w.b)), "\n")
	if s.quiet && s.rules != rulesLiteral {
		text = quietText(text, s.chat.Markup)
	}
	return text
}

// firstByte is the first character of the pieces, as far as known before they are escaped;
// 0: there is none.
func firstByte(pieces []piece) byte {
	for _, p := range pieces {
		switch {
		case p.lit != "" && p.ref == nil:
			return p.lit[0]
		case p.val != "" && p.ref != nil:
			return p.ref.mark(p.val[0])
		}
	}
	return 0
}

// mark is the first character of the mark that a modifier puts before a value; first when
// there is none.
func (r *reference) mark(first byte) byte {
	for _, m := range r.mods {
		switch m.name {
		case "code":
			return '`'
		case "bold":
			return '*'
		case "link":
			return '['
		case "quote":
			return '\n'
		}
	}
	return first
}

// lastByte is the last character of the pieces; 0: there is none.
func lastByte(pieces []piece) byte {
	for _, p := range slices.Backward(pieces) {
		switch {
		case p.lit != "":
			return p.lit[len(p.lit)-1]
		case p.val != "":
			return p.val[len(p.val)-1]
		}
	}
	return 0
}

// fillGaps drops empty values. Where marks of code or emphasis stand around one, a word or
// a blank takes its place: two backticks in a row would be the beginning of another
// code span, four asterisks a rule. The pieces are changed in place.
func (s *scope) fillGaps(pieces []piece) []piece {
	if !slices.ContainsFunc(pieces, piece.empty) {
		return pieces
	}
	kept := pieces[:0]
	for i, p := range pieces {
		if !p.empty() {
			kept = append(kept, p)
			continue
		}
		before, after := lastByte(kept), firstByte(pieces[i+1:])
		if s.markup() == dialect.None || before != after || strings.IndexByte("`*_~", before) < 0 {
			continue
		}
		switch p.val = " "; {
		case p.ref.variable.name() == "subject":
			p.val = s.loc.untitled
		case before != '`':
			p.val = "–"
		}
		kept = append(kept, p)
	}
	return kept
}

// value writes one value for the spot where it lands.
func (w *writer) value(p piece, sp spot) {
	if w.markup != dialect.Mrkdwn && (sp.place == inText || sp.place == inLabel) {
		w.breakEscape()
	}
	sp.lineStart = sp.lineStart || w.before() == '\n'
	if sp.place == inText && w.wrapped(p, sp) {
		return
	}
	if p.own {
		w.b = append(w.b, p.val...)
		return
	}
	w.escape(p.val, sp)
}

// escape writes text without its power.
func (w *writer) escape(text string, sp spot) {
	if sp.place != inText && sp.place != inBlock || sp.table || sp.angle {
		text = fold(text)
	}
	w.breakMention(text)
	if (sp.place == inText || sp.place == inLabel) && w.before() == '<' {
		w.b = append(w.b, breaker...) // neither a tag nor a mention
	}
	switch {
	case sp.place == inAddress:
		w.address(text, sp)
	case sp.place == inCode && (w.strayTick || w.openTarget) && w.markup != dialect.Mrkdwn:
		// Markdown's spans may end on another line: nobody knows what is code here. A link
		// that the template left open goes before code, too.
		w.markdown(text, sp)
	case sp.place == inCode || sp.place == inBlock:
		w.code(text, sp)
	case w.markup == dialect.Mrkdwn:
		w.slack(text, sp)
	default:
		w.markdown(text, sp)
	}
}

// wrapped writes a value with the marks that its modifiers ask for; false when they ask
// for none, or they cannot work here.
func (w *writer) wrapped(p piece, sp spot) bool {
	if m, ok := p.ref.wraps("link"); ok && isWeb(p.val) && !p.own {
		w.link(p.val, m.arg, sp)
		return true
	}
	if _, ok := p.ref.wraps("quote"); ok {
		w.quote(p, sp)
		return true
	}
	if _, ok := p.ref.wraps("code"); ok && !w.strayTick && !w.openTarget {
		w.codeWrap(p, sp)
		return true
	}
	if _, ok := p.ref.wraps("bold"); ok {
		mark := "**"
		if w.markup == dialect.Mrkdwn {
			mark = "*"
		}
		w.b = append(w.b, mark...)
		after := w.after
		w.after = '*'
		w.pass("*")
		w.inner(p, fold(p.val), sp)
		w.pass("*")
		w.after = after
		w.b = append(w.b, mark...)
		return true
	}
	return false
}

// inner writes a wrapped text: the template's own as it is.
func (w *writer) inner(p piece, text string, sp spot) {
	if p.own {
		w.b = append(w.b, text...)
		return
	}
	w.escape(text, sp)
}

// link writes a link whose words are the template's; only its target is a value.
func (w *writer) link(target, words string, sp spot) {
	sp.place = inAddress
	if w.markup == dialect.Mrkdwn {
		sp.angle = true
		w.b = append(w.b, '<')
		w.escape(target, sp)
		w.b = append(append(append(w.b, '|'), words...), '>')
		return
	}
	w.partWrap()
	w.b = append(append(append(w.b, '['), words...), "]("...)
	w.escape(target, sp)
	w.b = append(w.b, ')')
}

// partWrap keeps an address before a wrapped value from swallowing its marks.
func (w *writer) partWrap() {
	if endsInAddress(w.b[w.closed:]) {
		w.b = append(w.b, ' ')
	}
}

// quote begins every line of the value with a quote mark. The chat would count a line
// that follows at once to the quotation, so a blank one goes between.
func (w *writer) quote(p piece, sp spot) {
	if !sp.lineStart {
		w.b = append(append(w.b, '\n'), sp.prefix...)
	}
	w.b = append(w.b, "> "...)
	sp.lineStart, sp.prefix, sp.table = true, sp.prefix+"> ", false
	w.inner(p, p.val, sp)
	switch {
	case w.after == 0:
	case w.after == '\n' && w.markup != dialect.Mrkdwn:
		w.b = append(w.b, '\n')
	case w.after != '\n':
		w.b = append(w.b, '\n', '\n')
	}
}

// codeWrap writes a code span, or a block when there are several lines and room for it.
func (w *writer) codeWrap(p piece, sp spot) {
	if strings.Contains(p.val, "\n") && sp.lineStart && (w.after == '\n' || w.after == 0) && !sp.table {
		sp.place = inBlock
		w.b = append(append(w.b, "```\n"...), sp.prefix...)
		w.inner(p, p.val, sp)
		w.b = append(append(append(w.b, '\n'), sp.prefix...), "```"...)
		return
	}
	sp.place = inCode
	w.partWrap()
	if w.before() == '`' {
		w.b = append(w.b, ' ') // two runs of backticks side by side are one
	}
	w.b = append(w.b, '`')
	w.inner(p, p.val, sp)
	w.b = append(w.b, '`')
	if w.after == '`' {
		w.b = append(w.b, ' ')
	}
}
