package calbell

import "time"

// SyncState is how the sync of an account or a calendar is, in one word.
type SyncState string

// The states, the worst first.
const (
	SyncFailing SyncState = "failing" // the latest sync failed
	SyncOverdue SyncState = "overdue" // none has ended well for longer than the interval allows
	SyncGone    SyncState = "gone"    // it is gone at its server, and silent; of calendars alone
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

// Well reports whether nobody needs to look at it.
func (s SyncState) Well() bool { return s == SyncOK || s == SyncNew }

// AccountHealth is how the sync of an account is, whether calendars of it are known or not.
type AccountHealth struct {
	// State is the worst of the account's own and of its calendars'.
	State SyncState `json:"state"`
	// Whole: it fails as one, or no calendar of it is known; else some of its calendars are well.
	Whole bool `json:"whole,omitempty"`
	// SyncedAt is when it was last in sync, with all its calendars; zero: never.
	SyncedAt time.Time `json:"synced_at,omitzero"`
	// FailingSince is when it began to fail; zero: it does not.
	FailingSince time.Time `json:"failing_since,omitzero"`
	// OverdueSince is when it should have been synced at the latest; zero: it was, or that is ahead.
	OverdueSince time.Time `json:"overdue_since,omitzero"`
	// LastError is how it fails, and Hint what to do; zero when it does not, or nothing helps.
	LastError Text `json:"last_error,omitzero"`
	Hint      Text `json:"hint,omitzero"`
}

// AccountState is an account with how its sync is.
type AccountState struct {
	Account string `json:"account"` // its key
	Name    string `json:"name"`    // for people
	AccountHealth
}

// SyncState returns how the sync of a calendar is that should have been synced since overdue; zero:
// it is in time.
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

// OverdueReason is the reason why a calendar fails that is overdue and was not refused.
var OverdueReason = T("domain:overdue", "its server does not answer, or too many other syncs are under way")
