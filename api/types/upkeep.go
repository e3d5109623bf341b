package types

import (
	"time"

	"calbell"
)

// StatusReport is the state of the whole daemon.
type StatusReport struct {
	Version    string    `json:"version"`
	StartedAt  time.Time `json:"started_at"`
	ConfigFile string    `json:"config_file,omitempty"`
	TimeZone   string    `json:"time_zone"`
	TZData     string    `json:"tzdata"` // version of the zone data in use
	// Troubles say what is wrong with the program itself (its clock, its database), a line
	// each; empty when nothing is.
	Troubles []calbell.Text `json:"troubles,omitempty"`
	// Waiting are keys of the configuration that were changed since the start and take effect at
	// the next one.
	Waiting   []string               `json:"waiting_for_restart,omitempty"`
	Accounts  []calbell.AccountState `json:"accounts"`
	Calendars []CalendarRow          `json:"calendars"`
	// ListTroubles are names in lists of calendars that stand for none.
	ListTroubles []calbell.ListedName `json:"list_troubles,omitempty"`

	Syncing    []calbell.SyncProgress `json:"syncing,omitempty"` // syncs under way
	Pauses     []PauseRow             `json:"pauses,omitempty"`  // what is paused now
	Webhooks   []WebhookRow           `json:"webhooks"`
	Deliveries map[calbell.Status]int `json:"deliveries,omitzero"` // by state; for admins
	NextDue    *time.Time             `json:"next_due,omitempty"`  // nil: nothing is planned
}

// StoreCheck is what a check of the whole database found.
type StoreCheck struct {
	Findings []string `json:"findings"` // a line each; none: it is sound
	TookMS   int64    `json:"took_ms"`
}

// SettingRow is a value of the configuration in force.
type SettingRow struct {
	Key    string `json:"key"`
	Value  string `json:"value"`  // a secret is not shown
	Origin string `json:"origin"` // flag, environment, file or default
	// TakesEffect is when a change of the key takes effect: at a reload, or at a restart.
	TakesEffect string `json:"takes_effect"`
	// Waits: the file has another value since the start, and this one waits for a restart.
	Waits bool `json:"waits,omitempty"`
}

// ReloadReport tells what came of reading the configuration again.
type ReloadReport struct {
	// Waiting are the changed keys that take effect when the program is started again.
	Waiting []string `json:"waiting_for_restart"`
	// Warnings are what a check of the configuration warns of.
	Warnings []calbell.ConfigWarning `json:"warnings"`
	// Lifted are the names of the webhooks that were out of service and are tried again, since their
	// definition changed.
	Lifted []string `json:"lifted,omitempty"`
}
