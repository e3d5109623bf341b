package syncer

import (
	"time"

	"calbell"
	"calbell/scheduler/plan"
	"calbell/store"
)

const (
	// maxUnknown limits the lateness of reminders that become known late. Nobody needs older
	// ones, and no webhook accepts them ([plan.MaxLate]).
	maxUnknown = plan.MaxLate
	// maxKnownLate limits the reminders of one sync that become known too late to be sent and
	// are stored one by one: a calendar of 100,000 events may come back after a month. The rest
	// is counted.
	maxKnownLate = 1000
)

// lateTally counts the reminders of a sync, or of a part of it, that became known too late to
// be sent.
type lateTally struct {
	tooLate  int
	unlisted map[calbell.WebhookID]int // of these, those that are not stored
}

// plus returns the sum of two tallies.
func (t lateTally) plus(o lateTally) lateTally {
	sum := lateTally{t.tooLate + o.tooLate, map[calbell.WebhookID]int{}}
	for _, part := range []lateTally{t, o} {
		for id, n := range part.unlisted {
			sum.unlisted[id] += n
		}
	}
	return sum
}

// noteRead records that the server's state at the start of the sync is now stored. It skips a
// subscription that was not fetched because its publisher asks so.
func (r *syncRun) noteRead(c *calbell.Calendar) {
	if at := r.calendar.RefreshAt; at.After(r.began) && at.Equal(c.RefreshAt) {
		return
	}
	routing := r.policy.Routing(r.calendar)
	c.ReadAt, c.Reaches, c.ReadOff = r.began.UTC(), routing.Reaches(), routing.Off()
}

// knownUntil returns until when the calendar's content was known: the latest successful sync. A
// time in the future means that the clock was set back; then nothing is certain.
func (r *syncRun) knownUntil(now time.Time) time.Time {
	at := r.calendar.ReadAt
	if at.IsZero() { // stored by a version that did not record it
		at = r.calendar.SyncedAt
	}
	if at.After(now) {
		return now.Add(-r.o.LateWindow)
	}
	return at
}

// remembered returns how far back finished deliveries are stored: an older one would look as if
// it had never been sent.
func (r *syncRun) remembered() time.Duration { return min(maxUnknown, r.o.Remembers()) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// bound removes reminders beyond maxKnownLate in one sync that became known too late to be
// sent, and counts them.
func (r *syncRun) bound(p *store.Planned, t *lateTally, now time.Time) {
	for i := range p.Reminders {
		m := &p.Reminders[i]
		if !m.KnownLate || !now.After(plan.Deadline(calbell.Delivery{Reminder: m.Reminder}, r.o.LateWindow, "")) {
			continue
		}
		if t.tooLate++; r.late.tooLate+t.tooLate <= maxKnownLate {
			continue
		}
		m.KeepOnly, m.KnownLate = true, false
		if t.unlisted == nil {
			t.unlisted = map[calbell.WebhookID]int{}
		}
		t.unlisted[m.Webhook]++
	}
}

// summaries returns notices with the number of removed reminders for each webhook.
func (r *syncRun) summaries(t lateTally, now time.Time) (ns []calbell.Reminder) {
	for id, n := range t.unlisted {
		if plan.TellsMissed(r.policy.MissedPolicy(id)) {
			ns = append(ns, calbell.NewNotice(id, calbell.Notice{Kind: calbell.NoticeMissed, Since: now.UTC(), More: n}, now))
		}
	}
	return ns
}
