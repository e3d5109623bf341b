package types

import (
	"time"

	"calbell"
)

// EventQuery asks for the instances in [From, To).
type EventQuery struct {
	From, To time.Time
	Calendar string // name or ID; "" = all
	// Unrouted: only those with an alarm that goes nowhere for want of a webhook.
	Unrouted bool
	Search   string // in subject, location or description, letter case ignored; "" = all
	// Unreminded: of an agenda, only those without a reminder that goes to a webhook.
	Unreminded bool
	Limit      int // 0 = 200
	// Cursor is where a list goes on: what came with the page before; "" = at its beginning.
	Cursor string
}

// EventRow is one instance of an event.
type EventRow struct {
	ID           string                `json:"id"` // of the event, for event show
	UID          calbell.UID           `json:"uid"`
	RecurrenceID calbell.RecurrenceID  `json:"recurrence_id,omitempty"`
	Kind         calbell.ComponentKind `json:"kind"`
	Account      string                `json:"account"`
	Calendar     string                `json:"calendar"`
	Start        time.Time             `json:"start"`
	End          time.Time             `json:"end"`
	AllDay       bool                  `json:"all_day,omitempty"`
	Subject      string                `json:"subject"`
	Location     string                `json:"location,omitempty"`
}

// RemindedEvent is one instance of an event with its reminders, as an agenda shows it.
type RemindedEvent struct {
	EventRow
	Color string `json:"color,omitempty"` // of its calendar, "#rrggbb"
	// Reminders are those that go to a webhook, by trigger; at most [calbell.MaxBindings].
	Reminders []AlarmRow `json:"reminders"`
	// Silent says why it has no reminder although it rings; zero when it has one or does not.
	Silent calbell.Text `json:"silent,omitzero"`
}

// EventDetail is an event with what Calbell makes of it, and why.
type EventDetail struct {
	EventRow              // of the next instance, or the last one
	Href     calbell.Href `json:"href"`
	TimeZone string       `json:"time_zone"`
	// OnTheDay is the time of day to offer for reminders of an all-day event, as a lead.
	OnTheDay calbell.Lead     `json:"on_the_day,omitzero"`
	Instance calbell.Instance `json:"instance"`
	// Reminders are the alarms of Instance, by trigger, past ones and silent ones too.
	Reminders []AlarmRow `json:"reminders"`
	// Offered is the webhook to offer for a new reminder: its calendar's default, else the one that
	// a reminder was attached to last in its account; "": there is none of either.
	Offered calbell.WebhookID `json:"offered,omitempty"`
	// ReadOnly: its calendar takes no changes.
	ReadOnly bool       `json:"read_only,omitempty"`
	Next     []AlarmRow `json:"next"` // the next alarm instants, at most ten
	// Last is the latest alarm instant before now; nil when none is found.
	Last *AlarmRow `json:"last,omitempty"`
	// Silent says why nothing is posted although it rings; zero when it is.
	Silent   calbell.Text   `json:"silent,omitzero"`
	Problems []calbell.Text `json:"problems,omitempty"`
	// Warnings are what was read otherwise than it is written.
	Warnings []calbell.Warning `json:"warnings,omitempty"`
	Bindings []calbell.Binding `json:"bindings,omitempty"` // what people attached to it
	// Open are the deliveries that fell due and have not ended, the next try first: waiting,
	// held, in flight, or deferred. Deliveries are those that ended, newest first.
	Open       []DeliveryRow `json:"open,omitempty"`
	Deliveries []DeliveryRow `json:"deliveries,omitempty"`
}

// AlarmRow is one instant at which an alarm rings, and where it goes.
type AlarmRow struct {
	Trigger      time.Time            `json:"trigger"`
	RecurrenceID calbell.RecurrenceID `json:"recurrence_id,omitempty"`
	Start        time.Time            `json:"start"` // of its instance
	// Action is that of the VALARM; Before is set when it is none, but a reminder that a
	// binding, a line, a rule or a default makes so long before the start.
	Action   string        `json:"action"`
	Before   *calbell.Lead `json:"before,omitempty"`
	Text     string        `json:"text,omitempty"` // of the alarm itself
	Webhooks []string      `json:"webhooks,omitempty"`
	// Routes say what chose each webhook. None: Silent says why.
	Routes []calbell.Route `json:"routes,omitempty"`
	Silent calbell.Text    `json:"silent,omitzero"`
}

// NewEvent asks for an event to be written into a calendar.
type NewEvent struct {
	Calendar string `json:"calendar" doc:"Name or ID" minLength:"1" maxLength:"200"`
	Title    string `json:"title" minLength:"1" maxLength:"1000"`
	// Start and End are by the clock of TimeZone; both are days or both are times. An End that
	// is a day is the last day.
	Start       string `json:"start" doc:"2026-12-01T14:00, or 2026-12-01 for all day" minLength:"1" maxLength:"40"`
	End         string `json:"end,omitempty" doc:"Absent: an hour later, or the same day" maxLength:"40"`
	TimeZone    string `json:"time_zone,omitempty" doc:"An IANA name; the configuration's when absent" maxLength:"100"`
	Location    string `json:"location,omitempty" maxLength:"1000"`
	Description string `json:"description,omitempty" maxLength:"65536"`
	// UID of the caller's own makes the event once, however often it is asked for.
	UID calbell.UID `json:"uid,omitempty" doc:"Random when absent; what is sent again with the same one is not made twice" pattern:"^[A-Za-z0-9._@-]+$" maxLength:"200"`

	Webhook string         `json:"webhook,omitempty" doc:"Where its reminder goes" maxLength:"200"`
	Before  []calbell.Lead `json:"before,omitempty" doc:"How long before the start: 15m, 1d@18:00" maxItems:"16"`
}

// BadRow is an object that could not be read, or not wholly; or one that was mended, so that
// all of it rings.
type BadRow struct {
	Account  string        `json:"account"`
	Calendar string        `json:"calendar"`
	UIDs     []calbell.UID `json:"uids,omitempty"`
	Href     calbell.Href  `json:"href"`
	// Mended: nothing is lost; Reason is what was read otherwise than it is written.
	Mended   bool              `json:"mended,omitempty"`
	Reason   calbell.Text      `json:"reason"`
	Warnings []calbell.Warning `json:"warnings,omitempty"`
}
