package calbell

import (
	"slices"
	"time"
)

// SyncRequest is the scope of a sync.
type SyncRequest struct {
	Account Account
	// Only lists the calendars to sync; nil means all.
	Only []CalendarID
	// Now is set when a person started the sync. It ignores back-off, except after a refused
	// sign-in, reads the list of calendars again, and fetches subscriptions before their time.
	Now bool
	// Fresh is set shortly before a reminder falls due. It fetches subscriptions before their
	// time.
	Fresh bool
	// Apply is set when a person confirms that what the mass-delete brake holds back was really
	// deleted, or the calendar itself if the server no longer lists it.
	Apply bool
	// Ended is called with the result of a sync that nobody waits for; it may be nil.
	Ended func(error)
}

// Includes reports whether the sync covers a calendar of the account.
func (r SyncRequest) Includes(c Calendar) bool { return r.Only == nil || slices.Contains(r.Only, c.ID) }

// SyncProgress is the progress of a calendar's sync.
type SyncProgress struct {
	Account  string `json:"account"`
	Calendar string `json:"calendar"` // "" during discovery of the account's calendars
	Done     int    `json:"done"`     // objects fetched and planned
	Total    int    `json:"total"`    // of how many; 0: not known
	// Waits is set when the sync has not begun because too many others are running.
	Waits bool      `json:"waits,omitempty"`
	Since time.Time `json:"since"` // when it began, or began to wait
}
