package calbell

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// NoticeKind says what a notice is about.
type NoticeKind string

// The kinds of notice.
const (
	NoticeMissed    NoticeKind = "missed"    // reminders that were not sent; sent to their own webhook
	NoticeSuspended NoticeKind = "suspended" // a webhook refuses messages, its reminders are held
	NoticeRestored  NoticeKind = "restored"  // a suspended webhook works again
	NoticeFailing   NoticeKind = "failing"   // an account or calendar could not be synced for an hour
	NoticeRecovered NoticeKind = "recovered" // an account or calendar can be synced again
	NoticeTrouble   NoticeKind = "trouble"   // a problem of the program itself: a full disk, a damaged database
	NoticeAgenda    NoticeKind = "agenda"    // the events of a day or a week: a digest
	NoticeMoved     NoticeKind = "moved"     // an announced event was moved
	NoticeCancelled NoticeKind = "cancelled" // an announced event was cancelled
	NoticeTest      NoticeKind = "test"      // a test of a webhook: the message of a sample event, posted at once
)

// Notice is a message about reminders, webhooks or accounts. It takes the same path through the
// queue as a reminder, and its text is written in the language of its webhook when it is sent.
type Notice struct {
	Kind    NoticeKind   `json:"kind"`
	Subject string       `json:"subject,omitempty"` // name of the webhook, account, calendar or digest; the title of a changed event
	Reason  Text         `json:"reason,omitzero"`   // why, without secrets
	Hint    Text         `json:"hint,omitzero"`     // the next step; zero when there is none to name
	Since   time.Time    `json:"since,omitzero"`    // when it began, UTC
	Items   []NoticeItem `json:"items,omitempty"`   // of NoticeMissed, earliest due first; at most [MaxNoticeItems]
	More    int          `json:"more,omitempty"`    // number of reminders that Items has no room for
	Agenda  *Agenda      `json:"agenda,omitempty"`  // of NoticeAgenda; Since is its first day
	Change  *Change      `json:"change,omitempty"`  // of NoticeMoved and NoticeCancelled; Since is when it was noticed
	By      string       `json:"by,omitempty"`      // of NoticeTest: the name of the user who started it
}

// about returns what distinguishes a notice from others of its kind. Several events with the
// same title may be moved in one sync; each gets its own notice.
func (n Notice) about() string {
	if n.Change == nil {
		return n.Subject
	}
	return strings.Join([]string{string(n.Change.UID), string(n.Change.RecurrenceID), n.Change.Was.Start.UTC().Format(time.RFC3339)}, "\n")
}

// NoticeItem is one reminder in a notice.
type NoticeItem struct {
	Subject string    `json:"subject"`
	Due     time.Time `json:"due"`
	Start   time.Time `json:"start"`
	Status  Status    `json:"status"` // missed or dead
	Reason  Text      `json:"reason,omitzero"`
}

// NewNoticeID derives the ID of a notice from its webhook, kind, subject and time. The same
// notice gets the same ID, so it is sent once.
func NewNoticeID(w WebhookID, kind NoticeKind, subject string, since time.Time) ReminderID {
	h := sha256.New()
	for _, part := range []string{"notice", string(w), string(kind), subject, since.UTC().Format(time.RFC3339Nano)} {
		h.Write([]byte(part))
		h.Write([]byte{0}) // no part can hold a NUL: "ab"+"c" and "a"+"bc" differ
	}
	return ReminderID(hex.EncodeToString(h.Sum(nil)[:16]))
}

// NewNotice returns the reminder that carries a notice to a webhook. It is due at now and
// expires after a day.
func NewNotice(w WebhookID, n Notice, now time.Time) Reminder {
	now = now.UTC()
	return Reminder{
		ID: NewNoticeID(w, n.Kind, n.about(), n.Since), Webhook: w, Due: now, Start: now, End: now.Add(MaxRetry),
		Subject: n.Subject, Notice: &n,
	}
}
