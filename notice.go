package calbell

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// NoticeKind says what a notice tells.
type NoticeKind string

// The kinds of notice.
const (
	NoticeMissed    NoticeKind = "missed"    // reminders that were not sent; goes to their own webhook
	NoticeSuspended NoticeKind = "suspended" // a webhook refuses, its reminders are held
	NoticeRestored  NoticeKind = "restored"  // a suspended webhook works again
	NoticeFailing   NoticeKind = "failing"   // an account or calendar could not be synced for an hour
	NoticeRecovered NoticeKind = "recovered" // and now it can
	NoticeTrouble   NoticeKind = "trouble"   // the program itself is in need: a full disk, a damaged database
	NoticeAgenda    NoticeKind = "agenda"    // the events of a day or a week: a digest
	NoticeMoved     NoticeKind = "moved"     // an event that was announced takes place at another time
	NoticeCancelled NoticeKind = "cancelled" // an event that was announced does not take place
	NoticeTest      NoticeKind = "test"      // somebody tries a webhook out; the message is that of an event, and is posted at once
)

// Notice is a message of Calbell's own: news about reminders, webhooks and accounts, not a
// reminder of an event. It is a reminder without an event, takes the same way through the
// queue, and is told in words when it is sent, in the language of its webhook.
type Notice struct {
	Kind    NoticeKind   `json:"kind"`
	Subject string       `json:"subject,omitempty"` // name of the webhook, account, calendar or digest that it is about; the title of a changed event
	Reason  Text         `json:"reason,omitzero"`   // why, in words, without secrets
	Hint    Text         `json:"hint,omitzero"`     // the next step; zero when there is none to name
	Since   time.Time    `json:"since,omitzero"`    // when it began, UTC
	Items   []NoticeItem `json:"items,omitempty"`   // of NoticeMissed, earliest due first; at most [MaxNoticeItems]
	More    int          `json:"more,omitempty"`    // how many beyond Items there are
	Agenda  *Agenda      `json:"agenda,omitempty"`  // of NoticeAgenda, whose Since is where it begins
	Change  *Change      `json:"change,omitempty"`  // of NoticeMoved and NoticeCancelled, whose Since is when it was seen
	By      string       `json:"by,omitempty"`      // of NoticeTest: the name of who asked for it
}

// about is what tells a notice from others of its kind. Events of one title may be moved in
// one sync; each is told.
func (n Notice) about() string {
	if n.Change == nil {
		return n.Subject
	}
	return strings.Join([]string{string(n.Change.UID), string(n.Change.RecurrenceID), n.Change.Was.Start.UTC().Format(time.RFC3339)}, "\n")
}

// NoticeItem is one reminder that a notice tells of.
type NoticeItem struct {
	Subject string    `json:"subject"`
	Due     time.Time `json:"due"`
	Start   time.Time `json:"start"`
	Status  Status    `json:"status"` // missed or dead
	Reason  Text      `json:"reason,omitzero"`
}

// NewNoticeID derives the ID of a notice for a webhook from what makes it this one: what
// it tells, of whom, since when. So telling twice is telling once.
func NewNoticeID(w WebhookID, kind NoticeKind, subject string, since time.Time) ReminderID {
	h := sha256.New()
	for _, part := range []string{"notice", string(w), string(kind), subject, since.UTC().Format(time.RFC3339Nano)} {
		h.Write([]byte(part))
		h.Write([]byte{0}) // no part can hold a NUL: "ab"+"c" and "a"+"bc" differ
	}
	return ReminderID(hex.EncodeToString(h.Sum(nil)[:16]))
}

// NewNotice returns the reminder that carries a notice to a webhook, due at now. It is
// worth telling for a day.
func NewNotice(w WebhookID, n Notice, now time.Time) Reminder {
	now = now.UTC()
	return Reminder{
		ID: NewNoticeID(w, n.Kind, n.about(), n.Since), Webhook: w, Due: now, Start: now, End: now.Add(MaxRetry),
		Subject: n.Subject, Notice: &n,
	}
}
