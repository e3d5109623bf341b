package syncer

import (
	"cmp"
	"slices"
	"time"

	"calbell"
)

// progressKey identifies a running sync; "" is the account's discovery. waits is set while it
// waits for a place.
type progressKey struct {
	account, calendar string
	waits             bool
}

// Progress returns the progress of the running syncs, by account and calendar.
func (s *states) Progress() []calbell.SyncProgress {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]calbell.SyncProgress, 0, len(s.progress))
	for _, p := range s.progress {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b calbell.SyncProgress) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Calendar, b.Calendar))
	})
	return list
}

// under records a running sync until the returned function is called.
func (s *states) under(account, calendar string) (done func()) {
	return s.shows(progressKey{account: account, calendar: calendar})
}

// waits records that a sync started by a person waits for a place, until the returned function
// is called. It ignores other syncs, of which there may be thousands after a start.
func (s *states) waits(account string) (done func()) {
	return s.shows(progressKey{account: account, waits: true})
}

func (s *states) shows(key progressKey) (done func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.progress[key] = calbell.SyncProgress{Account: key.account, Calendar: key.calendar, Waits: key.waits, Since: time.Now().UTC()}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.progress, key)
	}
}

// advance records the progress of a calendar's sync.
func (s *states) advance(c calbell.Calendar, b Batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := progressKey{account: c.Account, calendar: c.Name}
	p := s.progress[key]
	p.Account, p.Calendar, p.Done, p.Total = c.Account, c.Name, b.Done, b.Total
	s.progress[key] = p
}
