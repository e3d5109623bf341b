package types

import (
	"time"

	"calbell"
)

// DeliveryRow is a delivery as lists show it.
type DeliveryRow struct {
	ID           calbell.ReminderID   `json:"id"`
	Status       calbell.Status       `json:"status"`
	Due          time.Time            `json:"due"`
	SentAt       *time.Time           `json:"sent_at"` // null until it is sent
	LateMS       *int64               `json:"late_ms"` // of a sent one: milliseconds after Due; else null
	NextAt       *time.Time           `json:"next_at,omitempty"`
	HeldUntil    *time.Time           `json:"held_until,omitempty"` // the end of the quiet hours, or of the pause, that last deferred it
	KnownAt      *time.Time           `json:"known_at,omitempty"`   // when it was first known, if that was after Due
	Webhook      calbell.WebhookID    `json:"webhook"`
	UID          calbell.UID          `json:"uid"`
	RecurrenceID calbell.RecurrenceID `json:"recurrence_id"`
	Subject      string               `json:"subject"`
	Attempts     int                  `json:"attempts"`
	Error        calbell.Text         `json:"error"`
	Notice       calbell.NoticeKind   `json:"notice,omitempty"` // of a message of Calbell's own; "": it reminds of an event
	// Reason is what a message of Calbell's own tells, in words; zero when it tells of an event.
	Reason calbell.Text `json:"-"`
	// Trouble is why its webhook takes nothing now; zero when it does, or when nobody looked.
	Trouble calbell.Text `json:"trouble,omitzero"`
}

// RowOf returns a delivery as lists show it.
func RowOf(d calbell.Delivery) DeliveryRow {
	r := DeliveryRow{
		ID: d.ID, Status: d.Status, Due: d.Due, Webhook: d.Webhook, UID: d.UID, RecurrenceID: d.RecurrenceID,
		Subject: d.Subject, Attempts: d.Attempts, Error: d.Reason,
	}
	if d.Notice != nil {
		r.Notice, r.Reason = d.Notice.Kind, d.Notice.Reason
	}
	if !d.NextAt.IsZero() {
		r.NextAt = &d.NextAt
	}
	if !d.HeldUntil.IsZero() {
		r.HeldUntil = &d.HeldUntil
	}
	if !d.KnownAt.IsZero() {
		r.KnownAt = &d.KnownAt
	}
	if d.Status == calbell.StatusSent {
		late := d.FinishedAt.Sub(d.Due).Milliseconds()
		r.SentAt, r.LateMS = &d.FinishedAt, &late
	} else if n := len(d.Tries); n > 0 && r.Error.IsZero() {
		last := d.Tries[n-1]
		r.Error = last.Error
		if r.Error.IsZero() {
			r.Error = last.Verdict.Text()
		}
	}
	return r
}

// DeliveryQuery narrows a history; zero fields do not.
type DeliveryQuery struct {
	Since    time.Time // ended at or after; of those that have not: due
	Statuses []calbell.Status
	Webhook  string // ID or name
	UID      calbell.UID
	Limit    int // 0 = 100
	// Cursor is the Next of the page before; "" = the first.
	Cursor string
}

// UpcomingRow is what falls due next: a delivery, or a reminder of a series that is not laid out
// yet, and gets a delivery with this ID when it is.
type UpcomingRow struct {
	DeliveryRow
	// Event is the ID of the event of a reminder that has no delivery yet; "" when it has one.
	Event string `json:"event,omitempty"`
}

// At is when it is tried next.
func (r UpcomingRow) At() time.Time {
	if r.NextAt != nil {
		return *r.NextAt
	}
	return r.Due
}

// ResendRequest names deliveries to be sent again: by ID, or all to a webhook that ended so
// since a time.
type ResendRequest struct {
	IDs      []calbell.ReminderID `json:"ids,omitempty" maxItems:"10000" doc:"These; then nothing else may be given"`
	Webhook  string               `json:"webhook,omitempty" doc:"All to the webhook with this name or slug that ended as status says since a time"`
	Since    time.Time            `json:"since,omitzero" doc:"Those that ended at or after it"`
	Statuses []calbell.Status     `json:"status,omitempty" doc:"dead, missed, dropped or sent; default dead and missed"`
}

// ResendResult says what a resend did.
type ResendResult struct {
	Planned int  `json:"planned"`        // deliveries that are due again now, for the dispatcher to try
	More    bool `json:"more,omitempty"` // there are more than one request takes: ask again
}
