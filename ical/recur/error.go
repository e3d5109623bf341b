package recur

import "fmt"

// keyedError is an error that people read, with the key and the arguments of its translation. This
// package knows no other: calbell.TextOfError makes a text of it.
type keyedError struct {
	key, format string
	args        []any
	err         error // as fmt.Errorf made it
}

// errorf returns an error with a key; both key and format are literals, as for calbell.Errorf.
func errorf(key, format string, args ...any) error {
	return &keyedError{key, format, args, fmt.Errorf(format, args...)}
}

func (e *keyedError) Error() string { return e.err.Error() }

// Unwrap returns the wrapped error.
func (e *keyedError) Unwrap() error { return e.err }

// Keyed returns what calbell.TextOfError needs.
func (e *keyedError) Keyed() (key, format string, args []any) { return e.key, e.format, e.args }
