package types

import (
	"calbell"
)

// NewAccount asks for a sign-in at a calendar server to be stored, or to be changed: then an
// empty password or token leaves it as it is, unless URL or Username are others.
type NewAccount struct {
	Name     string `json:"name" doc:"For people; unique among those of one owner" minLength:"1" maxLength:"200"`
	URL      string `json:"url" doc:"Where discovery starts: a URL, host or mail address, or a secret .ics address" minLength:"1" maxLength:"4096"`
	Username string `json:"username,omitempty" maxLength:"200"`
	Password string `json:"password,omitempty" doc:"A secret" maxLength:"1024"`
	Token    string `json:"token,omitempty" doc:"A secret; in the place of username and password" maxLength:"4096"`
	calbell.AccountSpec
	ClientKeyPEM string `json:"client_key_pem,omitempty" doc:"A secret: the certificate's key in PEM" maxLength:"16384"`

	calbell.Default

	// Calendars names those that are synced; nil: all.
	Calendars []string `json:"calendars,omitempty" doc:"Names, or paths of the addresses, of the calendars to use; absent: all" maxItems:"1000"`

	// Owner is whose it is: nil the caller's, "" the admins'. Only over the socket may it be
	// anyone's.
	Owner *string `json:"owner,omitempty" doc:"Absent: the caller's; empty: the admins'" maxLength:"200"`
}

// AccountRow is an account as lists show it. Its secrets are left out.
type AccountRow struct {
	calbell.Account
	Editable bool   `json:"editable"` // by the caller
	ETag     string `json:"etag"`
	// Troubles are names in its list of calendars that stand for none.
	Troubles []calbell.ListedName `json:"troubles,omitempty"`
	// Calendars of it that are synced so far, by name.
	Found []string `json:"found,omitempty"`
	// Sync is how its sync is.
	Sync calbell.AccountHealth `json:"sync"`
	// Reminders counts those that are attached to its events.
	Reminders int `json:"reminders,omitempty"`
}

// Probe is one question that discovery asked a server.
type Probe struct {
	Method string       `json:"method"`
	URL    string       `json:"url"`
	Status int          `json:"status,omitempty"` // HTTP status of a refusal; 0 otherwise
	Answer calbell.Text `json:"answer"`           // what was learnt, or why nothing was
	OK     bool         `json:"ok"`
	TookMS int64        `json:"took_ms"`
}

// Discovered is what an account turned out to hold. What was found and asked so far is there
// also when Error is not "".
type Discovered struct {
	Probes    []Probe            `json:"probes"`
	Calendars []calbell.Calendar `json:"calendars"`
	Addresses []string           `json:"addresses,omitempty"`
	// Subscriptions are links that the server keeps, and whose events it does not have.
	Subscriptions []calbell.Subscription `json:"subscriptions,omitempty"`
	Error         calbell.Text           `json:"error,omitzero"`
	Hint          calbell.Text           `json:"hint,omitzero"`
	// Kind classifies the error; 0 when well.
	Kind calbell.ErrorKind `json:"kind,omitempty"`
}
