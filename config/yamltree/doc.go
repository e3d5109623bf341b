// Package yamltree reads a YAML file that people write into a tree in which every value knows its
// place, and reports what is wrong with file, line, column, the line with a caret, and a hint. Values
// stay texts, as they are written: what a key means is up to those who read the tree.
//
// A file with mistakes has secrets in places where none is expected. So this package promises that
// no finding shows one: of a line it shows what is known to be harmless, and it takes out of messages
// what looks like a secret, or is known to be one. It is bounded against nesting, aliases and size.
//
// It knows no keys of Calbell's: the words that may be shown are given to it.
//
// It is pure, and may import the root package and github.com/goccy/go-yaml.
//
// # Files
//
//	document.go  the text and the places of its values
//	tree.go      YAML → nodes, within limits
//	convert.go   nodes → values of any shape
//	locate.go    a place in a folded or escaped text
//	error.go     a finding
//	excerpt.go   the line with a caret, harmless to print
//	mask.go      values that must not be shown
//	harmless.go  words that may
package yamltree
