package store

import (
	"context"
	"time"

	"calbell"
)

// People stores users and their credentials.
type People interface {
	// Users returns the table of users, by name. Names are compared by their slugs; a name
	// without a slug is a KindUsage error. Groups: [WithRole]. Storing a user with another
	// Epoch removes their tokens in the same step, because a changed password must lock out
	// everyone who knew it. Removing a user removes their tokens too.
	Users() Table[string, calbell.User]
	// Tokens returns the table of tokens, by owner, MadeAt and ID. Storing a token whose owner
	// is no user is a KindNotFound error. Groups: [OwnedBy].
	Tokens() Table[calbell.TokenID, calbell.Token]

	// PutSetupLink stores the link that creates the first admin, and replaces an earlier one.
	PutSetupLink(ctx context.Context, l SetupLink) error
	// SetupLink returns the link, if there is one that has not expired at now.
	SetupLink(ctx context.Context, now time.Time) (l SetupLink, ok bool, err error)
	// UseSetupLink stores a user and removes the link, in one step, so that it works once. It
	// returns a KindNotFound error when the link is another one or has expired at now, and a
	// KindUsage error when there is already an admin or a user of that name.
	UseSetupLink(ctx context.Context, hash string, u calbell.User, now time.Time) error
}

// Sessions stores the sessions of the page.
type Sessions interface {
	// Session returns the data of a session that has not expired at now; ok is false when there
	// is none.
	Session(ctx context.Context, id string, now time.Time) (data []byte, ok bool, err error)
	// PutSession stores a session. It removes the owner's expired sessions, and those that
	// expire first beyond [calbell.MaxSessions] (of equal times by ID).
	PutSession(ctx context.Context, s Session, now time.Time) error
	// RemoveSession removes a session; an unknown one is no error.
	RemoveSession(ctx context.Context, id string) error
	// EndSessions removes up to limit sessions that have expired at now, oldest first. It
	// returns how many.
	EndSessions(ctx context.Context, now time.Time, limit int) (int, error)
}

// Session is the session of a browser's cookie.
type Session struct {
	ID        string // a hash of the cookie
	Owner     string `json:",omitempty"` // the owner's slug; "" = none, and not limited
	Data      []byte
	ExpiresAt time.Time
}

// SetupLink is a link that creates the first admin.
type SetupLink struct {
	Hash      string // of its secret
	ExpiresAt time.Time
}

// Settings stores settings that people made outside of the configuration file. Leads are whole
// minutes, as [calbell.ParseLead] returns them.
type Settings interface {
	// Accounts returns the table of accounts that people added, with OriginStored, by key. An
	// account without a name is a KindUsage error. Removing an account does not remove its
	// calendars. Groups: [OwnedBy].
	Accounts() Table[string, calbell.Account]
	// Rules returns the table of rules that people created, by position, then ID. Groups:
	// [OwnedBy].
	Rules() Table[calbell.RuleID, calbell.StoredRule]
	// CalendarSettings returns the table of settings that people made for calendars. The
	// calendars themselves need not exist.
	CalendarSettings() Table[calbell.CalendarID, CalendarSettings]
	// ListedNames returns the table of resolved names in accounts' lists of calendars, by
	// account. They outlive the calendars. Storing a record without names removes it.
	ListedNames() Table[string, ListedNames]
}

// CalendarSettings are the settings that people made for a calendar.
type CalendarSettings struct {
	ID calbell.CalendarID `json:"id"`
	calbell.CalendarSettings
}

// ListedNames are the resolved names in one account's list of calendars.
type ListedNames struct {
	Account string               `json:"account"`
	Names   []calbell.ListedName `json:"names"` // of this account, whatever account they name
}
