package scheduler

import (
	"cmp"
	"slices"

	"calbell"
)

// progressKey names a sync under way; an account's calendars are looked for under "".
type progressKey struct{ account, calendar string }

// Progress returns how far the syncs under way are, by account and calendar.
func (s *Syncer) Progress() []calbell.SyncProgress {
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
func (s *Syncer) under(account, calendar string) (done func()) {
	key := progressKey{account, calendar}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.progress[key] = calbell.SyncProgress{Account: account, Calendar: calendar}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.progress, key)
	}
}

// advance notes how far the sync of a calendar is.
func (s *Syncer) advance(c calbell.Calendar, b Batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.progress[progressKey{c.Account, c.Name}] = calbell.SyncProgress{Account: c.Account, Calendar: c.Name, Done: b.Done, Total: b.Total}
}
