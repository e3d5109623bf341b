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

// Account is a sign-in at a CalDAV server, as the configuration gives it.
type Account struct {
	// ID names the account everywhere: in the store, in logs and metrics, and beside its calendars.
	// "": its name does; see Key.
	ID    string `json:"id,omitempty"`
	Name  string `json:"name"`            // for people; unique among those of one owner
	Owner string `json:"owner,omitempty"` // the user it belongs to; "" = the admin's
	// Origin: what is not of the file was given by a user of the page, and may not reach
	// whatever this machine can, nor read its files.
	Origin   Origin `json:"origin,omitempty"`
	URL      string `json:"url"`                // where discovery starts (RFC 6764); holds no credentials
	Username string `json:"username,omitempty"` // empty: no sign-in
	Password Secret `json:"password,omitempty"`
	// Token signs in by Bearer (RFC 6750), in the place of username and password; "" = none.
	Token Secret `json:"token,omitempty"`
	// ClientCertificate is the path of a PEM file with the certificate that signs in by TLS,
	// and its key, unless ClientKey names the key's own file. "" = none.
	ClientCertificate string `json:"client_certificate,omitempty"`
	ClientKey         string `json:"client_key,omitempty"`
	// CAFile is the path of a PEM file with authorities that the account's servers may be
	// certified by, beside the system's; "" = none.
	CAFile string `json:"ca_file,omitempty"`
	// ClientKeyPEM is the key of [AccountSpec.ClientCertificatePEM] as PEM text; "" = none.
	ClientKeyPEM Secret `json:"client_key_pem,omitempty"`
	AccountSpec

	// Default is where the alarms of calendars go that have none of their own.
	Default Default `json:"default,omitzero"`
	// Aliases are mail addresses, lower-case, that stand for webhooks in EMAIL alarms, and
	// Categories the categories that do, as Slug has them. Both map to names.
	Aliases    map[string]string `json:"aliases,omitempty"`
	Categories map[string]string `json:"categories,omitempty"`
	// Calendars lists which collections are used and where their alarms go. Nil: all are
	// synced, and stay silent until something is attached.
	Calendars []CalendarSettings `json:"calendars,omitempty"`
}

// AccountSpec is what people define of an account beside its name, its address and its secrets.
type AccountSpec struct {
	// TimeZone is the zone of floating and all-day times, after the calendar's own (D21); "" = the
	// configuration's.
	TimeZone string `json:"time_zone,omitempty" maxLength:"100"`
	// CAPEM and ClientCertificatePEM are PEM texts, of accounts that are not the file's: these name no
	// file of this machine. "" = none.
	CAPEM                string `json:"ca_pem,omitempty" doc:"Certificates in PEM of authorities that certify the account's servers, beside the public ones" maxLength:"65536"`
	ClientCertificatePEM string `json:"client_certificate_pem,omitempty" doc:"Certificate in PEM that signs in by TLS" maxLength:"65536"`
	// Addresses are the mail addresses of the account's person, beside those that the
	// server names (calendar-user-address-set). They tell own events from invitations.
	Addresses []string `json:"addresses,omitempty" doc:"Mail addresses of its person" maxItems:"20"`
	// TrustInvitations lets events organised by strangers choose a webhook.
	TrustInvitations bool `json:"trust_invitations,omitempty" doc:"Events organised by strangers may choose a webhook"`
	// WriteBack puts bindings into the events themselves too, where that can be written.
	WriteBack bool `json:"write_back,omitempty" doc:"Reminders are put into the events, too"`
}

// Key returns what names the account everywhere, whoever else has one of its name: its ID. Accounts
// of the file, and those stored when names were unique among all owners, have none: their name.
func (a Account) Key() string { return cmp.Or(a.ID, a.Name) }

