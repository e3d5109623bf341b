// Package scheme recognises a server that was spoken to with the wrong one of http and https, by
// what it answered: TLS, Go and other servers each say so in their own way. It is used where a
// person gave the address, to name the right one.
//
// It may import the standard library alone.
//
//	scheme.go  errors and answers that tell
package scheme
