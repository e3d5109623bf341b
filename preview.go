package calbell

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

// Preview is a message as it would be posted, byte for byte, and what is wrong with its
// webhook.
type Preview struct {
	Kind        WebhookKind `json:"kind"` // in force: as it was asked for, or guessed
	Subject     string      `json:"subject"`
	Text        string      `json:"text"`
	Username    string      `json:"username,omitempty"`
	ContentType string      `json:"content_type"`
	Body        string      `json:"body"`
	// Length counts the characters of Text, Cut is where messages of this webhook are cut.
	Length int `json:"length"`
	Cut    int `json:"cut"`
	// Warnings are what keeps it from being saved; none: nothing does.
	Warnings []FieldError `json:"warnings"`
}

// WebhookDraft is a webhook that is not finished: nothing of it needs to be there yet.
type WebhookDraft struct {
	NewWebhook
	Name string `json:"name,omitempty" maxLength:"200"`
	URL  string `json:"url,omitempty" doc:"A secret; only its kind is guessed from it" maxLength:"4096"`
}
