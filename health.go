package calbell

import "time"

// SyncState is the sync state of an account or a calendar, in one word.
type SyncState string

// The states, the worst first.
const (
	SyncFailing SyncState = "failing" // the latest sync failed
	SyncOverdue SyncState = "overdue" // no sync has succeeded for longer than the interval allows
	SyncGone    SyncState = "gone"    // a calendar that is gone at its server, and silent
	SyncNew     SyncState = "new"     // not synced yet, and not overdue
	SyncOK      SyncState = "ok"
)

// Worse returns the worse of two states.
func (s SyncState) Worse(o SyncState) SyncState {
	for _, worst := range []SyncState{SyncFailing, SyncOverdue, SyncGone, SyncNew} {
		if s == worst || o == worst {
			return worst
		}
	}
	return SyncOK
}

// Well reports whether the state needs no attention.
func (s SyncState) Well() bool { return s == SyncOK || s == SyncNew }

// AccountHealth is the sync state of an account, whether any of its calendars are known or not.
type AccountHealth struct {
	// State is the worst state of the account itself and of its calendars.
	State SyncState `json:"state"`
	// Whole is set when the account fails as a whole, or none of its calendars is known.
	// Otherwise only some of its calendars fail.
	Whole bool `json:"whole,omitempty"`
	// SyncedAt is when the account and all its calendars were last in sync; zero: never.
	SyncedAt time.Time `json:"synced_at,omitzero"`
	// FailingSince is when it began to fail; zero when it does not fail.
	FailingSince time.Time `json:"failing_since,omitzero"`
	// OverdueSince is the latest time at which it should have been synced; zero when it is not
	// overdue.
	OverdueSince time.Time `json:"overdue_since,omitzero"`
	// LastError is the latest failure, and Hint the next step; zero when there is none.
	LastError Text `json:"last_error,omitzero"`
	Hint      Text `json:"hint,omitzero"`
}

// AccountState is an account with its sync state.
type AccountState struct {
	Account string `json:"account"` // its key
	Name    string `json:"name"`    // for people
	AccountHealth
}

// SyncState returns the sync state of a calendar. overdue is when it should have been synced;
// zero when it is not overdue.
func (c Calendar) SyncState(overdue time.Time) SyncState {
	switch {
	case c.Silent():
		return SyncGone
	case !c.FailingSince.IsZero():
		return SyncFailing
	case !overdue.IsZero():
		return SyncOverdue
	case c.SyncedAt.IsZero():
		return SyncNew
	}
	return SyncOK
}

// AccountFailure is an account that cannot be synced as a whole.
type AccountFailure struct {
	Account string
	Since   time.Time // when it began to fail
	Err     error     // of the latest attempt; not nil
}

// OverdueReason is the failure reason of a calendar that is overdue but was not refused.
var OverdueReason = T("domain:overdue", "its server does not answer, or too many other syncs are under way")
