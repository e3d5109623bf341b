package markup

import (
	"strings"
	"unicode/utf8"
)

// maxIndent bounds the blanks at the beginning of a line: from four on, it is code.
const maxIndent = 3

// markdown writes running text for Mattermost, whose clients read it with two parsers:
// an old marked, which knows fewer escapes than CommonMark (not for < & : = $), and
// commonmark.js. What both know is used.
func (w *writer) markdown(text string, sp spot) {
	first := true
	many := strings.Contains(text, "\n")
	for line := range strings.SplitSeq(text, "\n") {
		if !first {
			w.b = append(append(w.b, '\n'), sp.prefix...)
			sp.lineStart = true
		}
		indent := run(line, ' ')
		if indent > maxIndent {
			line = line[indent-maxIndent:]
		}
		m := mdLine{w: w, text: line, sp: sp, first: first, many: many}
		m.brackets = sp.place == inLabel || w.brackets || w.all[']'] > 0 && bracketsLink(text, w.after)
		m.marker = -1
		if sp.lineStart {
			m.marker = lineMarker(line)
		}
		m.write()
		first = false
	}
	w.partAddress(text)
}

// partAddress keeps an address at the end of a value from swallowing a link or code span
// of the template behind it.
func (w *writer) partAddress(text string) {
	if (w.after == '[' || w.after == '`') && endsInAddress(text) {
		w.b = append(w.b, ' ')
	}
}

// endsInAddress reports whether the last word of a text is one that chats make a link of,
// with whatever follows it up to a blank.
func endsInAddress[T string | []byte](text T) bool {
	word := string(text[max(0, len(text)-maxTarget):])
	word = word[strings.LastIndexAny(word, " \n")+1:]
	return strings.Contains(word, "://") || strings.Contains(word, "www.")
}

// bracketsLink reports whether the brackets of a text, which after follows, could make a link
// or define one.
func bracketsLink(text string, after byte) bool {
	return strings.Contains(text, "](") || strings.Contains(text, "][") || strings.Contains(text, "]:") ||
		strings.HasSuffix(text, "]") && strings.IndexByte("([:", after) >= 0
}

// lineMarker finds the character that makes a heading, quotation, list, rule, underline
// or table of a line; -1 when there is none.
func lineMarker(line string) int {
	i := run(line, ' ')
	rest := line[i:]
	if rest == "" {
		return -1
	}
	if strings.Trim(rest, "-:| ") == "" && strings.Contains(rest, "-") {
		return i + strings.IndexByte(rest, '-')
	}
	switch c := rest[0]; {
	case c == '>' || c == '=' && strings.Trim(rest, "= ") == "":
		return i
	case c == '#' && isBlankAt(rest, run(rest, '#')):
		return i
	case (c == '-' || c == '+' || c == '*') && isBlankAt(rest, 1):
		return i
	case strings.Trim(rest, "-*_ ") == "":
		return i
	case c == '[' && len(rest) >= 3 && rest[2] == ']':
		return i
	case c == '.' || c == ')': // after a number of the template
		return i
	}
	return orderedMarker(rest, i)
}

// orderedMarker finds the mark after the number of a list item.
func orderedMarker(rest string, i int) int {
	digits := 0
	for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
		digits++
	}
	if digits > 0 && digits < 10 && digits < len(rest) && (rest[digits] == '.' || rest[digits] == ')') && isBlankAt(rest, digits+1) {
		return i + digits
	}
	return -1
}

// isBlankAt reports whether a mark that ends at i is followed by a blank or nothing.
func isBlankAt(s string, i int) bool { return i >= len(s) || s[i] == ' ' }

// mdLine writes one line of a value.
type mdLine struct {
	w        *writer
	text     string
	sp       spot
	first    bool // the value begins here
	many     bool // the value has several lines
	brackets bool // brackets must be escaped
	marker   int  // see lineMarker
}

// write goes through the line once. Most characters mean nothing and are copied.
func (m *mdLine) write() {
	for i := 0; i < len(m.text); {
		if m.sp.place == inText && isAlnum(m.text[i]) {
			if n := m.w.runningAddress(m.text, i); n > 0 {
				i += n
				continue
			}
		}
		if m.text[i] >= utf8.RuneSelf || !special[m.text[i]] && i != m.marker {
			m.w.b = append(m.w.b, m.text[i])
		} else {
			m.char(i)
		}
		i++
	}
}

// special are the characters that may mean something to Markdown.
var special = [utf8.RuneSelf]bool{
	'\\': true, '`': true, '*': true, '_': true, '~': true, '#': true, '|': true, '[': true, ']': true, '(': true, ')': true, '!': true,
	'<': true, '>': true, '&': true, '$': true, ':': true, '@': true,
}

