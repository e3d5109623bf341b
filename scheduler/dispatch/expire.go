package dispatch

import (
	"context"
	"time"

	"calbell"
	"calbell/scheduler/plan"
	"calbell/store"
)

const (
	// expireEvery is how often it is looked for what is too late by now.
	expireEvery = time.Minute
	// expireStep is how many deliveries one transaction looks at, so that what is due does
	// not wait long for it.
	expireStep = 500
)

// sweep is a look at all that waits, in steps.
type sweep struct {
	next time.Time // when the next sweep begins
	from time.Time // where the one under way goes on; zero: none is
	on   bool
}

// expire ends, in one step, what is worth nothing any more. It reports whether there is more
// to look at.
func (d *Dispatcher) expire(ctx context.Context, now time.Time) (more bool, err error) {
	s := &d.sweep
	if !s.on && now.Before(s.next) && s.next.Sub(now) <= expireEvery { // a clock may be set back
		return false, nil
	}
	r, err := d.store.Queue.Expire(ctx, store.ExpireRequest{
		Now: now, From: s.from, Before: now.Add(-d.o.LateWindow), Limit: expireStep,
		Missed: func(c calbell.Delivery) (bool, calbell.Text, bool) {
			return d.preflight.expired(d.hooks[c.Webhook], c, now)
		},
	})
	if err != nil {
		return false, err
	}
	for id, n := range r.Ended {
		d.log.Warn("reminders missed: they could not be sent in time", "webhook", id, "count", n)
		d.metrics.Ended(calbell.StatusMissed, n, 0)
	}
	s.from, s.on = r.Next, !r.Next.IsZero()
	if !s.on {
		s.next = now.Add(expireEvery)
	}
	return s.on, nil
}

// expired reports whether a delivery that waits is to end, why, and whether a notice reports it. h is
// its webhook; nil when that is gone.
func (p *preflight) expired(h *hook, c calbell.Delivery, now time.Time) (end bool, reason calbell.Text, tell bool) {
	if h == nil {
		o, ok := p.missed(&hook{zone: time.UTC}, &c, now)
		return ok, o.Reason, o.Tell
	}
	o, ok := p.suspension(h, &c, now)
	if !ok {
		o, ok = h.quiet(&c, now)
	}
	if !ok {
		o, ok = p.missed(h, &c, now)
	}
	return ok && o.Status.Final(), o.Reason, o.Tell
}

// missed returns the outcome of a delivery whose deadline is over; ok is false while it is not.
func (p *preflight) missed(h *hook, c *calbell.Delivery, now time.Time) (o calbell.Outcome, ok bool) {
	until := plan.Deadline(h.counted(*c), p.lateWindow, h.Missed)
	if !now.After(until) {
		return o, false
	}
	return calbell.Outcome{ID: c.ID, Status: calbell.StatusMissed, Reason: whyMissed(*c, until, h.zone), Tell: plan.TellsMissed(h.Missed)}, true
}

// tooLate is why a missed reminder was not sent that was known in time.
var tooLate = calbell.T("dispatch:fell-due-while-nobody", "fell due while nobody could send it")

// whyMissed says why a reminder was not sent until the end of its worth.
func whyMissed(c calbell.Delivery, until time.Time, zone *time.Location) calbell.Text {
	if c.KnownAt.After(until) {
		return calbell.T("dispatch:known-only-after-fell", "known only after it fell due: first seen %s", shortTime(c.KnownAt, zone))
	}
	return tooLate
}
