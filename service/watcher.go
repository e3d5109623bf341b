package service

import (
	"calbell"
	"calbell/service/eventindex"
	"calbell/store"
)

// Watcher returns a watcher that updates the service's caches of objects and deliveries and
// notifies listeners. The store is wrapped with it by [store.WatchPlans] and
// [store.WatchQueue].
func (s *Service) Watcher() store.Watcher {
	return watcher{s.Events.index, s.core.news, s.Calendars.problems}
}

type watcher struct {
	index    *eventindex.Index
	news     *news
	problems *problems
}

// Applied implements store.Watcher.
func (w watcher) Applied(c store.Change, err error) {
	w.index.Changed(c)
	if err != nil {
		w.problems.forget(c.Calendar.ID)
	} else {
		w.problems.note(c.Calendar.ID, c.Put, c.Delete)
	}
}

// Extended implements store.Watcher.
func (w watcher) Extended(ext []store.Planned) {
	for i := range ext {
		w.problems.extended(&ext[i].Object)
	}
}

// CalendarRemoved implements store.Watcher.
func (w watcher) CalendarRemoved(id calbell.CalendarID) { w.problems.forget(id) }

// Ended implements store.Watcher.
func (w watcher) Ended(ids []calbell.ReminderID) { w.news.noteEnded(ids...) }

// Expired implements store.Watcher. Many deliveries may expire at once, so listeners reload
// their lists.
func (w watcher) Expired(map[calbell.WebhookID]int) { w.news.noteGap() }
