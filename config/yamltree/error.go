package yamltree

import (
	"cmp"
	"fmt"
	"slices"

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
	Msg calbell.Text
	// Hint is the next step; may be zero.
	Hint calbell.Text

	doc   *Document // for the excerpt: what is secret is known once all is read; nil without a place
	text  bool      // the line is text of a message: it has no keys
	Shown bool      // the value at Key is no secret: the excerpt shows it
}

// Error returns the finding as people read it; see [Error.Text].
func (e *Error) Error() string { return e.Text().English }

// Text returns the finding as people read it, on one to four lines: place and message, the line
// with a caret, the hint.
func (e *Error) Text() calbell.Text {
	said := e.Msg
	switch {
	case e.Line > 0:
		said = calbell.Chain(calbell.Plain(fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Col)), said)
	case e.File != "":
		said = calbell.Chain(calbell.Plain(e.File), said)
	case e.Key != "":
		said = calbell.Chain(calbell.Plain(e.Key), said)
	}
	excerpt := ""
	if e.doc != nil {
		excerpt = e.doc.excerpt(e)
	}
	switch {
	case !e.Hint.IsZero():
		return calbell.T("config:finding-hint", "%s%s\n  %s", said, excerpt, e.Hint)
	case excerpt != "":
		return calbell.T("config:finding", "%s%s", said, excerpt)
	}
	return said
}

// Errors are the findings of one run in the order of the file.
type Errors []*Error

// Error returns the findings one below the other.
func (es Errors) Error() string { return es.Text().English }

// Text returns the findings one below the other.
func (es Errors) Text() calbell.Text {
	texts := make([]calbell.Text, 0, maxFindings+1)
	for _, e := range es[:min(len(es), maxFindings)] {
		texts = append(texts, e.Text())
	}
	if more := len(es) - maxFindings; more > 0 {
		texts = append(texts, calbell.T("config:and-more", "and %d more", more))
	}
	return lines(texts)
}

// lines returns texts one below the other, nested as little as can be: a reader's language bounds
// how deep texts stand in texts.
func lines(texts []calbell.Text) calbell.Text {
	switch half := len(texts) / 2; len(texts) {
	case 0:
		return calbell.Text{}
	case 1:
		return texts[0]
	default:
		return calbell.T("config:lines", "%s\n%s", lines(texts[:half]), lines(texts[half:]))
	}
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
