package templates

import (
	"errors"
	"strings"

	"calbell"
	"calbell/webhook/dialect"
)

// Fault is what is wrong with one field of a webhook or of a digest.
type Fault struct {
	Field        string
	Line, Column int // inside the field's value; 0: the whole
	What, Hint   calbell.Text
}

// Text returns what is wrong, with the field.
func (f Fault) Text() calbell.Text {
	if f.Line > 0 {
		return calbell.List(dialect.FieldText(f.Field), f.Placed())
	}
	return calbell.Chain(dialect.FieldText(f.Field), f.What)
}

// Placed returns what is wrong, with the place in the field.
func (f Fault) Placed() calbell.Text {
	if f.Line > 0 {
		return calbell.T("templates:at", "line %d, column %d: %s", f.Line, f.Column, f.What)
	}
	return f.What
}

// FieldFault returns an error about a field.
func FieldFault(name string, err error) Fault {
	return Fault{Field: name, What: calbell.TextOfError(err), Hint: calbell.HintOf(err)}
}

// FaultOf returns an error about a template with its place in it.
func FaultOf(err error) Fault {
	f := Fault{Field: "template", What: calbell.TextOfError(err)}
	var field *FieldError
	if errors.As(err, &field) {
		f.Field, f.What = field.Field, calbell.TextOfError(field.Err)
	}
	var syntax *SyntaxError
	if errors.As(err, &syntax) {
		f.Line, f.Column, f.What = syntax.Line, syntax.Column, syntax.What()
	}
	return f
}

// CheckHook returns all that is wrong with a webhook but for its URL, whoever defines it: the
// file, the page or a program.
func CheckHook(w calbell.Webhook) (all []Fault) {
	var fields dialect.FieldErrors
	if errors.As(dialect.Check(w), &fields) {
		for _, f := range fields {
			all = append(all, FieldFault(f.Field, f.Err))
		}
	}
	if w.Locale != "" && !KnownLocale(w.Locale) {
		all = append(all, Fault{Field: "locale", What: calbell.T("service:unknown-locale", "unknown locale %q", w.Locale), Hint: calbell.T("service:one", "one of %s", strings.Join(Locales(), ", "))})
	}
	_, errs := CompileHookLenient(w)
	for _, err := range errs {
		all = append(all, FaultOf(err))
	}
	return all
}
