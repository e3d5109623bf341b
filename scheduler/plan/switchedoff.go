package plan

import (
	"slices"
	"strings"

	"calbell"
	"calbell/ical"
)

// OffReason is why an event in another person's calendar has no reminders.
var OffReason = calbell.T("plan:calendar-belongs-somebody-else", "its calendar belongs to somebody else and is not switched on")

// SwitchedOff reports whether a calendar is another person's, and the account's person has not
// switched it on: otherwise anyone who can share a calendar could post through that person's
// webhooks. For a calendar of unknown ownership, stored by an earlier version, it returns false
// until the next discovery.
func (p *Policy) SwitchedOff(c calbell.Calendar) bool {
	a := p.accounts[c.Account]
	return c.Ownership == calbell.OwnershipOther && !a.TrustInvitations && !Lists(a, c.Listed) &&
		!p.set.Calendars[c.ID].On() && !c.At(a.URL)
}

// Lists reports whether an account's list of calendars contains a name.
func Lists(a calbell.Account, name string) bool {
	return name != "" && slices.ContainsFunc(a.Calendars, func(s calbell.CalendarSettings) bool { return s.Name == name })
}

// concerns reports whether the calendar in a rule or a digest, given by ID, address, name or
// account/name, is this one. "" means any calendar that is not switched off.
func (p *Policy) concerns(name string, c calbell.Calendar) bool {
	if account, rest, ok := strings.Cut(name, "/"); ok && rest != "" && p.calls(c, account) && p.concerns(rest, c) {
		return true
	}
	switch {
	case name == string(c.ID), calbell.IsAddress(name) && c.At(name):
		return true
	case p.SwitchedOff(c):
		return false
	}
	return name == "" || slices.ContainsFunc(p.names(c), func(n string) bool { return calbell.SameName(n, name) }) ||
		p.ownsNames(c) && c.Called(name)
}

// calls reports whether a name is that of a calendar's account.
func (p *Policy) calls(c calbell.Calendar, account string) bool {
	return calbell.SameName(account, c.Account) || calbell.SameName(account, p.accounts[c.Account].Name)
}

// ownsNames reports whether the account's person chose a calendar's names. Other people can
// give theirs any name, and change it later.
func (p *Policy) ownsNames(c calbell.Calendar) bool {
	return c.Ownership != calbell.OwnershipOther || p.accounts[c.Account].TrustInvitations || c.At(p.accounts[c.Account].URL)
}

// names returns the names by which the account's person knows a calendar, whatever its owner
// calls it: the name in the list, and the one that it had when it was switched on.
func (p *Policy) names(c calbell.Calendar) (names []string) {
	if Lists(p.accounts[c.Account], c.Listed) {
		names = append(names, c.Listed)
	}
	if set := p.set.Calendars[c.ID]; set.On() && c.Ownership == calbell.OwnershipOther {
		_, name, _ := strings.Cut(set.Name, "/")
		names = append(names, name)
	}
	return names
}

// Holds reports whether a binding applies in the calendar. In a calendar that is switched off,
// only bindings made there do: its owner may copy the UID of any event.
func (r *Routing) Holds(b calbell.Binding) bool {
	return !r.off || b.Mute || b.Calendar == "" || b.Calendar == r.calendar
}

// descriptions returns the texts of an event that may contain #remind lines.
func (r *Routing) descriptions(e *ical.Event) []string {
	if r.off {
		return nil
	}
	return e.Descriptions()
}

// InDigest reports whether a digest includes a calendar: one that it names, or else every
// calendar that the file lists or that has a default. Calendars of accounts that people added
// are excluded.
func (p *Policy) InDigest(d calbell.Digest, c calbell.Calendar) bool {
	if p.accounts[c.Account].Origin == calbell.OriginStored || c.Silent() {
		return false
	}
	if len(d.Calendars) == 0 {
		return !p.SwitchedOff(c) && (p.SettingsOf(c).Name != "" || p.accounts[c.Account].Default.Webhook != "")
	}
	return slices.ContainsFunc(d.Calendars, func(name string) bool { return p.concerns(name, c) })
}

// Wants reports whether the configuration still includes a stored calendar. A listed calendar
// stays, whatever its current name at the server.
func (p *Policy) Wants(c calbell.Calendar) bool {
	a, known := p.accounts[c.Account]
	return known && (a.Calendars == nil || Lists(a, c.Listed) || ListName(a, c) != "")
}

// ListName returns the name in an account's list that can mean a calendar; "" when there is
// none. Only the server's answer decides which calendar it means.
func ListName(a calbell.Account, c calbell.Calendar) string {
	for _, s := range a.Calendars {
		if c.Called(s.Name) {
			return s.Name
		}
	}
	return ""
}

// Off reports whether the calendar is switched off; see [Policy.SwitchedOff].
func (r *Routing) Off() bool { return r.off }
