package calbell

import (
	"net/netip"
	"slices"
	"time"
)

// Role is the set of permissions of a user.
type Role string

// The roles.
const (
	// RoleAdmin manages users and the program, and everything that the configuration file
	// defines without an owner.
	RoleAdmin Role = "admin"
	// RoleMember has their own accounts, webhooks and rules, and sees nobody else's.
	RoleMember Role = "member"
)

// User is a person who may sign in. Users with the same [Slug] are the same user.
type User struct {
	Name string `json:"name"`
	Role Role   `json:"role"`
	// PasswordHash is an argon2id hash with its parameters; "" = no local password.
	PasswordHash Secret `json:"-"`
	// CalDAV users authenticate with the calendar server of auth.caldav.
	CalDAV   bool   `json:"caldav,omitempty"`
	Locale   string `json:"locale,omitempty"`    // of the page; "" = what the browser asks for
	TimeZone string `json:"time_zone,omitempty"` // of the page, an IANA name; "" = the configuration's
	// Epoch changes with the password: sessions and tokens of an earlier epoch are invalid.
	Epoch  int64     `json:"-"`
	MadeAt time.Time `json:"made_at"`
}

// Scope is a permission of a token.
type Scope string

// The scopes; each implies those before it.
const (
	ScopeRead  Scope = "read"
	ScopeWrite Scope = "write"
	ScopeAdmin Scope = "admin" // only admins may issue it, and it is valid only while they are admins
)

// TokenID identifies a token. It is the first part of the token's text.
type TokenID string

// Token authenticates a program as a user (RFC 6750). Only a hash of its secret is stored.
type Token struct {
	ID         TokenID   `json:"id"`
	Owner      string    `json:"owner"` // a user's name
	Name       string    `json:"name"`  // for people: its purpose
	Scopes     []Scope   `json:"scopes"`
	Hash       string    `json:"-"` // SHA-256 of the secret, in hex
	MadeAt     time.Time `json:"made_at"`
	LastUsedAt time.Time `json:"last_used_at,omitzero"` // to the hour; zero: never
	ExpiresAt  time.Time `json:"expires_at,omitzero"`   // zero: never
}

// Over reports whether the token has expired.
func (t Token) Over(now time.Time) bool { return !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt) }

// Caller is the person or program behind a request. Every method of the service takes it first,
// so that no permission check can be forgotten. The zero value is anonymous, and may do
// nothing.
type Caller struct {
	Name  string
	Admin bool
	// Local callers use the daemon's own socket, whose file mode decides who can. They may do
	// everything.
	Local bool
	// Scopes limit what the caller may do; nil: no limit.
	Scopes []Scope
	// Epoch is that of the user at sign-in; see [User].
	Epoch int64
	// Token is the token that authenticated the caller; "" = none.
	Token TokenID
}

// Peer is the origin of a sign-in, as far as it is known.
type Peer struct {
	// Addr is the address of the client; the zero Addr = not known.
	Addr netip.Addr
	// Browser identifies a browser in which the same user signed in before; "" = a new browser,
	// or a program.
	Browser string
}

// LocalAdmin returns the caller for the daemon's own socket.
func LocalAdmin() Caller { return Caller{Name: "admin", Admin: true, Local: true} }

// Allows reports whether the caller's scopes, if there are any, include one.
func (c Caller) Allows(s Scope) bool {
	order := []Scope{ScopeRead, ScopeWrite, ScopeAdmin}
	need := slices.Index(order, s)
	return c.Scopes == nil || slices.ContainsFunc(c.Scopes, func(have Scope) bool {
		return need >= 0 && slices.Index(order, have) >= need
	})
}

// RuleID identifies a stored rule.
type RuleID string

// StoredRule is a rule that a person created. It is evaluated after those of the configuration
// file, and applies to events in its owner's calendars.
type StoredRule struct {
	ID       RuleID `json:"id"`
	Owner    string `json:"owner,omitempty"` // "" = the admin's
	Position int    `json:"position"`        // among the stored rules; ties are ordered by ID
	Rule
}
