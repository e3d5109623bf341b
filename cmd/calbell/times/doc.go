// Package times shows times to people at a terminal, and reads those that they type.
//
// It may import the root package.
//
//	times.go  days, instants and instances in the reader's zone; times as people type them
package times
