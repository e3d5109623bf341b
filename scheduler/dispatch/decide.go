package dispatch

import (
	"time"

	"calbell"
	"calbell/scheduler/plan"
)

// schedule holds the waits after the first, second, … failed attempt; then hourly.
var schedule = [...]time.Duration{
	time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute,
}

const (
	lastWait = time.Hour // after the schedule's end
	jitter   = 0.2       // each wait varies by up to this share
	// lastChance is how long before its expiry a reminder is tried once more when a long wait
	// would outlast it: the answer arrives before the expiry.
	lastChance = calbell.AttemptTimeout
)

// unrecognisedWaits are the waits after a 2xx without the expected confirmation; then the
// delivery is dead.
var unrecognisedWaits = [...]time.Duration{30 * time.Second, 5 * time.Minute}

// lostWaits are the waits after a lost answer; then there are no more attempts.
var lostWaits = [...]time.Duration{time.Minute, 5 * time.Minute, 10 * time.Minute}

// Attempt is an attempt to post, with everything that decides its consequences.
type Attempt struct {
	Delivery calbell.Delivery // as claimed: Attempts and Tries exclude this one
	Try      calbell.Try
	// State is the webhook's health before the attempt.
	State calbell.WebhookState
	// Shared is set when the message held other reminders too.
	Shared bool
	// Varies is set when the channel depends on the event, so that another event may use a
	// working one.
	Varies bool
	// DropUnknown is set for webhooks with on_unknown: drop.
	DropUnknown bool
	// LateWindow is how late a reminder may be sent although its instance has ended.
	LateWindow time.Duration
	// Missed is the webhook's policy for missed reminders; "" = digest.
	Missed string
	// Now is when the attempt ended.
	Now time.Time
	// Random is in [0,1) and spreads the retries.
	Random float64
}

// Decide returns the consequences of an attempt for the delivery and for its webhook.
func Decide(a Attempt) (calbell.Outcome, calbell.WebhookState) {
	o, s := a.judged()
	s.Last = calbell.LastTry(a.Try, false)
	if s.SuspendedAt.IsZero() {
		return o, s
	}
	// A failed probe counts as a probe, whatever the failure. Otherwise each held reminder
	// would be tried at once, and use up its tries on a webhook out of service.
	s.ProbedAt, s.ProbeAt = a.Now, nextProbe(s.SuspendedAt, a.Now)
	if o.Status == calbell.StatusWaiting { // was in a shared message, and is sent alone next
		o.Status, o.NextAt = calbell.StatusHeld, a.Delivery.Due
	}
	return o, s
}

// judged returns the consequences of the verdict.
func (a Attempt) judged() (calbell.Outcome, calbell.WebhookState) {
	switch a.Try.Verdict {
	case calbell.Accepted:
		return a.end(calbell.StatusSent, calbell.Text{}), a.well()
	case calbell.MessageRefused:
		if a.Shared { // sending each alone shows which one is at fault
			return calbell.Outcome{ID: a.Delivery.ID, Try: &a.Try, Status: calbell.StatusWaiting, NextAt: a.Now}, a.alive()
		}
		return a.end(calbell.StatusDead, calbell.T("dispatch:webhook-refused-message", "the webhook refused this message: %s", said(a.Try))), a.alive()
	case calbell.HookRefused:
		return a.hookRefused()
	case calbell.Outage:
		return a.outage()
	case calbell.Unrecognised:
		return a.unrecognised(), a.alive()
	case calbell.RefusedForNow:
		return a.refusedForNow()
	case calbell.Unknown:
		return a.lost()
	}
	return a.retry(a.wait()), a.State
}

// lost returns the consequences of a lost answer: the message may have arrived. It is repeated
// a few times, minutes apart and marked: a chat that accepts each post but answers too late
// would show every repeat.
func (a Attempt) lost() (calbell.Outcome, calbell.WebhookState) {
	s := a.State
	if s.LostSince.IsZero() {
		s.LostSince = a.Now
	}
	n := 0
	for _, t := range a.tries() {
		if t.Verdict == calbell.Unknown {
			n++
		}
	}
	switch {
	case a.DropUnknown:
		return a.end(calbell.StatusDropped, calbell.T("dispatch:answer-lost-webhook-drops", "the answer was lost, and the webhook drops what may have arrived")), s
	case n >= len(lostWaits):
		return a.end(calbell.StatusDropped, calbell.T("dispatch:answer-lost-times-may", "the answer was lost %d times; it may have arrived: %s", n+1, said(a.Try))), s
	}
	o := a.retry(lostWaits[n])
	if o.Status == calbell.StatusDead {
		o = a.end(calbell.StatusDropped, calbell.T("dispatch:answer-lost-may-arrived", "the answer was lost, and it may have arrived: %s", said(a.Try)))
	}
	o.PossibleRepeat = true
	return o, s
}

