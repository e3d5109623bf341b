package calbell

import "time"

// UID is the UID property of a component (RFC 5545 §3.8.4.7).
type UID string

// RecurrenceID names an instance by its original start (RFC 5545 §3.8.4.4), in one
// canonical spelling: "2026-11-23T13:00:00Z" (UTC), or "2026-11-23" for all-day
// events, or "" when the event does not recur.
type RecurrenceID string

// ComponentKind is one of the two components that can have reminders.
type ComponentKind string

// The kinds of component.
const (
	KindEvent ComponentKind = "event" // VEVENT
	KindTodo  ComponentKind = "todo"  // VTODO
)

// Person is an ORGANIZER or ATTENDEE.
type Person struct {
	Name    string `json:"name,omitempty"`    // CN
	Address string `json:"address,omitempty"` // without "mailto:"
	Status  string `json:"status,omitempty"`  // PARTSTAT, upper-case
}

// Instance is one member of an event's recurrence set, overrides applied.
type Instance struct {
	UID          UID           `json:"uid"`
	RecurrenceID RecurrenceID  `json:"recurrence_id,omitempty"`
	Kind         ComponentKind `json:"kind"`

	// Start and End are in the zone of the event. All-day instances start and end at midnight
	// in the zone that applies to them (D21); End is exclusive. A to-do without DTSTART starts
	// and ends at its DUE (D8).
	Start  time.Time `json:"start"`
	End    time.Time `json:"end"`
	AllDay bool      `json:"all_day,omitempty"`

	Summary      string   `json:"summary,omitempty"`
	Description  string   `json:"description,omitempty"`
	Location     string   `json:"location,omitempty"`
	URL          string   `json:"url,omitempty"`
	Conferences  []string `json:"conferences,omitempty"` // CONFERENCE (RFC 7986), X-GOOGLE-CONFERENCE
	Categories   []string `json:"categories,omitempty"`
	Organizer    Person   `json:"organizer,omitzero"`
	Attendees    []Person `json:"attendees,omitempty"`
	Status       string   `json:"status,omitempty"` // upper-case; "" when absent
	Class        string   `json:"class,omitempty"`  // upper-case; "" when absent (PUBLIC)
	Transparency string   `json:"transparency,omitempty"`
	Recurrence   string   `json:"recurrence,omitempty"` // the master's RRULE value, as written
	Webhooks     []string `json:"webhooks,omitempty"`   // X-CALBELL-WEBHOOK of the component
	// Alarms is the number of the component's alarms that have a trigger. NoAlarm is set when
	// one of them has ACTION:NONE: Apple marks events without reminders in this way.
	Alarms  int  `json:"-"`
	NoAlarm bool `json:"-"`
}

// AlarmInstant is one instant at which an alarm of an instance rings.
type AlarmInstant struct {
	Instance *Instance // shared by the alarms of one instance; must not be changed
	Alarm    Alarm
	Trigger  time.Time // UTC
}

// Alarm holds the properties of a VALARM except its trigger (RFC 5545 §3.6.6, RFC 9074).
type Alarm struct {
	Index       int      // position of the VALARM in its component, from 0
	Repeat      int      // 0: the trigger itself; n: its n-th repetition (REPEAT, DURATION)
	Action      string   // upper-case; DISPLAY when missing
	Summary     string   // of an EMAIL alarm
	Description string   // text of the alarm
	Attendees   []string // addresses of an EMAIL alarm, without "mailto:"
	Webhooks    []string // X-CALBELL-WEBHOOK
	// Binding is X-CALBELL-BINDING: the binding that Calbell wrote into the event as this alarm.
	Binding BindingID
	// Lead is set for an alarm that Calbell adds, which is not a VALARM (ical.Event.With).
	// Index is its position among those alarms then.
	Lead         *Lead
	Acknowledged time.Time // ACKNOWLEDGED (RFC 9074 §6); zero when absent
}
