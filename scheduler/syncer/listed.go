package syncer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"calbell"
)

// Reasons why a listed name matches no calendar.
var (
	troubleMissing = calbell.T("syncer:server-no-calendar-name", "the server has no calendar of this name")
	// The others are for names that a calendar has.
	troubleTaken = calbell.T("syncer:calendar-name-gone-one", "the calendar that this name was for is gone, and one of somebody else has the name now: it is not used")
	troubleGiven = calbell.T("syncer:address-calendar-name-one", "at the address of the calendar that this name was for is one of somebody else now: it is not used")
	troubleMany  = calbell.T("syncer:several-calendars-other-people", "several calendars of other people have this name: none of them is used")
)

// assignment resolves the names in an account's list to calendars. A name is bound to the
// calendar that it first matched, and moves only to another calendar of the same person:
// anybody can give a calendar any name, and share it.
type assignment struct {
	found  []calbell.Calendar
	before map[calbell.CalendarID]string // the names under which calendars were listed so far
	now    time.Time

	listed map[calbell.CalendarID]string // the result: the listed name, by calendar
	names  []calbell.ListedName          // the result to be stored
	// missing are names without a calendar.
	missing []string
	many    []string // names of several calendars, of which one is used
}

// assign resolves an account's list among the calendars of the server. was are the names as
// bound before.
func (a *assignment) assign(account calbell.Account, was []calbell.ListedName) {
	a.listed = map[calbell.CalendarID]string{}
	names := make([]calbell.ListedName, len(account.Calendars))
	open := make([]bool, len(names))
	for i, s := range account.Calendars { // bound names first: a new name must not take their calendars
		old := namedIn(was, s.Name)
		names[i] = calbell.ListedName{Account: account.Key(), Name: s.Name, URL: old.URL, Ownership: old.Ownership}
		open[i] = !a.bound(&names[i])
	}
	for i := range names {
		if open[i] {
			a.match(&names[i])
		}
	}
	a.noteMissing(names)
	for _, n := range names {
		if old := namedIn(was, n.Name); !n.Trouble.IsZero() && n.Trouble == old.Trouble {
			n.Since = old.Since
		}
		if n.URL != "" || !n.Trouble.IsZero() {
			a.names = append(a.names, n)
		}
	}
}

// noteMissing records names without a calendar, unless all names lack one: then the account
// fails. A calendar stored under a name is reported separately when the server loses it.
func (a *assignment) noteMissing(names []calbell.ListedName) {
	has := map[string]bool{"": true}
	for _, name := range a.before {
		has[name] = true
	}
	for _, name := range a.listed {
		has[name] = true
	}
	for i := range names {
		if n := &names[i]; n.Trouble.IsZero() && !has[n.Name] {
			a.missing = append(a.missing, n.Name)
			if len(has) > 1 {
				n.Trouble, n.Since, n.Hint = troubleMissing, a.now.UTC(), a.whatThereIs(n.Name)
			}
		}
	}
}

// maxNamed limits the calendars that are named when another one is not found: as many as fit a
// line.
const maxNamed = 20

// whatThereIs lists the server's calendars for a person whose name matches none.
func (a *assignment) whatThereIs(name string) calbell.Text {
	var names []string
	for i := range a.found {
		if c := &a.found[i]; !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	if near := calbell.Nearest(name, names); near != "" {
		return calbell.T("syncer:did-you-mean", "did you mean %q?", near)
	}
	more := ""
	if len(names) > maxNamed {
		names, more = names[:maxNamed], ", …"
	}
	return calbell.T("syncer:it-has", "it has: %s", strings.Join(names, ", ")+more)
}

// namedIn returns a name as it was bound; zero when it was not.
func namedIn(names []calbell.ListedName, name string) calbell.ListedName {
	if i := slices.IndexFunc(names, func(n calbell.ListedName) bool { return n.Name == name }); i >= 0 {
		return names[i]
	}
	return calbell.ListedName{}
}

// bound assigns a name its calendar by address: the name itself, or the address that it is
// bound to. It returns false when there is none, or it is now another person's.
func (a *assignment) bound(n *calbell.ListedName) bool {
	if calbell.IsAddress(n.Name) {
		c := a.at(n.Name, n.Name)
		if c != nil {
			a.listed[c.ID] = n.Name
		}
		return true
	}
	if n.URL == "" {
		return false
	}
	c := a.at(n.URL, calbell.Calendar{URL: n.URL}.Path())
	switch {
	case c == nil:
		return false
	case n.Ownership == calbell.OwnershipOwn && c.Ownership == calbell.OwnershipOther:
		a.trouble(n, troubleGiven, c)
		return false
	}
	a.bind(n, c)
	return true
}

// at returns the calendar at an address, or else at a path on any host, because the server's
// name may have changed; nil when there is none.
func (a *assignment) at(address, path string) *calbell.Calendar {
	for _, where := range []string{address, path} {
		for i := range a.found {
			if c := &a.found[i]; a.listed[c.ID] == "" && c.At(where) {
				return c
			}
		}
	}
	return nil
}

// match searches for the calendar of a name without a bound calendar.
func (a *assignment) match(n *calbell.ListedName) {
	var own, others []*calbell.Calendar
	for i := range a.found {
		c := &a.found[i]
		switch {
		case a.listed[c.ID] != "" || !c.Called(n.Name) && a.before[c.ID] != n.Name:
		case c.Ownership == calbell.OwnershipOther:
			others = append(others, c)
		default:
			own = append(own, c)
		}
	}
	if kept := a.listedSoFar(others, n.Name); n.URL == "" && len(own) == 0 && len(kept) == 1 {
		others = kept
	}
	switch {
	case len(own) > 0:
		best := slices.MinFunc(own, func(x, y *calbell.Calendar) int { return cmp.Compare(a.rank(x, n.Name), a.rank(y, n.Name)) })
		if len(own)+len(others) > 1 {
			a.many = append(a.many, fmt.Sprintf("%s: %s", n.Name, best.URL))
		}
		a.bind(n, best)
	case len(others) == 0 || !n.Trouble.IsZero():
	case n.URL != "":
		a.trouble(n, troubleTaken, others[0])
	case len(others) > 1:
		a.trouble(n, troubleMany, others[0])
	default:
		a.bind(n, others[0])
	}
}

// listedSoFar returns the calendars that were listed under a name.
func (a *assignment) listedSoFar(all []*calbell.Calendar, name string) (kept []*calbell.Calendar) {
	for _, c := range all {
		if a.before[c.ID] == name {
			kept = append(kept, c)
		}
	}
	return kept
}

// rank orders a person's calendars with the same name: the one bound before, the one with that
// display name, the one whose path ends in it.
func (a *assignment) rank(c *calbell.Calendar, name string) int {
	switch {
	case a.before[c.ID] == name:
		return 0
	case calbell.SameName(c.Name, name):
		return 1
	}
	return 2
}

// bind binds a name to a calendar. A calendar that was once another person's is recorded as the
// person's own then.
func (a *assignment) bind(n *calbell.ListedName, c *calbell.Calendar) {
	a.listed[c.ID] = n.Name
	n.URL, n.Ownership = c.URL, c.Ownership
	n.Trouble, n.Hint, n.Since = calbell.Text{}, calbell.Text{}, time.Time{}
}

// trouble records why a name matches no calendar, and how to list the one that was found.
func (a *assignment) trouble(n *calbell.ListedName, reason calbell.Text, c *calbell.Calendar) {
	n.Trouble, n.Since = reason, a.now.UTC()
	n.Hint = calbell.T("syncer:if-calendar-meant-list", "if that calendar is meant, list it by its address: %s", c.Path())
}
