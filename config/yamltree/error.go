package yamltree

import (
	"cmp"
	"fmt"
	"slices"

	"calbell"
)

// maxFindings limits the findings of one run: a file of another kind would otherwise produce one per
// line.
const maxFindings = 50

// Error is one finding: an error in the file with its position.
type Error struct {
	// File is the file's name as given; "" without a file, or for an environment variable.
	File string
	// Line and Col count from 1, Col in characters; 0 without a position.
	Line, Col int
	// Key is the YAML path ("webhooks[0].template") or the environment variable; may be "".
	Key string
	// Msg is the error. It contains no secret.
	Msg calbell.Text
	// Hint is the next step; may be zero.
	Hint calbell.Text

	doc   *Document // for the excerpt, which needs all secrets of the file; nil without a position
	text  bool      // the line is part of a message template, not of YAML
	Shown bool      // the value at Key is not a secret, and the excerpt shows it
}

// Error returns the finding as people read it; see [Error.Text].
func (e *Error) Error() string { return e.Text().English }

// Text returns the finding for people, in one to four lines: position and message, the line
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

// Errors are the findings of one run, in the order of the file.
type Errors []*Error

// Error returns the findings, one below the other.
func (es Errors) Error() string { return es.Text().English }

// Text returns the findings, one below the other.
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

// lines joins texts with line breaks. It nests them as little as possible, because
// translation limits the nesting of texts.
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

// Unwrap returns the findings for errors.As.
func (es Errors) Unwrap() []error {
	errs := make([]error, len(es))
	for i, e := range es {
		errs[i] = e
	}
	return errs
}

// Err returns the findings as an error; nil when there are none.
func (es Errors) Err() error {
	if len(es) == 0 {
		return nil
	}
	slices.SortStableFunc(es, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	return &calbell.Error{Kind: calbell.KindConfig, Err: es}
}

// AsShown marks the value as harmless, so that the excerpt shows it. The message repeats it
// already.
func (e *Error) AsShown() *Error {
	e.Shown = true
	return e
}
