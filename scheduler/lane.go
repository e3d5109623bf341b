package scheduler

import (
	"context"
	"time"

	"calbell"
	"calbell/templates"
)

// lane is one webhook's share of the dispatcher.
type lane struct {
	busy  int // claimed and not yet recorded
	state calbell.WebhookState
}

// hook is a webhook with its compiled message.
type hook struct {
	calbell.Webhook
	message *templates.Hook
	err     error // it cannot be used, and why
}

// readStates takes over the health of the webhooks from the store.
func (d *Dispatcher) readStates(ctx context.Context) error {
	states, err := d.store.WebhookStates(ctx)
	if err != nil {
		return err
	}
	for id, l := range d.lanes {
		l.state = states[id]
	}
	for id, s := range states {
		d.lane(id).state = s
	}
	return nil
}

func (d *Dispatcher) lane(id calbell.WebhookID) *lane {
	l := d.lanes[id]
	if l == nil {
		l = &lane{}
		d.lanes[id] = l
	}
	return l
}

// restUntil is the instant before which the webhook is left alone.
func (l *lane) restUntil() time.Time {
	t := l.state.PausedUntil
	if l.state.ProbeAt.After(t) {
		t = l.state.ProbeAt
	}
	if !l.state.RefusedAt.IsZero() {
		if c := l.state.RefusedAt.Add(confirmAfter); c.After(t) {
			t = c
		}
	}
	return t
}

// room is how many more deliveries the webhook may have in flight at now. One whose
// refusal is to be confirmed, or that is suspended, is tried with one at a time.
func (l *lane) room(now time.Time, width int) int {
	if l.restUntil().After(now) {
		return 0
	}
	if !l.state.RefusedAt.IsZero() || !l.state.SuspendedAt.IsZero() {
		width = 1
	}
	return max(0, width-l.busy)
}

// dropIdleLanes keeps the lanes to those that have something to say.
func (d *Dispatcher) dropIdleLanes() {
	for id, l := range d.lanes {
		if l.busy == 0 && l.state == (calbell.WebhookState{}) {
			delete(d.lanes, id)
		}
	}
}

// hook returns a webhook ready for use, reading it once until Forget.
func (d *Dispatcher) hook(ctx context.Context, id calbell.WebhookID) *hook {
	if h := d.hooks[id]; h != nil {
		return h
	}
	h := &hook{}
	if h.Webhook, h.err = d.store.Webhook(ctx, string(id)); h.err == nil {
		// What its templates hold that is not understood is printed as it stands.
		h.message, _ = templates.CompileHookLenient(h.Webhook)
	}
	if h.err == nil || gone(h.err) {
		d.hooks[id] = h
	}
	return h
}

// gone says that a webhook does not exist; other errors are about reading it.
func gone(err error) bool { return calbell.KindOf(err) == calbell.KindNotFound }

// unusable is the outcome of a claim whose webhook cannot be used.
func unusable(id calbell.ReminderID, err error, now time.Time) calbell.Outcome {
	if gone(err) {
		return calbell.Outcome{ID: id, Status: calbell.StatusDead, Reason: err.Error()}
	}
	return calbell.Outcome{ID: id, Status: calbell.StatusPlanned, NextAt: now.Add(storeRetry)}
}
