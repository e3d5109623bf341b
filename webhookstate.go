package calbell

import "time"

// WebhookHealth is how a webhook is, in one word: as its latest attempt showed.
type WebhookHealth string

// The words, the worst first.
const (
	WebhookSuspended WebhookHealth = "suspended" // confirmed refused, its reminders are held
	WebhookRefused   WebhookHealth = "refused"   // refused once, to be confirmed
	WebhookOutage    WebhookHealth = "outage"    // something in between answers in the chat's place
	WebhookLost      WebhookHealth = "lost"      // answers are lost
	WebhookPaused    WebhookHealth = "paused"    // its server asked for a rest
	WebhookNew       WebhookHealth = "new"       // not tried yet
	WebhookFailed    WebhookHealth = "failed"    // the latest attempt was not accepted
	WebhookOK        WebhookHealth = "ok"        // the latest attempt was accepted
)

// WebhookHealths returns all words.
func WebhookHealths() []WebhookHealth {
	return []WebhookHealth{
		WebhookSuspended, WebhookRefused, WebhookOutage, WebhookLost, WebhookPaused, WebhookNew, WebhookFailed, WebhookOK,
	}
}

// Refuses reports whether the webhook takes nothing, or nobody knows what it takes.
func (h WebhookHealth) Refuses() bool {
	switch h {
	case WebhookSuspended, WebhookRefused, WebhookOutage, WebhookLost:
		return true
	}
	return false
}

// WebhookState is what the deliveries taught about a webhook's health.
type WebhookState struct {
	// PausedUntil: the other side asked for a rest (Retry-After); zero when it did not.
	PausedUntil time.Time `json:"paused_until,omitzero"`
	// OutageSince is when something in between began to answer in the chat's place, OutageSeen when
	// it last did; zero when the latest answer was another.
	OutageSince time.Time `json:"outage_since,omitzero"`
	OutageSeen  time.Time `json:"outage_seen,omitzero"`
	// LostSince is when answers began to be lost; zero when the latest one came.
	LostSince time.Time `json:"lost_since,omitzero"`
	// RefusedAt is the first "webhook refused" that awaits its confirmation; zero when none.
	RefusedAt time.Time `json:"refused_at,omitzero"`
	// SuspendedAt: confirmed refused, its reminders are held; zero when in service.
	SuspendedAt time.Time `json:"suspended_at,omitzero"`
	// RefusedSince is when the refusal, or the outage, began that led to the suspension; zero when
	// nothing is refused.
	RefusedSince time.Time `json:"refused_since,omitzero"`
	// ProbedAt is when a suspended webhook was last tried, ProbeAt when it is tried again at the
	// latest: a reminder that falls due before tries it then. Zero when in service.
	ProbedAt time.Time `json:"probed_at,omitzero"`
	ProbeAt  time.Time `json:"probe_at,omitzero"`
	// Reason is the other side's refusal in words, without secrets; Hint the next step.
	Reason Text `json:"reason,omitzero"`
	Hint   Text `json:"hint,omitzero"`
	// Last is the latest attempt, a test or not; zero when there was none.
	Last WebhookTry `json:"last,omitzero"`
}

// Well reports whether nothing is wrong with the webhook, and it asked for no rest.
func (s WebhookState) Well() bool {
	s.Last = WebhookTry{}
	return s == WebhookState{}
}

// Health puts the state in one word. "ok" is said only of what was tried and accepted.
func (s WebhookState) Health(now time.Time) WebhookHealth {
	switch {
	case !s.SuspendedAt.IsZero():
		return WebhookSuspended
	case !s.RefusedAt.IsZero():
		return WebhookRefused
	case !s.OutageSince.IsZero():
		return WebhookOutage
	case !s.LostSince.IsZero():
		return WebhookLost
	case s.PausedUntil.After(now):
		return WebhookPaused
	case s.Last.At.IsZero():
		return WebhookNew
	case s.Last.Verdict != Accepted:
		return WebhookFailed
	}
	return WebhookOK
}

// WebhookTry is what is kept of the latest attempt to post to a webhook.
type WebhookTry struct {
	At      time.Time `json:"at"` // to the minute: a busy webhook's state is not written with each post
	Verdict Verdict   `json:"verdict"`
	Status  int       `json:"status,omitempty"` // HTTP status; 0: no answer
	Test    bool      `json:"test,omitempty"`   // somebody tried it out
}

// LastTry returns what is kept of an attempt.
func LastTry(t Try, test bool) WebhookTry {
	return WebhookTry{At: t.At.UTC().Truncate(time.Minute), Verdict: t.Verdict, Status: t.Status, Test: test}
}
