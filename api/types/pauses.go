package types

import (
	"time"

	"calbell"
)

// PauseRequest is the request for a pause, or for its end.
type PauseRequest struct {
	Calendar string    `json:"calendar,omitempty" doc:"Name or ID; all when absent" maxLength:"200"`
	Webhook  string    `json:"webhook,omitempty" doc:"Name or slug; all when absent" maxLength:"200"`
	Until    time.Time `json:"until,omitzero" doc:"When it ends; it ends now when that is past or absent"`
}

// PauseRow is a pause as lists show it.
type PauseRow struct {
	calbell.Pause
	// CalendarName and WebhookName name the scope for people; both "": everything.
	CalendarName string `json:"calendar_name,omitempty"`
	WebhookName  string `json:"webhook_name,omitempty"`
	ETag         string `json:"etag"`
}

// What describes the scope: `everything`, `calendar "Team"`.
func (p PauseRow) What() calbell.Text {
	switch {
	case p.Calendar == "" && p.Webhook == "":
		return calbell.T("pause:everything", "everything")
	case p.Webhook == "":
		return calbell.T("pause:calendar", "calendar %q", p.CalendarName)
	case p.Calendar == "":
		return calbell.T("pause:webhook", "webhook %q", p.WebhookName)
	}
	return calbell.T("pause:calendar-to-webhook", "calendar %q to webhook %q", p.CalendarName, p.WebhookName)
}
