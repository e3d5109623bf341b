package dispatch

import (
	"slices"
	"time"

	"calbell"
)

const (
	confirmAfter  = 60 * time.Second // from the first refusal to its confirmation
	probeInterval = time.Hour        // between probes of a suspended webhook, after the first ones
	// probeLeast is the minimum time between two probes of a suspended webhook: many reminders
	// may fall due in a minute, and each probes it.
	probeLeast = confirmAfter
	// outageFor is how long an outage lasts before it counts as a refusal: a restart takes
	// minutes, a wrong address stays.
	outageFor = 15 * time.Minute
	// outageGap is the longest time between two foreign answers of one outage; over a longer
	// gap nothing is known. The longest wait of the schedule fits.
	outageGap = 90 * time.Minute
)

// probeWaits are the times between the first probes of a suspended webhook; then it is probed
// hourly.
var probeWaits = [...]time.Duration{2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute}

// nextProbe returns the latest time of the next probe of a webhook that was suspended at an
// instant and probed at now.
func nextProbe(suspended, now time.Time) time.Time {
	at := suspended
	for _, wait := range probeWaits {
		if at = at.Add(wait); at.After(now) {
			if least := now.Add(probeLeast); at.Before(least) {
				return least
			}
			return at
		}
	}
	return now.Add(probeInterval)
}

// hookRefused returns the consequences of a refused webhook. The same reminder confirms the
// first refusal a minute later. The second refusal suspends the webhook, and its reminders are
// held in the queue.
func (a Attempt) hookRefused() (calbell.Outcome, calbell.WebhookState) {
	s := a.State
	s.OutageSince, s.OutageSeen, s.LostSince = time.Time{}, time.Time{}, time.Time{}
	first := s.RefusedAt.IsZero()
	if !s.SuspendedAt.IsZero() || !first && !a.beside(s.RefusedAt) {
		return a.suspend(s)
	}
	if first && a.Varies && slices.ContainsFunc(a.tries(), func(t calbell.Try) bool { return t.Verdict == calbell.HookRefused }) {
		// It was refused before, but the webhook has accepted others since: the refusal is
		// about this reminder's channel.
		return a.end(calbell.StatusDead, calbell.T("dispatch:webhook-refused-message", "the webhook refused this message: %s", said(a.Try))), s
	}
	if first {
		s.RefusedAt, s.RefusedSince, s.Reason, s.Hint = a.Now, a.Now, said(a.Try), a.Try.Hint
	}
	o := a.retry(confirmAfter)
	if o.Status == calbell.StatusWaiting {
		o.NextAt = a.Delivery.Due
	}
	return o, s
}

// suspend suspends a webhook, or updates the reason of a suspension.
func (a Attempt) suspend(s calbell.WebhookState) (calbell.Outcome, calbell.WebhookState) {
	if s.SuspendedAt.IsZero() {
		s.SuspendedAt = a.Now
	}
	s.RefusedAt, s.Reason, s.Hint = time.Time{}, said(a.Try), a.Try.Hint
	return calbell.Outcome{ID: a.Delivery.ID, Try: &a.Try, Status: calbell.StatusHeld, NextAt: a.Delivery.Due}, s
}

// outage returns the consequences of a foreign answer, which says nothing about the webhook.
// When only foreign answers came for long, the address is probably wrong.
func (a Attempt) outage() (calbell.Outcome, calbell.WebhookState) {
	s := a.State
	if gap := a.Now.Sub(s.OutageSeen); s.OutageSince.IsZero() || gap > outageGap || gap < -outageGap {
		s.OutageSince = a.Now
	}
	s.OutageSeen, s.LostSince = a.Now, time.Time{}
	if s.SuspendedAt.IsZero() && a.Now.Sub(s.OutageSince) >= outageFor {
		s.RefusedSince = s.OutageSince
		return a.suspend(s)
	}
	if !s.SuspendedAt.IsZero() {
		s.Reason, s.Hint = said(a.Try), a.Try.Hint
	}
	return a.retry(a.wait()), s
}

// beside reports whether the attempt was already under way when another one was refused: then
// it adds no information. A refusal from the future means that the clock was set back.
func (a Attempt) beside(refused time.Time) bool {
	early := refused.Sub(a.Try.At)
	return early > 0 && early < confirmAfter
}