// char writes the character at i.
func (m *mdLine) char(i int) {
	w, c := m.w, m.text[i]
	next := m.next(i)
	switch {
	case c == '\\' && !isAlnum(next) && next < 0x80:
		m.escaped(c)
	case c == '|' && w.hideBars:
		w.b = append(w.b, "&#124;"...)
	case i == m.marker:
		m.mark(c)
	case c == '`' && w.strayTick:
		w.b = append(w.b, '\'')
	case strings.IndexByte("`*_~#|[]()!", c) >= 0:
		switch {
		case !m.renders(i):
			w.b = append(w.b, c)
		case c == '~' && next == '~' && i+1 == len(m.text):
			w.b = append(w.b, "&#126;"...) // beside the template's own, an escaped one would count
		default:
			m.escaped(c)
		}
	case strings.IndexByte("<>&$:", c) >= 0:
		m.entity(i)
	case c == '@' && w.mentions(m.text, i):
		w.b = append(append(w.b, c), breaker...)
	default:
		w.b = append(w.b, c)
	}
}

// next is the character after i: in the line, else after the value.
func (m *mdLine) next(i int) byte {
	switch {
	case i+1 < len(m.text):
		return m.text[i+1]
	case m.many:
		return '\n' // or the value's end, where being careful costs nothing
	}
	return m.w.after
}

// prev is the character before i: in the line, else before the value.
func (m *mdLine) prev(i int) byte {
	switch {
	case i > 0:
		return m.text[i-1]
	case m.first:
		return m.w.before()
	}
	return '\n'
}

// escaped writes a backslash before c. In the words of a link brackets become entities:
// the old parser does not see the backslash there. An address before the mark would take the
// backslash for a part of itself.
func (m *mdLine) escaped(c byte) {
	if m.sp.place == inText && m.w.swallows() {
		m.w.b = append(m.w.b, ' ')
	}
	switch {
	case m.sp.place == inLabel && c == '[':
		m.w.b = append(m.w.b, "&#91;"...)
	case m.sp.place == inLabel && c == ']':
		m.w.b = append(m.w.b, "&#93;"...)
	case c == '|' && (m.sp.angle || m.w.literal['<'] > 0):
		m.w.b = append(m.w.b, "&#124;"...)
	default:
		m.w.b = append(m.w.b, '\\', c)
	}
}

// mark writes the character that would make a block of the line.
func (m *mdLine) mark(c byte) {
	switch {
	case c == '[' && m.first && m.sp.item: // the old parser looks for a task when escapes are gone
		m.w.b = append(m.w.b, "&#91;"...)
	case c == '=':
		m.w.b = append(m.w.b, "&#61;"...)
	case c == '>' && m.w.literal['<'] > 0:
		m.w.entity(c)
	default:
		m.escaped(c)
	}
}

// renders reports whether the mark at i would do something here.
func (m *mdLine) renders(i int) bool {
	w, c := m.w, m.text[i]
	prev, next := m.prev(i), m.next(i)
	switch c {
	case '`':
		return true
	case '*':
		return w.all[c] > 1 && !(m.inside(i) && prev == ' ' && next == ' ')
	case '_':
		return w.all[c] > 1 && !(m.inside(i) && (isAlnum(prev) && isAlnum(next) || prev == ' ' && next == ' '))
	case '~':
		if isASCIILetter(next) && !isAlnum(prev) {
			return true // the name of a channel
		}
		return w.all[c] > 1 && !((prev == ' ' || prev == '\n' || prev == 0) && next >= '0' && next <= '9') // "~5 min"
	case '#': // a hashtag, or the end of a heading
		return isASCIILetter(next) && !isAlnum(prev) || next >= 0x80 || i+1 == len(m.text) && prev == ' '
	case '|':
		return m.sp.table || m.sp.angle || m.many || w.literal[c] > 0 || w.literal['<'] > 0
	case '[', ']':
		return m.brackets || prev == ']' || next == '(' || next == '[' || next == ':'
	case '(':
		return m.first && i == 0 && prev == ']'
	case ')':
		return w.openTarget
	case '!':
		return i+1 == len(m.text) && next == '['
	}
	return false
}

// inside reports whether both neighbours of i belong to the line.
func (m *mdLine) inside(i int) bool { return i > 0 && i+1 < len(m.text) }

// entity writes a character that has no escape in the old parser.
func (m *mdLine) entity(i int) {
	w, c := m.w, m.text[i]
	next := m.next(i)
	switch {
	case c == '<' && (w.slackForm(m.text[i+1:]) || next == '/' || next == '?' || isASCIILetter(next) || isAlnum(next) && w.all['>'] > 0):
		w.entity(c)
	case c == '>' && (m.sp.angle || w.literal['<'] > 0):
		w.entity(c)
	case c == '&' && (isEntity(m.text[i+1:]) || i+1 == len(m.text) && (isASCIILetter(next) || next == '#')):
		w.entity(c)
	case c == '$' && (w.literal[c] > 0 || w.all[c] > 1 && !isAlnum(next) && (next != '_' || i+1 == len(m.text))):
		w.b = append(w.b, "&#36;"...) // formulas stand between dollar signs
	case c == ':' && m.first && i == 0 && m.prev(i) == ']':
		w.b = append(w.b, "&#58;"...)
	default:
		w.b = append(w.b, c)
	}
}

// isEntity reports whether s, after an ampersand, is the rest of a character reference.
func isEntity(s string) bool {
	const longest = 33
	end := strings.IndexByte(s[:min(len(s), longest)], ';')
	if end < 1 {
		return false
	}
	for i, c := range []byte(s[:end]) {
		if !isAlnum(c) && !(c == '#' && i == 0) {
			return false
		}
	}
	return true
}
