package types

import (
	"time"

	"calbell"
)

// CalendarEdit is the stored settings of a calendar, and the request to change them.
type CalendarEdit struct {
	Webhook      string         `json:"webhook,omitempty" doc:"Name of the webhook that its alarms go to" maxLength:"200"`
	Remind       []calbell.Lead `json:"remind,omitempty" doc:"15m, 2h, 1d, 1d@18:00" maxItems:"20"`
	RemindAllDay []calbell.Lead `json:"remind_all_day,omitempty" maxItems:"20"`
	Mode         calbell.Mode   `json:"mode,omitempty" enum:"fallback,add,replace,off"`
	Private      string         `json:"private,omitempty" enum:"skip,busy,full"`
	TimeZone     string         `json:"time_zone,omitempty" maxLength:"100"`
	// SwitchedOn lets another person's calendar send reminders. Setting a webhook or times does so too.
	SwitchedOn bool `json:"switched_on,omitempty" doc:"Of another person's calendar: its events may post"`
}

// CalendarRow is a calendar with its webhooks and the state of its sync.
type CalendarRow struct {
	calbell.Calendar
	Webhooks []string `json:"webhooks,omitempty"`
	// SwitchedOff reports that it is another person's calendar and sends no reminders until it is
	// switched on.
	SwitchedOff bool              `json:"switched_off,omitempty"`
	State       calbell.SyncState `json:"state"`
	// OverdueSince is when its latest sync should have ended; zero: it is not overdue.
	OverdueSince time.Time `json:"overdue_since,omitzero"`
	// Problems count the objects that event list --bad lists.
	Problems ProblemCount `json:"problems,omitzero"`
}

// ProblemCount counts objects that could not be read, or were read differently from what they say.
type ProblemCount struct {
	Bad    int `json:"bad"`    // some or all reminders are lost
	Mended int `json:"mended"` // all reminders are sent
}

// SyncRow is the result of the sync of an account.
type SyncRow struct {
	Account string       `json:"account"`
	Error   calbell.Text `json:"error,omitzero"`
	Hint    calbell.Text `json:"hint,omitzero"`
	// Kind classifies the error; 0 without one.
	Kind calbell.ErrorKind `json:"kind,omitempty"`
	// Troubles are the names in the account's list of calendars that match no calendar.
	Troubles []calbell.ListedName `json:"troubles,omitempty"`
	// Unlisted are the calendars that the server no longer lists; they were not read.
	Unlisted []string `json:"unlisted,omitempty"`
	// HeldBack is how many deletions the mass-delete brake holds back.
	HeldBack int `json:"held_back,omitempty"`
}
