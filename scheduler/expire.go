package scheduler

import (
	"context"
	"time"

	"calbell"
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

// expire ends, in one step, what is worth nothing any more. It says whether there is more
// to look at.
func (d *Dispatcher) expire(ctx context.Context, now time.Time) (more bool, err error) {
	s := &d.sweep
	if !s.on && now.Before(s.next) && s.next.Sub(now) <= expireEvery { // a clock may be set back
		return false, nil
	}
	r, err := d.store.Expire(ctx, store.ExpireRequest{
		Now: now, From: s.from, Before: now.Add(-d.o.LateWindow), Limit: expireStep,
		Missed: func(c calbell.Delivery) (bool, string, bool) { return d.expired(c, now) },
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

// expired says whether a delivery that waits is to end, why, and whether that is to be told.
func (d *Dispatcher) expired(c calbell.Delivery, now time.Time) (end bool, reason string, tell bool) {
	h := d.hooks[c.Webhook]
	if h == nil {
		until := Deadline(c, d.o.LateWindow, "")
		return now.After(until), whyMissed(c, until, time.UTC), TellsMissed("")
	}
	if o, ok := d.wish(h, &c, now); ok {
		return o.Status.Final(), o.Reason, o.Tell
	}
	until := Deadline(h.counted(c), d.o.LateWindow, h.Missed)
	return now.After(until), whyMissed(c, until, h.zone), TellsMissed(h.Missed)
}

// tooLate is why a missed reminder was not sent that was known in time.
const tooLate = "fell due while nobody could send it"

// whyMissed says why a reminder was not sent until the end of its worth.
func whyMissed(c calbell.Delivery, until time.Time, zone *time.Location) string {
	if c.KnownAt.After(until) {
		return "known only after it fell due: first seen " + shortTime(c.KnownAt, zone)
	}
	return tooLate
}
