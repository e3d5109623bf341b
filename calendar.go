package calbell

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Account is a login at a CalDAV server, with its settings.
type Account struct {
	// ID identifies the account in the store, in logs and metrics, and beside its calendars.
	// "": the name does; see Key.
	ID    string `json:"id,omitempty"`
	Name  string `json:"name"`            // for people; unique among those of one owner
	Owner string `json:"owner,omitempty"` // the user it belongs to; "" = the admin's
	// Origin tells accounts of the configuration file from those that users added. The latter
	// must not reach every address that this machine can, nor read its files.
	Origin   Origin `json:"origin,omitempty"`
	URL      string `json:"url"`                // where discovery starts (RFC 6764); holds no credentials
	Username string `json:"username,omitempty"` // "" = no authentication
	Password Secret `json:"password,omitempty"`
	// Token authenticates with Bearer (RFC 6750) instead of username and password; "" = none.
	Token Secret `json:"token,omitempty"`
	// ClientCertificate is the path of a PEM file with the TLS client certificate and its key,
	// unless ClientKey names a separate file for the key. "" = none.
	ClientCertificate string `json:"client_certificate,omitempty"`
	ClientKey         string `json:"client_key,omitempty"`
	// CAFile is the path of a PEM file with certificate authorities that are trusted for the
	// account's servers, in addition to the system's; "" = none.
	CAFile string `json:"ca_file,omitempty"`
	// ClientKeyPEM is the key of [AccountSpec.ClientCertificatePEM] as PEM text; "" = none.
	ClientKeyPEM Secret `json:"client_key_pem,omitempty"`
	AccountSpec

	// Default applies to calendars without a default of their own.
	Default Default `json:"default,omitzero"`
	// Aliases maps mail addresses, lower-case, to webhook names, for EMAIL alarms. Categories
	// maps categories, as Slug returns them, to webhook names.
	Aliases    map[string]string `json:"aliases,omitempty"`
	Categories map[string]string `json:"categories,omitempty"`
	// Calendars lists the collections to sync and where their alarms go. Nil: all collections
	// are synced, and are silent until something is attached.
	Calendars []CalendarSettings `json:"calendars,omitempty"`
}

// AccountSpec holds the fields of an account that people set, except its name, its address and
// its secrets.
type AccountSpec struct {
	// TimeZone is the zone of floating and all-day times in calendars that have none (D21); ""
	// = the configuration's.
	TimeZone string `json:"time_zone,omitempty" maxLength:"100"`
	// CAPEM and ClientCertificatePEM are PEM texts, for accounts outside the configuration
	// file: those must not name files of this machine. "" = none.
	CAPEM                string `json:"ca_pem,omitempty" doc:"Certificates in PEM of authorities that certify the account's servers, beside the public ones" maxLength:"65536"`
	ClientCertificatePEM string `json:"client_certificate_pem,omitempty" doc:"Certificate in PEM that signs in by TLS" maxLength:"65536"`
	// Addresses are the mail addresses of the account's person, in addition to those that the
	// server names (calendar-user-address-set). They tell own events from invitations.
	Addresses []string `json:"addresses,omitempty" doc:"Mail addresses of its person" maxItems:"20"`
	// TrustInvitations lets events organised by strangers choose a webhook.
	TrustInvitations bool `json:"trust_invitations,omitempty" doc:"Events organised by strangers may choose a webhook"`
	// WriteBack writes bindings into the events too, where the calendar is writable.
	WriteBack bool `json:"write_back,omitempty" doc:"Reminders are put into the events, too"`
}

// Key returns the account's unique identifier: its ID. Accounts of the file, and those stored
// when names were unique among all owners, have no ID; their name identifies them.
func (a Account) Key() string { return cmp.Or(a.ID, a.Name) }

// CalendarSettings is the configuration of one calendar of an account.
type CalendarSettings struct {
	Name string `json:"name"` // display name, last part of the collection's path, or its address
	// SwitchedOn makes events in another person's calendar count like those in one's own. nil:
	// set by a version that did not ask; see [CalendarSettings.On].
	SwitchedOn *bool `json:"switched_on,omitempty"`
	// Webhook is the name of the webhook for the calendar's alarms; "" = the account's, if any.
	Webhook      string `json:"webhook,omitempty"`
	Remind       []Lead `json:"remind,omitempty"`         // see Default
	RemindAllDay []Lead `json:"remind_all_day,omitempty"` // see Default
	Mode         Mode   `json:"mode,omitempty"`
	// Private is how private and confidential events are treated: "skip", "busy" (their texts
	// are hidden) or "full"; "" = skip.
	Private  string `json:"private,omitempty"`
	TimeZone string `json:"time_zone,omitempty"` // IANA name; takes precedence for floating and all-day times (D21)
}

