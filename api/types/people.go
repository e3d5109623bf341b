package types

import (
	"time"

	"calbell"
)

// NewUser is the request to create a user.
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

// UserEdit is the part of a user that can be changed: the role by admins, the rest by the user.
type UserEdit struct {
	Role     calbell.Role `json:"role,omitempty" enum:"admin,member"`
	Locale   string       `json:"locale,omitempty" doc:"Of the page; absent: as the browser asks" maxLength:"20"`
	TimeZone string       `json:"time_zone,omitempty" doc:"Of the page, an IANA name" maxLength:"100"`
}

// Removal is what is removed with a user or an account.
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

// Removed is the number of things of a kind, with their names for callers who may see them.
type Removed struct {
	Count int      `json:"count"`
	Names []string `json:"names,omitempty"`
}

// NewPassword is the request to change a password, which ends all sessions and tokens of the user.
type NewPassword struct {
	Old string `json:"old,omitempty" doc:"The present one, for one's own" maxLength:"1024"`
	New string `json:"new" minLength:"1" maxLength:"1024"`
}

// NewToken is the request to create a token.
type NewToken struct {
	Name      string          `json:"name" doc:"What it is used for" minLength:"1" maxLength:"200"`
	Scopes    []calbell.Scope `json:"scopes" enum:"read,write,admin" minItems:"1" maxItems:"3"`
	ExpiresAt time.Time       `json:"expires_at,omitzero" doc:"Absent: never"`
	// User is the user whom the token belongs to; "" = the caller. Another user is accepted only over the
	// socket.
	User string `json:"user,omitempty" doc:"Over the socket: whose it is" maxLength:"200"`
}

// MadeToken is a new token with its text, which is shown only once.
type MadeToken struct {
	calbell.Token
	Text string `json:"text"` // the credential after "Bearer "
}

// MadeSetupLink is a new link that creates the first admin. It is shown only once.
type MadeSetupLink struct {
	// URL is absolute when the configuration has server.base_url, else a path.
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"`
}

// SetUp is the request to create the first admin.
type SetUp struct {
	Secret   string `json:"secret" doc:"The last part of the set-up link" minLength:"1" maxLength:"200"`
	Name     string `json:"name" minLength:"1" maxLength:"200"`
	Password string `json:"password" minLength:"1" maxLength:"1024"`
}

// SignIn is a name and a password, stored here or of the calendar account.
type SignIn struct {
	Name     string `json:"name" minLength:"1" maxLength:"200"`
	Password string `json:"password" minLength:"1" maxLength:"1024"`
}
