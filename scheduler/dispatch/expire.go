package dispatch

import (
	"context"
	"time"

	"calbell"
	"calbell/scheduler/plan"
	"calbell/store"
)

const (
	// expireEvery is the interval between searches for expired deliveries.
	expireEvery = time.Minute
	// expireStep limits the deliveries examined in one transaction, so that due deliveries do
	// not wait long for it.
	expireStep = 500
)

// sweep is a search of all waiting deliveries, in steps.
type sweep struct {
	next time.Time // when the next sweep begins
	from time.Time // where the current sweep continues; zero: none is running
	on   bool
}

// expire ends expired deliveries in one step. It reports whether there are more to examine.
func (d *Dispatcher) expire(ctx context.Context, now time.Time) (more bool, err error) {
	s := &d.sweep
	if !s.on && now.Before(s.next) && s.next.Sub(now) <= expireEvery { // the clock may have been set back
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

// expired reports whether a waiting delivery must end, why, and whether a notice reports it. h
// is its webhook; nil when that was removed.
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

// missed returns the outcome of a delivery past its deadline; ok is false before.
func (p *preflight) missed(h *hook, c *calbell.Delivery, now time.Time) (o calbell.Outcome, ok bool) {
	until := plan.Deadline(h.counted(*c), p.lateWindow, h.Missed)
	if !now.After(until) {
		return o, false
	}
	return calbell.Outcome{ID: c.ID, Status: calbell.StatusMissed, Reason: whyMissed(*c, until, h.zone), Tell: plan.TellsMissed(h.Missed)}, true
}

// tooLate is the reason for a missed reminder that was known in time.
var tooLate = calbell.T("dispatch:fell-due-while-nobody", "fell due while nobody could send it")

// whyMissed returns why a reminder was not sent before it expired.
func whyMissed(c calbell.Delivery, until time.Time, zone *time.Location) calbell.Text {
	if c.KnownAt.After(until) {
		return calbell.T("dispatch:known-only-after-fell", "known only after it fell due: first seen %s", shortTime(c.KnownAt, zone))
	}
	return tooLate
}