// CalendarSettings is what the configuration says about one calendar of an account.
type CalendarSettings struct {
	Name string `json:"name"` // display name, last part of the collection's path, or its address
	// SwitchedOn, of what people set for another person's calendar: its events count as those of
	// one's own calendars do. nil: set by a version that did not ask; see [CalendarSettings.On].
	SwitchedOn *bool `json:"switched_on,omitempty"`
	// Webhook is the name of the webhook that its alarms go to; "" = the account's, if any.
	Webhook      string `json:"webhook,omitempty"`
	Remind       []Lead `json:"remind,omitempty"`         // see Default
	RemindAllDay []Lead `json:"remind_all_day,omitempty"` // see Default
	Mode         Mode   `json:"mode,omitempty"`
	// Private says what becomes of events that are private or confidential: "skip", "busy"
	// (told without their words) or "full"; "" = skip.
	Private  string `json:"private,omitempty"`
	TimeZone string `json:"time_zone,omitempty"` // IANA name; beats every other source for floating and all-day times (D21)
}

// On reports whether people switched another person's calendar on by what they set for it.
// Earlier versions asked for no such thing: whoever sent its reminders somewhere wanted them.
func (s CalendarSettings) On() bool {
	if s.SwitchedOn != nil {
		return *s.SwitchedOn
	}
	return s.Webhook != "" || len(s.Remind)+len(s.RemindAllDay) > 0
}

// CalendarID names a collection in the store and the API. It is made of account and URL when the
// calendar is first found, and stays when either of them changes.
type CalendarID string

// NewCalendarID returns the ID of the collection at the (absolute) url of the account.
func NewCalendarID(account, url string) CalendarID {
	sum := sha256.Sum256([]byte(account + "\x00" + url))
	return CalendarID(hex.EncodeToString(sum[:8]))
}

// EventID names an event of an object for commands and addresses.
func EventID(c CalendarID, h Href, uid UID) string {
	sum := sha256.Sum256([]byte(string(c) + "\x00" + string(h) + "\x00" + string(uid)))
	return hex.EncodeToString(sum[:6])
}

