package types

import (
	"calbell"
)

// NewReminder is the request to attach reminders to an event.
type NewReminder struct {
	Event   string         `json:"-"` // ID or unique UID of the event; part of the path
	Webhook string         `json:"webhook,omitempty" doc:"Name or slug; nothing to mute" maxLength:"200"`
	Before  []calbell.Lead `json:"before,omitempty" doc:"How long before the start: 15m, 2h, 1d, 1d@18:00, 0m" maxItems:"16"`
	AtAlarm bool           `json:"at_alarm,omitempty" doc:"When the calendar's own alarms ring, in the place of where these went"`
	Mute    bool           `json:"mute,omitempty" doc:"Nothing of it rings"`
	// Instance limits it to one instance; with Onwards to that and all later ones.
	Instance calbell.RecurrenceID `json:"instance,omitempty" doc:"Only this instance: its name, its start, or its day" maxLength:"40"`
	Onwards  bool                 `json:"onwards,omitempty" doc:"And all later ones"`
}

// AttachedReminders are the attached reminders, and when they fire next.
type AttachedReminders struct {
	Bindings []calbell.Binding `json:"bindings"`
	Next     []AlarmRow        `json:"next"` // at most ten of the event's
	// Fires are the next ten instants at which the attached reminders alone fire. An instant that has
	// just passed is sent at once.
	Fires []AlarmRow `json:"fires"`
}

// Unmuted is the number of mutes that were removed.
type Unmuted struct {
	Removed int `json:"removed"`
}
