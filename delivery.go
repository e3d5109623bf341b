package calbell

import "time"

// Status is the state of a delivery; ARCHITECTURE.md draws the state machine.
type Status string

// The states. The last five are final.
const (
	StatusPlanned   Status = "planned"   // due at NextAt
	StatusWaiting   Status = "waiting"   // failed; retried at NextAt
	StatusInFlight  Status = "in_flight" // claimed by a worker until the lease ends
	StatusHeld      Status = "held"      // its webhook is suspended; retried at NextAt
	StatusSent      Status = "sent"      // the webhook accepted it
	StatusDead      Status = "dead"      // given up; stored so that people can resend it
	StatusMissed    Status = "missed"    // could not be sent in time, and is too late now
	StatusCancelled Status = "cancelled" // no source needs it any more
	StatusDropped   Status = "dropped"   // outcome unknown: on_unknown is drop, or the answers to its repeats were lost too
)

// Known reports whether it is one of the states.
func (s Status) Known() bool {
	switch s {
	case StatusPlanned, StatusWaiting, StatusInFlight, StatusHeld:
		return true
	}
	return s.Final()
}

// Final reports whether a delivery in this state changes only when a person resends it.
func (s Status) Final() bool {
	switch s {
	case StatusSent, StatusDead, StatusMissed, StatusCancelled, StatusDropped:
		return true
	}
	return false
}

// Delivery records what happened to a reminder. It has the reminder's ID.
type Delivery struct {
	Reminder
	Status Status `json:"status"`
	// NextAt is the time of the next attempt, UTC; zero once final.
	NextAt time.Time `json:"next_at,omitzero"`
	// Attempts counts the POSTs begun; Tries describes the latest [MaxTries] of them.
	Attempts int   `json:"attempts"`
	Tries    []Try `json:"tries,omitempty"`
	// PossibleRepeat is set when an earlier attempt may have been accepted without our knowing.
	PossibleRepeat bool `json:"possible_repeat,omitempty"`
	// Worker holds the delivery's lease while it is in flight, until LeaseEnd.
	Worker   string    `json:"worker,omitempty"`
	LeaseEnd time.Time `json:"lease_end,omitzero"`
	// AskedAt is when a person asked to resend it; zero when nobody did. Its expiry counts from
	// then, and it no longer needs a source.
	AskedAt time.Time `json:"asked_at,omitzero"`
	// HeldUntil is the end of the quiet hours, or of the pause, that last deferred it; zero
	// when none did. Its expiry counts from then, or from a later start.
	HeldUntil time.Time `json:"held_until,omitzero"`
	// KnownAt is set when the reminder had already fallen due when Calbell learnt of it: its
	// event was created or changed shortly before, or its calendar could not be read in time.
	// Zero: it was known before it fell due.
	KnownAt time.Time `json:"known_at,omitzero"`
	// FinishedAt is when it reached its final state; zero before. For a sent delivery it is
	// when the answer came.
	FinishedAt time.Time `json:"finished_at,omitzero"`
	// Reason says why it ended as it did; zero when it was sent or has not ended.
	Reason Text `json:"reason,omitzero"`
	// Untold: it ended as missed or dead, and no notice has told its webhook so yet.
	Untold bool `json:"untold,omitempty"`
}

// Wanted reports whether a delivery is still needed: it has a source, a person asked to resend
// it, or it is a notice.
func (d *Delivery) Wanted() bool {
	return len(d.Sources) > 0 || d.Notice != nil || !d.AskedAt.IsZero()
}

// Counts is from when its worth counts: from its due time, or from when a person asked for
// it, or from when quiet hours or a pause let it go, whichever is the latest.
func (d *Delivery) Counts() time.Time {
	from := d.Due
	for _, t := range []time.Time{d.AskedAt, d.HeldUntil} {
		if t.After(from) {
			from = t
		}
	}
	return from
}

// Verdict classifies the end of an attempt by what follows for the reminder and its webhook.
type Verdict string

// The verdicts. Package webhook gives them; dispatch.Decide acts on them.
const (
	Accepted       Verdict = "accepted"
	NotSent        Verdict = "not sent"        // DNS, dial or TLS failed: nothing reached the webhook
	Unknown        Verdict = "unknown"         // the request was written, the answer was lost
	Unrecognised   Verdict = "unrecognised"    // a 2xx without the expected confirmation
	Outage         Verdict = "outage"          // something other than the chat answered: a page, a proxy, a redirect
	RefusedForNow  Verdict = "refused for now" // 408 425 429 5xx
	MessageRefused Verdict = "message refused" // this message is unacceptable; the webhook works
	HookRefused    Verdict = "webhook refused" // the webhook is gone, locked or disabled
)

// Text returns the verdict in words.
func (v Verdict) Text() Text {
	switch v {
	case Accepted:
		return T("verdict:accepted", "accepted")
	case NotSent:
		return T("verdict:not-sent", "not sent")
	case Unknown:
		return T("verdict:unknown", "unknown")
	case Unrecognised:
		return T("verdict:unrecognised", "unrecognised")
	case Outage:
		return T("verdict:outage", "outage")
	case RefusedForNow:
		return T("verdict:refused-for-now", "refused for now")
	case MessageRefused:
		return T("verdict:message-refused", "message refused")
	case HookRefused:
		return T("verdict:webhook-refused", "webhook refused")
	}
	return Plain(string(v)) // of a newer version
}

// NotRecognised is the key of the reason of a delivery that was given up because its answers
// were not those of the webhook's kind.
const NotRecognised = "dispatch:not-recognised"

// Try is one attempt to post.
type Try struct {
	At      time.Time     `json:"at"`
	Took    time.Duration `json:"took"` // nanoseconds
	Verdict Verdict       `json:"verdict"`
	Status  int           `json:"status,omitempty"` // HTTP status; 0: no answer
	Answer  string        `json:"answer,omitempty"` // start of the answer's body, printable, no secrets
	Error   Text          `json:"error,omitzero"`   // without secrets
	Hint    Text          `json:"hint,omitzero"`    // the next step; zero = none is known
	// RetryAfter is how long the webhook asked us to wait; 0: it did not.
	RetryAfter time.Duration `json:"retry_after,omitempty"`
}

// Claim is the right to send one delivery until its lease ends.
type Claim struct {
	Delivery
	// Object is the newest copy of the first source's object; nil when it no longer exists (its
	// delivery is cancelled then, and cannot be claimed).
	Object *Object
	// Calendar holds Object; zero when Object is nil.
	Calendar Calendar
}

// Outcome is the result of a claim: the try (nil when no POST was made), and the resulting
// state.
type Outcome struct {
	ID             ReminderID
	Try            *Try
	Status         Status    // waiting, held or a final state
	NextAt         time.Time // for waiting and held
	PossibleRepeat bool      // sticky: once true, it stays
	Reason         Text
	// Tell: it ended as missed or dead, and the next notice of its webhook is to say so.
	Tell bool
	// HeldUntil is set when quiet hours or a pause defer it until NextAt or longer; zero leaves
	// the delivery's value unchanged.
	HeldUntil time.Time
}

// Message is a rendered reminder, ready to be sent. It does not depend on the kind of webhook:
// package webhook encodes it for each chat.
type Message struct {
	ID   ReminderID // becomes the Webhook-Id header
	Text string
	Envelope
	Attachments any // nil, or a tree of map[string]any, []any, string, number, bool
	Blocks      any // kind slack, likewise
	Payload     any // kind json: the whole body; nil: {"text": Text, …}
	// NoPreviews asks the chat not to show previews of links. In kChat the attachments do that.
	NoPreviews bool
}
