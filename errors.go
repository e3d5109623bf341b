package calbell

import (
	"errors"
	"time"
)

// ErrorKind classifies an error for people. It decides the exit code of a command and the
// status of an API response.
type ErrorKind int

// The kinds, with their exit codes.
const (
	KindFailed      ErrorKind = 1  // anything else
	KindUsage       ErrorKind = 2  // the request itself is wrong
	KindPartly      ErrorKind = 3  // partly done
	KindConfig      ErrorKind = 4  // the configuration is invalid
	KindNotAllowed  ErrorKind = 5  // the caller is not permitted
	KindNotFound    ErrorKind = 6  // no such thing
	KindNoDaemon    ErrorKind = 7  // the daemon is not reachable
	KindUnreachable ErrorKind = 8  // a remote server is not reachable
	KindRefused     ErrorKind = 9  // a remote server refused
	KindAlreadyRuns ErrorKind = 10 // another daemon has opened the database
)

// Error is an error that people read: what failed, why, and the next step.
type Error struct {
	Kind ErrorKind
	// What is one line that says what failed and where: `calendar "Team": sign-in refused
	// (401)`.
	What Text
	// Hint names the next step; zero when there is none to name.
	Hint Text
	// RetryAfter is how long the other side asked us to wait; 0: it did not ask.
	RetryAfter time.Duration
	// Account is set when the error concerns the account or its server, not one calendar.
	// Requests for other calendars would fail too, and add load to a server that refuses.
	Account bool
	// Fields are the invalid fields of the request; nil: the request is invalid as a whole.
	Fields []FieldError
	// Err is the cause; may be nil. It is printed after What, so What need not repeat it.
	Err error
}

// FieldError is an invalid field of a request.
type FieldError struct {
	Name string // as in the request's JSON: "url", "remind[0]"
	What Text
	Hint Text
}

// FieldsOf returns the invalid fields of the first [Error] in err's chain that has any.
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

// ErrChanged rejects an edit that is based on an outdated state.
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

// ErrNoCalendars reports that a server accepted the sign-in but lists no calendar.
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

// IsNotFound reports whether an error means that something does not exist, not that it could
// not be read.
func IsNotFound(err error) bool { return KindOf(err) == KindNotFound }

// ErrChangedThere reports that an object changed at the server before it could be written. The
// next sync fetches the new version, so the error is not shown to people.
var ErrChangedThere = Errorf("domain:object-changed-server-meanwhile", "the object was changed at the server meanwhile")

// ConfigWarning reports something in the configuration that works but should be changed.
type ConfigWarning struct {
	What Text `json:"what"` // what should be changed, and where
	Hint Text `json:"hint"` // the next step
}
