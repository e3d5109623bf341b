package plan

import (
	"slices"
	"strings"

	"calbell"
	"calbell/ical"
)

// OffReason is why an event of another person's calendar posts nothing.
var OffReason = calbell.T("plan:calendar-belongs-somebody-else", "its calendar belongs to somebody else and is not switched on")

// SwitchedOff reports whether a calendar is another person's, and the account's person has not
// asked for it: whoever may share a calendar would post through that person's webhooks. A
// calendar that was stored before this was known is what it was until the next discovery.
func (p *Policy) SwitchedOff(c calbell.Calendar) bool {
	a := p.accounts[c.Account]
	return c.Ownership == calbell.OwnershipOther && !a.TrustInvitations && !Lists(a, c.Listed) &&
		!p.set.Calendars[c.ID].On() && !c.At(a.URL)
}

// Lists reports whether an account's list of calendars has a name.
func Lists(a calbell.Account, name string) bool {
	return name != "" && slices.ContainsFunc(a.Calendars, func(s calbell.CalendarSettings) bool { return s.Name == name })
}

// concerns reports whether what a rule or a digest says of a calendar, by ID, address, name or
// account/name, is about this one; "" is about any that is not switched off.
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

// ownsNames reports whether a calendar's names are those that the account's person trusts.
// Others may give theirs any name, and change it later.
func (p *Policy) ownsNames(c calbell.Calendar) bool {
	return c.Ownership != calbell.OwnershipOther || p.accounts[c.Account].TrustInvitations || c.At(p.accounts[c.Account].URL)
}

// names are those by which the account's person knows a calendar, whatever its owner calls it:
// that of the list, and the one that it had when it was switched on.
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

// Holds reports whether a binding counts in the calendar. In one that is switched off only what
// was attached there does: its owner may copy the UID of any event.
func (r *Routing) Holds(b calbell.Binding) bool {
	return !r.off || b.Mute || b.Calendar == "" || b.Calendar == r.calendar
}

// descriptions are the texts of an event whose lines may make reminders.
func (r *Routing) descriptions(e *ical.Event) []string {
	if r.off {
		return nil
	}
	return e.Descriptions()
}

// InDigest reports whether a digest is about a calendar: one that it names, else all that the file
// lists, or that have a default. Calendars of accounts that people added are their own.
func (p *Policy) InDigest(d calbell.Digest, c calbell.Calendar) bool {
	if p.accounts[c.Account].Origin == calbell.OriginStored || c.Silent() {
		return false
	}
	if len(d.Calendars) == 0 {
		return !p.SwitchedOff(c) && (p.SettingsOf(c).Name != "" || p.accounts[c.Account].Default.Webhook != "")
	}
	return slices.ContainsFunc(d.Calendars, func(name string) bool { return p.concerns(name, c) })
}

// Wants reports whether the configuration still asks for a stored calendar. One that it
// lists stays, whatever the server calls it by now.
func (p *Policy) Wants(c calbell.Calendar) bool {
	a, known := p.accounts[c.Account]
	return known && (a.Calendars == nil || Lists(a, c.Listed) || ListName(a, c) != "")
}

// ListName returns the name in an account's list that people may mean by a calendar; "" when
// there is none. Which calendar it stands for is known when the server was asked.
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
