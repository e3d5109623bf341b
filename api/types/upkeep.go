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
	// Troubles are the problems of the program itself (its clock, its database), one line each.
	Troubles []calbell.Text `json:"troubles,omitempty"`
	// Waiting are the configuration keys that changed since the start and take effect after a restart.
	Waiting   []string               `json:"waiting_for_restart,omitempty"`
	Accounts  []calbell.AccountState `json:"accounts"`
	Calendars []CalendarRow          `json:"calendars"`
	// ListTroubles are the names in lists of calendars that match no calendar.
	ListTroubles []calbell.ListedName `json:"list_troubles,omitempty"`

	Syncing    []calbell.SyncProgress `json:"syncing,omitempty"` // syncs under way
	Pauses     []PauseRow             `json:"pauses,omitempty"`  // what is paused now
	Webhooks   []WebhookRow           `json:"webhooks"`
	Deliveries map[calbell.Status]int `json:"deliveries,omitzero"` // by state; for admins
	NextDue    *time.Time             `json:"next_due,omitempty"`  // nil: nothing is planned
}

// StoreCheck is the result of a check of the whole database.
type StoreCheck struct {
	Findings []string `json:"findings"` // one line each; empty: the database is sound
	TookMS   int64    `json:"took_ms"`
}

// SettingRow is a value of the configuration in force.
type SettingRow struct {
	Key    string `json:"key"`
	Value  string `json:"value"`  // a secret is not shown
	Origin string `json:"origin"` // flag, environment, file or default
	// TakesEffect is when a change of the key takes effect: at a reload, or at a restart.
	TakesEffect string `json:"takes_effect"`
	// Waits reports that the file has a newer value, which takes effect after a restart.
	Waits bool `json:"waits,omitempty"`
}

// ReloadReport is the result of a reload.
type ReloadReport struct {
	// InForce are the changed keys that are in force now.
	InForce []string `json:"in_force"`
	// Waiting are the changed keys that take effect when the program is started again.
	Waiting []string `json:"waiting_for_restart"`
	// Warnings are the warnings of a check of the configuration.
	Warnings []calbell.ConfigWarning `json:"warnings"`
	// Lifted are the names of the suspended webhooks that are used again because their definition changed.
	Lifted []string `json:"lifted,omitempty"`
}
