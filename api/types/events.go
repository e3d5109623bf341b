package types

import (
	"time"

	"calbell"
)

// EventQuery selects instances in [From, To).
type EventQuery struct {
	From, To time.Time
	Calendar string // name or ID; "" = all
	// Unrouted selects those with an alarm that has no webhook.
	Unrouted bool
	Search   string // in subject, location or description, letter case ignored; "" = all
	// Unreminded selects, in an agenda, those without a reminder that has a webhook.
	Unreminded bool
	Limit      int // 0 = 200
	// Cursor is the cursor that came with the previous page; "" for the first.
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
	// Reminders are those with a webhook, by trigger; at most [calbell.MaxBindings].
	Reminders []AlarmRow `json:"reminders"`
	// Silent is why none of its alarms has a webhook; zero when one has, or there are no alarms.
	Silent calbell.Text `json:"silent,omitzero"`
}

// EventDetail is an event with its reminders and the reasons for them.
type EventDetail struct {
	EventRow              // the next instance, or the last one
	Href     calbell.Href `json:"href"`
	TimeZone string       `json:"time_zone"`
	// OnTheDay is the time of day to offer for reminders of an all-day event, as a lead.
	OnTheDay calbell.Lead     `json:"on_the_day,omitzero"`
	Instance calbell.Instance `json:"instance"`
	// Reminders are the alarms of Instance, by trigger, past ones and silent ones too.
	Reminders []AlarmRow `json:"reminders"`
	// Offered is the webhook to preselect for a new reminder: the calendar's default, else the webhook of
	// the latest attached reminder in its account; "": neither exists.
	Offered calbell.WebhookID `json:"offered,omitempty"`
	// ReadOnly reports that its calendar cannot be changed.
	ReadOnly bool       `json:"read_only,omitempty"`
	Next     []AlarmRow `json:"next"` // the next alarm instants, at most ten
	// Last is the latest alarm instant before now; nil when none is found.
	Last *AlarmRow `json:"last,omitempty"`
	// Silent is why none of its alarms is posted; zero when one is.
	Silent   calbell.Text   `json:"silent,omitzero"`
	Problems []calbell.Text `json:"problems,omitempty"`
	// Warnings are what was read differently from what it says.
	Warnings []calbell.Warning `json:"warnings,omitempty"`
	Bindings []calbell.Binding `json:"bindings,omitempty"` // attached reminders and mutes
	// Open are the deliveries that fell due and have not ended, the next try first: waiting,
	// held, in flight, or deferred. Deliveries are those that ended, newest first.
	Open       []DeliveryRow `json:"open,omitempty"`
	Deliveries []DeliveryRow `json:"deliveries,omitempty"`
}

// AlarmRow is one instant of an alarm with its webhooks.
type AlarmRow struct {
	Trigger      time.Time            `json:"trigger"`
	RecurrenceID calbell.RecurrenceID `json:"recurrence_id,omitempty"`
	Start        time.Time            `json:"start"` // of its instance
	// Action is that of the VALARM. Before is set instead for a reminder that a binding, a #remind line, a
	// rule or a default creates this long before the start.
	Action   string        `json:"action"`
	Before   *calbell.Lead `json:"before,omitempty"`
	Text     string        `json:"text,omitempty"` // of the alarm itself
	Webhooks []string      `json:"webhooks,omitempty"`
	// Routes are the webhooks with the reason for each. Without any, Silent is the reason.
	Routes []calbell.Route `json:"routes,omitempty"`
	Silent calbell.Text    `json:"silent,omitzero"`
}

// NewEvent is the request to create an event in a calendar.
type NewEvent struct {
	Calendar string `json:"calendar" doc:"Name or ID" minLength:"1" maxLength:"200"`
	Title    string `json:"title" minLength:"1" maxLength:"1000"`
	// Start and End are on the clock of TimeZone; both are days or both are times. An End that is a day
	// is the last day of the event.
	Start       string `json:"start" doc:"2026-12-01T14:00, or 2026-12-01 for all day" minLength:"1" maxLength:"40"`
	End         string `json:"end,omitempty" doc:"Absent: an hour later, or the same day" maxLength:"40"`
	TimeZone    string `json:"time_zone,omitempty" doc:"An IANA name; the configuration's when absent" maxLength:"100"`
	Location    string `json:"location,omitempty" maxLength:"1000"`
	Description string `json:"description,omitempty" maxLength:"65536"`
	// UID may be chosen by the caller, so that repeating the request does not create a second event.
	UID calbell.UID `json:"uid,omitempty" doc:"Random when absent; what is sent again with the same one is not made twice" pattern:"^[A-Za-z0-9._@-]+$" maxLength:"200"`

	Webhook string         `json:"webhook,omitempty" doc:"Where its reminder goes" maxLength:"200"`
	Before  []calbell.Lead `json:"before,omitempty" doc:"How long before the start: 15m, 1d@18:00" maxItems:"16"`
}

// BadRow is an object that could not be read, completely or in part, or that was mended, so that all
// its reminders are sent.
type BadRow struct {
	Account  string        `json:"account"`
	Calendar string        `json:"calendar"`
	UIDs     []calbell.UID `json:"uids,omitempty"`
	Href     calbell.Href  `json:"href"`
	// Mended reports that nothing is lost; Reason is what was read differently from what it says.
	Mended   bool              `json:"mended,omitempty"`
	Reason   calbell.Text      `json:"reason"`
	Warnings []calbell.Warning `json:"warnings,omitempty"`
}
