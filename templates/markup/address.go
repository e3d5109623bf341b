package markup

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// form is how an address is written in running text.
type form uint8

const (
	bare   form = iota // as it is: the chat's own parser takes it as a whole
	framed             // <https://…>: ends exactly at the closing bracket, whatever follows
	parted             // marks in it percent-encoded, and a space before a mark that follows
)

// link is an address in a value.
type link struct {
	text  string // the address
	rest  string // what follows it in the value
	web   bool   // it names its scheme
	glued bool   // neither a blank nor a bracket stands before it: some parsers make no link of it
	split bool   // it ends within what would be a character reference
	form  form
}

// runningAddress returns the length of the address that chats make a link of at text[i:], and
// writes it so that the link leads to the same place; 0 when there is none.
func (w *writer) runningAddress(text string, i int) int {
	if !w.opensAddress(text, i) {
		return 0
	}
	web := schemeStart(text[i:])
	if !web && (w.markup == Mrkdwn || !domainStart(text[i:])) {
		return 0
	}
	n := addressLength(text[i:])
	if n > 0 && i+n < len(text) && (i == 0 || text[i-1] != text[i+n]) {
		n += pairedMark(text[i:], n)
	}
	if n == 0 {
		return 0
	}
	l := link{text: text[i : i+n], rest: text[i+n:], web: web, glued: i > 0 && text[i-1] != ' ' && text[i-1] != '('}
	if amp := strings.LastIndexByte(l.text, '&'); amp >= 0 {
		l.split = !isEntity(l.text[amp+1:]) && isEntity(text[i+amp+1:])
	}
	l.form = w.formOf(l)
	w.writeLink(l)
	return n
}

// opensAddress reports whether chats look for an address at i: not in the middle of a word.
func (w *writer) opensAddress(text string, i int) bool {
	switch {
	case i == 0:
		c := w.before()
		return strings.IndexByte("\x00 \n(*_~>|\"':,;-", c) >= 0 || c >= utf8.RuneSelf
	case text[i-1] == '_':
		return i == 1 || !isNameByte(text[i-2])
	}
	return !isAlnum(text[i-1]) && strings.IndexByte("@.-/", text[i-1]) < 0
}

// schemeStart reports whether text begins with an address that names its scheme.
func schemeStart(text string) bool {
	if text == "" || strings.IndexByte("hHfF", text[0]) < 0 { // most words
		return false
	}
	for _, scheme := range []string{"https://", "http://", "ftp://"} {
		if len(text) > len(scheme) && strings.EqualFold(text[:len(scheme)], scheme) {
			return true
		}
	}
	return false
}

// maxDomain bounds the name of a host that is looked for, as DNS does.
const maxDomain = 253

// domainStart reports whether text begins with an address without a scheme of which
// Mattermost makes a link: www.example.org, or example.org/ with a short last label.
func domainStart(text string) bool {
	if strings.HasPrefix(text, "www.") {
		return true
	}
	end, dot := 0, 0
	for end < min(len(text), maxDomain) && (isAlnum(text[end]) || strings.IndexByte(".-", text[end]) >= 0 || text[end] >= utf8.RuneSelf) {
		if text[end] == '.' {
			dot = end
		}
		end++
	}
	if dot == 0 || end == len(text) || text[end] != '/' {
		return false
	}
	n := utf8.RuneCountInString(text[dot+1 : end])
	return n >= 2 && n <= 4 && strings.IndexFunc(text[dot+1:end], func(r rune) bool { return !unicode.IsLetter(r) }) < 0
}

// addressLength returns how much of text, which begins with an address, belongs to it: up to a
// blank or a character that no chat takes for a part of it, without the punctuation that ends
// a sentence and without closing brackets that the address did not open.
func addressLength(text string) int {
	end := strings.IndexFunc(text, stopsAddress)
	if end < 0 {
		end = len(text)
	}
	end = trimAddress(text[:end])
	if strings.HasSuffix(text[:end], "//") {
		return 0 // without a host
	}
	return end
}

// stopsAddress reports whether an address in running text ends before a rune: blanks, what
// RFC 3986 allows nowhere, quotation marks, and the wide punctuation of Chinese and Japanese.
func stopsAddress(r rune) bool {
	switch {
	case r <= ' ' || strings.ContainsRune("<>\"`|\\…«»“”‘’、。「」【】", r):
		return true
	case r >= 0xff01 && r <= 0xff0f, r >= 0xff1a && r <= 0xff20, r >= 0xff3b && r <= 0xff40, r >= 0xff5b && r <= 0xff5e:
		return true
	}
	return false
}

