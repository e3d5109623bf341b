package plan

import (
	"cmp"
	"slices"

	"calbell"
)

// muted returns the reason when a person muted an instance; the zero Text when nobody did.
func (r *Router) muted(i *calbell.Instance) calbell.Text {
	for _, b := range r.bindings {
		switch {
		case !b.Mute || !b.Covers(i.RecurrenceID):
		case b.Instance == "":
			return calbell.T("plan:event-muted", "the event is muted")
		default:
			return calbell.T("plan:occurrence-muted", "this occurrence is muted")
		}
	}
	return calbell.Text{}
}

// skipped returns why an instance has no reminders, not even attached ones; the zero Text when
// it may have some.
func (r *Routing) skipped(i *calbell.Instance) calbell.Text {
	if who := Declined(i, r.own); who != "" {
		return calbell.T("plan:declined", "%s declined", who)
	}
	switch {
	case i.Transparency == "TRANSPARENT" && slices.Contains(r.skip, "free"):
		return calbell.T("plan:free", "the time is shown as free")
	case i.Status == "TENTATIVE" && slices.Contains(r.skip, "tentative"):
		return calbell.T("plan:tentative", "the event is tentative")
	}
	return calbell.Text{}
}

// Declined returns the person's own address that declined the invitation; "" when none did.
func Declined(i *calbell.Instance, own []string) string {
	for _, p := range i.Attendees {
		if p.Status == "DECLINED" && slices.Contains(own, person(p.Address)) {
			return cmp.Or(p.Name, p.Address)
		}
	}
	return ""
}

// hidden reports whether only its owner may see an instance's texts.
func hidden(i *calbell.Instance) bool { return i.Class == "PRIVATE" || i.Class == "CONFIDENTIAL" }
