package yamltree

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"calbell"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of the file in addition to calbell.MaxConfigBytes.
const (
	// maxDepth limits the nesting. The deepest key has 5 levels, a card in an attachment perhaps 15. The
	// parser is recursive, and a stack overflow cannot be recovered.
	maxDepth = 64
	// maxBrackets limits unclosed brackets, and maxMarks the "- - -" of one line, before the file is
	// parsed. Brackets are counted without understanding the text, and templates may contain some, so
	// the limit is much higher than maxDepth.
	maxBrackets = 5000
	maxMarks    = 500
	// maxNodes limits the values after aliases are followed: ten levels of ten aliases would otherwise
	// be ten thousand million values.
	maxNodes = 100_000
)

// Kind tells the shapes of a node apart.
type Kind int

// The kinds.
const (
	Null Kind = iota
	Scalar
	Sequence
	Mapping
)

// Text returns the name of the kind in messages.
func (k Kind) Text() calbell.Text {
	switch k {
	case Scalar:
		return calbell.T("config:a-single-value", "a single value")
	case Sequence:
		return calbell.T("config:a-list", "a list")
	case Mapping:
		return calbell.T("config:a-mapping", "a mapping of keys")
	default:
		return calbell.T("config:nothing", "nothing")
	}
}

// Node is a value of the file. A node that an alias refers to is shared.
type Node struct {
	Kind  Kind
	Place Place // first character: of the quote, of the block's "|", of the first key

	// Of a scalar: its text without quotes, escapes and folding; its style; and its YAML 1.2 type.
	Text  string
	style token.Type
	typ   ast.NodeType

	Items   []*Node // of a sequence
	Entries []Entry // of a mapping, in the file's order, keys unique
}

// Entry is a key and its value.
type Entry struct {
	Key   string
	Place Place
	Value *Node
}

// Get returns the value of a key; nil when it is absent or null.
func (n *Node) Get(key string) *Node {
	for _, e := range n.Entries {
		if e.Key == key && e.Value.Kind != Null {
			return e.Value
		}
	}
	return nil
}

// Place is a position in the file. Both numbers count from 1, Col in characters.
type Place struct{ Line, Col int }

func placeOf(t *token.Token) Place {
	return Place{max(1, t.Position.Line), max(1, t.Position.Column)}
}

// Parse parses the text into a tree. Errors are returned as findings; the tree of an empty
// file is an empty mapping.
func (d *Document) Parse() (root *Node, findings Errors) {
	switch {
	case d.size > calbell.MaxConfigBytes:
		return nil, Errors{{File: d.name, Msg: calbell.T("config:file-too-large", "larger than %d bytes", calbell.MaxConfigBytes)}}
	case !utf8.ValidString(d.text):
		return nil, Errors{d.Finding(d.firstInvalid(), calbell.T("config:not-utf-8", "not UTF-8"), calbell.T("config:save-as-utf-8", "save the file as UTF-8"))}
	}
	if p, ok := tooDeep(d.lines); ok {
		return nil, Errors{d.Finding(p, calbell.T("config:nested-too-deeply", "nested too deeply"), calbell.Text{})}
	}
	file, err := parseYAML(d.text)
	if err != nil {
		return nil, Errors{d.syntaxError(err)}
	}
	b := builder{doc: d, anchors: map[string]*Node{}}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if doc.Body.Type() == ast.DirectiveType {
			b.fail(placeOf(doc.Body.GetToken()), calbell.T("config:no-directives", "directives (%%) have no use here"), calbell.Text{})
			continue
		}
		if root != nil {
			b.fail(placeOf(doc.Body.GetToken()), calbell.T("config:second-document", "a second YAML document: only one is read"), calbell.T("config:remove-document-mark", `remove the "---" before it`))
			break
		}
		root = b.build(doc.Body, 0)
	}
	if root == nil || root.Kind == Null {
		root = &Node{Kind: Mapping, Place: Place{1, 1}}
	}
	if !d.enter("", root) {
		b.fail(root.Place, calbell.T("config:too-many-values", "more than %d values", maxNodes), calbell.T("config:aliases-repeat", "an alias repeats everything below its anchor"))
		return nil, b.findings
	}
	return root, b.findings
}

