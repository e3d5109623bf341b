package markup

import (
	"bytes"
	"sort"
	"strings"
)

// place says what the chat takes the text around a value for.
type place uint8

const (
	inText    place = iota
	inCode          // a code span, or what follows the opening fence: one line
	inBlock         // a fenced code block
	inLabel         // the words of a link
	inAddress       // the target of a link
)

// spot is where a value lands.
type spot struct {
	prefix    string // begins the further lines of the value: quote marks, indentation
	place     place
	lineStart bool // nothing but marks and blanks before it on its line
	item      bool // it begins an item of a list
	table     bool // in the row of a table
	angle     bool // between < and >
	address   bool // of a variable that stands for an address
}

// survey is what is known about a message before its values are written.
type survey struct {
	spots []spot // of the values, in order

	strayTick  bool       // a backtick of the template has no partner on its line
	openTarget bool       // a link of the template has no closing bracket
	brackets   bool       // the template's brackets could make a link with those of a value
	hasTable   bool       // the template may hold a table: rows need no bar of their own
	hideBars   bool       // a value may hold an address in angle brackets, which no bar may follow
	literal    [128]int32 // how often each ASCII character stands in the template's text
	all        [128]int32 // … and in the text of the values too
}

// hole stands for a value in the text that is surveyed: its content has no say in what
// its surroundings are. The template itself has none.
const hole = 0

// surveyor reads the template's text with holes, line by line.
type surveyor struct {
	survey
	text   []byte
	holes  []int // offsets in text
	strays int   // backticks without a partner

	fence      byte // of the code block that is open; 0: none
	fenceLen   int
	fenceDepth int // quote marks before it
	fenceCol   int // bytes of list marks and indentation before it
}

// look surveys the pieces of a message for a kind of chat.
func look(pieces []Piece, slack bool) *survey {
	size, values := 0, 0
	for _, p := range pieces {
		if p.As != nil {
			size++
			values++
			continue
		}
		size += len(p.Text)
	}
	s := &surveyor{text: make([]byte, 0, size), holes: make([]int, 0, values)}
	for _, p := range pieces {
		if p.As != nil {
			s.holes = append(s.holes, len(s.text))
			s.text = append(s.text, hole)
			tally(&s.all, p.Text)
			s.hideBars = s.hideBars || strings.Contains(p.Text, "://")
			s.countWraps(p.As)
			continue
		}
		s.text = append(s.text, p.Text...)
		tally(&s.literal, p.Text)
		tally(&s.all, p.Text)
	}
	s.spots = make([]spot, 0, len(s.holes))
	for _, p := range pieces {
		if p.As != nil {
			s.spots = append(s.spots, spot{address: p.As.Address})
		}
	}
	s.hideBars = s.hideBars && s.literal['|'] == 0
	s.hasTable = s.literal['|'] > 1 && s.literal['-'] > 0
	for from := 0; from <= len(s.text); {
		to := len(s.text)
		if n := bytes.IndexByte(s.text[from:], '\n'); n >= 0 {
			to = from + n
		}
		if slack {
			s.slackLine(from, to)
		} else {
			s.line(from, to)
		}
		from = to + 1
	}
	return &s.survey
}

// countWraps counts the marks around a value as the author's.
func (s *surveyor) countWraps(v *Value) {
	if _, ok := v.wrap(Bold); ok {
		s.literal['*'] += 4
		s.all['*'] += 4
	}
	if _, ok := v.wrap(Quote); ok {
		s.literal['>'] += 2
		s.all['>'] += 2
	}
}

// tally counts ASCII characters: what there is only once can have no partner.
func tally(counts *[128]int32, text string) {
	for i := range len(text) {
		if text[i] < 128 {
			counts[text[i]]++
		}
	}
}

// expectMore counts the marks of messages that follow in the same post: each may have its
// partner there.
func (s *survey) expectMore() {
	for c := range s.all {
		s.all[c] += 2
	}
	s.brackets = true
	s.hideBars = s.literal['|'] == 0
}

// Limits of what is looked through for the end of a span, label or address: templates
// are written by hand.
const (
	maxTarget = 4096 // bytes
	maxStray  = 64   // backticks without a partner, on all lines
)

// mark calls set for the spots of the holes in text[from:to].
func (s *surveyor) mark(from, to int, set func(*spot)) {
	for i := sort.SearchInts(s.holes, from); i < len(s.holes) && s.holes[i] < to; i++ {
		set(&s.spots[i])
	}
}

