package yamltree

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shownRunes is how many characters of a long line an excerpt shows on each side of the caret.
const shownRunes = 60

// maxShownLine limits the lines that excerpts show, in bytes. People do not write longer ones, and even a
// part could be shown only after searching the whole line for secrets.
const maxShownLine = 16 << 10

// excerpt returns the line of a finding with a caret below, each on a line of its own:
//
//	> 31 | webhoks:
//	       ^
//
// Control characters are made visible. A file with mistakes has secrets in places where none
// is expected, so a line shows what is known to be harmless: keys, the words that Calbell
// defines, numbers, and the value that the finding is about if it is a text for people.
// Anything else becomes "…", a secret "[secret]".
func (d *Document) excerpt(e *Error) string {
	if len(d.line(e.Line)) > maxShownLine {
		return ""
	}
	line, at := d.masked(e)
	at = min(at, len(line))
	from, to := max(0, at-shownRunes), min(len(line), at+shownRunes)
	shown := strings.Map(printable, string(line[from:to]))
	before := width(line[from:at])
	if from > 0 {
		shown, before = "…"+shown, before+1
	}
	if to < len(line) {
		shown += "…"
	}
	number := strconv.Itoa(e.Line)
	return fmt.Sprintf("\n  > %s | %s\n    %*s   %s^", number, shown,
		len(number), "", strings.Repeat(" ", before))
}

// masked returns the line of a finding with secrets masked, and the index of the finding in
// it.
func (d *Document) masked(e *Error) (line []rune, at int) {
	m := newMask(d.line(e.Line))
	for _, h := range d.hidden {
		if from, to, ok := d.extent(h.Node, e.Line); ok {
			m.coverAs(from, to, h.as)
		}
	}
	from, to := d.shownExtent(e)
	if !e.text {
		m.tails()
	}
	m.secrets(from, to, d.mask)
	if !d.Open {
		m.words(from, to, d)
	}
	return m.squeeze(e.Col - 1)
}

// shownExtent returns the range of characters of a finding's line that belong to a value
// that may be shown; 0 and 0 for none.
func (d *Document) shownExtent(e *Error) (from, to int) {
	if d.Open {
		return 0, utf8.RuneCountInString(d.line(e.Line))
	}
	n, exact := d.Find(e.Key)
	if !e.Shown || !exact || d.IsHidden(n) {
		return 0, 0
	}
	from, to, _ = d.extent(n, e.Line)
	return from, to
}

// extent returns the range of characters of a line that a value occupies; false for none.
func (d *Document) extent(n *Node, number int) (from, to int, ok bool) {
	last := d.last(n)
	if n.Kind != Scalar || number < n.Place.Line || number > last.Line {
		return 0, 0, false
	}
	line := []rune(d.line(number))
	from, to = leading(string(line)), len(line)
	if number == n.Place.Line {
		from = n.Place.Col - 1
	}
	if last.Line == n.Place.Line && last.Col > n.Place.Col {
		to = last.Col - 1
	}
	from = min(from, len(line))
	return from, max(from, min(to, len(line))), true
}

// mask is a line whose secrets are being masked.
type mask struct {
	text    string // as in the file
	line    []rune // as shown; fillers keep the columns of the file
	covered []bool
}

// filler pads a replacement that is shorter than the text it replaces; squeeze removes it.
const filler = -1

func newMask(text string) *mask {
	line := []rune(text)
	return &mask{text: text, line: line, covered: make([]bool, len(line))}
}

// coverAs replaces the characters [from, to) by as; "" keeps the scheme and host of a URL.
func (m *mask) coverAs(from, to int, as string) {
	if slices.Contains(m.covered[from:to], true) {
		as = "…"
	}
	if as == "" {
		as = MaskURL(string(m.line[from:to]))
	}
	instead := []rune(as)
	if len(instead) > to-from {
		instead = []rune("…")[:min(1, to-from)]
	}
	for i := copy(m.line[from:to], instead); from+i < to; i++ {
		m.line[from+i] = filler
	}
	for i := from; i < to; i++ {
		m.covered[i] = true
	}
}

// tails covers the text after a key that sounds like a secret, unless it is covered
// already. It does nothing in message templates, where "url:" is an ordinary word.
func (m *mask) tails() {
	for _, at := range secretTails(m.text) {
		from := utf8.RuneCountInString(m.text[:at])
		if from < len(m.line) && !m.covered[from] {
			m.coverAs(from, len(m.line), "")
		}
	}
}

// secrets covers the secrets that hide finds within the characters [from, to).
func (m *mask) secrets(from, to int, hide func(string) string) {
	for i := from; i < to; i++ {
		end := i
		for end < to && !m.covered[end] {
			end++
		}
		if end == i {
			continue
		}
		if shown := hide(string(m.line[i:end])); shown != string(m.line[i:end]) {
			m.coverAs(i, end, shown)
		}
		i = end
	}
}

// wordShape matches the words between blanks and YAML punctuation.
var wordShape = regexp.MustCompile(`[^\s:,\[\]{}"'#]+`)

// words covers all words except harmless ones and those within the characters [from, to),
// which are shown.
func (m *mask) words(from, to int, d *Document) {
	for _, at := range wordShape.FindAllStringIndex(m.text, -1) {
		begin := utf8.RuneCountInString(m.text[:at[0]])
		end := begin + utf8.RuneCountInString(m.text[at[0]:at[1]])
		switch {
		case begin >= from && end <= to, slices.Contains(m.covered[begin:end], true):
		case d.Harmless(m.text[at[0]:at[1]]), m.isKey(at[0], at[1]) && d.nearKey(m.text[at[0]:at[1]]):
		default:
			m.coverAs(begin, end, "…")
		}
	}
}

// isKey reports whether the word at the bytes [from, to) is in the position of a key.
func (m *mask) isKey(from, to int) bool {
	before := strings.TrimRight(m.text[:from], " \t\"'-")
	after := strings.TrimLeft(strings.TrimLeft(m.text[to:], "\"'"), " \t")
	return (before == "" || strings.ContainsAny(before[len(before)-1:], "{,")) && strings.HasPrefix(after, ":")
}

// squeeze removes the fillers, and moves the position at with the text. Adjacent hidden
// words become one.
func (m *mask) squeeze(at int) (out []rune, moved int) {
	moved = at
	for i, r := range m.line {
		if r != filler {
			out = append(out, r)
		} else if i < at {
			moved--
		}
	}
	return out, moved
}

// printable replaces characters that would change the terminal's state or the caret's
// column.
func printable(r rune) rune {
	switch {
	case r == '\t':
		return ' '
	case !unicode.IsPrint(r):
		return unicode.ReplacementChar
	}
	return r
}

// width returns how many terminal columns a text takes: two for East Asian letters and
// emoji, none for combining marks.
func width(text []rune) int {
	w := 0
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r >= 0x1100 && wide(r):
			w += 2
		default:
			w++
		}
	}
	return w
}

// wide reports whether a letter fills two columns (a coarse version of UAX #11).
func wide(r rune) bool {
	return r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 ||
		r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60 ||
		r >= 0xffe0 && r <= 0xffe6 || r >= 0x1f300 && r <= 0x1faff || r >= 0x20000 && r <= 0x3fffd
}
