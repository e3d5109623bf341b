package calbell

import "time"

// WebhookHealth is the state of a webhook in one word, as of its latest attempt.
type WebhookHealth string

// The words, the worst first.
const (
	WebhookSuspended WebhookHealth = "suspended" // refusal confirmed; its reminders are held
	WebhookRefused   WebhookHealth = "refused"   // refused once, not confirmed yet
	WebhookOutage    WebhookHealth = "outage"    // something other than the chat answers
	WebhookLost      WebhookHealth = "lost"      // answers are lost
	WebhookPaused    WebhookHealth = "paused"    // its server asked us to wait
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

// Refuses reports whether the webhook accepts no messages, as far as anybody knows.
func (h WebhookHealth) Refuses() bool {
	switch h {
	case WebhookSuspended, WebhookRefused, WebhookOutage, WebhookLost:
		return true
	}
	return false
}

// WebhookState is a webhook's health as its deliveries showed it.
type WebhookState struct {
	// PausedUntil is set when the server asked us to wait (Retry-After); zero when it did not.
	PausedUntil time.Time `json:"paused_until,omitzero"`
	// OutageSince is when something other than the chat began to answer, and OutageSeen when it
	// last did; zero when the latest answer was different.
	OutageSince time.Time `json:"outage_since,omitzero"`
	OutageSeen  time.Time `json:"outage_seen,omitzero"`
	// LostSince is when answers began to be lost; zero when the latest answer arrived.
	LostSince time.Time `json:"lost_since,omitzero"`
	// RefusedAt is the first "webhook refused" that is not confirmed yet; zero when there is
	// none.
	RefusedAt time.Time `json:"refused_at,omitzero"`
	// SuspendedAt is when the refusal was confirmed; reminders are held since. Zero when in
	// service.
	SuspendedAt time.Time `json:"suspended_at,omitzero"`
	// RefusedSince is when the refusal or outage began that led to the suspension; zero when
	// nothing is refused.
	RefusedSince time.Time `json:"refused_since,omitzero"`
	// ProbedAt is when a suspended webhook was last tried. ProbeAt is the latest time of the
	// next try: a reminder that falls due earlier tries it then. Zero when in service.
	ProbedAt time.Time `json:"probed_at,omitzero"`
	ProbeAt  time.Time `json:"probe_at,omitzero"`
	// Reason is the refusal in words, without secrets; Hint is the next step.
	Reason Text `json:"reason,omitzero"`
	Hint   Text `json:"hint,omitzero"`
	// Last is the latest attempt, including tests; zero when there was none.
	Last WebhookTry `json:"last,omitzero"`
}

// Well reports whether nothing is wrong with the webhook, and it asked for no wait.
func (s WebhookState) Well() bool {
	s.Last = WebhookTry{}
	return s == WebhookState{}
}

// Health returns the state in one word. It returns "ok" only after an accepted attempt.
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

// WebhookTry records the latest attempt to post to a webhook.
type WebhookTry struct {
	At      time.Time `json:"at"` // to the minute, so that a busy webhook's state is not written with each post
	Verdict Verdict   `json:"verdict"`
	Status  int       `json:"status,omitempty"` // HTTP status; 0: no answer
	Test    bool      `json:"test,omitempty"`   // a test
}

// LastTry returns the record of an attempt.
func LastTry(t Try, test bool) WebhookTry {
	return WebhookTry{At: t.At.UTC().Truncate(time.Minute), Verdict: t.Verdict, Status: t.Status, Test: test}
}
