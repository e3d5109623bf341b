package scheduler

import (
	"slices"
	"time"

	"calbell"
	"calbell/store"
)

// hasNews says whether a plan makes reminders of what has passed (C14).
func hasNews(p store.Planned, now time.Time) bool {
	return slices.ContainsFunc(p.Reminders, func(r store.PlannedReminder) bool { return isNews(&r, now) })
}

func isNews(r *store.PlannedReminder, now time.Time) bool { return !r.KeepOnly && r.Due.Before(now) }

// onlyNews takes from the news of a plan what the plan before had already, whose object and
// bindings old has: it rang when its time came, or was left silent by a first sync. An edit, or
// something else that is attached, does not make it new.
func onlyNews(p store.Planned, old PlanInput) {
	if !hasNews(p, old.Now) {
		return
	}
	l := newLayout(old)
	known := map[calbell.ReminderID]bool{}
	for _, r := range l.reminders(l.past(), l.keepOnly) {
		if until := old.Object.Until; until.IsZero() || r.Due.Before(until) {
			known[r.ID] = true
		}
	}
	for i := range p.Reminders {
		r := &p.Reminders[i]
		r.KeepOnly = r.KeepOnly || isNews(r, old.Now) && known[r.ID]
	}
}