// firstInvalid returns the position of the first byte that is not UTF-8.
func (d *Document) firstInvalid() Place {
	for i, line := range d.lines {
		if at := strings.IndexRune(line, utf8.RuneError); at >= 0 && !utf8.ValidString(line) {
			return Place{i + 1, utf8.RuneCountInString(line[:at]) + 1}
		}
	}
	return Place{1, 1}
}

// parseYAML calls the parser and converts its panics to errors. None is known, but people
// type the file, and a reload must not end the daemon. Duplicate keys are accepted here, so
// that the builder can report all of them.
func parseYAML(text string) (file *ast.File, err error) {
	defer func() {
		if recover() != nil {
			err = calbell.Errorf("config:not-valid-yaml", "this is not valid YAML") // without the panic's value, which may quote the file
		}
	}()
	return parser.ParseBytes([]byte(text), 0, parser.AllowDuplicateMapKey())
}

// syntaxError converts the parser's error to a finding.
func (d *Document) syntaxError(err error) *Error {
	var syntax *yaml.SyntaxError
	if !errors.As(err, &syntax) || syntax.Token == nil {
		return &Error{File: d.name, Msg: calbell.T("config:not-valid-yaml", "this is not valid YAML")}
	}
	p := placeOf(syntax.Token)
	line := d.line(p.Line)
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	if tab := strings.IndexByte(indent, '\t'); tab >= 0 {
		return d.Finding(Place{p.Line, tab + 1}, calbell.T("config:tab-indents", "a tab cannot indent YAML"), calbell.T("config:use-spaces", "use spaces"))
	}
	msg, hint := syntaxText(syntax.Message)
	return d.Finding(p, msg, hint)
}

// syntaxText returns our description of a message of the parser. The message itself is not
// shown, because some quote the file.
func syntaxText(msg string) (text, hint calbell.Text) {
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(msg, part) })
	}
	switch {
	case has("non-map value"):
		return calbell.T("config:not-key-value", "this is not a key with a value"), calbell.T("config:key-followed-colon-space", `a key is followed by a colon and a space: "key: value"`)
	case has("could not find end character"):
		return calbell.T("config:nothing-closes-quotation-mark", "nothing closes this quotation mark"), calbell.T("config:close-line-or-remove", "close it on this line, or remove it")
	case has("'[' character", "'{' character"):
		return calbell.T("config:nothing-opens-bracket", "nothing opens this bracket"), calbell.T("config:remove-or-put-value", "remove it, or put the value in quotes")
	case has("',' or ']'", "']' not found"):
		return calbell.T("config:nothing-closes-list-brackets", "nothing closes this list in brackets"), calbell.T("config:separate-items-commas-close", "separate its items with commas, and close it with ]")
	case has("',' or '}'", "'}'", "flow map content"):
		return calbell.T("config:nothing-closes-mapping-braces", "nothing closes this mapping in braces"), calbell.T("config:separate-keys-commas-close", "separate its keys with commas, and close the brace")
	case has("alias", "anchor", "tag", "reserved character"):
		return calbell.T("config:mean-something-else-beginning", "* & ! @ %% and ` mean something else at the beginning of a value"), calbell.T("config:put-value-quotes", "put the value in quotes")
	case has("header option"):
		return calbell.T("config:after-text-begins-next", "after | and > the text begins on the next line"), calbell.T("config:put-value-quotes", "put the value in quotes")
	case has("not allowed in this context"):
		return calbell.T("config:cannot-stand-here", "this cannot stand here"), lookAround
	}
	return calbell.T("config:not-valid-yaml", "this is not valid YAML"), lookAround
}

// lookAround is the hint for errors that are caused by an earlier mistake.
var lookAround = calbell.T("config:look-indentation-quotation-marks", "look at the indentation and the quotation marks of this line and its neighbours")

// tooDeep reports nesting that must not reach the parser.
func tooDeep(lines []string) (Place, bool) {
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
			return Place{i + 1, 1}, true
		}
	}
	return Place{}, false
}

// builder converts the parser's tree to ours.
type builder struct {
	doc      *Document
	anchors  map[string]*Node
	findings Errors
}

func (b *builder) fail(p Place, msg, hint calbell.Text) {
	b.findings = append(b.findings, b.doc.Finding(p, msg, hint))
}

