package calbell

import (
	"slices"
	"time"
)

// The types of this file are what people ask for. ETags are of the thing as it was shown: an
// edit with one that is not that of now is refused, so that nobody undoes what they did not
// see. "" edits whatever is there.

// NewUser asks for a user to be made.
type NewUser struct {
	Name     string `json:"name" doc:"Unique name" minLength:"1" maxLength:"200"`
	Role     Role   `json:"role,omitempty" enum:"admin,member" doc:"member when absent"`
	Password string `json:"password,omitempty" doc:"A secret; absent: the user signs in by the calendar account alone" maxLength:"1024"`
	CalDAV   bool   `json:"caldav,omitempty" doc:"Signs in at the calendar server"`
	Locale   string `json:"locale,omitempty" maxLength:"20"`
	TimeZone string `json:"time_zone,omitempty" maxLength:"100"`
}

// UserRow is a user as lists show it.
type UserRow struct {
	User
	HasPassword bool   `json:"has_password"`
	ETag        string `json:"etag"`
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

// UserEdit is what can be changed of a user: the role by admins, the others by the user.
type UserEdit struct {
	Role     Role   `json:"role,omitempty" enum:"admin,member"`
	Locale   string `json:"locale,omitempty" doc:"Of the page; absent: as the browser asks" maxLength:"20"`
	TimeZone string `json:"time_zone,omitempty" doc:"Of the page, an IANA name" maxLength:"100"`
}

// NewPassword changes a password, and ends all sessions and tokens of the user.
type NewPassword struct {
	Old string `json:"old,omitempty" doc:"The present one, for one's own" maxLength:"1024"`
	New string `json:"new" minLength:"1" maxLength:"1024"`
}

// NewToken asks for a token.
type NewToken struct {
	Name      string    `json:"name" doc:"What it is used for" minLength:"1" maxLength:"200"`
	Scopes    []Scope   `json:"scopes" enum:"read,write,admin" minItems:"1" maxItems:"3"`
	ExpiresAt time.Time `json:"expires_at,omitzero" doc:"Absent: never"`
	// User is whose it is; "" = the caller's. Only over the socket may it be another.
	User string `json:"user,omitempty" doc:"Over the socket: whose it is" maxLength:"200"`
}

// MadeToken is a new token with its text, which is shown this once.
type MadeToken struct {
	Token
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

// NewWebhook asks for a webhook to be stored, or to be changed: then an empty URL leaves it as
// it is.
type NewWebhook struct {
	Name string `json:"name" doc:"Unique name, for people" minLength:"1" maxLength:"200"`
	URL  string `json:"url,omitempty" required:"true" doc:"Address of the incoming webhook; a secret" minLength:"1" maxLength:"4096"`
	WebhookSpec
	// Owner is whose it is: nil the caller's, "" the admins'. Only over the socket may it be
	// anyone's.
	Owner *string `json:"owner,omitempty" doc:"Absent: the caller's; empty: the admins'" maxLength:"200"`
}

// NewAccount asks for a sign-in at a calendar server to be stored, or to be changed: then an
// empty password or token leaves it as it is, unless URL or Username are others.
type NewAccount struct {
	Name     string `json:"name" doc:"For people; unique among those of one owner" minLength:"1" maxLength:"200"`
	URL      string `json:"url" doc:"Where discovery starts: a URL, host or mail address, or a secret .ics address" minLength:"1" maxLength:"4096"`
	Username string `json:"username,omitempty" maxLength:"200"`
	Password string `json:"password,omitempty" doc:"A secret" maxLength:"1024"`
	Token    string `json:"token,omitempty" doc:"A secret; in the place of username and password" maxLength:"4096"`
	AccountSpec
	ClientKeyPEM string `json:"client_key_pem,omitempty" doc:"A secret: the certificate's key in PEM" maxLength:"16384"`

	Default

	// Calendars names those that are synced; nil: all.
	Calendars []string `json:"calendars,omitempty" doc:"Names, or paths of the addresses, of the calendars to use; absent: all" maxItems:"1000"`

	// Owner is whose it is: nil the caller's, "" the admins'. Only over the socket may it be
	// anyone's.
	Owner *string `json:"owner,omitempty" doc:"Absent: the caller's; empty: the admins'" maxLength:"200"`
}

// AccountRow is an account as lists show it. Its secrets are left out.
type AccountRow struct {
	Account
	Editable bool   `json:"editable"` // by the caller
	ETag     string `json:"etag"`
	// Troubles are names in its list of calendars that stand for none.
	Troubles []ListedName `json:"troubles,omitempty"`
	// Calendars of it that are synced so far, by name.
	Found []string `json:"found,omitempty"`
	// Sync is how its sync is.
	Sync AccountHealth `json:"sync"`
	// Reminders counts those that are attached to its events.
	Reminders int `json:"reminders,omitempty"`
}

// Probe is one question that discovery asked a server.
type Probe struct {
	Method string `json:"method"`
	URL    string `json:"url"`
	Status int    `json:"status,omitempty"` // HTTP status of a refusal; 0 otherwise
	Answer string `json:"answer"`           // what was learnt, or why nothing was
	OK     bool   `json:"ok"`
	TookMS int64  `json:"took_ms"`
}

// Discovered is what an account turned out to hold. What was found and asked so far is there
// also when Error is not "".
type Discovered struct {
	Probes    []Probe    `json:"probes"`
	Calendars []Calendar `json:"calendars"`
	Addresses []string   `json:"addresses,omitempty"`
	// Subscriptions are links that the server keeps, and whose events it does not have.
	Subscriptions []Subscription `json:"subscriptions,omitempty"`
	Error         string         `json:"error,omitempty"`
	Hint          string         `json:"hint,omitempty"`
	// Kind classifies the error; 0 when well.
	Kind ErrorKind `json:"kind,omitempty"`
}

// Subscription is a link to a calendar file. It may be secret: it is shown to whoever signed in where
// it is kept.
type Subscription struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// CalendarEdit is what can be set for a calendar.
type CalendarEdit struct {
	Webhook      string `json:"webhook,omitempty" doc:"Name of the webhook that its alarms go to" maxLength:"200"`
	Remind       []Lead `json:"remind,omitempty" doc:"15m, 2h, 1d, 1d@18:00" maxItems:"20"`
	RemindAllDay []Lead `json:"remind_all_day,omitempty" maxItems:"20"`
	Mode         Mode   `json:"mode,omitempty" enum:"fallback,add,replace,off"`
	Private      string `json:"private,omitempty" enum:"skip,busy,full"`
	TimeZone     string `json:"time_zone,omitempty" maxLength:"100"`
	// SwitchedOn lets another person's calendar post; a webhook or times of its own do so, too.
	SwitchedOn bool `json:"switched_on,omitempty" doc:"Of another person's calendar: its events may post"`
}

// NewRule asks for a rule to be stored, or to be changed.
type NewRule struct {
	Name     string `json:"name" minLength:"1" maxLength:"200"`
	Position int    `json:"position,omitempty" doc:"Among the stored rules, lowest first" minimum:"-100000" maximum:"100000"`
	RuleSpec
	// MinDuration and MaxDuration are written as a lead is: 30m, 2h, 1d.
	MinDuration string `json:"min_duration,omitempty" doc:"30m, 2h, 1d" maxLength:"20"`
	MaxDuration string `json:"max_duration,omitempty" doc:"30m, 2h, 1d" maxLength:"20"`

	// Owner is whose it is: nil the caller's, "" the admins'.
	Owner *string `json:"owner,omitempty" doc:"Absent: the caller's; empty: the admins'" maxLength:"200"`
}

// RuleEntry is a rule as lists show it. One of the file has no ID.
type RuleEntry struct {
	StoredRule
	// MinDuration and MaxDuration are those of the rule as people write them: 30m, 2h, 1d.
	MinDuration string `json:"min_duration,omitempty"`
	MaxDuration string `json:"max_duration,omitempty"`

	Origin   Origin `json:"origin"`
	Editable bool   `json:"editable"`
	ETag     string `json:"etag,omitempty"`
}

// NewEvent asks for an event to be written into a calendar.
type NewEvent struct {
	Calendar string `json:"calendar" doc:"Name or ID" minLength:"1" maxLength:"200"`
	Title    string `json:"title" minLength:"1" maxLength:"1000"`
	// Start and End are by the clock of TimeZone; both are days or both are times. An End that
	// is a day is the last day.
	Start       string `json:"start" doc:"2026-12-01T14:00, or 2026-12-01 for all day" minLength:"1" maxLength:"40"`
	End         string `json:"end,omitempty" doc:"Absent: an hour later, or the same day" maxLength:"40"`
	TimeZone    string `json:"time_zone,omitempty" doc:"An IANA name; the configuration's when absent" maxLength:"100"`
	Location    string `json:"location,omitempty" maxLength:"1000"`
	Description string `json:"description,omitempty" maxLength:"65536"`
	// UID of the caller's own makes the event once, however often it is asked for.
	UID UID `json:"uid,omitempty" doc:"Random when absent; what is sent again with the same one is not made twice" pattern:"^[A-Za-z0-9._@-]+$" maxLength:"200"`

	Webhook string `json:"webhook,omitempty" doc:"Where its reminder goes" maxLength:"200"`
	Before  []Lead `json:"before,omitempty" doc:"How long before the start: 15m, 1d@18:00" maxItems:"16"`
}

// SyncRequest says what to sync.
type SyncRequest struct {
	Account Account
	// Only are the calendars meant; nil means all.
	Only []CalendarID
	// Now: a person asks. Back-off is ignored, but for that after a refused sign-in; the list
	// of calendars is asked for anew, and subscriptions before their time.
	Now bool
	// Fresh: a reminder falls due in a moment. Subscriptions are asked for before their time.
	Fresh bool
	// Apply: a person says that what the mass-delete brake holds back was really deleted, or the
	// calendar itself if the server lists it no more.
	Apply bool
	// Ended, of one that is not waited for, hears how it ended; nil: nobody does.
	Ended func(error)
}

// Includes reports whether a calendar of the account is to be synced.
func (r SyncRequest) Includes(c Calendar) bool { return r.Only == nil || slices.Contains(r.Only, c.ID) }

// BindingsChange gets the bindings of an account as they are and says what is to be put and
// removed. It may be asked several times; its error is returned as it is.
type BindingsChange func(old []Binding) (put []Binding, remove []BindingID, err error)
