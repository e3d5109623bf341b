package plan

import (
	"slices"
	"time"

	"calbell"
	"calbell/store"
)

// hasNews reports whether a plan creates reminders that are already due (C14).
func hasNews(p store.Planned, now time.Time) bool {
	return slices.ContainsFunc(p.Reminders, func(r store.PlannedReminder) bool { return isNews(&r, now) })
}

func isNews(r *store.PlannedReminder, now time.Time) bool { return !r.KeepOnly && r.Due.Before(now) }

// OnlyNews removes reminders from a plan that are past due and were in the previous plan
// already; old has its object and bindings. They were sent at their time, or suppressed by a
// first sync. An edit, or another binding, does not make them new.
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

// ring identifies a reminder as people notice it. It excludes the recurrence ID: an event that
// becomes the first of a series, or its last one, gets another ID but the same reminder.
type ring struct {
	webhook    calbell.WebhookID
	uid        calbell.UID
	due, start int64 // Unix seconds
}

func ringOf(r *store.PlannedReminder) ring {
	return ring{r.Webhook, r.UID, r.Due.Unix(), r.Start.Unix()}
}
