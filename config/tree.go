package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of the file beside calbell.MaxConfigBytes.
const (
	// maxDepth bounds nesting; the deepest key of ours is 5 deep, a card in an attachment
	// perhaps 15. The parser recurses, and a stack overflow cannot be recovered.
	maxDepth = 64
	// maxBrackets bounds unclosed brackets and maxMarks the "- - -" of one line before the
	// file is parsed: the same nesting, counted without understanding the text, in which
	// message templates may hold brackets of their own.
	maxBrackets = 5000
	maxMarks    = 500
	// maxNodes bounds the values after aliases are followed: ten levels of ten aliases
	// would otherwise be ten thousand million values.
	maxNodes = 100_000
)

// kind tells the shapes of a node apart.
type kind int

const (
	null kind = iota
	scalar
	sequence
	mapping
)

func (k kind) String() string {
	return [...]string{"nothing", "a single value", "a list", "a mapping of keys"}[k]
}

// node is a value of the file. A node that an alias repeats is shared.
type node struct {
	kind  kind
	place place // first character: of the quote, of the block's "|", of the first key

	// Of a scalar: its text, as written but for quotes, escapes and folding; how it is
	// written; and what YAML 1.2 takes it for.
	text  string
	style token.Type
	typ   ast.NodeType

	items   []*node // of a sequence
	entries []entry // of a mapping, in the file's order, keys unique
}

// entry is a key and its value.
type entry struct {
	key   string
	place place
	value *node
}

// get returns the value of a key; nil when it is absent or null.
func (n *node) get(key string) *node {
	for _, e := range n.entries {
		if e.key == key && e.value.kind != null {
			return e.value
		}
	}
	return nil
}

// place is a position in the file, both from 1, col in characters.
type place struct{ line, col int }

func placeOf(t *token.Token) place {
	return place{max(1, t.Position.Line), max(1, t.Position.Column)}
}

// parse reads the text of the file into its tree. What is wrong is reported as
// findings; the tree of an empty file is an empty mapping.
func (d *document) parse() (root *node, findings Errors) {
	if p, ok := tooDeep(d.lines); ok {
		return nil, Errors{d.finding(p, "nested too deeply", "")}
	}
	file, err := parseYAML(d.text)
	if err != nil {
		return nil, Errors{d.syntaxError(err)}
	}
	b := builder{doc: d, anchors: map[string]*node{}}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if doc.Body.Type() == ast.DirectiveType {
			b.fail(placeOf(doc.Body.GetToken()), "directives (%) have no use here", "")
			continue
		}
		if root != nil {
			b.fail(placeOf(doc.Body.GetToken()), "a second YAML document: only one is read", `remove the "---" before it`)
			break
		}
		root = b.build(doc.Body, 0)
	}
	if root == nil || root.kind == null {
		root = &node{kind: mapping, place: place{1, 1}}
	}
	return root, b.findings
}

// parseYAML calls the parser, whose panics become errors: none is known, but the file is
// typed by hand, and a daemon that reloads must outlive any typing error. Double keys
// are let through, for the builder to report all of them.
func parseYAML(text string) (file *ast.File, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("this is not valid YAML") // what the parser panics with may quote the file
		}
	}()
	return parser.ParseBytes([]byte(text), 0, parser.AllowDuplicateMapKey())
}

// syntaxError turns the parser's error into a finding.
func (d *document) syntaxError(err error) *Error {
	var syntax *yaml.SyntaxError
	if !errors.As(err, &syntax) || syntax.Token == nil {
		return &Error{File: d.name, Msg: "this is not valid YAML"}
	}
	p := placeOf(syntax.Token)
	line := d.line(p.line)
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	if tab := strings.IndexByte(indent, '\t'); tab >= 0 {
		return d.finding(place{p.line, tab + 1}, "a tab cannot indent YAML", "use spaces")
	}
	msg, hint := syntaxText(syntax.Message)
	return d.finding(p, msg, hint)
}

// syntaxText says in our words what the parser's message mostly means. The message itself is
// not passed on: some quote the file.
func syntaxText(msg string) (text, hint string) {
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(msg, part) })
	}
	switch {
	case has("non-map value"):
		return "this is not a key with a value", `a key is followed by a colon and a space: "key: value"`
	case has("could not find end character"):
		return "nothing closes this quotation mark", "close it on this line, or remove it"
	case has("'[' character", "'{' character"):
		return "nothing opens this bracket", "remove it, or put the value in quotes"
	case has("',' or ']'", "']' not found"):
		return "nothing closes this list in brackets", "separate its items with commas, and close it with ]"
	case has("',' or '}'", "'}'", "flow map content"):
		return "nothing closes this mapping in braces", "separate its keys with commas, and close the brace"
	case has("alias", "anchor", "tag", "reserved character"):
		return "* & ! @ % and ` mean something else at the beginning of a value", "put the value in quotes"
	case has("header option"):
		return "after | and > the text begins on the next line", "put the value in quotes"
	case has("not allowed in this context"):
		return "this cannot stand here", lookAround
	}
	return "this is not valid YAML", lookAround
}

// lookAround is the next step where the parser finds what a slip before it has led to.
const lookAround = "look at the indentation and the quotation marks of this line and its neighbours"

