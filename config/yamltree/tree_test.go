package yamltree

import (
	"fmt"
	"strings"
	"testing"
)

// dump writes a tree in one line: mappings in braces, lists in brackets, texts quoted.
func dump(n *Node) string {
	var parts []string
	switch n.Kind {
	case Null:
		return "null"
	case Scalar:
		return fmt.Sprintf("%q", n.Text)
	case Sequence:
		for _, item := range n.Items {
			parts = append(parts, dump(item))
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	for _, e := range n.Entries {
		parts = append(parts, e.Key+":"+dump(e.Value))
	}
	return "{" + strings.Join(parts, " ") + "}"
}

func TestTree(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"scalars":           {"a: x\nb: 'it''s'\nc: \"t\\tb\"\nd: 12\ne: true\nf: ~\ng:\nh: 1.5\n", `{a:"x" b:"it's" c:"t\tb" d:"12" e:"true" f:null g:null h:"1.5"}`},
		"text as written":   {"a: 0012\nb: 1_000\nc: 0x1F\nd: TRUE\ne: 2026-11-22\nf: 1e3\ng: .inf\nh: yes\n", `{a:"0012" b:"1_000" c:"0x1F" d:"TRUE" e:"2026-11-22" f:"1e3" g:".inf" h:"yes"}`},
		"block texts":       {"a: |\n  one\n  two\nb: |-\n  one\nc: >\n  one\n  two\n\n  three\nd: |+\n  one\n\ne: x\n", `{a:"one\ntwo\n" b:"one" c:"one two\nthree\n" d:"one\n\n" e:"x"}`},
		"empty texts":       {"a: ''\nb: \"\"\nc: |\n", `{a:"" b:"" c:""}`},
		"lists":             {"a:\n  - x\n  - - y\n    - z\nb: [1, [2], {c: 3}]\nd: []\n", `{a:["x" ["y" "z"]] b:["1" ["2"] {c:"3"}] d:[]}`},
		"list of mappings":  {"a:\n  - b: 1\n    c: 2\n  - d: 3\n", `{a:[{b:"1" c:"2"} {d:"3"}]}`},
		"list not indented": {"a:\n- x\n- y: 1\n  z: 2\nb: 3\n", `{a:["x" {y:"1" z:"2"}] b:"3"}`},
		"quoted keys":       {"\"a b\": 1\n'c': 2\n3: 4\nnull: 5\ntrue: 6\n", `{a b:"1" c:"2" 3:"4" null:"5" true:"6"}`},
		"comments":          {"# one\na: 1 # two\n# three\nb: '#4'\nc: x#5\n", `{a:"1" b:"#4" c:"x#5"}`},
		"document":          {"---\na: 1\n...\n", `{a:"1"}`},
		"alias":             {"a: &x [1, 2]\nb: *x\nc: &y z\nd: *y\n", `{a:["1" "2"] b:["1" "2"] c:"z" d:"z"}`},
		"anchor again":      {"a: &x 1\nb: *x\nc: &x 2\nd: *x\n", `{a:"1" b:"1" c:"2" d:"2"}`},
		"merge":             {"a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  l: 3\n", `{a:{k:"1" l:"2"} b:{l:"3" k:"1"}}`},
		"merge last":        {"a: &x {k: 1, l: 2}\nb:\n  l: 3\n  <<: *x\n", `{a:{k:"1" l:"2"} b:{l:"3" k:"1"}}`},
		"merge several":     {"a: &x {k: 1}\nb: &y {k: 2, m: 3}\nc: {<<: [*x, *y], n: 4}\n", `{a:{k:"1"} b:{k:"2" m:"3"} c:{n:"4" k:"1" m:"3"}}`},
		"string tag":        {"a: !!str 12\nb: !!str\n", `{a:"12" b:null}`},
		"empty":             {"", "{}"},
		"comment alone":     {"# x\n", "{}"},
		"unicode":           {"ключ: значение\n予定: 🔔\n", `{ключ:"значение" 予定:"🔔"}`},
		"long plain":        {"a: one\n  two\n  three\nb: 1\n", `{a:"one two three" b:"1"}`},
		"colons":            {"a: http://x.example.org:80/y\nb: \":bell:\"\nc: 12:30\n", `{a:"http://x.example.org:80/y" b:":bell:" c:"12:30"}`},
	} {
		t.Run(name, func(t *testing.T) {
			root, findings := New("x", []byte(c.text)).Parse()
			if len(findings) > 0 {
				t.Fatal(findings)
			}
			if got := dump(root); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// Every value knows where it begins.
func TestPlaces(t *testing.T) {
	const text = `a: x
b:
  - 'c'
  - d: "e"
    é: {f: g, h: [i, j]}
k: |
  l
m: &n o
p: *n
q:
  r:
    s: t
`
	d := New("x", []byte(text))
	root, findings := d.Parse()
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	for path, want := range map[string]Place{
		"": {1, 1}, "a": {1, 4}, "b": {3, 3}, "b[0]": {3, 5}, "b[1]": {4, 5}, "b[1].d": {4, 8}, "b[1].é": {5, 8},
		"b[1].é.f": {5, 12}, "b[1].é.h": {5, 18}, "b[1].é.h[1]": {5, 22}, "k": {6, 4}, "m": {8, 7}, "p": {8, 7}, "q": {11, 3}, "q.r": {12, 5}, "q.r.s": {12, 8},
	} {
		n, ok := d.Index[path]
		if !ok {
			t.Errorf("%s is not in the index", path)
		} else if n.Place != want {
			t.Errorf("%s is at %v, want %v", path, n.Place, want)
		}
	}
	for key, want := range map[string]Place{"a": {1, 1}, "k": {6, 1}, "q": {10, 1}} {
		for _, e := range root.Entries {
			if e.Key == key && e.Place != want {
				t.Errorf("the key %s is at %v, want %v", key, e.Place, want)
			}
		}
	}
}
