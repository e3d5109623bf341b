package types

import (
	"calbell"
)

// NewWebhook is the request to store or to change a webhook. In a change an empty URL keeps the stored
// one.
type NewWebhook struct {
	Name string `json:"name" doc:"Unique name, for people" minLength:"1" maxLength:"200"`
	URL  string `json:"url,omitempty" required:"true" doc:"Address of the incoming webhook; a secret" minLength:"1" maxLength:"4096"`
	calbell.WebhookSpec
	// Owner is the user whom the webhook belongs to: nil the caller, "" the admins. Another user is
	// accepted only over the socket.
	Owner *string `json:"owner,omitempty" doc:"Absent: the caller's; empty: the admins'" maxLength:"200"`
}

// WebhookRow is a webhook as lists show it. Its URL is a secret, of which Host is shown.
type WebhookRow struct {
	calbell.Webhook
	Host  string                `json:"host,omitempty"` // "" for callers who may only use it
	State calbell.WebhookHealth `json:"state"`
	// Last is the latest attempt, a test or a delivery; nil: none was made yet.
	Last   *calbell.WebhookTry `json:"last,omitempty"`
	Reason calbell.Text        `json:"reason,omitzero"`
	Hint   calbell.Text        `json:"hint,omitzero"`     // the next step, when it is not well
	UsedBy []calbell.Text      `json:"used_by,omitempty"` // as account/calendar
	// StoredUse reports that something outside of the configuration file sends reminders to it.
	StoredUse bool `json:"stored_use,omitempty"`
	// Editable reports whether the caller may change and remove it.
	Editable bool   `json:"editable"`
	ETag     string `json:"etag,omitempty"`
}

// TestResult is the answer of a webhook to a sample message.
type TestResult struct {
	Webhook string          `json:"webhook"`
	Verdict calbell.Verdict `json:"verdict"`
	Status  int             `json:"status,omitempty"`
	Answer  string          `json:"answer,omitempty"`
	Error   calbell.Text    `json:"error,omitzero"`
	TookMS  int64           `json:"took_ms"`
	Hint    calbell.Text    `json:"hint,omitzero"`
	// Delivery is its record in the history.
	Delivery calbell.ReminderID `json:"delivery"`
}

// Sample is the event for a preview or a test.
type Sample struct {
	// Event is the ID of a real event, whose next reminder is shown.
	Event string `json:"event,omitempty" doc:"ID of a real event, in the place of a sample" maxLength:"400"`
	// Name is a made-up event, or "next": the caller's next event, if there is one.
	Name string `json:"sample,omitempty" doc:"next (of one's own events), timed, all-day, empty or hostile; timed when absent" maxLength:"20"`
}

// PreviewRequest is the request for a preview.
type PreviewRequest struct {
	Sample
	// Of is the webhook that Webhook would change, whose URL it keeps if it has none; "" = a new webhook.
	Of      string       `json:"of,omitempty" doc:"Name or ID of the webhook that this would change; absent: a new one" maxLength:"400"`
	Webhook WebhookDraft `json:"webhook"`
}

// WebhookDraft is an unfinished webhook: no field is required.
type WebhookDraft struct {
	NewWebhook
	Name string `json:"name,omitempty" maxLength:"200"`
	URL  string `json:"url,omitempty" doc:"A secret; only its kind is guessed from it" maxLength:"4096"`
}

// Preview is a message as it would be posted, byte for byte, and the faults of its webhook.
type Preview struct {
	Kind        calbell.WebhookKind `json:"kind"` // as requested, or implied by the URL
	Subject     string              `json:"subject"`
	Text        string              `json:"text"`
	Username    string              `json:"username,omitempty"`
	ContentType string              `json:"content_type"`
	Body        string              `json:"body"`
	// Length is the number of characters of Text. Cut is the length at which messages are cut.
	Length int `json:"length"`
	Cut    int `json:"cut"`
	// Warnings are the faults that prevent saving it.
	Warnings []calbell.FieldError `json:"warnings"`
}
