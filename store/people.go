package store

import (
	"context"
	"time"

	"calbell"
)

// People keeps who may sign in, and with what.
type People interface {
	// Users returns the table of users, by name. Names are compared by their slugs; one without a
	// slug is a KindUsage error. Groups: [WithRole]. When one that is put had another Epoch, its tokens are removed in
	// the same step: a password changes for everyone who knew it. Whoever is removed loses the
	// tokens, too.
	Users() Table[string, calbell.User]
	// Tokens returns the table of tokens, by owner, MadeAt and ID. To put one whose owner is no user
	// is a KindNotFound error. Groups: [OwnedBy].
	Tokens() Table[calbell.TokenID, calbell.Token]

	// PutSetupLink stores the link that makes the first admin, in the place of an earlier one.
	PutSetupLink(ctx context.Context, l SetupLink) error
	// SetupLink returns the link, if there is one that has not ended at now.
	SetupLink(ctx context.Context, now time.Time) (l SetupLink, ok bool, err error)
	// UseSetupLink stores a user and forgets the link, in one step: it works once. A
	// KindNotFound error when the link is not this one, or has ended at now; a KindUsage error
	// when there is an admin, or a user of that name, already.
	UseSetupLink(ctx context.Context, hash string, u calbell.User, now time.Time) error
}

// Sessions keeps who is signed in at the page.
type Sessions interface {
	// Session returns the data of a session that has not ended at now; ok is false when there
	// is none.
	Session(ctx context.Context, id string, now time.Time) (data []byte, ok bool, err error)
	// PutSession stores one, and removes those of its owner that have ended at now, or that end first
	// where they are more than [calbell.MaxSessions] (of equal ends by ID).
	PutSession(ctx context.Context, s Session, now time.Time) error
	// RemoveSession forgets one; an unknown one is no error.
	RemoveSession(ctx context.Context, id string) error
	// EndSessions removes up to limit sessions that have ended at now, those that ended first before
	// the others. Returns how many.
	EndSessions(ctx context.Context, now time.Time, limit int) (int, error)
}

// Session is what a browser's cookie stands for.
type Session struct {
	ID        string // a hash of what the cookie says
	Owner     string `json:",omitempty"` // slug of whose it is; "" = nobody's, and not counted
	Data      []byte
	ExpiresAt time.Time
}

// SetupLink makes the first admin.
type SetupLink struct {
	Hash      string // of its secret
	ExpiresAt time.Time
}

// Settings keeps what people configured beside the file. Leads are whole minutes, as
// [calbell.ParseLead] reads them.
type Settings interface {
	// Accounts returns the table of accounts that people made, with OriginStored, by key. One
	// without a name is a KindUsage error. Calendars of one that is removed are another step.
	// Groups: [OwnedBy].
	Accounts() Table[string, calbell.Account]
	// Rules returns the table of rules that people made, by position, then ID. Groups: [OwnedBy].
	Rules() Table[calbell.RuleID, calbell.StoredRule]
	// CalendarSettings returns the table of what people set for calendars. The calendars
	// themselves need not exist (yet, or any more).
	CalendarSettings() Table[calbell.CalendarID, CalendarSettings]
	// ListedNames returns the table of what the names in accounts' lists of calendars stand for, by
	// account. They outlive the calendars. A record without names that is put is removed.
	ListedNames() Table[string, ListedNames]
}

// CalendarSettings is what people set for a calendar.
type CalendarSettings struct {
	ID calbell.CalendarID `json:"id"`
	calbell.CalendarSettings
}

// ListedNames is what the names in one account's list of calendars stand for.
type ListedNames struct {
	Account string               `json:"account"`
	Names   []calbell.ListedName `json:"names"` // of this account, whatever account they name
}
