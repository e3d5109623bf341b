package syncer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"calbell"
)

// Why a listed name stands for no calendar.
var (
	troubleMissing = calbell.T("syncer:server-no-calendar-name", "the server has no calendar of this name")
	// The rest are of names that a calendar has.
	troubleTaken = calbell.T("syncer:calendar-name-gone-one", "the calendar that this name was for is gone, and one of somebody else has the name now: it is not used")
	troubleGiven = calbell.T("syncer:address-calendar-name-one", "at the address of the calendar that this name was for is one of somebody else now: it is not used")
	troubleMany  = calbell.T("syncer:several-calendars-other-people", "several calendars of other people have this name: none of them is used")
)

// assignment finds the calendars that the names in an account's list stand for. A name is bound
// to the calendar that it first matched, and moves to one of the person's own only: anybody can
// give a calendar any name, and share it.
type assignment struct {
	found  []calbell.Calendar
	before map[calbell.CalendarID]string // the names under which calendars were listed so far
	now    time.Time

	listed map[calbell.CalendarID]string // the result: by calendar, the name that it is listed under
	names  []calbell.ListedName          // and what is to be stored
	// missing are names that nothing has.
	missing []string
	many    []string // names that several calendars have, one of which is used
}

// assign finds the calendars of an account's list among those that a server named. was are the
// names as they are bound so far.
func (a *assignment) assign(account calbell.Account, was []calbell.ListedName) {
	a.listed = map[calbell.CalendarID]string{}
	names := make([]calbell.ListedName, len(account.Calendars))
	open := make([]bool, len(names))
	for i, s := range account.Calendars { // those that are bound first: a new name takes nothing from them
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

// noteMissing notes which names nothing has, unless that is so of all: then the account fails. What
// is stored under a name is told of by itself when the server does not have it any more.
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

// maxNamed bounds the calendars that are named when another one is not found: a line's worth.
const maxNamed = 20

// whatThereIs names the calendars that the server has, to somebody who looks for one of another name.
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

// bound gives a name the calendar at the address that it is, or to which it is bound; false when
// that is not there, or somebody else's by now.
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

// at returns the calendar at an address, else the one at a path of whatever host, as the server
// may have got another name; nil when there is none.
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

// match looks for a calendar for a name that is bound to none that is there.
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

// listedSoFar are those of some calendars that were listed under a name.
func (a *assignment) listedSoFar(all []*calbell.Calendar, name string) (kept []*calbell.Calendar) {
	for _, c := range all {
		if a.before[c.ID] == name {
			kept = append(kept, c)
		}
	}
	return kept
}

// rank says which of several own calendars a name stands for: the one that it stood for, the one
// that is shown by it, the one whose path ends in it.
func (a *assignment) rank(c *calbell.Calendar, name string) int {
	switch {
	case a.before[c.ID] == name:
		return 0
	case calbell.SameName(c.Name, name):
		return 1
	}
	return 2
}

// bind binds a name to a calendar. Of one that was once somebody else's it is known from then on
// that it is one's own.
func (a *assignment) bind(n *calbell.ListedName, c *calbell.Calendar) {
	a.listed[c.ID] = n.Name
	n.URL, n.Ownership = c.URL, c.Ownership
	n.Trouble, n.Hint, n.Since = calbell.Text{}, calbell.Text{}, time.Time{}
}

// trouble notes why a name stands for no calendar, and how the one that was found can be listed.
func (a *assignment) trouble(n *calbell.ListedName, reason calbell.Text, c *calbell.Calendar) {
	n.Trouble, n.Since = reason, a.now.UTC()
	n.Hint = calbell.T("syncer:if-calendar-meant-list", "if that calendar is meant, list it by its address: %s", c.Path())
}
