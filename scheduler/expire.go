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
// its instance, at most a day after it fell due, or after a person asked for it. missed is
// the policy of its webhook; "send" makes that a month.
func Deadline(d calbell.Delivery, lateWindow time.Duration, missed string) time.Time {
	from := d.Due
	if d.AskedAt.After(from) {
		from = d.AskedAt
	}
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
		Missed: func(c calbell.Delivery) (bool, string, bool) {
			policy := ""
			if h := d.hooks[c.Webhook]; h != nil {
				policy = h.Missed
			}
			return now.After(Deadline(c, d.o.LateWindow, policy)), tooLate, tells(policy)
		},
	})
	if err != nil {
		return false, err
	}
	for id, n := range r.Ended {
		d.log.Warn("reminders missed: nobody could send them in time", "webhook", id, "count", n)
		d.meter.Ended(calbell.StatusMissed, n, 0)
	}
	s.from, s.on = r.Next, !r.Next.IsZero()
	if !s.on {
		s.next = now.Add(expireEvery)
	}
	return s.on, nil
}

// tooLate is why a missed reminder was not sent.
const tooLate = "fell due while nobody could send it"
