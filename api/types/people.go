package types

import (
	"time"

	"calbell"
)

// NewUser asks for a user to be made.
type NewUser struct {
	Name     string       `json:"name" doc:"Unique name" minLength:"1" maxLength:"200"`
	Role     calbell.Role `json:"role,omitempty" enum:"admin,member" doc:"member when absent"`
	Password string       `json:"password,omitempty" doc:"A secret; absent: the user signs in by the calendar account alone" maxLength:"1024"`
	CalDAV   bool         `json:"caldav,omitempty" doc:"Signs in at the calendar server"`
	Locale   string       `json:"locale,omitempty" maxLength:"20"`
	TimeZone string       `json:"time_zone,omitempty" maxLength:"100"`
}

// UserRow is a user as lists show it.
type UserRow struct {
	calbell.User
	HasPassword bool   `json:"has_password"`
	ETag        string `json:"etag"`
}

// UserEdit is what can be changed of a user: the role by admins, the others by the user.
type UserEdit struct {
	Role     calbell.Role `json:"role,omitempty" enum:"admin,member"`
	Locale   string       `json:"locale,omitempty" doc:"Of the page; absent: as the browser asks" maxLength:"20"`
	TimeZone string       `json:"time_zone,omitempty" doc:"Of the page, an IANA name" maxLength:"100"`
}

// Removal is what goes when a user or an account is removed.
type Removal struct {
	Name      string  `json:"name"` // of the user or account
	Accounts  Removed `json:"accounts" doc:"Of an account: itself"`
	Calendars Removed `json:"calendars"`
	Webhooks  Removed `json:"webhooks"`
	Rules     Removed `json:"rules"`
	Reminders int     `json:"reminders" doc:"Attached to events, mutes among them"`
	Tokens    int     `json:"tokens"`
	UsedBy    Removed `json:"used_by" doc:"What of others sends through the webhooks, and does not afterwards"`
}

// Removed is how many things of a kind go, and what they are called, for callers who see them.
type Removed struct {
	Count int      `json:"count"`
	Names []string `json:"names,omitempty"`
}

// NewPassword changes a password, and ends all sessions and tokens of the user.
type NewPassword struct {
	Old string `json:"old,omitempty" doc:"The present one, for one's own" maxLength:"1024"`
	New string `json:"new" minLength:"1" maxLength:"1024"`
}

// NewToken asks for a token.
type NewToken struct {
	Name      string          `json:"name" doc:"What it is used for" minLength:"1" maxLength:"200"`
	Scopes    []calbell.Scope `json:"scopes" enum:"read,write,admin" minItems:"1" maxItems:"3"`
	ExpiresAt time.Time       `json:"expires_at,omitzero" doc:"Absent: never"`
	// User is whose it is; "" = the caller's. Only over the socket may it be another.
	User string `json:"user,omitempty" doc:"Over the socket: whose it is" maxLength:"200"`
}

// MadeToken is a new token with its text, which is shown this once.
type MadeToken struct {
	calbell.Token
	Text string `json:"text"` // what a program sends after "Bearer "
}

// MadeSetupLink is a new link that makes the first admin, which is shown this once.
type MadeSetupLink struct {
	// URL is absolute when the configuration names base_url, else its path.
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"`
}

// SetUp makes the first admin.
type SetUp struct {
	Secret   string `json:"secret" doc:"The last part of the set-up link" minLength:"1" maxLength:"200"`
	Name     string `json:"name" minLength:"1" maxLength:"200"`
	Password string `json:"password" minLength:"1" maxLength:"1024"`
}

// SignIn is a name and a password, of Calbell's own or of the calendar account.
type SignIn struct {
	Name     string `json:"name" minLength:"1" maxLength:"200"`
	Password string `json:"password" minLength:"1" maxLength:"1024"`
}