// On reports whether the account's person switched on another person's calendar. Earlier
// versions had no such switch: a webhook or reminder times set for the calendar count as
// consent.
func (s CalendarSettings) On() bool {
	if s.SwitchedOn != nil {
		return *s.SwitchedOn
	}
	return s.Webhook != "" || len(s.Remind)+len(s.RemindAllDay) > 0
}

// CalendarID identifies a collection in the store and the API. It is derived from account and
// URL when the calendar is first found, and stays when either changes.
type CalendarID string

// NewCalendarID returns the ID of the collection at the (absolute) url of the account.
func NewCalendarID(account, url string) CalendarID {
	sum := sha256.Sum256([]byte(account + "\x00" + url))
	return CalendarID(hex.EncodeToString(sum[:8]))
}

// EventID returns the ID of an event of an object, for commands and URLs.
func EventID(c CalendarID, h Href, uid UID) string {
	sum := sha256.Sum256([]byte(string(c) + "\x00" + string(h) + "\x00" + string(uid)))
	return hex.EncodeToString(sum[:6])
}

// Calendar is a calendar collection (RFC 4791 §4.2) with the state of its sync.
type Calendar struct {
	ID       CalendarID `json:"id"`
	Account  string     `json:"account"`
	URL      string     `json:"url"`                 // absolute, escaped as the server wrote it; of a subscription without its secret parts
	Name     string     `json:"name"`                // displayname, else the last part of the path
	Color    string     `json:"color,omitempty"`     // calendar-color (Apple's), "#rrggbb"
	TimeZone string     `json:"time_zone,omitempty"` // calendar-timezone(-id): an IANA name, or a VTIMEZONE text
	ReadOnly bool       `json:"read_only,omitempty"`
	// Ownership tells own calendars from other people's, as of the latest discovery.
	Ownership Ownership `json:"ownership,omitempty"`
	// SharedBy is the path of the owner's principal, when the calendar is another person's and
	// the server names them; "" otherwise.
	SharedBy string `json:"shared_by,omitempty"`
	// Listed is the name under which the configuration lists the calendar. It stays when the
	// server renames the calendar; "" when the configuration does not list it.
	Listed string `json:"listed,omitempty"`

	// Addresses are the calendar addresses of the account's person, as the server reports them
	// (calendar-user-address-set, RFC 6638 §2.4.1): mail addresses without "mailto:", URNs, and
	// paths.
	Addresses []string `json:"-"`

	// SyncToken (RFC 6578) and CTag are those of the stored objects. They are stored in the
	// same transaction as those objects.
	SyncToken string `json:"-"`
	CTag      string `json:"-"`
	// StatedToken is the sync-token that the collection itself reported in the latest
	// discovery; the sync that follows clears it. StatesToken is set once that token equalled
	// the stored one. From then on a different token means a different state, such as one
	// restored from a backup.
	StatedToken string `json:"-"`
	StatesToken bool   `json:"-"`
	// Level is how this collection is synced; see the levels below. 0: not chosen yet.
	Level SyncLevel `json:"-"`
	// PlanKey fingerprints what the stored plan depends on besides the objects (webhook, zone,
	// engine, tzdata). When the fingerprint changes, everything is planned again.
	PlanKey string `json:"-"`
	// ReadAt is when the last successful sync that asked the server began: the server's state
	// of then is stored. Reminders that fell due later may not have been known in time. Zero:
	// never. Reaches are the webhooks that the settings chose for the calendar's reminders
	// then; nil: not recorded. ReadOff is set when the calendar was another person's then, and
	// not switched on.
	ReadAt  time.Time   `json:"-"`
	Reaches []WebhookID `json:"-"`
	ReadOff bool        `json:"-"`

	// RefreshAt is the time before which a subscription is not fetched, as its publisher asks
	// (REFRESH-INTERVAL, RFC 7986 §5.7); zero: it may be fetched at any time. A sync that a
	// person starts clears it.
	RefreshAt time.Time `json:"refresh_at,omitzero"`
	// Brake is set while the mass-delete brake keeps objects from being deleted. It is stored,
	// so that a restart neither forgets nor repeats the wait.
	Brake Brake `json:"brake,omitzero"`

	// Unlisted marks a calendar that the server no longer lists. It keeps its reminders until
	// its own URL confirms that it is gone, or a person does; see Gone.
	Unlisted bool `json:"unlisted,omitempty"`
	Gone     Gone `json:"gone,omitzero"`
	// FoundAs is the ID that account and URL would give now, where the calendar has kept an
	// older one; "" = the ID itself. FoundBy is the login of the latest discovery that found
	// it; zero: an earlier version stored it.
	FoundAs CalendarID `json:"-"`
	FoundBy Login      `json:"-"`
	// Moved marks a calendar whose server address has changed since its objects were stored.
	// ETags can be compared within one server only, so the next sync reads all objects again.
	Moved bool `json:"-"`

	SyncedAt     time.Time `json:"synced_at,omitzero"`     // last successful sync; zero: never
	ReconciledAt time.Time `json:"-"`                      // last full comparison by ETag
	FailingSince time.Time `json:"failing_since,omitzero"` // first failure after SyncedAt; zero: healthy
	LastError    Text      `json:"last_error,omitzero"`    // of the latest failure, without secrets
}

