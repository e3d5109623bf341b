package web

import (
	"errors"
	"slices"
	"strings"

	"calbell"
)

// value is what a form's field holds, without the space around it.
func (v *view) value(name string) string { return strings.TrimSpace(v.r.FormValue(name)) }

// Value is what was sent for a field: a form that was not done is shown as it was sent.
func (v *view) Value(name string) string { return v.r.FormValue(name) }

// sent reports whether the form that was sent has a field.
func (v *view) sent(name string) bool { return v.r.PostForm.Has(name) }

// tag is the state that a form was filled in on, for the next time it is sent; now is that of
// what is stored. Who was told that it is another one may send the form all the same.
func (v *view) tag(now string) string {
	if errors.Is(v.Problem, calbell.ErrChanged) {
		return now
	}
	return v.value("etag")
}

// FieldProblem says what is wrong with a field of a form; "" when nothing is.
func (v *view) FieldProblem(name string) string {
	return v.problemOf(func(field string) bool {
		whole, _, _ := strings.Cut(field, "[") // of a list, its field
		return whole == name
	})
}

// problemOf is what is wrong with the first field of that kind; "" when nothing is.
func (v *view) problemOf(is func(field string) bool) string {
	for _, f := range calbell.FieldsOf(v.Problem) {
		if !is(f.Name) {
			continue
		}
		if f.Hint != "" {
			return v.T("colon", v.Sentence(f.What), v.Say(f.Hint))
		}
		return v.Sentence(f.What)
	}
	return ""
}

// choice is one entry of a drop-down list.
type choice struct {
	Value, Text string
	Chosen      bool
}

// choose marks the entry with that value as the chosen one.
func choose(list []choice, value string) []choice {
	for i := range list {
		list[i].Chosen = list[i].Value == value
	}
	return list
}

// offers reports whether a list has an entry with that value.
func offers(list []choice, value string) bool {
	return slices.ContainsFunc(list, func(c choice) bool { return c.Value == value })
}

// keep adds what is stored and not in the list, so that saving a form does not take it away.
func keep(list []choice, value string) []choice {
	if value == "" || slices.ContainsFunc(list, func(c choice) bool { return c.Chosen }) {
		return list
	}
	return append(list, choice{Value: value, Text: value, Chosen: true})
}

// chosen is the value of the entry that a browser shows: the chosen one, else the first.
func chosen(list []choice) string {
	for _, c := range list {
		if c.Chosen {
			return c.Value
		}
	}
	if len(list) == 0 {
		return ""
	}
	return list[0].Value
}
