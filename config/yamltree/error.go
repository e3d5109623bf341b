package yamltree

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"calbell"
)

// maxFindings bounds what one run reports: a file of another kind would otherwise fill
// the screen with its every line.
const maxFindings = 50

// Error is one finding: what is wrong with the file, and where.
type Error struct {
	// File is the file's name as it was given; "" when there is none, or when the finding
	// is about an environment variable.
	File string
	// Line and Col count from 1, Col in characters; 0 when there is no place to point at.
	Line, Col int
	// Key is the YAML path ("webhooks[0].template") or the environment variable; may be "".
	Key string
	// Msg says what is wrong. It holds no secret.
	Msg string
	// Hint is the next step; may be "".
	Hint string

	doc   *Document // for the excerpt: what is secret is known once all is read; nil without a place
	text  bool      // the line is text of a message: it has no keys
	Shown bool      // the value at Key is no secret: the excerpt shows it
}

// Error returns the finding as people read it, on one to four lines: place and message,
// the line with a caret, the hint.
func (e *Error) Error() string {
	var b strings.Builder
	switch {
	case e.Line > 0:
		fmt.Fprintf(&b, "%s:%d:%d: ", e.File, e.Line, e.Col)
	case e.File != "":
		fmt.Fprintf(&b, "%s: ", e.File)
	case e.Key != "":
		fmt.Fprintf(&b, "%s: ", e.Key)
	}
	b.WriteString(e.Msg)
	if e.doc != nil {
		b.WriteString(e.doc.excerpt(e))
	}
	if e.Hint != "" {
		b.WriteString("\n  " + e.Hint)
	}
	return b.String()
}

// Errors are the findings of one run in the order of the file.
type Errors []*Error

// Error returns the findings one below the other.
func (es Errors) Error() string {
	texts := make([]string, 0, len(es)+1)
	for _, e := range es[:min(len(es), maxFindings)] {
		texts = append(texts, e.Error())
	}
	if more := len(es) - maxFindings; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, "\n")
}

// Unwrap gives errors.As each finding.
func (es Errors) Unwrap() []error {
	errs := make([]error, len(es))
	for i, e := range es {
		errs[i] = e
	}
	return errs
}

// Err returns the findings as the error of a run; nil when there are none.
func (es Errors) Err() error {
	if len(es) == 0 {
		return nil
	}
	slices.SortStableFunc(es, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	return &calbell.Error{Kind: calbell.KindConfig, Err: es}
}

// AsShown lets the excerpt show the value, which the message repeats.
func (e *Error) AsShown() *Error {
	e.Shown = true
	return e
}