// Ownership says whose a calendar is. Events in other people's calendars choose no webhook
// unless the account's person switched that calendar on.
type Ownership string

// The kinds of ownership.
const (
	OwnershipUnknown Ownership = "" // not known yet: an earlier version stored it
	OwnershipOwn     Ownership = "own"
	OwnershipOther   Ownership = "other"
)

// Brake records that a listing lacks so many objects at once that they were probably not
// deleted: a server fault is likelier than a calendar emptied by hand. Three listings that
// agree over 15 minutes release the brake, or a person does.
type Brake struct {
	Absent int       `json:"absent"` // objects that the listing lacks
	Known  int       `json:"known"`  // objects that are stored
	Since  time.Time `json:"since"`  // time of the first listing that agrees
	Seen   int       `json:"seen"`   // number of listings that agree, ≥ 1
	// Apply is set by a person to delete what the next listing lacks at once, unless it lacks
	// more than Absent. The sync that does so clears the brake.
	Apply bool `json:"apply,omitempty"`
	// Digest is a hash of the absent objects' names: listings agree when it is the same.
	Digest string `json:"digest,omitempty"`
}

// SameName reports whether two names are the same to people: it ignores letter case and how
// accents are composed.
func SameName(a, b string) bool {
	return strings.EqualFold(norm.NFC.String(a), norm.NFC.String(b))
}

// Called reports whether a name can mean this calendar: its display name, or the last part of
// its path. A name that is an address (see [IsAddress]) means the calendar there.
func (c Calendar) Called(name string) bool {
	if IsAddress(name) {
		return c.At(name)
	}
	path := strings.TrimSuffix(c.URL, "/")
	last := path[strings.LastIndexByte(path, '/')+1:]
	if plain, err := url.PathUnescape(last); err == nil {
		last = plain
	}
	return SameName(name, c.Name) || SameName(name, last)
}

// IsAddress reports whether a name is a calendar's address: its path at the account's server.
// Other people can choose the name of their calendar, but not its address. A URL does not
// count: where a name is expected, a URL may be a secret entered by mistake.
func IsAddress(name string) bool { return strings.HasPrefix(name, "/") }

// At reports whether a calendar has an address: a URL, or a path, which matches any host.
func (c Calendar) At(address string) bool {
	a, errA := url.Parse(address)
	b, errB := url.Parse(c.URL)
	if errA != nil || errB != nil || a.Path == "" || a.Opaque != "" {
		return false
	}
	if a.Host != "" && (a.Scheme != b.Scheme || !strings.EqualFold(hostPort(a), hostPort(b))) {
		return false
	}
	return slices.Equal(segments(a), segments(b)) && a.RawQuery == b.RawQuery
}

// segments returns the parts of a URL's path. Each is unescaped by itself: %2F is no slash.
func segments(u *url.URL) []string {
	parts := strings.Split(strings.TrimRight(u.EscapedPath(), "/"), "/")
	for i, p := range parts {
		if plain, err := url.PathUnescape(p); err == nil {
			parts[i] = plain
		}
	}
	return parts
}

