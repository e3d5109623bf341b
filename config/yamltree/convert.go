package yamltree

import (
	"fmt"
	"strconv"
	"strings"

	"calbell"

	"github.com/goccy/go-yaml/ast"
)

// Value converts a node to maps, lists and scalars, as in JSON.
func (d *Document) Value(path string, n *Node) (value any, findings Errors) {
	c := converter{doc: d}
	value = c.value(path, n)
	return value, c.findings
}

// IsBool reports whether a node is true or false, in any of the spellings of YAML 1.2.
func (n *Node) IsBool() bool { return n.typ == ast.BoolType }

// converter converts nodes to values.
type converter struct {
	doc      *Document
	findings Errors
}

// value converts a node. maxNodes already limits the number of nodes.
func (c *converter) value(path string, n *Node) any {
	switch n.Kind {
	case Sequence:
		out := make([]any, len(n.Items))
		for i, item := range n.Items {
			out[i] = c.value(fmt.Sprintf("%s[%d]", path, i), item)
		}
		return out
	case Mapping:
		out := make(map[string]any, len(n.Entries))
		for _, e := range n.Entries {
			out[e.Key] = c.value(Join(path, e.Key), e.Value)
		}
		return out
	case Scalar:
		return c.scalarValue(path, n)
	}
	return nil
}

// scalarValue converts a plain number or boolean; anything else is text.
func (c *converter) scalarValue(path string, n *Node) any {
	switch n.typ {
	case ast.BoolType:
		return strings.EqualFold(n.Text, "true")
	case ast.IntegerType:
		// YAML versions disagree about 0x10, 1_000 and 010, so these stay text.
		if i, err := strconv.ParseInt(n.Text, 10, 64); err == nil && strconv.FormatInt(i, 10) == n.Text {
			return i
		}
	case ast.FloatType:
		if f, err := strconv.ParseFloat(n.Text, 64); err == nil {
			return f
		}
	case ast.InfinityType, ast.NanType:
	default:
		return n.Text
	}
	c.findings = append(c.findings, c.doc.ErrorAt(path, 0, 0, calbell.T("config:no-json-number", "JSON has no number of this form"), calbell.T("config:quote-text", "for a text put it in quotes")))
	return nil
}
