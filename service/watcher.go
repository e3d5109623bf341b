package service

import (
	"calbell"
	"calbell/service/eventindex"
	"calbell/store"
)

// Watcher keeps what the service remembers of objects and deliveries up to date, and notifies
// listeners: they are stored through [store.WatchPlans] and [store.WatchQueue] with it.
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

// Expired implements store.Watcher: many may have expired at once, so listeners look at their lists anew.
func (w watcher) Expired(map[calbell.WebhookID]int) { w.news.noteGap() }
