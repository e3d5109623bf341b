package syncer

import (
	"time"

	"calbell"
	"calbell/scheduler/plan"
	"calbell/store"
)

const (
	// maxUnknown bounds how far back a reminder may have fallen due that becomes known late.
	// Nobody misses what is older, and no webhook takes it ([MaxLate]).
	maxUnknown = plan.MaxLate
	// maxKnownLate bounds the reminders of one sync that are known too late to be sent and get a
	// row each: a calendar of 100,000 events may come back after a month. The rest is counted.
	maxKnownLate = 1000
)

// lateTally counts the reminders of a sync, or of a part of it, that became known when they
// could not be sent any more.
type lateTally struct {
	tooLate  int
	unlisted map[calbell.WebhookID]int // of these, those that got no row
}

// plus returns the sum of two.
func (t lateTally) plus(o lateTally) lateTally {
	sum := lateTally{t.tooLate + o.tooLate, map[calbell.WebhookID]int{}}
	for _, part := range []lateTally{t, o} {
		for id, n := range part.unlisted {
			sum.unlisted[id] += n
		}
	}
	return sum
}

// noteRead notes in a calendar that all the server held when the sync began is stored now. A
// subscription that was not asked, because its publisher wants it so, tells nothing new.
func (r *syncRun) noteRead(c *calbell.Calendar) {
	if at := r.calendar.RefreshAt; at.After(r.began) && at.Equal(c.RefreshAt) {
		return
	}
	routing := r.policy.Routing(r.calendar)
	c.ReadAt, c.Reaches, c.ReadOff = r.began.UTC(), routing.Reaches(), routing.Off()
}

// knownUntil returns up to when it was known what the calendar held: until the latest sync that
// succeeded. When that lies in the future the clock was set back, and it may have been at any
// time.
func (r *syncRun) knownUntil(now time.Time) time.Time {
	at := r.calendar.ReadAt
	if at.IsZero() { // stored by a version that did not note it
		at = r.calendar.SyncedAt
	}
	if at.After(now) {
		return now.Add(-r.o.LateWindow)
	}
	return at
}

// remembered is how far back reminders that ended are still known: one that ended before would
// be taken for one that was never sent.
func (r *syncRun) remembered() time.Duration { return min(maxUnknown, r.o.Remembers()) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// bound leaves out, beyond maxKnownLate in one sync, the reminders that became known when they
// could not be sent any more, and counts them.
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

// summaries are notices that count, for each webhook, the reminders that got no row.
func (r *syncRun) summaries(t lateTally, now time.Time) (ns []calbell.Reminder) {
	for id, n := range t.unlisted {
		if plan.TellsMissed(r.policy.MissedPolicy(id)) {
			ns = append(ns, calbell.NewNotice(id, calbell.Notice{Kind: calbell.NoticeMissed, Since: now.UTC(), More: n}, now))
		}
	}
	return ns
}
