package types

import (
	"time"

	"calbell"
)

// CalendarEdit is what can be set for a calendar.
type CalendarEdit struct {
	Webhook      string         `json:"webhook,omitempty" doc:"Name of the webhook that its alarms go to" maxLength:"200"`
	Remind       []calbell.Lead `json:"remind,omitempty" doc:"15m, 2h, 1d, 1d@18:00" maxItems:"20"`
	RemindAllDay []calbell.Lead `json:"remind_all_day,omitempty" maxItems:"20"`
	Mode         calbell.Mode   `json:"mode,omitempty" enum:"fallback,add,replace,off"`
	Private      string         `json:"private,omitempty" enum:"skip,busy,full"`
	TimeZone     string         `json:"time_zone,omitempty" maxLength:"100"`
	// SwitchedOn lets another person's calendar post; a webhook or times of its own do so, too.
	SwitchedOn bool `json:"switched_on,omitempty" doc:"Of another person's calendar: its events may post"`
}

// CalendarRow is a calendar with where its alarms go, and how its sync is.
type CalendarRow struct {
	calbell.Calendar
	Webhooks []string `json:"webhooks,omitempty"`
	// SwitchedOff: it is another person's, and nothing of it posts until it is switched on.
	SwitchedOff bool              `json:"switched_off,omitempty"`
	State       calbell.SyncState `json:"state"`
	// OverdueSince is when it should have been synced at the latest; zero: it was, or that is ahead.
	OverdueSince time.Time `json:"overdue_since,omitzero"`
	// Problems count the objects that event list --bad lists.
	Problems ProblemCount `json:"problems,omitzero"`
}

// ProblemCount counts objects that were not read as they are written.
type ProblemCount struct {
	Bad    int `json:"bad"`    // something of them is lost
	Mended int `json:"mended"` // all of them rings
}

// SyncRow is how the sync of an account ended; Error is "" when well.
type SyncRow struct {
	Account string       `json:"account"`
	Error   calbell.Text `json:"error,omitzero"`
	Hint    calbell.Text `json:"hint,omitzero"`
	// Kind classifies the error; 0 when well.
	Kind calbell.ErrorKind `json:"kind,omitempty"`
	// Troubles are names in the account's list of calendars that stand for none.
	Troubles []calbell.ListedName `json:"troubles,omitempty"`
	// Unlisted are calendars that the server does not list, and that were not read.
	Unlisted []string `json:"unlisted,omitempty"`
	// HeldBack is how many deletions the mass-delete brake holds back.
	HeldBack int `json:"held_back,omitempty"`
}
