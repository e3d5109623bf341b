package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shownRunes is how much of a long line an excerpt shows on either side of the caret.
const shownRunes = 60

// maxShownLine bounds the lines, in bytes, that excerpts are made of: no person writes a
// longer one, and to show a part of it would mean to search all of it for secrets.
const maxShownLine = 16 << 10

// document is the text of a configuration file and the places of its values.
type document struct {
	name  string // as given, for messages
	text  string // without byte-order mark, line ends as "\n"
	lines []string
	// index holds every value by its path: "webhooks[0].template".
	index map[string]*node
	// mentions are the places in lists that name a webhook.
	mentions []mention
	// settings are the scalar keys as they are in force.
	settings []Shown
	// hidden lists the values that no excerpt shows.
	hidden []hidden
}

// newDocument prepares the text of a file. Editors of other systems add a byte-order mark
// and CRLF; neither moves a line or column.
func newDocument(name string, data []byte) *document {
	text := strings.TrimPrefix(string(data), "\ufeff")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	return &document{name: name, text: text, lines: strings.Split(text, "\n"), index: map[string]*node{}}
}

// line returns line number n (from 1); "" when there is none.
func (d *document) line(n int) string {
	if n < 1 || n > len(d.lines) {
		return ""
	}
	return d.lines[n-1]
}

// finding returns an error that points at p.
func (d *document) finding(p place, msg, hint string) *Error {
	return &Error{File: d.name, Line: p.line, Col: p.col, Msg: msg, Hint: hint, doc: d}
}

// enter fills the index with n and what is below it. It returns false when following the
// aliases yields more than maxNodes values.
func (d *document) enter(path string, n *node) bool {
	if len(d.index) >= maxNodes {
		return false
	}
	d.index[path] = n
	for i, item := range n.items {
		if !d.enter(fmt.Sprintf("%s[%d]", path, i), item) {
			return false
		}
	}
	for _, e := range n.entries {
		if !d.enter(join(path, e.key), e.value) {
			return false
		}
	}
	return true
}

// join appends a key to a path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// find returns the value at path. When the file does not have it, it returns the key that
// stands in for it (url_file for url), else the nearest mapping or list around it.
func (d *document) find(path string) (n *node, exact bool) {
	if n, ok := d.index[path]; ok {
		return n, true
	}
	for _, suffix := range []string{"_file", "_credential"} {
		if n, ok := d.index[path+suffix]; ok {
			return n, false
		}
	}
	for path != "" {
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
		if n, ok := d.index[path]; ok {
			return n, false
		}
	}
	return nil, false
}

// ErrorAt returns an error that points into the file, for those who check what this
// package cannot know: at the value of yamlPath ("webhooks[0].template"), or, when line
// is not 0, at that place inside the value. line and col count from 1, col in
// characters; in a block scalar and a quoted text too they are those of the value, not of
// the file. A path that the file does not have points at what is nearest.
// The result is a *calbell.Error of KindConfig; [Join] makes one of several.
func (c *Config) ErrorAt(yamlPath string, line, col int, msg, hint string) error {
	e := &Error{Key: yamlPath, Msg: msg, Hint: hint}
	if c.doc != nil {
		e = c.doc.errorAt(yamlPath, line, col, msg, hint)
	}
	return Errors{e}.err()
}

func (d *document) errorAt(path string, line, col int, msg, hint string) *Error {
	n, exact := d.find(path)
	if n == nil {
		return &Error{File: d.name, Key: path, Msg: msg, Hint: hint}
	}
	p := n.place
	if exact && line > 0 {
		p = d.inside(n, line, max(1, col))
	}
	e := d.finding(p, msg, hint)
	e.Key = path
	e.text = exact && p.line > n.place.line && !d.isHidden(n)
	return e
}

// excerpt returns the line of p with a caret below, each on a line of its own:
//
//	> 31 | webhoks:
//	       ^
//
// What may be a secret is left out, control characters are made visible.
func (d *document) excerpt(p place, text bool) string {
	if len(d.line(p.line)) > maxShownLine {
		return ""
	}
	line, at := d.masked(p, text)
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
	number := strconv.Itoa(p.line)
	return fmt.Sprintf("\n  > %s | %s\n    %*s   %s^", number, shown,
		len(number), "", strings.Repeat(" ", before))
}

