package templates

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"calbell"
	"calbell/templates/markup"
)

// maxSections bounds how deep [[ … ]] nest; deeper ones are literal.
const maxSections = 8

// SyntaxError says what in a template is not understood, and where.
type SyntaxError struct {
	Line       int          // from 1
	Column     int          // from 1, in runes
	Reason     calbell.Text // what is not understood, with the name as written
	Suggestion string       // the nearest known name; "" when none is near
}

// Error returns position, reason and suggestion in one line.
func (e *SyntaxError) Error() string { return e.Text().English }

// Text returns the same for people.
func (e *SyntaxError) Text() calbell.Text {
	return calbell.T("templates:at", "line %d, column %d: %s", e.Line, e.Column, e.What())
}

// What returns reason and suggestion, for those who show the position in their own way.
func (e *SyntaxError) What() calbell.Text {
	if e.Suggestion == "" {
		return e.Reason
	}
	return calbell.T("templates:did-you-mean", "%s, did you mean %q?", e.Reason, e.Suggestion)
}

// node is a piece of a template: literal text, a variable, or an optional section.
type node struct {
	lit  string     // literal text, or a variable as it stands in the source
	ref  *reference // set: a variable
	kids []node     // set: a section
}

// reference is a variable with its modifiers.
type reference struct {
	variable *variable
	mods     []modification
	view     view
	as       markup.Value
}

// Compile reads a template. Its error is a [*SyntaxError].
func Compile(src string) (*Template, error) {
	t, errs := compile(src)
	if len(errs) > 0 {
		return nil, errs[0]
	}
	return t, nil
}

// compile reads a template; what it does not understand is reported and stays literal.
func compile(src string) (*Template, []error) {
	p := &parser{src: src, open: [][]node{nil}}
	if len(src) > calbell.MaxTemplateBytes {
		p.fail(0, calbell.T("templates:too-long", "template longer than 64 KiB"), "")
		p.src = strings.ToValidUTF8(src[:calbell.MaxTemplateBytes], "")
	}
	for p.pos < len(p.src) {
		p.step()
	}
	p.flush()
	for len(p.open) > 1 {
		p.reopen()
	}
	return &Template{nodes: p.open[0], size: size(p.open[0])}, p.errs
}

// size counts the nodes, those of sections included.
func size(nodes []node) int {
	n := len(nodes)
	for _, k := range nodes {
		n += size(k.kids)
	}
	return n
}

// parser reads left to right, once.
type parser struct {
	src  string
	pos  int
	lit  strings.Builder // literal text not yet in a node
	open [][]node        // the nodes of the template and of each section open now
	errs []error
}

// step reads one construct, or the text up to the next character that could begin one.
func (p *parser) step() {
	rest := p.src[p.pos:]
	switch {
	case strings.HasPrefix(rest, "%%"):
		p.lit.WriteByte('%')
		p.pos += 2
	case rest[0] == '%':
		p.percent(rest)
	case strings.HasPrefix(rest, "[["):
		p.openSections(run(rest, '['))
	case strings.HasPrefix(rest, "]]"):
		p.closeSections(run(rest, ']'))
	default:
		n := strings.IndexAny(rest[1:], "%[]") + 1
		if n == 0 {
			n = len(rest)
		}
		p.lit.WriteString(rest[:n])
		p.pos += n
	}
}

// run counts how often c stands at the beginning of s.
func run(s string, c byte) int { return len(s) - len(strings.TrimLeft(s, string(rune(c)))) }

// flush turns the collected literal text into a node.
func (p *parser) flush() {
	if p.lit.Len() > 0 {
		p.add(node{lit: literal(p.lit.String())})
		p.lit.Reset()
	}
}

// literal is template text as it is sent: valid, with plain newlines, and without the
// character that stands for a value (see hole).
func literal(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if strings.ContainsAny(s, "\r\x00") {
		s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace(s)
	}
	return s
}

// add puts a node into the innermost section that is open.
func (p *parser) add(n node) {
	top := len(p.open) - 1
	p.open[top] = append(p.open[top], n)
}