// put says what place the holes in text[from:to] are in.
func (s *surveyor) put(from, to int, p place) {
	s.mark(from, to, func(sp *spot) { sp.place = p })
}

// line surveys a line of Markdown.
func (s *surveyor) line(from, to int) {
	body := from + containers(s.text[from:to])
	prefix := continuation(s.text[from:body])
	depth := bytes.Count(s.text[from:body], []byte(">"))
	s.mark(from, to, func(sp *spot) { sp.prefix = prefix })
	if s.fence != 0 && (depth < s.fenceDepth || body-from < s.fenceCol && body < to) {
		s.fence = 0 // the quotation or list item that held the block has ended
	}
	n, mark := fenceAt(s.text[body:to])
	if indent(s.text[from:body]) > maxIndent {
		n, mark = 0, 0 // indented code, or text: escapes are safe in both
	}
	rest := s.text[body+n : to]
	switch {
	case s.fence != 0:
		s.put(from, to, inBlock)
		if mark == s.fence && n >= s.fenceLen && len(bytes.TrimSpace(rest)) == 0 {
			s.fence = 0
		}
		return
	case n >= 3 && (mark == '~' || bytes.IndexByte(rest, '`') < 0):
		s.fence, s.fenceLen, s.fenceDepth, s.fenceCol = mark, n, depth, listColumn(s.text[from:body])
		s.put(from, to, inCode)
		return
	}
	s.lineStart(body, to)
	if body < to && s.text[body] == hole && listColumn(s.text[from:body]) > 0 {
		s.mark(body, body+1, func(sp *spot) { sp.item = true })
	}
	if s.hasTable && bytes.IndexByte(s.text[body:to], '|') >= 0 {
		s.mark(from, to, func(sp *spot) { sp.table = true })
	}
	s.inline(body, to)
}

// containers counts the bytes of quote and list marks, and the blanks around them, at the
// beginning of a line.
func containers(line []byte) int {
	i := 0
	for {
		for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
			i++
		}
		n := marker(line[i:])
		if n == 0 {
			return i
		}
		i += n
	}
}

// marker counts the bytes of one quote or list mark.
func marker(s []byte) int {
	if len(s) == 0 {
		return 0
	}
	n := 0
	switch {
	case s[0] == '>':
		return 1
	case s[0] == '-' || s[0] == '+' || s[0] == '*':
		n = 1
	default:
		for n < len(s) && n < 9 && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		if n == 0 || n == len(s) || s[n] != '.' && s[n] != ')' {
			return 0
		}
		n++
	}
	if n < len(s) && (s[n] == ' ' || s[n] == '\t') {
		return n
	}
	return 0
}

// indent is how wide the blanks at the end of a prefix are.
func indent(prefix []byte) int {
	n := 0
	for i := len(prefix); i > 0; i-- {
		switch prefix[i-1] {
		case ' ':
			n++
		case '\t':
			n += maxIndent + 1
		default:
			return n
		}
	}
	return n
}

// continuation is what keeps a further line in the same quotation and list item.
func continuation(prefix []byte) string {
	if len(prefix) == 0 {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r == '>' || r == '\t' {
			return r
		}
		return ' '
	}, string(prefix))
}

// listColumn is how far the lines of a block must be indented to stay in the list item
// that prefix opens; 0 when it opens none.
func listColumn(prefix []byte) int {
	if bytes.IndexFunc(prefix, func(r rune) bool { return r != '>' && r != ' ' && r != '\t' }) < 0 {
		return 0
	}
	return len(prefix)
}

// fenceAt measures a run of backticks or tildes.
func fenceAt(s []byte) (n int, mark byte) {
	if len(s) == 0 || s[0] != '`' && s[0] != '~' {
		return 0, 0
	}
	return run(s, s[0]), s[0]
}

// lineStart marks the holes before which the line has only marks: a value could complete
// them to a heading, list, rule or table.
func (s *surveyor) lineStart(from, to int) {
	for i := from; i < to; i++ {
		switch c := s.text[i]; {
		case c == hole:
			s.mark(i, i+1, func(sp *spot) { sp.lineStart = true })
			return
		case c == ' ' || c == '\t' || c >= '0' && c <= '9' || strings.IndexByte("#-+*=_>~|:.)", c) >= 0:
		default:
			return
		}
	}
}
