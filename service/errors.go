package service

import (
	"cmp"

	"calbell"
)

// tooLong returns the error for a field that is longer than its limit.
func tooLong(name string, most int) error {
	return field(name, calbell.T("service:longer-than-bytes", "longer than %d bytes", most), calbell.T("service:shorten", "shorten it"))
}

// field returns the error for one field of a request.
func field(name string, what, hint calbell.Text) error {
	return checked([]calbell.FieldError{{Name: name, What: what, Hint: hint}})
}

// checked returns what is wrong with a request as its error; nil when nothing is.
func checked(wrong []calbell.FieldError) error {
	if len(wrong) == 0 {
		return nil
	}
	return &calbell.Error{Kind: calbell.KindUsage, What: wrong[0].What, Hint: wrong[0].Hint, Fields: wrong}
}

// definedInFile returns the error for a change of something that the configuration file defines.
func definedInFile(what, name string) error {
	return &calbell.Error{
		Kind: calbell.KindUsage, What: calbell.T("service:defined-configuration-file", "%s %q is defined in the configuration file", what, name),
		Hint: calbell.T("service:change-then-calbell-reload", "change it there, then: calbell reload"),
	}
}

// orUsage returns err or, if that is nil, an error about the request.
func orUsage(err error, what, hint calbell.Text) error {
	if err != nil {
		return err
	}
	return &calbell.Error{Kind: calbell.KindUsage, What: what, Hint: hint}
}

// notFound returns the error for a name that nothing has. It suggests the nearest of some names.
func notFound(what, name string, names []string, list string) error {
	e := &calbell.Error{Kind: calbell.KindNotFound, What: calbell.T("service:no", "no %s %q", what, name), Hint: calbell.Plain("see " + list)}
	if near := calbell.Nearest(name, names); near != "" {
		e.Hint = calbell.T("service:did-you-mean-see", "did you mean %q? See %s", near, list)
	}
	return e
}

// noCursor returns the error for a cursor that this list did not give.
func noCursor(cursor string) error {
	return field("cursor", calbell.T("service:no-cursor-list", "%.100q is no cursor of this list", cursor), calbell.T("service:begin-without-one", "begin without one"))
}

// notTheirs returns the error for a change of a webhook that is only shared with the caller.
func notTheirs(w calbell.Webhook) error {
	return &calbell.Error{Kind: calbell.KindNotAllowed, What: calbell.T("service:webhook", "webhook %q is %s's", w.Name, cmp.Or(w.Owner, "the admin"))}
}
