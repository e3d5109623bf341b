package yamltree

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"calbell"
)

// Document is the text of a file and the positions of its values.
type Document struct {
	name  string // as given, for messages
	text  string // without byte-order mark, line ends as "\n"
	lines []string
	size  int // bytes of the file
	// Index holds every value by its path: "webhooks[0].template".
	Index map[string]*Node
	// hidden lists the values that no excerpt may show; elsewhere lists the secrets read from other
	// files and from the environment.
	hidden    []hidden
	elsewhere []string
	// Open is set for files other than the configuration. Their lines are shown, except secrets.
	Open bool

	// OwnWords returns the words that are never secrets; nil for none.
	OwnWords func() Vocabulary

	learn sync.Once // after the whole file was read
	known known
}

// New prepares the text of a file. A byte-order mark and CRLF line ends, which some editors
// write, do not change lines and columns.
func New(name string, data []byte) *Document {
	text := strings.TrimPrefix(string(data), "\ufeff")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	return &Document{name: name, text: text, lines: strings.Split(text, "\n"), size: len(data), Index: map[string]*Node{}}
}

// line returns line number n (from 1); "" when there is none.
func (d *Document) line(n int) string {
	if n < 1 || n > len(d.lines) {
		return ""
	}
	return d.lines[n-1]
}

// Finding returns an error that points at p.
func (d *Document) Finding(p Place, msg, hint calbell.Text) *Error {
	return &Error{File: d.name, Line: p.Line, Col: p.Col, Msg: msg, Hint: hint, doc: d}
}

// enter adds n and everything below it to the index. It returns false when following the
// aliases yields more than maxNodes values.
func (d *Document) enter(path string, n *Node) bool {
	if len(d.Index) >= maxNodes {
		return false
	}
	d.Index[path] = n
	for i, item := range n.Items {
		if !d.enter(fmt.Sprintf("%s[%d]", path, i), item) {
			return false
		}
	}
	for _, e := range n.Entries {
		if !d.enter(Join(path, e.Key), e.Value) {
			return false
		}
	}
	return true
}

// Join appends a key to a path.
func Join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// Find returns the value at path. When the file does not have it, Find returns an
// alternative key (url_file for url), else the nearest mapping or list around it.
func (d *Document) Find(path string) (n *Node, exact bool) {
	if n, ok := d.Index[path]; ok {
		return n, true
	}
	for _, suffix := range []string{"_file", "_credential"} {
		if n, ok := d.Index[path+suffix]; ok {
			return n, false
		}
	}
	for path != "" {
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
		if n, ok := d.Index[path]; ok {
			return n, false
		}
	}
	return nil, false
}

// Unquote removes from a message what it repeats of the value at a path, except harmless
// words: the value may be a misplaced secret.
func (d *Document) Unquote(path string, msg calbell.Text) calbell.Text {
	n := d.Index[path]
	if n == nil || n.Kind != Scalar {
		return msg
	}
	words := strings.FieldsFunc(n.Text, isBreak)
	if !slices.ContainsFunc(words, func(w string) bool { return !d.Harmless(w) }) {
		return msg
	}
	sentence := func(s string) string {
		s = strings.ReplaceAll(s, strconv.Quote(n.Text), "this value")
		for _, word := range words {
			if len(word) >= minSecret && !d.Harmless(word) {
				s = strings.ReplaceAll(s, word, "…")
			}
		}
		return s
	}
	return msg.Hide(sentence, func(word string) string {
		if word == n.Text { // the quotation marks are part of the text around it
			return "…"
		}
		return sentence(word)
	})
}

// Seal removes secrets from findings. Call it after the whole file was read.
func (d *Document) Seal(findings ...*Error) {
	for _, e := range findings {
		e.Msg = e.Msg.Hide(d.mask, d.maskWord)
	}
}

// ErrorAt returns an error that points at the value at a path, or, when line is not 0, at a
// position inside the value: line and col count from 1, col in characters. For a path that
// the file does not have it points at the nearest existing one.
func (d *Document) ErrorAt(path string, line, col int, msg, hint calbell.Text) *Error {
	n, exact := d.Find(path)
	if n == nil {
		return &Error{File: d.name, Key: path, Msg: msg, Hint: hint}
	}
	p := n.Place
	if exact && line > 0 {
		p = d.inside(n, line, max(1, col))
	}
	e := d.Finding(p, msg, hint)
	e.Key = path
	e.text = exact && p.Line > n.Place.Line && !d.IsHidden(n)
	return e
}