// printable keeps a terminal's state and the caret's column out of the file's hands.
func printable(r rune) rune {
	switch {
	case r == '\t':
		return ' '
	case !unicode.IsPrint(r):
		return unicode.ReplacementChar
	}
	return r
}

// width is how many columns a terminal needs for text: two for East Asian letters and
// emoji, none for marks that combine.
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

// wide tells the blocks whose letters fill two columns (UAX #11, coarsely).
func wide(r rune) bool {
	return r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 ||
		r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60 ||
		r >= 0xffe0 && r <= 0xffe6 || r >= 0x1f300 && r <= 0x1faff || r >= 0x20000 && r <= 0x3fffd
}

// hide keeps a value, and what is below it, out of excerpts.
func (d *document) hide(n *node) {
	d.hidden = append(d.hidden, hidden{n, "…"})
	for _, item := range n.items {
		d.hide(item)
	}
	for _, e := range n.entries {
		d.hide(e.value)
	}
}

func (d *document) isHidden(n *node) bool {
	return slices.ContainsFunc(d.hidden, func(h hidden) bool { return h.node == n })
}

// hidden is a value that is not shown, and what is shown in its place: "" for the part of
// a URL that tells nothing.
type hidden struct {
	*node
	as string
}

// masked returns the line of p as it may be shown, and where p is in it, from 0. Values
// known to be secret are left out; and since a file with mistakes has secrets in places
// where none is expected, so is what follows a key that sounds like one; but not in the
// text of a message, in which "url:" is a word.
func (d *document) masked(p place, text bool) (line []rune, at int) {
	original := d.line(p.line)
	line = []rune(original)
	known := map[int]bool{} // where values begin that are covered
	for _, h := range d.hidden {
		if from, to, ok := d.extent(h.node, p.line); ok {
			cover(line, from, to, h.as)
			known[from] = true
		}
	}
	if !text {
		for _, m := range secretKey.FindAllStringIndex(original, -1) {
			if from := utf8.RuneCountInString(original[:m[1]]); !known[from] {
				cover(line, from, len(line), "")
			}
		}
	}
	return squeeze(line, p.col-1)
}

// cover replaces the characters [from, to) of a line by what is shown for them, in the
// file's columns, for those of the other values to stay right.
func cover(line []rune, from, to int, as string) {
	if as == "" {
		as = maskURL(string(line[from:to]))
	}
	instead := []rune(as)
	if len(instead) > to-from {
		instead = []rune("…")[:min(1, to-from)]
	}
	for i := copy(line[from:to], instead); from+i < to; i++ {
		line[from+i] = filler
	}
}

// filler fills up what a mask is shorter than what it covers; squeeze takes it out.
const filler = -1

// squeeze takes the filler out of a line, and moves the position at with the text.
func squeeze(line []rune, at int) (out []rune, moved int) {
	moved = at
	for i, r := range line {
		if r != filler {
			out = append(out, r)
		} else if i < at {
			moved--
		}
	}
	return out, moved
}

// extent returns which characters, from 0, of a line a value takes; false for none.
func (d *document) extent(n *node, number int) (from, to int, ok bool) {
	last := d.last(n)
	if n.kind != scalar || number < n.place.line || number > last.line {
		return 0, 0, false
	}
	line := []rune(d.line(number))
	from, to = leading(string(line)), len(line)
	if number == n.place.line {
		from = n.place.col - 1
	}
	if last.line == n.place.line && last.col > n.place.col {
		to = last.col - 1
	}
	from = min(from, len(line))
	return from, max(from, min(to, len(line))), true
}

// secretKey finds a key that holds, or sounds as if it held, a secret.
var secretKey = regexp.MustCompile(`(?i)\b(?:url|uri|pas+[a-z]*|pwd|secret|token)["']?[ \t]*[:=][ \t]*`)

// origin is the part of a URL that may be shown: it holds no path, query or userinfo.
var origin = regexp.MustCompile(`^["']?[A-Za-z][A-Za-z0-9+.-]*://[A-Za-z0-9.:\[\]-]+(?:/|["']?$)`)

// maskURL shows the scheme and host of a URL, which often are what is wrong, and of
// anything else nothing.
func maskURL(s string) string {
	shown := origin.FindString(s)
	if shown == s && s != "" {
		return s
	}
	return shown + "[secret]"
}
