package calbell

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// ReminderID identifies a reminder and its delivery, and is the Webhook-Id header.
type ReminderID string

// NewReminderID derives the ID from what distinguishes a reminder: webhook, event, instance and
// instant. Title, calendar and alarm are not part of it: an edited title does not send the
// reminder again, a moved event has a reminder at its new time, and a meeting in five calendars
// is one post per webhook.
func NewReminderID(w WebhookID, uid UID, rid RecurrenceID, due time.Time) ReminderID {
	h := sha256.New()
	for _, part := range []string{string(w), string(uid), string(rid), due.UTC().Format(time.RFC3339)} {
		h.Write([]byte(part))
		h.Write([]byte{0}) // no part can hold a NUL: "ab"+"c" and "a"+"bc" differ
	}
	return ReminderID(hex.EncodeToString(h.Sum(nil)[:16]))
}

// Source is an alarm that a reminder comes from. A reminder exists as long as it has a source.
type Source struct {
	Calendar CalendarID `json:"calendar"`
	Href     Href       `json:"href"`
	Alarm    int        `json:"alarm"` // position of the VALARM in its component
}

// Reminder is one firing: instance × alarm × webhook at the instant Due.
type Reminder struct {
	ID           ReminderID   `json:"id"`
	Webhook      WebhookID    `json:"webhook"`
	UID          UID          `json:"uid"`
	RecurrenceID RecurrenceID `json:"recurrence_id,omitempty"`
	Due          time.Time    `json:"due"`     // UTC
	Start        time.Time    `json:"start"`   // of the instance
	End          time.Time    `json:"end"`     // of the instance; a reminder expires then
	Subject      string       `json:"subject"` // for lists; the message is rendered from the newest copy
	Sources      []Source     `json:"sources"` // none: it is a notice
	// Notice is set for a message about Calbell itself instead of an event. A notice has no
	// Sources: it is not cancelled when a source disappears. A correction has the event's UID,
	// and its Start is the announced one.
	Notice *Notice `json:"notice,omitempty"`
}