// end returns a final outcome.
func (a Attempt) end(s calbell.Status, reason calbell.Text) calbell.Outcome {
	return calbell.Outcome{
		ID: a.Delivery.ID, Try: &a.Try, Status: s, Reason: reason,
		Tell: s == calbell.StatusDead && plan.TellsMissed(a.Missed),
	}
}

// retry returns a retry after wait, unless the reminder expires before. A reminder of a
// suspended webhook is held instead: probes do not follow its schedule.
func (a Attempt) retry(wait time.Duration) calbell.Outcome {
	if !a.State.SuspendedAt.IsZero() {
		return calbell.Outcome{ID: a.Delivery.ID, Try: &a.Try, Status: calbell.StatusHeld, NextAt: a.Delivery.Due}
	}
	next := a.Now.Add(wait)
	if next.After(plan.Deadline(a.Delivery, a.LateWindow, a.Missed)) {
		reason := calbell.T("dispatch:given-up", "given up after %d tries: %s", a.Delivery.Attempts+1, said(a.Try))
		if a.Delivery.Attempts == 0 {
			reason = calbell.T("dispatch:given-up-once", "given up after 1 try: %s", said(a.Try))
		}
		return a.end(calbell.StatusDead, reason)
	}
	return calbell.Outcome{ID: a.Delivery.ID, Try: &a.Try, Status: calbell.StatusWaiting, NextAt: next}
}

// wait returns the next wait of the schedule, with jitter.
func (a Attempt) wait() time.Duration {
	w, n := lastWait, a.Delivery.Attempts
	if !a.Delivery.AskedAt.IsZero() { // a person asked to resend it: the schedule starts again
		n = min(n, len(a.tries()))
	}
	if n < len(schedule) {
		w = schedule[n]
	}
	return time.Duration(float64(w) * (1 + jitter*(2*a.Random-1)))
}

// tries returns the tries that count: those since a person last asked to resend it.
func (a Attempt) tries() (ts []calbell.Try) {
	for _, t := range a.Delivery.Tries {
		if !t.At.Before(a.Delivery.AskedAt) {
			ts = append(ts, t)
		}
	}
	return ts
}

// alive returns the state of a webhook that answered itself: no refusal is pending, and nothing
// else answered. Only a success lifts a suspension.
func (a Attempt) alive() calbell.WebhookState {
	s := a.State
	s.RefusedAt, s.OutageSince, s.OutageSeen, s.LostSince = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	if s.SuspendedAt.IsZero() {
		s.RefusedSince, s.Reason, s.Hint = time.Time{}, calbell.Text{}, calbell.Text{}
	}
	return s
}

// well returns the state of a webhook that accepted a message. It keeps a wait that the webhook
// asked for: the answer to a concurrent post does not end it.
func (a Attempt) well() (s calbell.WebhookState) {
	if a.State.PausedUntil.After(a.Now) {
		s.PausedUntil = a.State.PausedUntil
	}
	return s
}

// refusedForNow applies Retry-After to the whole webhook.
func (a Attempt) refusedForNow() (calbell.Outcome, calbell.WebhookState) {
	s := a.alive()
	wait := a.wait()
	if rest := min(a.Try.RetryAfter, calbell.MaxRetryAfter); rest > 0 {
		if until := a.Now.Add(rest); until.After(s.PausedUntil) {
			s.PausedUntil = until
		}
		wait = max(wait, s.PausedUntil.Sub(a.Now)) // the webhook may have asked for a longer wait already
		if left := plan.Deadline(a.Delivery, a.LateWindow, a.Missed).Sub(a.Now) - lastChance; left > 0 {
			wait = min(wait, left)
		}
	}
	return a.retry(wait), s
}

// unrecognised returns the consequences of an unexpected 2xx. Something else may have answered,
// or the chat confirms differently, so the reminder may have been posted. It is repeated twice,
// marked; then people must look.
func (a Attempt) unrecognised() calbell.Outcome {
	n := 0
	for _, t := range a.tries() {
		if t.Verdict == calbell.Unrecognised {
			n++
		}
	}
	posted := a.Try.Status >= 200 && a.Try.Status <= 299
	if n >= len(unrecognisedWaits) || posted && a.DropUnknown {
		return a.end(calbell.StatusDead, calbell.T("dispatch:not-recognised", "the answer was not the chat's own: %s", said(a.Try)))
	}
	o := a.retry(unrecognisedWaits[n])
	o.PossibleRepeat = posted
	return o
}

// said returns a try's answer in words, never as a data structure.
func said(t calbell.Try) calbell.Text {
	switch {
	case !t.Error.IsZero() || t.Status == 0:
		return t.Error
	case t.Answer == "":
		return calbell.T("dispatch:answer", "answer %d", t.Status)
	}
	return calbell.T("dispatch:answer-said", "answer %d: %s", t.Status, t.Answer)
}
