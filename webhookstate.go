package calbell

import "time"

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
	Reason string `json:"reason,omitempty"`
	Hint   string `json:"hint,omitempty"`
	// Last is the latest attempt, a test or not; zero when there was none.
	Last WebhookTry `json:"last,omitzero"`
}

// Well reports whether nothing is wrong with the webhook, and it asked for no rest.
func (s WebhookState) Well() bool {
	s.Last = WebhookTry{}
	return s == WebhookState{}
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
