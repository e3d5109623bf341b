package store

import (
	"context"
	"time"

	"calbell"
)

// People keeps who may sign in, and with what. Names of users are compared by their slugs.
type People interface {
	// Users returns all, by name.
	Users(ctx context.Context) ([]calbell.User, error)
	// User returns one; a KindNotFound error when there is none.
	User(ctx context.Context, name string) (calbell.User, error)
	// PutUser stores one in the place of the one of the same slug. When that had another Epoch,
	// its tokens are removed in the same step: a password changes for everyone who knew it. A
	// name without a slug is a KindUsage error.
	PutUser(ctx context.Context, u calbell.User) error
	// RemoveUser deletes one with its tokens; a KindNotFound error when there is none.
	RemoveUser(ctx context.Context, name string) error

	// Tokens returns those of a user, all when owner is "", by owner, MadeAt and ID.
	Tokens(ctx context.Context, owner string) ([]calbell.Token, error)
	// Token returns one; a KindNotFound error when there is none.
	Token(ctx context.Context, id calbell.TokenID) (calbell.Token, error)
	// PutToken stores one in the place of the one of the same ID. A KindNotFound error when
	// its owner is no user.
	PutToken(ctx context.Context, t calbell.Token) error
	// RemoveToken deletes one; a KindNotFound error when there is none.
	RemoveToken(ctx context.Context, id calbell.TokenID) error

	// Session returns the data of a session that has not ended at now; ok is false when there
	// is none.
	Session(ctx context.Context, id string, now time.Time) (data []byte, ok bool, err error)
	// PutSession stores one, and forgets those that have ended at now, and those of its owner
	// that end first where they are more than [calbell.MaxSessions] (of equal ends by ID).
	PutSession(ctx context.Context, s Session, now time.Time) error
	// RemoveSession forgets one; an unknown one is no error.
	RemoveSession(ctx context.Context, id string) error

	// PutSetupLink stores the link that makes the first admin, in the place of an earlier one.
	PutSetupLink(ctx context.Context, l SetupLink) error
	// SetupLink returns the link, if there is one that has not ended at now.
	SetupLink(ctx context.Context, now time.Time) (l SetupLink, ok bool, err error)
	// UseSetupLink stores a user and forgets the link, in one step: it works once. A
	// KindNotFound error when the link is not this one, or has ended at now; a KindUsage error
	// when there is an admin, or a user of that name, already.
	UseSetupLink(ctx context.Context, hash string, u calbell.User, now time.Time) error
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
	// StoredAccounts returns the accounts that people made, with OriginStored, by key.
	StoredAccounts(ctx context.Context) ([]calbell.Account, error)
	// PutAccount stores one in the place of the one of the same key. One without a name is a
	// KindUsage error.
	PutAccount(ctx context.Context, a calbell.Account) error
	// RemoveAccount deletes one; its calendars are another step. A KindNotFound error when
	// there is none.
	RemoveAccount(ctx context.Context, key string) error

	// StoredRules returns the rules that people made, by position, then ID.
	StoredRules(ctx context.Context) ([]calbell.StoredRule, error)
	// ChangeRules stores rules in the place of those of the same IDs, and removes others, in
	// one step. Unknown ones to remove are ignored. One without an ID is a KindUsage error.
	ChangeRules(ctx context.Context, put []calbell.StoredRule, remove []calbell.RuleID) error

	// StoredCalendars returns what people set for calendars.
	StoredCalendars(ctx context.Context) (map[calbell.CalendarID]calbell.CalendarSettings, error)
	// SetCalendar stores what is set for a calendar; nil: nothing is any more. The calendar
	// itself need not exist (yet, or any more).
	SetCalendar(ctx context.Context, id calbell.CalendarID, s *calbell.CalendarSettings) error
}