// openSections reads n opening brackets: pairs open sections, an odd one is literal and
// belongs inside ("[[[%subject%](%url%)]]").
func (p *parser) openSections(n int) {
	p.pos += n
	for ; n >= 2 && len(p.open) <= maxSections; n -= 2 {
		p.flush()
		p.open = append(p.open, nil)
	}
	p.lit.WriteString(strings.Repeat("[", n))
}

// closeSections reads n closing brackets; those too many stand inside the section.
func (p *parser) closeSections(n int) {
	p.pos += n
	closing := min(n/2, len(p.open)-1)
	p.lit.WriteString(strings.Repeat("]", n-2*closing))
	for range closing {
		p.flush()
		kids := p.pop()
		if hasVariable(kids) {
			p.add(node{kids: kids})
			continue
		}
		// Without a variable nothing could ever decide: the brackets are text.
		p.lit.WriteString("[[")
		for _, k := range kids {
			p.lit.WriteString(k.lit)
		}
		p.lit.WriteString("]]")
	}
}

// pop takes the innermost section off the stack and returns what is in it.
func (p *parser) pop() []node {
	top := len(p.open) - 1
	kids := p.open[top]
	p.open = p.open[:top]
	return kids
}

// reopen takes back a section that was never closed: its brackets are text.
func (p *parser) reopen() {
	kids := p.pop()
	p.add(node{lit: "[["})
	for _, k := range kids {
		p.add(k)
	}
}

// hasVariable reports whether anything in the nodes could be empty or not.
func hasVariable(nodes []node) bool {
	for _, n := range nodes {
		if n.ref != nil || hasVariable(n.kids) {
			return true
		}
	}
	return false
}

// percent reads what begins with a single percent sign: a variable, or just that sign.
func (p *parser) percent(rest string) {
	name, mods, length := scanReference(rest)
	if length == 0 {
		p.lit.WriteByte('%')
		p.pos++
		return
	}
	if ref := p.reference(name, mods); ref != nil {
		p.flush()
		p.add(node{lit: rest[:length], ref: ref})
	} else {
		p.lit.WriteString(rest[:length])
	}
	p.pos += length
}

// scanReference splits "%name|mods%…"; length is 0 when it is no reference.
func scanReference(s string) (name, mods string, length int) {
	end := 1
	for end < len(s) {
		r, size := utf8.DecodeRuneInString(s[end:])
		if r != '_' && !unicode.IsLetter(r) {
			break
		}
		end += size
	}
	switch {
	case end == 1 || end == len(s):
		return "", "", 0
	case s[end] == '%':
		return s[1:end], "", end + 1
	case s[end] != '|':
		return "", "", 0
	}
	// Modifiers end at the next percent sign of the line. A name and a bar without one, or
	// before something that is no modifier's name, are text: "50%a|b".
	n := strings.IndexAny(s[end+1:], "%\n")
	if n <= 0 || s[end+1+n] != '%' || !unicode.IsLetter(rune(s[end+1])) {
		return "", "", 0
	}
	return s[1:end], s[end+1 : end+1+n], end + n + 2
}

// reference resolves the names; nil, with the error noted, when one is unknown.
func (p *parser) reference(name, mods string) *reference {
	v, ok := variables[name]
	if !ok {
		p.fail(p.pos, calbell.T("templates:unknown-variable", "unknown variable %q", name), suggest(name, variableNames(), variableHints))
		return nil
	}
	ref := &reference{variable: v}
	at := p.pos + 1 + len(name) + 1
	for mods != "" {
		var word string
		word, mods, _ = strings.Cut(mods, "|")
		m, err := newModification(word, v)
		if err != nil {
			p.fail(at, err.Reason, err.Suggestion)
			return nil
		}
		ref.mods = append(ref.mods, m)
		at += len(word) + 1
	}
	ref.view = viewOf(ref.mods)
	ref.as = markup.Value{Address: v.shape == address, Title: v.name() == "subject", Wraps: wrapsOf(ref.mods)}
	return ref
}

// fail notes an error at a byte offset.
func (p *parser) fail(at int, reason calbell.Text, suggestion string) {
	before := p.src[:at]
	line := 1 + strings.Count(before, "\n")
	column := 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	p.errs = append(p.errs, &SyntaxError{Line: line, Column: column, Reason: reason, Suggestion: suggestion})
}
