package syncer

import (
	"slices"
	"time"

	"calbell"
)

const (
	// A calendar is overdue when it was not synced for overdueIntervals intervals and
	// overdueMargin. One interval is normal, one may be jitter and a slow server, one a sync
	// that failed briefly. The margin is for short intervals.
	overdueIntervals = 3
	overdueMargin    = time.Minute
	// usualInterval is the default interval of a [Syncer].
	usualInterval = 5 * time.Minute
)

// Overdue returns when a calendar should have been synced at the latest; zero when it is not
// overdue. A start, or a change of its account, restarts the time.
func (s *states) Overdue(c calbell.Calendar) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[c.Account]
	if a == nil || c.Silent() {
		return time.Time{}
	}
	return s.overdue(a, c.SyncedAt)
}

// overdue is Overdue for a time of the last sync. The caller holds mu.
func (s *states) overdue(a *accountState, synced time.Time) time.Time {
	if a.met.After(synced) {
		synced = a.met
	}
	due := synced.Add(overdueIntervals*s.interval() + overdueMargin)
	if time.Now().Before(due) {
		return time.Time{}
	}
	return due.UTC()
}

// Health returns the sync state of an account with these stored calendars; it ignores calendars
// that are gone at the server. An account that never signed in has none. Its failure is known
// from its first attempt after a start.
func (s *states) Health(account string, calendars []calbell.Calendar) calbell.AccountHealth {
	calendars = slices.DeleteFunc(slices.Clone(calendars), calbell.Calendar.Silent)
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[account]
	if a == nil { // not tried yet
		a = newAccountState()
	}
	known := calendars
	if len(known) == 0 { // only the account's own state counts
		known = []calbell.Calendar{{SyncedAt: a.good}}
	}
	h := calbell.AccountHealth{State: calbell.SyncOK, SyncedAt: known[0].SyncedAt}
	bad := 0
	for _, c := range known {
		overdue := s.overdue(a, c.SyncedAt)
		h.State = h.State.Worse(c.SyncState(overdue))
		h.OverdueSince = earliest(h.OverdueSince, overdue)
		if c.SyncedAt.Before(h.SyncedAt) {
			h.SyncedAt = c.SyncedAt
		}
		if !c.FailingSince.IsZero() {
			bad++
			h.FailingSince, h.LastError = earliest(h.FailingSince, c.FailingSince), c.LastError
		}
	}
	h.Whole = len(calendars) == 0 || bad == len(calendars)
	if a.failure != nil {
		h.State, h.Whole, h.FailingSince = calbell.SyncFailing, true, earliest(h.FailingSince, a.since)
		h.LastError, h.Hint = calbell.TextOfError(a.failure), calbell.HintOf(a.failure)
	}
	return h
}

// earliest returns the earlier of two times, ignoring zero.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// neverReached returns the overdue accounts of which nothing is known. The caller holds mu.
func (s *states) neverReached() (list []calbell.AccountFailure) {
	for name := range s.policy().Accounts() {
		a := s.accounts[name]
		if a == nil || a.reach != untried || a.failure != nil || s.overdue(a, time.Time{}).IsZero() {
			continue
		}
		list = append(list, calbell.AccountFailure{Account: name, Since: a.met, Err: &calbell.Error{What: calbell.OverdueReason}})
	}
	return list
}

// noneListed is the error for an account whose server has none of the listed calendars; there
// says what it has.
func noneListed(names string, there calbell.Text) error {
	return &calbell.Error{
		Kind: calbell.KindNotFound, What: calbell.T("syncer:server-none-calendars-listed", "the server has none of the calendars that are listed: %s", names),
		Hint: there,
	}
}
