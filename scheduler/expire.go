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
	// maxLate is how late a reminder of a webhook that wants the missed ones too may be.
	maxLate = 30 * 24 * time.Hour
)

// The policies for what nobody could send in time ([calbell.Webhook.Missed]).
const (
	missedDigest = "digest"
	missedSend   = "send"
)

// tells says whether what ended unsent is to be told in a digest.
func tells(missed string) bool { return missed == "" || missed == missedDigest }

// Deadline is the end of a delivery's worth: the later of the late window and the end of
// its instance, at most a day after its worth began to count (see [calbell.Delivery.Counts]).
// missed is the policy of its webhook; "send" makes that a month.
func Deadline(d calbell.Delivery, lateWindow time.Duration, missed string) time.Time {
	from := d.Counts()
	// What was missed in an outage of days is told when it is over.
	digest := d.Notice != nil && d.Notice.Kind == calbell.NoticeMissed
	if digest || missed == missedSend && d.Notice == nil {
		return from.Add(maxLate)
	}
	end := from.Add(lateWindow)
	if d.End.After(end) {
		end = d.End
	}
	if last := from.Add(calbell.MaxRetry); end.After(last) {
		end = last
	}
	return end
}

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
		d.meter.Ended(calbell.StatusMissed, n, 0)
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
		return now.After(until), whyMissed(c, until, time.UTC), tells("")
	}
	if o, ok := d.wish(h, &c, now); ok {
		return o.Status.Final(), o.Reason, o.Tell
	}
	until := Deadline(h.counted(c), d.o.LateWindow, h.Missed)
	return now.After(until), whyMissed(c, until, h.zone), tells(h.Missed)
}

// without ends a claim that is not to be posted, and says whether that is so.
func (d *Dispatcher) without(ctx context.Context, r *result, now time.Time) bool {
	h, c := r.hook, &r.claim
	if h.err != nil {
		r.outcome = unusable(c.ID, h.err, now)
		return true
	}
	if d.barred(ctx, c) {
		r.outcome = unusable(c.ID, notShared(c.Webhook), now)
		return true
	}
	if r.outcome, r.wished = d.wish(h, &c.Delivery, now); r.wished {
		return true
	}
	switch until := Deadline(h.counted(c.Delivery), d.o.LateWindow, h.Missed); {
	case now.After(until):
		r.outcome = calbell.Outcome{ID: c.ID, Status: calbell.StatusMissed, Reason: whyMissed(c.Delivery, until, h.zone), Tell: tells(h.Missed)}
	case c.PossibleRepeat && h.OnUnknown == "drop" && c.AskedAt.IsZero(): // a person may ask for a repeat
		r.outcome = calbell.Outcome{ID: c.ID, Status: calbell.StatusDropped, Reason: "it may have been sent before the program ended"}
	default:
		return false
	}
	return true
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
