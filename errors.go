package calbell

import (
	"errors"
	"time"
)

// ErrorKind classifies an error for people: it decides the exit code of a command
// and the status of an API answer.
type ErrorKind int

// The kinds, with the exit code that each becomes.
const (
	KindFailed      ErrorKind = 1  // anything else
	KindUsage       ErrorKind = 2  // the request itself is wrong
	KindPartly      ErrorKind = 3  // some of it was done
	KindConfig      ErrorKind = 4  // the configuration is invalid
	KindNotAllowed  ErrorKind = 5  // the caller may not
	KindNotFound    ErrorKind = 6  // no such thing
	KindNoDaemon    ErrorKind = 7  // the daemon is not reachable
	KindUnreachable ErrorKind = 8  // a remote server is not reachable
	KindRefused     ErrorKind = 9  // a remote server refused
	KindAlreadyRuns ErrorKind = 10 // another daemon holds the database
)

// Error is an error that people read: what failed, why, and the next step.
type Error struct {
	Kind ErrorKind
	// What says what failed and where, in one line: `calendar "Team": sign-in refused (401)`.
	What Text
	// Hint names the next step; zero when there is none to name.
	Hint Text
	// RetryAfter is how long the other side asked to be left alone; 0: it did not ask.
	RetryAfter time.Duration
	// Account: it is about the account or its server, not about one calendar. Asking for
	// another calendar would be answered alike, or would knock where nobody wants it.
	Account bool
	// Fields say what is wrong with parts of the request; nil: it is wrong as a whole.
	Fields []FieldError
	// Err is the cause; may be nil. It is printed after What, so What need not repeat it.
	Err error
}

// FieldError is what is wrong with one field of a request.
type FieldError struct {
	Name string // as in the request's JSON: "url", "remind[0]"
	What Text
	Hint Text
}

// FieldsOf returns the fields of the first [Error] in err's chain that names some.
func FieldsOf(err error) []FieldError {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return nil
		}
		if e.Fields != nil {
			return e.Fields
		}
		err = e.Err
	}
	return nil
}

// ErrChanged says that a thing was edited on a state that is not that of now: look again.
var ErrChanged = Errorf("domain:changed-meanwhile", "it was changed meanwhile")

// Error returns what failed and the cause, without the hint.
func (e *Error) Error() string {
	switch {
	case e.Err == nil:
		return e.What.English
	case e.What.IsZero():
		return e.Err.Error()
	}
	return e.What.English + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ErrNoCalendars: a server let a person in and listed all that is theirs, without any calendar.
var ErrNoCalendars = errors.New("the server lists no calendar")

// KindOf returns the kind of the outermost [Error] in err's chain; KindFailed when
// there is none, 0 when err is nil.
func KindOf(err error) ErrorKind {
	var e *Error
	switch {
	case err == nil:
		return 0
	case errors.As(err, &e):
		return e.Kind
	}
	return KindFailed
}

// HintOf returns the hint of the first [Error] in err's chain that has one.
func HintOf(err error) Text {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return Text{}
		}
		if !e.Hint.IsZero() {
			return e.Hint
		}
		err = e.Err
	}
	return Text{}
}

// IsNotFound reports whether an error says that something does not exist, rather than that it
// could not be read.
func IsNotFound(err error) bool { return KindOf(err) == KindNotFound }

// ErrChangedThere says that an object was changed at the server before it could be written:
// the next sync brings what it is now. It has no meaning for people.
var ErrChangedThere = Errorf("domain:object-changed-server-meanwhile", "the object was changed at the server meanwhile")

// ConfigWarning is about something in the configuration that works and should not stay so.
type ConfigWarning struct {
	What Text `json:"what"` // what is unwise, where
	Hint Text `json:"hint"` // the next step
}
