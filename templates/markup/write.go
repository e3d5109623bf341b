package markup

import (
	"slices"
	"strings"
)

// writer puts a message together: literal text as it is, values made harmless.
type writer struct {
	*survey
	to     Target
	markup Markup // that the text is written in
	b      []byte
	openMarks
	closed int // where the last address ends for certain, in b
	open   int // where one begins that may go on, and one more; 0: none
	values int // written so far
	// written are the parts of b that values made, in order.
	written []stretch
	after   byte // the character that follows the piece at hand; 0: the end
}

// write joins pieces, none of which is empty.
func (t Target) write(pieces []Piece) Text {
	w := &writer{to: t, markup: t.markup(), b: make([]byte, 0, 768), written: make([]stretch, 0, len(pieces))}
	if w.markup != None {
		w.survey = look(pieces, w.markup == Mrkdwn)
		if t.Shared {
			w.expectMore()
		}
	}
	for i, p := range pieces {
		w.after = firstByte(pieces[i+1:])
		begin := len(w.b)
		switch {
		case p.As == nil:
			w.b = append(w.b, p.Text...)
			w.pass(p.Text)
		case t.Rules == RulesLabel && !p.Own:
			w.label(p.Text)
		case w.survey == nil:
			w.b = append(w.b, p.Text...)
		default:
			w.value(p, w.spots[w.values])
			w.values++
		}
		if p.As != nil && !p.Own {
			w.written = append(w.written, stretch{begin, len(w.b)})
		}
	}
	text := strings.Trim(trimLines(string(w.b)), "\n")
	if t.Quiet && t.Rules != RulesLiteral {
		text = quietText(text, t.Markup)
	}
	return Text{text, w}
}

// firstByte is the first character of the pieces, as far as known before they are escaped;
// 0: there is none.
func firstByte(pieces []Piece) byte {
	for _, p := range pieces {
		switch {
		case p.Text == "":
		case p.As == nil:
			return p.Text[0]
		default:
			return p.As.mark(p.Text[0])
		}
	}
	return 0
}

// lastByte is the last character of the pieces; 0: there is none.
func lastByte(pieces []Piece) byte {
	for _, p := range slices.Backward(pieces) {
		if p.Text != "" {
			return p.Text[len(p.Text)-1]
		}
	}
	return 0
}

// value writes one value for the spot where it lands.
func (w *writer) value(p Piece, sp spot) {
	if w.markup != Mrkdwn && (sp.place == inText || sp.place == inLabel) {
		w.breakEscape()
	}
	sp.lineStart = sp.lineStart || w.before() == '\n'
	if sp.place == inText && w.wrapped(p, sp) {
		return
	}
	if p.Own {
		w.b = append(w.b, p.Text...)
		return
	}
	w.escape(p.Text, sp)
}

// escape writes text without its power.
func (w *writer) escape(text string, sp spot) {
	if sp.place != inText && sp.place != inBlock || sp.table || sp.angle {
		text = Fold(text)
	}
	w.breakMention(text)
	if (sp.place == inText || sp.place == inLabel) && w.before() == '<' {
		w.b = append(w.b, breaker...) // neither a tag nor a mention
	}
	switch {
	case sp.place == inAddress:
		w.address(text, sp)
	case sp.place == inCode && (w.strayTick || w.openTarget) && w.markup != Mrkdwn:
		// Markdown's spans may end on another line: nobody knows what is code here. A link
		// that the template left open goes before code, too.
		w.markdown(text, sp)
	case sp.place == inCode || sp.place == inBlock:
		w.code(text, sp)
	case w.markup == Mrkdwn:
		w.slack(text, sp)
	default:
		w.markdown(text, sp)
	}
}

// wrapped writes a value with the marks that its modifiers ask for; false when they ask
// for none, or they cannot work here.
func (w *writer) wrapped(p Piece, sp spot) bool {
	if l, ok := p.As.wrap(Link); ok && IsWeb(p.Text) && !p.Own {
		w.link(p.Text, l.Words, sp)
		return true
	}
	if _, ok := p.As.wrap(Quote); ok {
		w.quote(p, sp)
		return true
	}
	if _, ok := p.As.wrap(Code); ok && !w.strayTick && !w.openTarget {
		w.codeWrap(p, sp)
		return true
	}
	if _, ok := p.As.wrap(Bold); ok {
		mark := "**"
		if w.markup == Mrkdwn {
			mark = "*"
		}
		w.b = append(w.b, mark...)
		after := w.after
		w.after = '*'
		w.pass("*")
		w.inner(p, Fold(p.Text), sp)
		w.pass("*")
		w.after = after
		w.b = append(w.b, mark...)
		return true
	}
	return false
}

// inner writes a wrapped text: the template's own as it is.
func (w *writer) inner(p Piece, text string, sp spot) {
	if p.Own {
		w.b = append(w.b, text...)
		return
	}
	w.escape(text, sp)
}

// link writes a link whose words are the template's; only its target is a value.
func (w *writer) link(target, words string, sp spot) {
	sp.place = inAddress
	if w.markup == Mrkdwn {
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
func (w *writer) quote(p Piece, sp spot) {
	if !sp.lineStart {
		w.b = append(append(w.b, '\n'), sp.prefix...)
	}
	w.b = append(w.b, "> "...)
	sp.lineStart, sp.prefix, sp.table = true, sp.prefix+"> ", false
	w.inner(p, p.Text, sp)
	switch {
	case w.after == 0:
	case w.after == '\n' && w.markup != Mrkdwn:
		w.b = append(w.b, '\n')
	case w.after != '\n':
		w.b = append(w.b, '\n', '\n')
	}
}

// codeWrap writes a code span, or a block when there are several lines and room for it.
func (w *writer) codeWrap(p Piece, sp spot) {
	if strings.Contains(p.Text, "\n") && sp.lineStart && (w.after == '\n' || w.after == 0) && !sp.table {
		sp.place = inBlock
		w.b = append(append(w.b, "```\n"...), sp.prefix...)
		w.inner(p, p.Text, sp)
		w.b = append(append(append(w.b, '\n'), sp.prefix...), "```"...)
		return
	}
	sp.place = inCode
	w.partWrap()
	if w.before() == '`' {
		w.b = append(w.b, ' ') // two runs of backticks side by side are one
	}
	w.b = append(w.b, '`')
	w.inner(p, p.Text, sp)
	w.b = append(w.b, '`')
	if w.after == '`' {
		w.b = append(w.b, ' ')
	}
}
