package service

import (
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

// checked returns the faults of a request as an error; nil when there are none.
func checked(wrong []calbell.FieldError) error {
	if len(wrong) == 0 {
		return nil
	}
	return &calbell.Error{Kind: calbell.KindUsage, What: wrong[0].What, Hint: wrong[0].Hint, Fields: wrong}
}

// definedInFile returns the error for changing something that the configuration file
// defines.
func definedInFile(n calbell.Noun, name string) error {
	return &calbell.Error{
		Kind: calbell.KindUsage, What: n.InFile(name),
		Hint: calbell.T("service:change-then-calbell-reload", "change it there, then: calbell reload"),
	}
}

// orUsage returns err, or an error about the request when err is nil.
func orUsage(err error, what, hint calbell.Text) error {
	if err != nil {
		return err
	}
	return &calbell.Error{Kind: calbell.KindUsage, What: what, Hint: hint}
}

// notFound returns the error for an unknown name. It suggests the nearest of names.
func notFound(n calbell.Noun, name string, names []string) error {
	e := calbell.NotFound(n, name)
	e.Hint = calbell.T("service:see", "see %s", lists(n))
	if near := calbell.Nearest(name, names); near != "" {
		e.Hint = calbell.T("service:did-you-mean-see", "did you mean %q? See %s", near, lists(n))
	}
	return e
}

// noCursor returns the error for a cursor that is not from this list.
func noCursor(cursor string) error {
	return field("cursor", calbell.T("service:no-cursor-list", "%.100q is no cursor of this list", cursor), calbell.T("service:begin-without-one", "begin without one"))
}

// notTheirs returns the error for changing a webhook that is only shared with the caller.
func notTheirs(w calbell.Webhook) error {
	return &calbell.Error{Kind: calbell.KindNotAllowed, What: calbell.T("service:others-webhook", "webhook %q is %s's", w.Name, ownerText(w.Owner))}
}

// ownerText names the owner of something.
func ownerText(owner string) calbell.Text {
	if owner == "" {
		return calbell.T("service:the-admin", "the admin")
	}
	return calbell.Plain(owner)
}
