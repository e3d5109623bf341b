package plan

import (
	"slices"
	"time"

	"calbell"
	"calbell/store"
)

// hasNews reports whether a plan makes reminders of what has passed (C14).
func hasNews(p store.Planned, now time.Time) bool {
	return slices.ContainsFunc(p.Reminders, func(r store.PlannedReminder) bool { return isNews(&r, now) })
}

func isNews(r *store.PlannedReminder, now time.Time) bool { return !r.KeepOnly && r.Due.Before(now) }

// OnlyNews takes from the news of a plan what the plan before had already, whose object and
// bindings old has: it rang when its time came, or was left silent by a first sync. An edit, or
// something else that is attached, does not make it new.
func OnlyNews(p store.Planned, old Input) {
	if !hasNews(p, old.Now) {
		return
	}
	l := newLayout(old)
	known := map[ring]bool{}
	for _, r := range l.reminders(l.past(), l.keepOnly) {
		if until := old.Object.Until; until.IsZero() || r.Due.Before(until) {
			known[ringOf(&r)] = true
		}
	}
	for i := range p.Reminders {
		if r := &p.Reminders[i]; isNews(r, old.Now) && known[ringOf(r)] {
			r.KeepOnly, r.KnownLate = true, false
		}
	}
}

// ring is what people hear of a reminder. It lacks the recurrence ID: an event that becomes the
// first of a series, or the last one left of it, is called otherwise and rings as before.
type ring struct {
	webhook    calbell.WebhookID
	uid        calbell.UID
	due, start int64 // Unix seconds
}

func ringOf(r *store.PlannedReminder) ring {
	return ring{r.Webhook, r.UID, r.Due.Unix(), r.Start.Unix()}
}
