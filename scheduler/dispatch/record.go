package dispatch

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"calbell"
	"calbell/scheduler/plan"
)

// record stores the outcomes of all finished attempts in one transaction.
func (d *Dispatcher) record(ctx context.Context) error {
	d.collect()
	if len(d.outcomes) == 0 {
		return nil
	}
	outcomes := make([]calbell.Outcome, 0, len(d.outcomes))
	states := map[calbell.WebhookID]calbell.WebhookState{}
	for _, r := range d.outcomes {
		id := r.claim.Webhook
		before, ok := states[id]
		if !ok {
			before = d.lane(id).state
		}
		o, after := d.decide(r, before)
		outcomes = append(outcomes, o)
		if after != before && !r.follows {
			states[id] = after
		}
	}
	if err := d.store.Queue.Finish(ctx, d.o.Worker, outcomes, states, time.Now()); err != nil {
		return err
	}
	for i, r := range d.outcomes {
		d.release(r)
		d.logOutcome(r, outcomes[i])
		d.noteChance(r, outcomes[i])
	}
	for id, s := range states {
		d.logState(id, d.lane(id).state, s)
		d.lane(id).state = s
	}
	d.outcomes = d.outcomes[:0]
	d.dropIdle(time.Now())
	return nil
}

// noteChance remembers a reminder that expires before the webhook's wait ends.
func (d *Dispatcher) noteChance(r result, o calbell.Outcome) {
	if o.Status != calbell.StatusWaiting || r.try == nil || r.try.RetryAfter == 0 {
		return
	}
	last := plan.Deadline(r.hook.counted(r.claim.Delivery), d.o.LateWindow, r.hook.Missed).Add(-lastChance)
	if o.NextAt.Equal(last) {
		d.lane(r.claim.Webhook).noteChance(o.NextAt, r.ended)
	}
}

// release frees what a claim occupied, and learns from its answer.
func (d *Dispatcher) release(r result) {
	l := d.lane(r.claim.Webhook)
	d.inFlight--
	l.load--
	r.host.load--
	if r.slow {
		d.slow--
	}
	if r.try != nil && !r.follows {
		l.answered(*r.try, d.o.PerHost)
		r.host.answered(*r.try)
		d.metrics.Tried(r.hook.Kind, r.try.Verdict, r.try.Took)
	}
}

// collect receives all results that are waiting.
func (d *Dispatcher) collect() {
	for {
		select {
		case r := <-d.results:
			d.outcomes = append(d.outcomes, r)
		default:
			return
		}
	}
}

func (d *Dispatcher) decide(r result, state calbell.WebhookState) (calbell.Outcome, calbell.WebhookState) {
	if r.try == nil {
		return r.outcome, state
	}
	if d.changedSince(r) { // the new definition is untried
		d.lane(r.claim.Webhook).learnt.Store(0)
		return calbell.Outcome{ID: r.claim.ID, Try: r.try, Status: calbell.StatusWaiting, NextAt: r.ended}, state
	}
	return Decide(Attempt{
		Delivery: r.hook.counted(r.claim.Delivery), Try: *r.try, State: state, DropUnknown: r.hook.OnUnknown == "drop",
		Varies: calbell.WithoutVariables(r.hook.Channel) != r.hook.Channel, Shared: r.shared, LateWindow: d.o.LateWindow, Missed: r.hook.Missed, Now: r.ended, Random: rand.Float64(),
	})
}

// changedSince reports whether the webhook's definition has changed in a way that makes the
// attempt's refusal irrelevant.
func (d *Dispatcher) changedSince(r result) bool {
	now := d.hooks[r.claim.Webhook]
	refused := r.try.Verdict == calbell.HookRefused || r.try.Verdict == calbell.Outage
	return refused && now != nil && !now.SameTarget(r.hook.Webhook)
}

// logOutcome logs one line per attempt, without message text or secrets.
func (d *Dispatcher) logOutcome(r result, o calbell.Outcome) {
	attrs := []any{"webhook", r.claim.Webhook, "id", o.ID, "status", o.Status, "late", r.ended.Sub(r.claim.Due).Round(time.Millisecond)}
	if r.try != nil {
		attrs = append(attrs, "http", r.try.Status, "took", r.try.Took.Round(time.Millisecond))
	}
	if o.Status.Final() {
		d.metrics.Ended(r.counts(&o), 1, r.ended.Sub(r.claim.Counts()))
	}
	level := slog.LevelInfo
	switch {
	case r.try == nil && !o.Status.Final() && o.NextAt.Equal(r.claim.NextAt):
		level = slog.LevelDebug // returned to the queue unchanged
	case r.suppressed && o.Status.Final():
		attrs = append(attrs, "reason", o.Reason)
	case r.suppressed:
		attrs = append(attrs, "held_until", o.NextAt.Format(time.RFC3339))
	case o.Status != calbell.StatusSent:
		level = slog.LevelWarn
		if !o.Reason.IsZero() {
			attrs = append(attrs, "reason", o.Reason)
		} else if r.try != nil {
			attrs = append(attrs, "reason", said(*r.try), "verdict", r.try.Verdict)
		}
		if !o.NextAt.IsZero() {
			attrs = append(attrs, "next", o.NextAt.Format(time.RFC3339))
		}
	}
	d.log.Log(context.Background(), level, "delivery", attrs...)
}

// counts returns the state under which an outcome is counted.
func (r *result) counts(o *calbell.Outcome) calbell.Status {
	if r.suppressed && !o.Tell {
		return endedPaused
	}
	return o.Status
}

// logState logs once when a webhook's health changes.
func (d *Dispatcher) logState(id calbell.WebhookID, before, after calbell.WebhookState) {
	switch {
	case before.SuspendedAt.IsZero() && !after.SuspendedAt.IsZero():
		d.log.Error("webhook suspended, its reminders are held", "webhook", id, "reason", after.Reason, "hint", after.Hint, "next_try", after.ProbeAt.Format(time.RFC3339))
	case !before.SuspendedAt.IsZero() && after.SuspendedAt.IsZero():
		d.log.Info("webhook works again", "webhook", id)
	}
}