// Calendar is a calendar collection (RFC 4791 §4.2) with the state of its sync.
type Calendar struct {
	ID       CalendarID `json:"id"`
	Account  string     `json:"account"`
	URL      string     `json:"url"`                 // absolute, escaped as the server wrote it; a subscription's without what makes it secret
	Name     string     `json:"name"`                // displayname, else the last part of the path
	Color    string     `json:"color,omitempty"`     // calendar-color (Apple's), "#rrggbb"
	TimeZone string     `json:"time_zone,omitempty"` // calendar-timezone(-id): an IANA name, or a VTIMEZONE text
	ReadOnly bool       `json:"read_only,omitempty"`
	// Ownership is whose it is, as the latest discovery learnt.
	Ownership Ownership `json:"ownership,omitempty"`
	// SharedBy is the path of its owner's principal, when it is another person's and the server
	// names them; "" otherwise.
	SharedBy string `json:"shared_by,omitempty"`
	// Listed is the name under which the configuration lists it, kept when the server
	// renames it; "" when the configuration lists none.
	Listed string `json:"listed,omitempty"`

	// Addresses are the calendar addresses of the account's person, as the server names them
	// (calendar-user-address-set, RFC 6638 §2.4.1): of mail without "mailto:", URNs, and paths.
	Addresses []string `json:"-"`

	// SyncToken (RFC 6578) and CTag tell what the stored objects correspond to. They are
	// stored in the same transaction as those objects.
	SyncToken string `json:"-"`
	CTag      string `json:"-"`
	// StatedToken is the sync-token that the server stated for the collection itself in the latest
	// discovery; the sync that follows clears it. StatesToken: it once was the stored one, so that
	// another one means another state, such as that of a backup.
	StatedToken string `json:"-"`
	StatesToken bool   `json:"-"`
	// Level is how this collection is synced; see the levels below. 0: not chosen yet.
	Level SyncLevel `json:"-"`
	// PlanKey fingerprints everything but the objects that the stored plan depends on
	// (webhook, zone, engine, tzdata). Another fingerprint means planning again.
	PlanKey string `json:"-"`
	// ReadAt is when the last successful sync that asked the server began: what the server held
	// then is stored. What fell due later may not have been known in time. Zero: never. Reaches
	// are the webhooks that the settings sent the calendar's reminders to then; nil: not recorded.
	// ReadOff: it was another person's calendar then, and not switched on.
	ReadAt  time.Time   `json:"-"`
	Reaches []WebhookID `json:"-"`
	ReadOff bool        `json:"-"`

	// RefreshAt is until when a subscription is not asked for, because its publisher wants it
	// so (REFRESH-INTERVAL, RFC 7986 §5.7); zero: it may be asked for at any time. Who wants
	// it now clears it.
	RefreshAt time.Time `json:"refresh_at,omitzero"`
	// Brake is what the mass-delete brake holds back; zero: nothing. It is stored, so that a
	// restart neither forgets nor repeats the wait.
	Brake Brake `json:"brake,omitzero"`

	// Unlisted: the server lists it no more. It keeps its reminders until its own address says so
	// too, or a person does; see Gone.
	Unlisted bool `json:"unlisted,omitempty"`
	Gone     Gone `json:"gone,omitzero"`
	// FoundAs is the ID that account and URL would make now, where the calendar has kept another
	// one; "" = the ID itself. FoundBy is the login by which the latest discovery found it; zero:
	// it was stored by an earlier version.
	FoundAs CalendarID `json:"-"`
	FoundBy Login      `json:"-"`
	// Moved: its server has another address than when its objects were stored. ETags are compared
	// within one server only, so the next sync reads all objects again.
	Moved bool `json:"-"`

	SyncedAt     time.Time `json:"synced_at,omitzero"`     // last successful sync; zero: never
	ReconciledAt time.Time `json:"-"`                      // last full comparison by ETag
	FailingSince time.Time `json:"failing_since,omitzero"` // first failure after SyncedAt; zero: healthy
	LastError    Text      `json:"last_error,omitzero"`    // of the latest failure, without secrets
}

// Ownership is whose a calendar is. What stands in other people's calendars chooses no webhook
// unless the account's person switched that very calendar on.
type Ownership string

// The kinds of ownership.
const (
	OwnershipUnknown Ownership = "" // not learnt yet: stored by an earlier version
	OwnershipOwn     Ownership = "own"
	OwnershipOther   Ownership = "other"
)

// Brake tells of so many objects absent from a listing at once that they were not deleted: a
// fault of the server is likelier than a calendar emptied by hand. Three listings that agree
// over 15 minutes lift it, or a person does.
type Brake struct {
	Absent int       `json:"absent"` // objects that are held back
	Known  int       `json:"known"`  // of so many that are stored
	Since  time.Time `json:"since"`  // first of the listings that agree
	Seen   int       `json:"seen"`   // how many have agreed so far, ≥ 1
	// Apply is set by a person: delete what the next listing lacks, without a further wait,
	// unless it lacks more than Absent. The sync that did so clears the whole brake.
	Apply bool `json:"apply,omitempty"`
	// Digest names the absent objects; another one means that the listings do not agree.
	Digest string `json:"digest,omitempty"`
}

// SameName reports whether two names mean the same to people: letter case and the way
// accents are composed do not count.
func SameName(a, b string) bool {
	return strings.EqualFold(norm.NFC.String(a), norm.NFC.String(b))
}

// Called reports whether people may mean this calendar by name: its display name, or the last
// part of its path. A name that is an address (see [IsAddress]) means the calendar there.
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

// IsAddress reports whether a name is the address of a calendar: its path at the account's server.
// Nobody else can give their calendar an address, as they can a name. A URL is none: where a name
// is asked for, one may be a secret that was put there by mistake.
func IsAddress(name string) bool { return strings.HasPrefix(name, "/") }

// At reports whether a calendar is at an address: a URL, or a path, which means any host.
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

