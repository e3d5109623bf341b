package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

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
	// hidden lists the values that no excerpt shows, elsewhere the secrets that were read from
	// other files and from the environment.
	hidden    []hidden
	elsewhere []string
	// files are those that the file names, holdsSecret is whether there is a secret in the file
	// itself, and credentials the folder that systemd keeps the unit's in.
	files       []UsedFile
	holdsSecret bool
	credentials string
	// open is a file that is no configuration: its lines are shown, but for secrets.
	open bool

	own   func() vocabulary // nil for none
	learn sync.Once         // once all is read
	known known
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
		if e.shown = line > 0; !e.shown { // a place inside a value is one in a text for people
			e.Msg = c.doc.unquote(yamlPath, e.Msg)
		}
		c.doc.seal(e)
	}
	return Errors{e}.err()
}

// Where returns the place of a value as messages begin with it, "config.yaml:4:7: "; "" when the
// configuration was not read from a file. Line and col are as in [Config.ErrorAt].
func (c *Config) Where(yamlPath string, line, col int) string {
	if c.doc == nil {
		return ""
	}
	e := c.doc.errorAt(yamlPath, line, col, "", "")
	if e.Line == 0 {
		return e.File + ": "
	}
	return fmt.Sprintf("%s:%d:%d: ", e.File, e.Line, e.Col)
}

// reject is [Config.ErrorAt] for what is wrong with a whole value.
func (c *Config) reject(yamlPath string, bad *Error) error {
	e := &Error{Key: yamlPath, Msg: bad.Msg, Hint: bad.Hint}
	if c.doc != nil {
		e = c.doc.errorAt(yamlPath, 0, 0, bad.Msg, bad.Hint)
		e.shown = bad.shown
		c.doc.seal(e)
	}
	return Errors{e}.err()
}

// unquote leaves out of a message what it repeats of the value at a path, harmless words
// excepted: the value may be a secret that slipped out of its place.
func (d *document) unquote(path, msg string) string {
	n := d.index[path]
	if n == nil || n.kind != scalar {
		return msg
	}
	words := strings.FieldsFunc(n.text, isBreak)
	if !slices.ContainsFunc(words, func(w string) bool { return !d.harmless(w) }) {
		return msg
	}
	msg = strings.ReplaceAll(msg, strconv.Quote(n.text), "this value")
	for _, word := range words {
		if len(word) >= minSecret && !d.harmless(word) {
			msg = strings.ReplaceAll(msg, word, "…")
		}
	}
	return msg
}

// seal takes secrets out of findings, when all of the file has been read.
func (d *document) seal(findings ...*Error) {
	for _, e := range findings {
		e.Msg = d.mask(e.Msg)
	}
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
