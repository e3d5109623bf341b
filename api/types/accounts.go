package types

import (
	"calbell"
)

// NewAccount is the request to store or to change an account. In a change an empty password
// or token keeps the stored one, unless URL or Username change.
type NewAccount struct {
	Name     string `json:"name" doc:"For people; unique among those of one owner" minLength:"1" maxLength:"200"`
	URL      string `json:"url" doc:"Where discovery starts: a URL, host or mail address, or a secret .ics address" minLength:"1" maxLength:"4096"`
	Username string `json:"username,omitempty" maxLength:"200"`
	Password string `json:"password,omitempty" doc:"A secret" maxLength:"1024"`
	Token    string `json:"token,omitempty" doc:"A secret; in the place of username and password" maxLength:"4096"`
	calbell.AccountSpec
	ClientKeyPEM string `json:"client_key_pem,omitempty" doc:"A secret: the certificate's key in PEM" maxLength:"16384"`

	calbell.Default

	// Calendars are the names of the calendars to sync; nil: all.
	Calendars []string `json:"calendars,omitempty" doc:"Names, or paths of the addresses, of the calendars to use; absent: all" maxItems:"1000"`

	// Owner is the user whom the account belongs to: nil the caller, "" the admins. Another user is
	// accepted only over the socket.
	Owner *string `json:"owner,omitempty" doc:"Absent: the caller's; empty: the admins'" maxLength:"200"`
}

// AccountRow is an account as lists show it. Its secrets are left out.
type AccountRow struct {
	calbell.Account
	Editable bool   `json:"editable"` // by the caller
	ETag     string `json:"etag"`
	// Troubles are the names in its list of calendars that match no calendar.
	Troubles []calbell.ListedName `json:"troubles,omitempty"`
	// Found are the names of its calendars that were synced.
	Found []string `json:"found,omitempty"`
	// Sync is the state of its syncs.
	Sync calbell.AccountHealth `json:"sync"`
	// Reminders is the number of reminders attached to its events.
	Reminders int `json:"reminders,omitempty"`
}

// Probe is one request of discovery and its result.
type Probe struct {
	Method string       `json:"method"`
	URL    string       `json:"url"`
	Status int          `json:"status,omitempty"` // HTTP status of a refusal; 0 otherwise
	Answer calbell.Text `json:"answer"`           // the finding, or the error
	OK     bool         `json:"ok"`
	TookMS int64        `json:"took_ms"`
}

// Discovered is the result of discovery. With an Error it contains what was found until
// then.
type Discovered struct {
	Probes    []Probe            `json:"probes"`
	Calendars []calbell.Calendar `json:"calendars"`
	Addresses []string           `json:"addresses,omitempty"`
	// Subscriptions are links to calendars elsewhere that the server stores.
	Subscriptions []calbell.Subscription `json:"subscriptions,omitempty"`
	Error         calbell.Text           `json:"error,omitzero"`
	Hint          calbell.Text           `json:"hint,omitzero"`
	// Kind classifies the error; 0 without one.
	Kind calbell.ErrorKind `json:"kind,omitempty"`
}