// trimAddress returns the length of s without what ends a sentence after it.
func trimAddress(s string) int {
	round := strings.Count(s, ")") - strings.Count(s, "(")
	square := strings.Count(s, "]") - strings.Count(s, "[")
	curly := strings.Count(s, "}") - strings.Count(s, "{")
	end := len(s)
	for ; end > 0; end-- {
		switch last := s[end-1]; {
		case last == ')' && round > 0:
			round--
		case last == ']' && square > 0:
			square--
		case last == '}' && curly > 0:
			curly--
		case strings.IndexByte(".,;:!?'*_~", last) < 0:
			return end
		}
	}
	return 0
}

// pairedMark returns the length of the mark of emphasis at text[n:], where the address at
// text[:n] has begun with such a mark what this one ends: both belong to it.
func pairedMark(text string, n int) int {
	if n == len(text) || strings.IndexByte(marksOfEmphasis, text[n]) < 0 {
		return 0
	}
	size, open := run(text[n:], text[n]), false
	for i := 0; i < n; {
		m := run(text[i:n], text[n])
		if m == size && !inWord(text, i) {
			open = !open && !isAlnum(text[i-1])
		}
		i += max(m, 1)
	}
	if open {
		return size
	}
	return 0
}

// formOf chooses how an address is written.
func (w *writer) formOf(l link) form {
	if w.markup == Mrkdwn {
		if plainAddress(l.text) && endsClearly(l.rest) && (w.literal['_'] == 0 || strings.IndexByte(l.text, '_') < 0) {
			return bare
		}
		return framed
	}
	switch {
	case w.takenWhole(l) && endsClearly(l.rest) && !l.split && strings.IndexByte(marksOfEmphasis, l.text[len(l.text)-1]) < 0:
		return bare
	case l.web && w.literal['|'] == 0 && w.literal['<'] == 0: // "<a> | <b>" is Slack's form, which Mattermost reads too
		return framed
	}
	return parted
}

// plainAddress reports whether an address has no character that could be a mark in Slack, whose
// rules for addresses without brackets are not documented.
func plainAddress(s string) bool {
	for i := range len(s) {
		if strings.IndexByte("*~()[];$'", s[i]) >= 0 || s[i] == '_' && !inWord(s, i) {
			return false
		}
	}
	return true
}

// endsClearly reports whether an address ends before rest for every parser: at a blank, a
// closing bracket or the end, or at the punctuation before one of them.
func endsClearly(rest string) bool {
	after := strings.TrimLeft(rest, ".,:;!?'\"")
	run := rest[:len(rest)-len(after)]
	if i := strings.IndexByte(run, ';'); i >= 0 && i+1 < len(run) {
		return false // what follows makes the semicolon a part of the address
	}
	return after == "" || after[0] == ' ' || after[0] == '\n' || after[0] == ')'
}

// takenWhole reports whether Mattermost's parsers take an address without brackets around it
// as a whole, and whether its marks are nothing to a Markdown parser that makes no link of it.
func (w *writer) takenWhole(l link) bool {
	s, depth := l.text, 0
	marks := l.glued || !hasDomain(s)
	if l.glued && w.before() == '_' || l.web && s[0] < 'a' {
		return false // old parsers take the former for one word, and look for small letters
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == '[' || c == ']' || c == '*' && w.all[c] > 1:
			return false
		case marks && (c == '_' && !inWord(s, i) || c == '~') && w.all[c] > 1:
			return false
		case strings.IndexByte(";!:',?", c) >= 0 && (i+1 == len(s) || s[i+1] == '(' || s[i+1] == ')'):
			return false
		}
		if depth < 0 || depth > 1 {
			return false
		}
	}
	return depth == 0
}

// hasDomain reports whether the host of an address has a dot and ends in letters: parsers of
// GitHub's flavour make no link of others.
func hasDomain(s string) bool {
	_, host, _ := strings.Cut(s, "://")
	if strings.HasPrefix(s, "www.") {
		host = s
	}
	host = host[:authorityLength(host)]
	host, _, _ = strings.Cut(host, ":")
	dot := strings.LastIndexByte(host, '.')
	return dot > 0 && dot+1 < len(host) && strings.Trim(host[dot+1:], "abcdefghijklmnopqrstuvwxyz") == ""
}

// authorityLength returns how long the host is at the beginning of s, with port and user.
func authorityLength(s string) int {
	if i := strings.IndexAny(s, "/?#\\"); i >= 0 {
		return i
	}
	return len(s)
}