// tooDeep looks for nesting that the parser must not see.
func tooDeep(lines []string) (place, bool) {
	open := 0
	for i, line := range lines {
		open = max(0, open+strings.Count(line, "[")+strings.Count(line, "{")-
			strings.Count(line, "]")-strings.Count(line, "}"))
		marks := 0
		for field := range strings.FieldsSeq(line) {
			if strings.ContainsAny(field[:1], "-?:!&") {
				marks++
			}
		}
		if open > maxBrackets || marks > maxMarks {
			return place{i + 1, 1}, true
		}
	}
	return place{}, false
}

// builder turns the parser's tree into ours.
type builder struct {
	doc      *document
	anchors  map[string]*node
	findings Errors
}

func (b *builder) fail(p place, msg, hint string) {
	b.findings = append(b.findings, b.doc.finding(p, msg, hint))
}

// build returns the node of n; a null node where something was wrong with it.
func (b *builder) build(n ast.Node, depth int) *node {
	out := &node{}
	if n == nil {
		return out
	}
	out.place = placeOf(n.GetToken())
	if depth > maxDepth {
		b.fail(out.place, fmt.Sprintf("nested more than %d deep", maxDepth), "")
		return out
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		b.mapping(out, n.Values, depth)
		if n.IsFlowStyle {
			out.place = placeOf(n.GetToken())
		}
	case *ast.MappingValueNode:
		b.mapping(out, []*ast.MappingValueNode{n}, depth)
	case *ast.SequenceNode:
		out.kind = sequence
		for _, item := range n.Values {
			out.items = append(out.items, b.build(item, depth+1))
		}
	case *ast.AnchorNode:
		out = b.build(n.Value, depth+1)
		b.anchors[n.Name.GetToken().Value] = out
	case *ast.AliasNode:
		return b.alias(n, out)
	case *ast.TagNode:
		return b.tag(n, out, depth)
	default:
		b.scalar(out, n)
	}
	return out
}

// scalar fills in a single value.
func (b *builder) scalar(out *node, n ast.Node) {
	t := n.GetToken()
	out.kind, out.style, out.typ, out.text = scalar, t.Type, n.Type(), t.Value
	switch n := n.(type) {
	case *ast.NullNode:
		out.kind, out.text = null, ""
	case *ast.LiteralNode:
		out.text = n.Value.Value
	case *ast.StringNode:
		out.text = n.Value
	}
}

func (b *builder) alias(n *ast.AliasNode, out *node) *node {
	name := n.Value.GetToken().Value
	if target, ok := b.anchors[name]; ok {
		return target
	}
	b.fail(out.place, "no anchor of this alias (*) before it", "put a value that begins with * in quotes")
	return out
}

// tag accepts !!str, which says what every text here is anyway.
func (b *builder) tag(n *ast.TagNode, out *node, depth int) *node {
	tag := strings.TrimSpace(n.GetToken().Value)
	if tag != "!!str" {
		b.fail(out.place, "a tag (!) has no use here", "remove it, or put the value in quotes")
		b.doc.hide(b.build(n.Value, depth+1))
		return out
	}
	value := b.build(n.Value, depth+1)
	if value.kind == scalar {
		value.typ = ast.StringType
	}
	return value
}

// mapping fills in the keys: each once, those merged by << last and only where absent.
func (b *builder) mapping(out *node, values []*ast.MappingValueNode, depth int) {
	out.kind = mapping
	first := map[string]place{}
	var merged []*node
	for i, v := range values {
		p, name := placeOf(v.Key.GetToken()), v.Key.GetToken().Value
		if i == 0 {
			out.place = p
		}
		value := b.build(v.Value, depth+1)
		switch key := v.Key.(type) {
		case *ast.MergeKeyNode:
			merged = append(merged, value)
			continue
		case *ast.MappingKeyNode:
			b.fail(p, `keys that begin "?" have no use here`, "")
			continue
		case *ast.StringNode:
			name = key.Value
		}
		if before, ok := first[name]; ok {
			b.fail(p, b.doc.keyTwice(name, before), "")
			b.doc.hide(value)
			continue
		}
		first[name] = p
		out.entries = append(out.entries, entry{name, p, value})
	}
	for _, m := range merged {
		b.merge(out, m, first)
	}
}

// keyTwice says that a key is there twice, with its name if it is one of ours or nearly so.
func (d *document) keyTwice(name string, before place) string {
	if d.harmless(name) || d.nearKey(name) {
		return fmt.Sprintf("key %q stands here twice, first on line %d", name, before.line)
	}
	return fmt.Sprintf("this key stands here twice, first on line %d", before.line)
}

// merge adds the keys of from, a mapping or a list of mappings, that are not in first.
func (b *builder) merge(out, from *node, first map[string]place) {
	switch from.kind {
	case mapping:
		for _, e := range from.entries {
			if _, ok := first[e.key]; !ok {
				first[e.key] = e.place
				out.entries = append(out.entries, e)
			}
		}
	case sequence:
		for _, item := range from.items {
			if item.kind == mapping {
				b.merge(out, item, first)
			}
		}
	case scalar:
		b.fail(from.place, "<< merges a mapping, not "+from.kind.String(), "")
	}
}