// Path returns the escaped path of the calendar's URL, by which the configuration can list it.
func (c Calendar) Path() string {
	u, err := url.Parse(c.URL)
	if err != nil {
		return c.URL
	}
	return u.RequestURI()
}

// hostPort returns the host and port of a URL, with the default port of its scheme.
func hostPort(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return u.Hostname() + ":" + port
}

// Owner returns a short name of the calendar's owner, for people; "" when the calendar is the
// account's own, or the server does not say.
func (c Calendar) Owner() string {
	parts := strings.FieldsFunc(c.SharedBy, func(r rune) bool { return r == '/' })
	for len(parts) > 1 && (parts[len(parts)-1] == "user" || parts[len(parts)-1] == "principal") { // Google's and iCloud's
		parts = parts[:len(parts)-1]
	}
	if len(parts) == 0 {
		return ""
	}
	name := parts[len(parts)-1]
	if plain, err := url.PathUnescape(name); err == nil {
		return plain
	}
	return name
}

// ListedName resolves a name in an account's list of calendars. It is bound to the address that
// it first matched, because calendars are renamed and others may take over a name.
type ListedName struct {
	Account string `json:"account"`
	Name    string `json:"name"` // as the list has it
	// URL is the address of the calendar that the name is bound to, and Ownership is that
	// calendar's; both are "" while it is bound to none.
	URL       string    `json:"url,omitempty"`
	Ownership Ownership `json:"ownership,omitempty"`
	// Trouble says why the name matches no calendar; zero when it does. Hint is the next step,
	// and Since when the trouble began.
	Trouble Text      `json:"trouble,omitzero"`
	Hint    Text      `json:"hint,omitzero"`
	Since   time.Time `json:"since,omitzero"`
}

// SyncLevel is a method of finding changes in a collection.
type SyncLevel int

// The levels, best first. When a server refuses one, the next is tried.
const (
	LevelUnknown SyncLevel = iota // not chosen yet
	LevelToken                    // sync-collection (RFC 6578)
	LevelCTag                     // ctag or sync-token unchanged, else a listing of ETags
	LevelList                     // a listing of ETags every time
	LevelFile                     // a subscription: one .ics file with all events
)

// Href is the escaped path of an object exactly as the server wrote it, without host.
// It is a key: never unescape and escape it again.
type Href string

// ETag is an entity tag as the server wrote it, quotes and W/ included. "" when absent.
type ETag string

// Bad reports whether the object cannot be read, or not completely.
func (o *Object) Bad() bool { return !o.Problem.IsZero() }

// Mended reports whether the object was read completely, but with repairs.
func (o *Object) Mended() bool { return o.Problem.IsZero() && len(o.Warnings) > 0 }

// Object is a calendar object resource (RFC 4791 §4.1): raw text under an Href.
type Object struct {
	Calendar CalendarID `json:"calendar"`
	Href     Href       `json:"href"`
	ETag     ETag       `json:"etag"`
	// Raw is the newest readable text; when no version was readable, the newest text. A version
	// on the server that cannot be read does not replace a readable one.
	Raw []byte `json:"raw"`

	// Problem says what is wrong with the newest text; zero when nothing is.
	Problem Text `json:"problem,omitzero"`
	// Warnings report the repairs in reading Raw, at most [MaxWarnings]. An object with a
	// Problem is bad. An object with warnings only is mended: all its reminders are sent.
	Warnings []Warning `json:"warnings,omitempty"`
	// BadSince is set when the newest text cannot be read at all. It is the time until which
	// the contents were known. Zero: the text can be read, or the time was not recorded.
	BadSince time.Time `json:"bad_since,omitzero"`
	// UIDs lists the events in Raw, so that people can find them by UID.
	UIDs []UID `json:"uids,omitempty"`

	// Until is the end of the time for which reminders are laid out, exclusive; zero when
	// nothing remains to be laid out.
	Until time.Time `json:"until,omitzero"`
	// Replan is when the layout must be continued; zero: never.
	Replan time.Time `json:"replan,omitzero"`
}

// Subscription is a link to a calendar file. The link may be secret: it is shown only to users
// who are signed in where it is stored.
type Subscription struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}
