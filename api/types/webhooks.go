package types

import (
	"calbell"
)

// NewWebhook asks for a webhook to be stored, or to be changed: then an empty URL leaves it as
// it is.
type NewWebhook struct {
	Name string `json:"name" doc:"Unique name, for people" minLength:"1" maxLength:"200"`
	URL  string `json:"url,omitempty" required:"true" doc:"Address of the incoming webhook; a secret" minLength:"1" maxLength:"4096"`
	calbell.WebhookSpec
	// Owner is whose it is: nil the caller's, "" the admins'. Only over the socket may it be
	// anyone's.
	Owner *string `json:"owner,omitempty" doc:"Absent: the caller's; empty: the admins'" maxLength:"200"`
}

// WebhookRow is a webhook as lists show it. Its URL is a secret; Host tells it apart.
type WebhookRow struct {
	calbell.Webhook
	Host  string                `json:"host,omitempty"` // "" for those who may only use it
	State calbell.WebhookHealth `json:"state"`
	// Last is the latest attempt, a test or a delivery; nil: it was not tried yet.
	Last   *calbell.WebhookTry `json:"last,omitempty"`
	Reason calbell.Text        `json:"reason,omitzero"`
	Hint   calbell.Text        `json:"hint,omitzero"`     // the next step, when it is not well
	UsedBy []calbell.Text      `json:"used_by,omitempty"` // as account/calendar
	// StoredUse: something that does not stand in the configuration file sends reminders to it.
	StoredUse bool `json:"stored_use,omitempty"`
	// Editable: the caller may change and remove it.
	Editable bool   `json:"editable"`
	ETag     string `json:"etag,omitempty"`
}

// TestResult is what a webhook answered to a sample message.
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

// Sample names the event that a message is shown with, or tested with.
type Sample struct {
	// Event is the ID of a real one; then the message is that of its next reminder.
	Event string `json:"event,omitempty" doc:"ID of a real event, in the place of a sample" maxLength:"400"`
	// Name is one of the made-up ones, or "next": the caller's next event, if there is one.
	Name string `json:"sample,omitempty" doc:"next (of one's own events), timed, all-day, empty or hostile; timed when absent" maxLength:"20"`
}

// PreviewRequest asks for what a webhook would post.
type PreviewRequest struct {
	Sample
	// Of is the webhook that Webhook would change: without a URL it keeps that one's. "" = a new
	// one.
	Of      string       `json:"of,omitempty" doc:"Name or ID of the webhook that this would change; absent: a new one" maxLength:"400"`
	Webhook WebhookDraft `json:"webhook"`
}

// WebhookDraft is a webhook that is not finished: nothing of it needs to be there yet.
type WebhookDraft struct {
	NewWebhook
	Name string `json:"name,omitempty" maxLength:"200"`
	URL  string `json:"url,omitempty" doc:"A secret; only its kind is guessed from it" maxLength:"4096"`
}

// Preview is a message as it would be posted, byte for byte, and what is wrong with its
// webhook.
type Preview struct {
	Kind        calbell.WebhookKind `json:"kind"` // in force: as it was asked for, or guessed
	Subject     string              `json:"subject"`
	Text        string              `json:"text"`
	Username    string              `json:"username,omitempty"`
	ContentType string              `json:"content_type"`
	Body        string              `json:"body"`
	// Length counts the characters of Text, Cut is where messages of this webhook are cut.
	Length int `json:"length"`
	Cut    int `json:"cut"`
	// Warnings are what keeps it from being saved; none: nothing does.
	Warnings []calbell.FieldError `json:"warnings"`
}
