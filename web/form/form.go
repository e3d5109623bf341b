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

// ErrUnreadable is the error for a form that cannot be parsed.
var ErrUnreadable = calbell.Errorf("form:form-cannot-read", "the form cannot be read")

// Form is a form that was sent, or an empty one.
type Form struct {
	words.Reader
	// Values are the parameters of the body and of the address; Posted only those of the body.
	Values, Posted url.Values
	// Problem is the error that prevented the form's action; nil: none.
	Problem error
}

// Read parses the form of a request. An invalid body is an error, because half a form must
// not be taken for a whole one. Of an invalid query, the readable parameters are used.
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

// Trimmed returns the value of a field without surrounding white space.
func (f Form) Trimmed(name string) string { return strings.TrimSpace(f.Value(name)) }

// Value returns the value that was sent for a field. A form that failed is shown with the
// sent values.
func (f Form) Value(name string) string { return f.Values.Get(name) }

// Checked reports whether a box is checked.
func (f Form) Checked(name string) bool { return f.Value(name) != "" }

// IsSent reports whether the form that was sent has a field.
func (f Form) IsSent(name string) bool { return f.Posted.Has(name) }

// ETag returns the ETag that the form sends next; now is that of the stored state. After a
// conflict was shown it is now, so that sending the form again overwrites.
func (f Form) ETag(now string) string {
	if errors.Is(f.Problem, calbell.ErrChanged) {
		return now
	}
	return f.Trimmed("etag")
}

// FieldProblem returns the error of a field; "" when there is none.
func (f Form) FieldProblem(name string) string {
	return f.problemOf(func(field string) bool {
		whole, _, _ := strings.Cut(field, "[") // errors of a list's elements belong to its field
		return whole == name
	})
}

// problemOf returns the error of the first matching field; "" when there is none.
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

// FieldError returns an error for one field of a form.
func FieldError(name string, hint calbell.Text, err error) error {
	return &calbell.Error{
		Kind: calbell.KindUsage, What: calbell.TextOfError(err), Hint: hint, Fields: []calbell.FieldError{{Name: name, What: calbell.TextOfError(err), Hint: hint}},
	}
}

// Join combines errors into one with the fields of all.
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