// writeLink writes an address in its form.
func (w *writer) writeLink(l link) {
	if l.form == framed {
		if w.markup != Mrkdwn && trailing(w.b, '\\')%2 == 1 {
			w.b = append(w.b, '\\') // else it would escape the bracket
		}
		w.b = append(w.b, '<')
	}
	begin := len(w.b)
	path := 0 // where the host ends
	if i := strings.Index(l.text, "://"); i >= 0 {
		path = i + 3 + authorityLength(l.text[i+3:])
	}
	entity := -1 // the semicolon that would end a character reference
	for i := range len(l.text) {
		c := l.text[i]
		if c == '&' && isEntity(l.text[i+1:]) {
			entity = i + strings.IndexByte(l.text[i:], ';')
		}
		switch {
		case strings.IndexByte("\\^{}", c) >= 0, c == '@' && (i < path || w.mentionIn(l, i)):
			w.percent(c)
		case w.markup == Mrkdwn && c == '&':
			w.entity(c)
		case w.markup != Mrkdwn && (i == entity || c == '&' && l.split && l.form == parted || w.markIn(l, i, path)):
			w.percent(c)
		default:
			w.b = append(w.b, c)
		}
	}
	w.open = begin + 1
	if l.form == framed {
		w.b = append(w.b, '>')
	}
	if l.form == framed || l.rest != "" && endsClearly(l.rest) {
		w.closed, w.open = len(w.b), 0
	}
}

// trailing counts how often c stands at the end of b.
func trailing(b []byte, c byte) int {
	n := 0
	for n < len(b) && b[len(b)-1-n] == c {
		n++
	}
	return n
}

// mentionIn reports whether the at sign at i would be a mention, or make a mail address of it.
func (w *writer) mentionIn(l link, i int) bool {
	if w.markup == Mrkdwn {
		return isGroupMention(l.text[i+1:])
	}
	return l.form == framed || w.mentions(l.text, i) && !isCoordinate(l.text[i+1:])
}

// isCoordinate reports whether s begins with a number with a fraction, as in the addresses of
// maps: nobody is called so.
func isCoordinate(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole := digits(s)
	return whole > 0 && whole+1 < len(s) && s[whole] == '.' && digits(s[whole+1:]) > 0
}

// digits counts those at the beginning of s.
func digits(s string) int {
	return len(s) - len(strings.TrimLeft(s, "0123456789"))
}

// markIn reports whether the character at i of an address would be a mark in Markdown all the
// same: beside one of the template that is open, or because no brackets protect it. path is
// where the host ends.
func (w *writer) markIn(l link, i, path int) bool {
	s, c := l.text, l.text[i]
	switch c {
	case '*', '~':
		return l.form == parted || w.openMark(c)
	case '_':
		return !inWord(s, i) && (l.form == parted || w.openMark(c))
	case '(', ')':
		return l.form == parted
	case '[', ']':
		if i < path {
			return c == ']' && i+1 == len(s) && strings.IndexByte("([", w.after) >= 0 && w.after != 0
		}
		return l.form == parted || c == ']' && i+1 < len(s) && strings.IndexByte("([:", s[i+1]) >= 0
	case '$':
		return w.literal[c] > 0 || w.all[c] > 1 && (i+1 == len(s) || !isAlnum(s[i+1]) && s[i+1] != '_')
	}
	return false
}

// openMarks knows which marks of emphasis in the template's own text may be open where a value
// stands: old Markdown parsers close them before they look for addresses.
type openMarks [len(marksOfEmphasis)]struct {
	runs  int  // on this line of the template
	stuck bool // a line before had one without a partner
}

const marksOfEmphasis = "*_~"

// pass goes through text of the template.
func (o *openMarks) pass(text string) {
	for i := range len(text) {
		if text[i] == '\n' {
			for m := range o {
				o[m].stuck = o[m].stuck || o[m].runs%2 == 1
				o[m].runs = 0
			}
			continue
		}
		if m := strings.IndexByte(marksOfEmphasis, text[i]); m >= 0 && (i == 0 || text[i-1] != text[i]) {
			o[m].runs++
		}
	}
}

// openMark reports whether a mark of emphasis may be open here.
func (o *openMarks) openMark(c byte) bool {
	m := strings.IndexByte(marksOfEmphasis, c)
	return o[m].runs > 0 || o[m].stuck
}

// swallows reports whether an address before the next character would take an escaped mark
// for a part of itself.
func (w *writer) swallows() bool {
	if w.open > 0 && !bytes.ContainsAny(w.b[w.open-1:], " \n") {
		return true
	}
	word := w.b[max(w.closed, len(w.b)-maxTarget):]
	word = word[bytes.LastIndexAny(word, " \n")+1:]
	return endsInAddress(word) || bytes.Contains(word, []byte("mailto:")) || bytes.Contains(word, []byte("tel:"))
}
