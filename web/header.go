package web

import (
	"slices"
	"time"

	"calbell"
)

// state is a chip that shows a state: a word, a sign and a colour.
type state struct {
	Class, Sign, Text string
	Path              string // address at which it can be fixed; "": none
}

// Failing returns the number of webhooks, accounts and calendars that do not work.
func (v *view) Failing() int {
	n := v.troubles()
	return n.webhooks + n.accounts + n.calendars + n.overdue
}

// troubles counts what does not work.
type troubles struct {
	webhooks  int
	accounts  int // without known calendars
	calendars int
	overdue   int // accounts without calendars, and calendars
}

func (v *view) troubles() (n troubles) {
	for _, w := range v.Status.Webhooks {
		if w.State.Refuses() {
			n.webhooks++
		}
	}
	known := map[string]bool{}
	for _, c := range v.Status.Calendars {
		known[c.Account] = true
		n.count(c.State, &n.calendars)
	}
	for _, a := range v.Status.Accounts {
		if !known[a.Account] { // otherwise its calendars are counted
			n.count(a.State, &n.accounts)
		}
	}
	n.calendars += len(v.Status.ListTroubles)
	return n
}

// count counts something in a state; failing is the counter of failing ones.
func (n *troubles) count(s calbell.SyncState, failing *int) {
	switch s {
	case calbell.SyncFailing, calbell.SyncGone:
		*failing++
	case calbell.SyncOverdue:
		n.overdue++
	}
}

// States returns the chips of the header: what fails or, when nothing does, when everything
// was last synced.
func (v *view) States() []state {
	n := v.troubles()
	var list []state
	for _, t := range []struct {
		n         int
		key, path string
	}{
		{n.webhooks, "status.webhooks", "/webhooks"},
		{n.accounts, "status.accounts", "/calendars"},
		{n.calendars, "status.failing", "/calendars"},
		{n.overdue, "status.overdue", "/calendars"},
	} {
		if t.n > 0 {
			list = append(list, state{"bad", "▲", v.N(t.key, t.n), t.path})
		}
	}
	if len(list) > 0 {
		return list
	}
	if len(v.Status.Syncing) > 0 {
		return []state{{"", "↻", v.T("status.syncing"), ""}}
	}
	var oldest time.Time
	for i, c := range v.Status.Calendars {
		if i == 0 || c.SyncedAt.Before(oldest) {
			oldest = c.SyncedAt
		}
	}
	isNew := func(a calbell.AccountState) bool { return a.State == calbell.SyncNew }
	if oldest.IsZero() || slices.ContainsFunc(v.Status.Accounts, isNew) { // nothing was synced yet, or not everything
		return nil
	}
	return []state{{"ok", "●", v.T("status.synced", v.From(oldest, v.Now)), ""}}
}
