package syncer

import (
	"cmp"
	"slices"
	"time"

	"calbell"
)

// progressKey names a sync under way; an account's calendars are looked for under "". waits: it
// waits for a place.
type progressKey struct {
	account, calendar string
	waits             bool
}

// Progress returns how far the syncs under way are, by account and calendar.
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

// under notes that a sync is under way, until the returned function is called.
func (s *states) under(account, calendar string) (done func()) {
	return s.shows(progressKey{account: account, calendar: calendar})
}

// waits notes that a sync that a person asked for waits for a place, until the returned function is
// called. Of the others nobody is told: after a start they may be thousands.
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

// advance notes how far the sync of a calendar is.
func (s *states) advance(c calbell.Calendar, b Batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := progressKey{account: c.Account, calendar: c.Name}
	p := s.progress[key]
	p.Account, p.Calendar, p.Done, p.Total = c.Account, c.Name, b.Done, b.Total
	s.progress[key] = p
}
