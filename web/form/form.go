package form

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"calbell"
	"calbell/web/words"
)

// ErrUnreadable is the error of a form that cannot be read.
var ErrUnreadable = calbell.Errorf("form:form-cannot-read", "the form cannot be read")

// Form is a form that was sent, or is about to be filled in.
type Form struct {
	words.Reader
	// Values are what was sent and what the address asks for; Posted is what was sent.
	Values, Posted url.Values
	// Problem is what kept the form from being done; nil: nothing did.
	Problem error
}

// Read reads the form of a request. What cannot be read is told: half a form must not be taken for a
// whole one. Of an address, what can be read is enough.
func Read(r *http.Request) (Form, error) {
	err := r.ParseForm()
	if err != nil && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return Form{Values: r.Form, Posted: r.PostForm}, err
}

// Trimmed is what a field holds, without the space around it.
func (f Form) Trimmed(name string) string { return strings.TrimSpace(f.Value(name)) }

// Value is what was sent for a field: a form that was not done is shown as it was sent.
func (f Form) Value(name string) string { return f.Values.Get(name) }

// Checked reports whether a box is ticked.
func (f Form) Checked(name string) bool { return f.Value(name) != "" }

// IsSent reports whether the form that was sent has a field.
func (f Form) IsSent(name string) bool { return f.Posted.Has(name) }

// ETag is the state that a form was filled in on, for the next time it is sent; now is that of
// what is stored. Who was told that it is another one may send the form all the same.
func (f Form) ETag(now string) string {
	if errors.Is(f.Problem, calbell.ErrChanged) {
		return now
	}
	return f.Trimmed("etag")
}

// FieldProblem says what is wrong with a field of a form; "" when nothing is.
func (f Form) FieldProblem(name string) string {
	return f.problemOf(func(field string) bool {
		whole, _, _ := strings.Cut(field, "[") // of a list, its field
		return whole == name
	})
}

// problemOf is what is wrong with the first field of that kind; "" when nothing is.
func (f Form) problemOf(is func(field string) bool) string {
	for _, wrong := range calbell.FieldsOf(f.Problem) {
		if !is(wrong.Name) {
			continue
		}
		if !wrong.Hint.IsZero() {
			return f.T("colon", f.Sentence(wrong.What), f.Say(wrong.Hint))
		}
		return f.Sentence(wrong.What)
	}
	return ""
}

// FieldError is an error about one field of a form.
func FieldError(name string, hint calbell.Text, err error) error {
	return &calbell.Error{
		Kind: calbell.KindUsage, What: calbell.TextOfError(err), Hint: hint, Fields: []calbell.FieldError{{Name: name, What: calbell.TextOfError(err), Hint: hint}},
	}
}

// Join is one error of those that there are, with the fields of all.
func Join(all ...error) error {
	var e *calbell.Error
	for _, err := range all {
		switch {
		case err == nil:
		case e == nil:
			e = &calbell.Error{Kind: calbell.KindUsage, What: calbell.TextOfError(err), Hint: calbell.HintOf(err), Fields: calbell.FieldsOf(err)}
		default:
			e.Fields = append(e.Fields, calbell.FieldsOf(err)...)
		}
	}
	if e == nil {
		return nil
	}
	return e
}