// segments are the parts of a URL's path, unescaped each for itself: %2F is no slash.
func segments(u *url.URL) []string {
	parts := strings.Split(strings.TrimRight(u.EscapedPath(), "/"), "/")
	for i, p := range parts {
		if plain, err := url.PathUnescape(p); err == nil {
			parts[i] = plain
		}
	}
	return parts
}

// Path is the path of its address, escaped, by which it can be listed.
func (c Calendar) Path() string {
	u, err := url.Parse(c.URL)
	if err != nil {
		return c.URL
	}
	return u.RequestURI()
}

// hostPort is the host of a URL with its port, the usual one of its scheme when it names none.
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

// Owner is a short name of the person whose the calendar is, for people; "" when it is the
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

// ListedName is what a name in an account's list of calendars stands for. It is bound to the
// address that it first matched: calendars are renamed, and others may be given its name.
type ListedName struct {
	Account string `json:"account"`
	Name    string `json:"name"` // as the list has it
	// URL is the address of the calendar that it is bound to, and Ownership whose that was; both
	// are "" while it is bound to none.
	URL       string    `json:"url,omitempty"`
	Ownership Ownership `json:"ownership,omitempty"`
	// Trouble says in words why it stands for no calendar; zero when nothing is wrong. Hint is the next step, and Since when it began.
	Trouble Text      `json:"trouble,omitzero"`
	Hint    Text      `json:"hint,omitzero"`
	Since   time.Time `json:"since,omitzero"`
}

// SyncLevel says how changes of a collection are found.
type SyncLevel int

// The levels, best first. A server that refuses one is asked the next.
const (
	LevelUnknown SyncLevel = iota // not chosen yet
	LevelToken                    // sync-collection (RFC 6578)
	LevelCTag                     // ctag or sync-token unchanged, else a listing of ETags
	LevelList                     // a listing of ETags every time
	LevelFile                     // a subscription: one .ics file that holds all
)

// Href is the escaped path of an object exactly as the server wrote it, without host.
// It is a key: never unescape and escape it again.
type Href string

// ETag is an entity tag as the server wrote it, quotes and W/ included. "" when absent.
type ETag string

// Bad reports whether something of the object is lost: it cannot be read, or not wholly.
func (o *Object) Bad() bool { return !o.Problem.IsZero() }

// Mended reports whether all of the object is read, some of it otherwise than it is written.
func (o *Object) Mended() bool { return o.Problem.IsZero() && len(o.Warnings) > 0 }

// Object is a calendar object resource (RFC 4791 §4.1): raw text under an Href.
type Object struct {
	Calendar CalendarID `json:"calendar"`
	Href     Href       `json:"href"`
	ETag     ETag       `json:"etag"`
	// Raw is the newest readable text; when there never was one, the newest text. A server
	// copy that cannot be read does not replace one that could.
	Raw []byte `json:"raw"`

	// Problem says what is wrong with the newest text; zero when nothing is.
	Problem Text `json:"problem,omitzero"`
	// Warnings are what was read of Raw otherwise than it is written, at most [MaxWarnings].
	// With a Problem the object is bad, with warnings alone it is mended: all of it rings.
	Warnings []Warning `json:"warnings,omitempty"`
	// BadSince, of an object whose newest text cannot be read at all, is up to when its contents
	// were known. Zero: it can be read, or that was not recorded.
	BadSince time.Time `json:"bad_since,omitzero"`
	// UIDs lists the events found in Raw, for people to find them by.
	UIDs []UID `json:"uids,omitempty"`

	// Until is the end of the time for which reminders are laid out, exclusive; zero when
	// nothing is left to lay out.
	Until time.Time `json:"until,omitzero"`
	// Replan is when the layout must be continued; zero: never.
	Replan time.Time `json:"replan,omitzero"`
}

// Subscription is a link to a calendar file. It may be secret: it is shown to whoever signed in where
// it is kept.
type Subscription struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}
