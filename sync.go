package calbell

import (
	"slices"
	"time"
)

// SyncRequest says what to sync.
type SyncRequest struct {
	Account Account
	// Only are the calendars meant; nil means all.
	Only []CalendarID
	// Now: a person asks. Back-off is ignored, but for that after a refused sign-in; the list
	// of calendars is asked for anew, and subscriptions before their time.
	Now bool
	// Fresh: a reminder falls due in a moment. Subscriptions are asked for before their time.
	Fresh bool
	// Apply: a person says that what the mass-delete brake holds back was really deleted, or the
	// calendar itself if the server lists it no more.
	Apply bool
	// Ended, of one that is not waited for, hears how it ended; nil: nobody does.
	Ended func(error)
}

// Includes reports whether a calendar of the account is to be synced.
func (r SyncRequest) Includes(c Calendar) bool { return r.Only == nil || slices.Contains(r.Only, c.ID) }

// SyncProgress is how far the sync of a calendar is.
type SyncProgress struct {
	Account  string `json:"account"`
	Calendar string `json:"calendar"` // "" while the account's calendars are looked for
	Done     int    `json:"done"`     // objects fetched and planned
	Total    int    `json:"total"`    // of how many; 0: not known
	// Waits: it has not begun, since too many others are under way.
	Waits bool      `json:"waits,omitempty"`
	Since time.Time `json:"since"` // when it began, or began to wait
}
