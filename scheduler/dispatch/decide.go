package dispatch

import (
	"time"

	"calbell"
	"calbell/scheduler/plan"
)

// schedule is how long to wait after the first, second, … failed attempt; then hourly.
var schedule = [...]time.Duration{
	time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute,
}

const (
	lastWait = time.Hour // after the schedule's end
	jitter   = 0.2       // each wait is stretched or shrunk by up to this share
	// lastChance is how long before the end of its worth a reminder is tried once more that a long
	// rest would outlast: the answer comes before the end.
	lastChance = calbell.AttemptTimeout
)

// unrecognisedWaits are the waits after a 2xx that does not say yes; then it is dead.
var unrecognisedWaits = [...]time.Duration{30 * time.Second, 5 * time.Minute}

// lostWaits are the waits after an answer that was lost; then nothing more is tried.
var lostWaits = [...]time.Duration{time.Minute, 5 * time.Minute, 10 * time.Minute}

// Attempt is an attempt to post, with all that its consequences depend on.
type Attempt struct {
	Delivery calbell.Delivery // as claimed: Attempts and Tries are those before this one
	Try      calbell.Try
	// State is the webhook's health before the attempt.
	State calbell.WebhookState
	// Shared: the message held other reminders too.
	Shared bool
	// Varies: the channel is rendered from the event, and another event's may do.
	Varies bool
	// DropUnknown: the webhook says on_unknown: drop.
	DropUnknown bool
	// LateWindow is how late a reminder may be sent although its instance has ended.
	LateWindow time.Duration
	// Missed is what the webhook says about reminders that were not sent; "" = digest.
	Missed string
	// Now is when the attempt ended.
	Now time.Time
	// Random is in [0,1) and spreads the retries.
	Random float64
}

// Decide returns what follows from an attempt: for the delivery, and for its webhook.
func Decide(a Attempt) (calbell.Outcome, calbell.WebhookState) {
	o, s := a.judged()
	s.Last = calbell.LastTry(a.Try, false)
	if s.SuspendedAt.IsZero() {
		return o, s
	}
	// A probe that was no success, whatever else it was, is one: else each of the held ones would
	// be tried at once, and spend its tries on a webhook out of service.
	s.ProbedAt, s.ProbeAt = a.Now, nextProbe(s.SuspendedAt, a.Now)
	if o.Status == calbell.StatusWaiting { // one of a message of several, which goes alone next
		o.Status, o.NextAt = calbell.StatusHeld, a.Delivery.Due
	}
	return o, s
}

// judged is what follows from the verdict.
func (a Attempt) judged() (calbell.Outcome, calbell.WebhookState) {
	switch a.Try.Verdict {
	case calbell.Accepted:
		return a.end(calbell.StatusSent, calbell.Text{}), a.well()
	case calbell.MessageRefused:
		if a.Shared { // which of them is to blame shows when each goes alone
			return calbell.Outcome{ID: a.Delivery.ID, Try: &a.Try, Status: calbell.StatusWaiting, NextAt: a.Now}, a.alive()
		}
		return a.end(calbell.StatusDead, calbell.T("dispatch:webhook-refused-message", "the webhook refused this message: %s", said(a.Try).English)), a.alive()
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

// lost: the message may have arrived. It is repeated a few times, minutes apart and marked: a chat
// that takes each post and answers too late would show it once more with each try.
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

// end is a final outcome.
func (a Attempt) end(s calbell.Status, reason calbell.Text) calbell.Outcome {
	return calbell.Outcome{
		ID: a.Delivery.ID, Try: &a.Try, Status: s, Reason: reason,
		Tell: s == calbell.StatusDead && plan.TellsMissed(a.Missed),
	}
}

// retry tries again after wait, unless the reminder is worth nothing by then. That of a webhook that
// is suspended is held: the probes do not go by its schedule.
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

// wait is the next step of the schedule, spread.
func (a Attempt) wait() time.Duration {
	w, n := lastWait, a.Delivery.Attempts
	if !a.Delivery.AskedAt.IsZero() { // a person asked for it: it begins anew
		n = min(n, len(a.tries()))
	}
	if n < len(schedule) {
		w = schedule[n]
	}
	return time.Duration(float64(w) * (1 + jitter*(2*a.Random-1)))
}

// tries are those that count: what came before a person asked to send it again does not.
func (a Attempt) tries() (ts []calbell.Try) {
	for _, t := range a.Delivery.Tries {
		if !t.At.Before(a.Delivery.AskedAt) {
			ts = append(ts, t)
		}
	}
	return ts
}

// alive is the state of a webhook that answered for itself: no refusal is pending, and nothing
// stands in between. A suspension is lifted by a success only.
func (a Attempt) alive() calbell.WebhookState {
	s := a.State
	s.RefusedAt, s.OutageSince, s.OutageSeen, s.LostSince = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	if s.SuspendedAt.IsZero() {
		s.RefusedSince, s.Reason, s.Hint = time.Time{}, calbell.Text{}, calbell.Text{}
	}
	return s
}

// well is the state of a webhook that accepted. A rest that it asked for stands: the answer
// to a post that was under way beside it does not end it.
func (a Attempt) well() (s calbell.WebhookState) {
	if a.State.PausedUntil.After(a.Now) {
		s.PausedUntil = a.State.PausedUntil
	}
	return s
}

// refusedForNow obeys Retry-After for the whole webhook.
func (a Attempt) refusedForNow() (calbell.Outcome, calbell.WebhookState) {
	s := a.alive()
	wait := a.wait()
	if rest := min(a.Try.RetryAfter, calbell.MaxRetryAfter); rest > 0 {
		if until := a.Now.Add(rest); until.After(s.PausedUntil) {
			s.PausedUntil = until
		}
		wait = max(wait, s.PausedUntil.Sub(a.Now)) // a longer rest may be asked for already
		if left := plan.Deadline(a.Delivery, a.LateWindow, a.Missed).Sub(a.Now) - lastChance; left > 0 {
			wait = min(wait, left)
		}
	}
	return a.retry(wait), s
}

// unrecognised: something else may have answered in the webhook's place, or the chat says its
// yes otherwise: the reminder may have been posted. Twice more, marked, then people must look.
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

// said puts a try's answer in words, never as a program wrote it.
func said(t calbell.Try) calbell.Text {
	switch {
	case !t.Error.IsZero() || t.Status == 0:
		return t.Error
	case t.Answer == "":
		return calbell.T("dispatch:answer", "answer %d", t.Status)
	}
	return calbell.T("dispatch:answer-said", "answer %d: %s", t.Status, t.Answer)
}
