package calbell

import (
	"net/netip"
	"slices"
	"time"
)

// Role says what a user may do.
type Role string

// The roles.
const (
	// RoleAdmin sees to users and the program, and to what belongs to nobody: what the
	// configuration's file defines without an owner.
	RoleAdmin Role = "admin"
	// RoleMember has own accounts, webhooks and rules, and sees nobody else's.
	RoleMember Role = "member"
)

// User is a person who may sign in. Names are told apart by their [Slug].
type User struct {
	Name string `json:"name"`
	Role Role   `json:"role"`
	// PasswordHash is an argon2id hash with its parameters; "" = no sign-in by a password kept here.
	PasswordHash Secret `json:"-"`
	// CalDAV: name and password are checked at the calendar server of auth.caldav.
	CalDAV   bool   `json:"caldav,omitempty"`
	Locale   string `json:"locale,omitempty"`    // of the page; "" = what the browser asks for
	TimeZone string `json:"time_zone,omitempty"` // of the page, an IANA name; "" = the configuration's
	// Epoch is another number after each change of the password: sessions and tokens of an
	// earlier one are worth nothing.
	Epoch  int64     `json:"-"`
	MadeAt time.Time `json:"made_at"`
}

// Scope is what a token lets its bearer do.
type Scope string

// The scopes; each implies those before it.
const (
	ScopeRead  Scope = "read"
	ScopeWrite Scope = "write"
	ScopeAdmin Scope = "admin" // only admins may make one, and it is worth no more than they are
)

// TokenID names a token. It is the first part of the text that its bearer has.
type TokenID string

// Token lets programs speak in a user's name (RFC 6750). Of its secret only a hash is kept.
type Token struct {
	ID         TokenID   `json:"id"`
	Owner      string    `json:"owner"` // a user's name
	Name       string    `json:"name"`  // for people: what it is used for
	Scopes     []Scope   `json:"scopes"`
	Hash       string    `json:"-"` // SHA-256 of the secret, in hex
	MadeAt     time.Time `json:"made_at"`
	LastUsedAt time.Time `json:"last_used_at,omitzero"` // to the hour; zero: never
	ExpiresAt  time.Time `json:"expires_at,omitzero"`   // zero: never
}

// Over reports whether its time is over.
func (t Token) Over(now time.Time) bool { return !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt) }

// Caller is who asks. Every rule method takes it first, so that a permission cannot be
// forgotten. The zero value is nobody, who may do nothing.
type Caller struct {
	Name  string
	Admin bool
	// Local: it speaks over the daemon's own socket, whose file mode decides who can. It sees
	// and does everything.
	Local bool
	// Scopes narrow what the caller may do; nil: nothing does.
	Scopes []Scope
	// Epoch is that of the user when they were let in; see [User].
	Epoch int64
	// Token is the one by which they speak; "" = none.
	Token TokenID
}

// Peer is where a sign-in comes from, as far as that is known.
type Peer struct {
	// Addr is the address of the client; the zero Addr = not known.
	Addr netip.Addr
	// Browser names a browser in which the same user signed in before; "" = another one, or a
	// program.
	Browser string
}

// LocalAdmin is who speaks over the daemon's own socket.
func LocalAdmin() Caller { return Caller{Name: "admin", Admin: true, Local: true} }

// Allows reports whether the caller's scopes, if there are any, imply one.
func (c Caller) Allows(s Scope) bool {
	order := []Scope{ScopeRead, ScopeWrite, ScopeAdmin}
	need := slices.Index(order, s)
	return c.Scopes == nil || slices.ContainsFunc(c.Scopes, func(have Scope) bool {
		return need >= 0 && slices.Index(order, have) >= need
	})
}

// RuleID names a stored rule.
type RuleID string

// StoredRule is a rule that a person made. It comes after those of the configuration's file,
// and holds for the events of its owner's calendars.
type StoredRule struct {
	ID       RuleID `json:"id"`
	Owner    string `json:"owner,omitempty"` // "" = the admin's
	Position int    `json:"position"`        // among the stored rules; at equal ones the ID decides
	Rule
}
