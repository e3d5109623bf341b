package dispatch

import (
	"context"
	"fmt"
	"time"

	"calbell"
	"calbell/scheduler/plan"
)

// render renders a claim's message. When a library panics about an object, the message has the
// planned subject and date: the panic affects neither this reminder nor others.
func (d *Dispatcher) render(p *plan.Policy, c calbell.Claim, h *hook, now time.Time) (m calbell.Message) {
	defer func() {
		if v := recover(); v != nil && c.Object != nil {
			d.log.Error("an event could not be read for its reminder", "webhook", h.ID, "id", c.ID, "panic", fmt.Sprint(v))
			c.Object = nil
			m = p.Render(c, d.messages.of(h), now)
		} else if v != nil {
			panic(v)
		}
	}()
	c.Delivery = h.counted(c.Delivery)
	return p.Render(c, d.messages.of(h), now)
}

// giveBack returns claims to the queue unchanged, without a post.
func (d *Dispatcher) giveBack(r result, claims []calbell.Claim, now time.Time) {
	for _, c := range claims {
		r.claim, r.try, r.ended = c, nil, now
		r.outcome = calbell.Outcome{ID: c.ID, Status: calbell.StatusPlanned, NextAt: c.NextAt}
		if c.Attempts > 0 || c.PossibleRepeat {
			r.outcome.Status = calbell.StatusWaiting
		}
		d.results <- r
	}
}

const (
	// lookAgain is how long a claim may wait for its post before it is checked again: its event
	// may have been cancelled.
	lookAgain = time.Second
	// oldClaim limits that wait: a claim must be posted and recorded within its lease.
	oldClaim = calbell.Lease / 2
)

// sendable splits the claims of a job into those that may still be posted and the others. None
// may when the webhook has asked to wait.
func (d *Dispatcher) sendable(ctx context.Context, j job, now time.Time) (yes, no []calbell.Claim) {
	waited := now.Sub(j.note.ended)
	switch {
	case j.lane.resting(now) && !j.last || waited > oldClaim:
		return nil, j.claims
	case waited < lookAgain:
		return j.claims, nil
	}
	for _, c := range j.claims {
		// When the check fails, the claim is posted: an unnecessary reminder is better than a
		// lost one.
		if stored, err := d.store.Requests.Delivery(ctx, c.ID); err == nil && !stored.Wanted() {
			no = append(no, c)
			continue
		}
		yes = append(yes, c)
	}
	return yes, no
}

// post makes an attempt and reports the result of each reminder in it. Claims that may no
// longer be posted are returned to the queue, which cancels those without a source.
func (d *Dispatcher) post(ctx context.Context, j job) {
	begun := time.Now()
	send, back := d.sendable(ctx, j, begun)
	d.giveBack(j.note, back, begun)
	if j.claims = send; len(send) == 0 {
		return
	}
	try, left := d.attempt(ctx, j, begun)
	r := j.note
	r.try, r.ended = &try, time.Now()
	r.shared = len(j.claims)-len(left) > 1
	j.lane.learn(try, r.ended)
	sent := 0
	for _, c := range j.claims {
		if len(left) > 0 && left[0].ID == c.ID {
			left = left[1:]
			d.giveBack(j.note, []calbell.Claim{c}, r.ended)
			continue
		}
		r.claim, r.follows = c, sent > 0
		sent++
		d.results <- r
	}
}

// attempt renders and sends a message. A panic of a library becomes a failed try, so that the
// program and the other reminders continue. left are claims that did not fit the message.
func (d *Dispatcher) attempt(ctx context.Context, j job, begun time.Time) (try calbell.Try, left []calbell.Claim) {
	verdict := calbell.NotSent
	defer func() {
		if p := recover(); p != nil {
			d.log.Error("a message could not be made or sent", "webhook", j.hook.ID, "id", j.claims[0].ID, "panic", fmt.Sprint(p))
			try = calbell.Try{At: begun, Took: time.Since(begun), Verdict: verdict, Error: calbell.T("dispatch:message-could-not-made", "the message could not be made or sent")}
		}
	}()
	m, left := d.message(j, begun)
	verdict = calbell.Unknown // from here on the message may have been sent
	return d.sender.Send(ctx, j.hook.Webhook, m, begun), left
}
