package calbell

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// ReminderID names a reminder, its delivery and its Webhook-Id header.
type ReminderID string

// NewReminderID derives the ID from what makes a reminder this one and no other:
// webhook, event, instance and instant. Title, calendar and alarm are not part of
// it, so that an edited title never fires again, a moved event fires at its new
// time, and one meeting in five calendars is one post per webhook.
func NewReminderID(w WebhookID, uid UID, rid RecurrenceID, due time.Time) ReminderID {
	h := sha256.New()
	for _, part := range []string{string(w), string(uid), string(rid), due.UTC().Format(time.RFC3339)} {
		h.Write([]byte(part))
		h.Write([]byte{0}) // no part can hold a NUL: "ab"+"c" and "a"+"bc" differ
	}
	return ReminderID(hex.EncodeToString(h.Sum(nil)[:16]))
}

// Source is where a reminder comes from. A reminder lives as long as one source does.
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
	End          time.Time    `json:"end"`     // of the instance; after it a reminder is worth nothing
	Subject      string       `json:"subject"` // for lists; the message is rendered from the newest copy
	Sources      []Source     `json:"sources"` // none: it is a notice
	// Notice is what it tells when it is a message of Calbell's own; nil when it reminds of
	// an event. A notice has no Sources: nothing but its end ends it. One that corrects what
	// was said of an event has that event's UID, and its Start is the one that it tells.
	Notice *Notice `json:"notice,omitempty"`
}
