// Package filltest fills structs with values that differ from zero and from each other. Tests use
// it to carry every field from one place to another: a field that is added later is carried too, or
// the test fails.
//
// It may import the root package.
//
//	fill.go  fills what a pointer points to
package filltest