// build converts a node; an invalid one becomes null.
func (b *builder) build(n ast.Node, depth int) *Node {
	out := &Node{}
	if n == nil {
		return out
	}
	out.Place = placeOf(n.GetToken())
	if depth > maxDepth {
		b.fail(out.Place, calbell.T("config:nested-deeper", "nested more than %d deep", maxDepth), calbell.Text{})
		return out
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		b.mapping(out, n.Values, depth)
		if n.IsFlowStyle {
			out.Place = placeOf(n.GetToken())
		}
	case *ast.MappingValueNode:
		b.mapping(out, []*ast.MappingValueNode{n}, depth)
	case *ast.SequenceNode:
		out.Kind = Sequence
		for _, item := range n.Values {
			out.Items = append(out.Items, b.build(item, depth+1))
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

// scalar converts a single value.
func (b *builder) scalar(out *Node, n ast.Node) {
	t := n.GetToken()
	out.Kind, out.style, out.typ, out.Text = Scalar, t.Type, n.Type(), t.Value
	switch n := n.(type) {
	case *ast.NullNode:
		out.Kind, out.Text = Null, ""
	case *ast.LiteralNode:
		out.Text = n.Value.Value
	case *ast.StringNode:
		out.Text = n.Value
	}
}

func (b *builder) alias(n *ast.AliasNode, out *Node) *Node {
	name := n.Value.GetToken().Value
	if target, ok := b.anchors[name]; ok {
		return target
	}
	b.fail(out.Place, calbell.T("config:no-anchor", "no anchor of this alias (*) before it"), calbell.T("config:quote-asterisk", "put a value that begins with * in quotes"))
	return out
}

// tag accepts !!str, which changes nothing, since all values are texts here.
func (b *builder) tag(n *ast.TagNode, out *Node, depth int) *Node {
	tag := strings.TrimSpace(n.GetToken().Value)
	if tag != "!!str" {
		b.fail(out.Place, calbell.T("config:no-tags", "a tag (!) has no use here"), calbell.T("config:remove-or-put-value", "remove it, or put the value in quotes"))
		b.doc.Hide(b.build(n.Value, depth+1))
		return out
	}
	value := b.build(n.Value, depth+1)
	if value.Kind == Scalar {
		value.typ = ast.StringType
	}
	return value
}

// mapping converts a mapping with unique keys. Keys merged by << are added last, and only
// where absent.
func (b *builder) mapping(out *Node, values []*ast.MappingValueNode, depth int) {
	out.Kind = Mapping
	first := map[string]Place{}
	var merged []*Node
	for i, v := range values {
		p, name := placeOf(v.Key.GetToken()), v.Key.GetToken().Value
		if i == 0 {
			out.Place = p
		}
		value := b.build(v.Value, depth+1)
		switch key := v.Key.(type) {
		case *ast.MergeKeyNode:
			merged = append(merged, value)
			continue
		case *ast.MappingKeyNode:
			b.fail(p, calbell.T("config:no-question-keys", `keys that begin "?" have no use here`), calbell.Text{})
			continue
		case *ast.StringNode:
			name = key.Value
		}
		if before, ok := first[name]; ok {
			b.fail(p, b.doc.keyTwice(name, before), calbell.Text{})
			b.doc.Hide(value)
			continue
		}
		first[name] = p
		out.Entries = append(out.Entries, Entry{name, p, value})
	}
	for _, m := range merged {
		b.merge(out, m, first)
	}
}

// keyTwice returns the error for a duplicate key. It names the key if that is, or
// resembles, a known one.
func (d *Document) keyTwice(name string, before Place) calbell.Text {
	if d.Harmless(name) || d.nearKey(name) {
		return calbell.T("config:named-key-twice", "key %q stands here twice, first on line %d", name, before.Line)
	}
	return calbell.T("config:key-twice", "this key stands here twice, first on line %d", before.Line)
}

// merge adds the keys of from, a mapping or a list of mappings, that are not in first.
func (b *builder) merge(out, from *Node, first map[string]Place) {
	switch from.Kind {
	case Mapping:
		for _, e := range from.Entries {
			if _, ok := first[e.Key]; !ok {
				first[e.Key] = e.Place
				out.Entries = append(out.Entries, e)
			}
		}
	case Sequence:
		for _, item := range from.Items {
			if item.Kind == Mapping {
				b.merge(out, item, first)
			}
		}
	case Scalar:
		b.fail(from.Place, calbell.T("config:merges-mapping", "<< merges a mapping, not %s", from.Kind.Text()), calbell.Text{})
	}
}
