package dispatch

import (
	"context"
	"fmt"
	"time"

	"calbell"
	"calbell/scheduler/plan"
)

// render makes a claim's message. An object that a library panics about leaves what was
// planned of it, subject and date: it takes down neither its reminder nor those beside it.
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

// giveBack ends claims without a post: they fall due again as they were.
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
	// lookAgain is how long a claim may wait for its turn before it is looked up once more:
	// its event may have been cancelled meanwhile.
	lookAgain = time.Second
	// oldClaim is how long it may wait at all: it must be posted and recorded within its lease.
	oldClaim = calbell.Lease / 2
)

// sendable parts the claims of a job that may still be posted from those that may not: all of
// them when the webhook has asked for a rest meanwhile.
func (d *Dispatcher) sendable(ctx context.Context, j job, now time.Time) (yes, no []calbell.Claim) {
	waited := now.Sub(j.note.ended)
	switch {
	case j.lane.resting(now) && !j.last || waited > oldClaim:
		return nil, j.claims
	case waited < lookAgain:
		return j.claims, nil
	}
	for _, c := range j.claims {
		// What cannot be looked up goes: a cancelled one too many is better than one lost.
		if stored, err := d.store.Requests.Delivery(ctx, c.ID); err == nil && !stored.Wanted() {
			no = append(no, c)
			continue
		}
		yes = append(yes, c)
	}
	return yes, no
}

// post makes an attempt and reports how it ended, for each reminder in it. What may not be
// posted any more is given back, and cancelled on the way when nothing wants it.
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

// attempt renders and sends. What a library panics about becomes a failed try: the program
// and the other reminders go on. left are claims that had no room in the message.
func (d *Dispatcher) attempt(ctx context.Context, j job, begun time.Time) (try calbell.Try, left []calbell.Claim) {
	verdict := calbell.NotSent
	defer func() {
		if p := recover(); p != nil {
			d.log.Error("a message could not be made or sent", "webhook", j.hook.ID, "id", j.claims[0].ID, "panic", fmt.Sprint(p))
			try = calbell.Try{At: begun, Took: time.Since(begun), Verdict: verdict, Error: calbell.T("dispatch:message-could-not-made", "the message could not be made or sent")}
		}
	}()
	m, left := d.message(j, begun)
	verdict = calbell.Unknown // from here on it may have been sent
	return d.sender.Send(ctx, j.hook.Webhook, m, begun), left
}
