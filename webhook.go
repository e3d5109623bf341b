package calbell

import (
	"cmp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// WebhookID identifies a webhook permanently: it is the webhook's slug when it was created. A
// rename keeps the ID, and with it the bindings and the reminders' IDs.
type WebhookID string

// unusable is the prefix of an ID for a webhook that the sender may not use: it was removed, or
// belongs to another user who does not share it. No webhook's ID contains a colon.
const unusable = "unusable:"

// Unusable returns the ID that replaces that of a webhook which the sender may not use. Its
// deliveries end as dead, so that people see them, and reach nobody.
func (id WebhookID) Unusable() WebhookID { return unusable + id }

// Wanted returns the webhook that an unusable ID stands for; ok is false for any other ID.
func (id WebhookID) Wanted() (meant WebhookID, ok bool) {
	rest, ok := strings.CutPrefix(string(id), unusable)
	return WebhookID(rest), ok
}

// WebhookKind is the chat that a webhook posts to; package webhook/dialect knows them.
type WebhookKind string

// The kinds.
const (
	KindKChat WebhookKind = "kchat" // Infomaniak kChat, which is Mattermost
	KindSlack WebhookKind = "slack"
	KindJSON  WebhookKind = "json" // any receiver of a JSON body
)

// Origin says where a definition is stored, and so who can change it.
type Origin string

// The origins.
const (
	OriginFile   Origin = "file"   // the configuration file; read-only elsewhere
	OriginStored Origin = "stored" // created by command, API or page
)

// Webhook is a named URL with a message template.
type Webhook struct {
	ID     WebhookID `json:"id"`
	Name   string    `json:"name"`
	Origin Origin    `json:"origin"`
	Owner  string    `json:"owner,omitempty"` // "" = the admin's
	URL    Secret    `json:"url"`
	WebhookSpec
}

// WebhookSpec holds the fields of a webhook that people set in the configuration file, through
// the API and on the page, except name, address and owner. Fields added here are stored,
// accepted and returned; tests carry each field all the way.
type WebhookSpec struct {
	Share bool        `json:"share,omitempty" doc:"Others may use it, without seeing its URL"`
	Kind  WebhookKind `json:"kind,omitempty" doc:"kchat (= mattermost), slack or json; needed where the URL does not tell it"`
	// Encoding is "json" or "form" (the body is payload=<json>); "" = json.
	Encoding string `json:"encoding,omitempty" doc:"json or form"`
	// Success is "ok" (a 2xx whose body confirms it) or "2xx"; "" = by kind: ok for kchat and
	// slack, 2xx for json.
	Success string `json:"success,omitempty" doc:"ok or 2xx"`

	// Template is the text of the message; "" = the default template.
	Template string `json:"template,omitempty" doc:"Message text with %variables%" maxLength:"65536"`
	Envelope
	// Attachments, Blocks and Payload are trees of map[string]any, []any and scalars, whose
	// strings are templates. Blocks (slack only) are shown instead of the text, which remains
	// for notifications. Payload (json only) is the whole body.
	Attachments any `json:"attachments,omitempty" doc:"List of attachments, whose texts are templates"`
	Blocks      any `json:"blocks,omitempty" doc:"List of Slack's blocks, whose texts are templates; kind slack"`
	Payload     any `json:"payload,omitempty" doc:"The whole body, whose texts are templates; kind json"`

	// Style is "text" or "card" (the event in a ready-made attachment); "" = text.
	Style string `json:"style,omitempty" doc:"text, or card: the event in a ready-made attachment"`
	// Mentions is "deny" (nothing may mention anybody) or "template" (the template's own text
	// may, event text never); "" = template.
	Mentions string `json:"mentions,omitempty" doc:"deny: not even the template's own text mentions anybody; or template"`
	// Previews allows (true) or forbids (false) link previews in the chat. nil forbids them
	// where event text contains the link, because strangers choose that text.
	Previews *bool `json:"previews,omitempty" doc:"Whether the chat may show what stands behind an address; absent: not behind one of event text"`
	// MaxLength is the length at which messages are cut, in characters; 0 = [MaxMessageRunes].
	MaxLength int `json:"max_length,omitempty" doc:"Characters after which a message is cut; 3900 when absent" minimum:"100" maximum:"16383"`

	Locale   string `json:"locale,omitempty"`    // "" = the configuration's
	TimeZone string `json:"time_zone,omitempty"` // "" = the configuration's
	// OnUnknown is what to do when an answer was lost: "resend" or "drop"; "" = resend.
	OnUnknown string `json:"on_unknown,omitempty" doc:"resend or drop"`

	// RatePerSecond limits its posts; 0: no limit; nil: by kind.
	RatePerSecond *float64 `json:"rate_per_second,omitempty" doc:"Posts a second at most; 0: no bound; by kind when absent" minimum:"0" maximum:"1000"`
	// Combine joins more than five reminders that fall due in one second into one message.
	Combine bool `json:"combine,omitempty" doc:"Join more than five reminders of one second into one message"`
	// Missed is the treatment of reminders that could not be sent in time: "digest" (one
	// message lists them), "send" (each is sent late) or "drop"; "" = digest.
	Missed string `json:"missed,omitempty" doc:"digest, send or drop"`
	// Quiet are the webhook's quiet hours; nil: none.
	Quiet *Quiet `json:"quiet,omitempty" doc:"Hours without reminders, by its clock: 22:00-07:00 working drop"`
	// Corrections sends a line when an announced event is moved or cancelled before it starts.
	Corrections bool `json:"corrections,omitempty" doc:"Tell in a line when an event that was announced is moved or cancelled"`
}

// Envelope is where a message appears, and under which name. Messages with equal envelopes can
// share a post. In a webhook its texts are templates.
type Envelope struct {
	Channel   string `json:"channel,omitempty" doc:"Channel name, not its display name"`
	Username  string `json:"username,omitempty"`
	IconURL   string `json:"icon_url,omitempty"`
	IconEmoji string `json:"icon_emoji,omitempty"`
	Type      string `json:"type,omitempty" doc:"Must begin custom_"`
}

// SameTarget reports whether another definition posts to the same destination in the same way.
// Then the answer to one applies to the other.
func (w Webhook) SameTarget(o Webhook) bool {
	return w.URL == o.URL && w.Channel == o.Channel && w.Kind == o.Kind && w.Success == o.Success &&
		cmp.Or(w.Encoding, "json") == cmp.Or(o.Encoding, "json")
}

// Cut returns the length at which messages are cut, in characters.
func (w Webhook) Cut() int {
	if w.MaxLength == 0 {
		return MaxMessageRunes
	}
	return w.MaxLength
}

// WithoutVariables returns a template with "x" for each variable. It leaves the template's own
// text, for checks of addresses and names that contain variables.
func WithoutVariables(template string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(template, "%")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		n := strings.IndexFunc(rest, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) })
		if n > 0 && rest[n] == '|' { // modifiers, up to the closing %
			if end := strings.IndexAny(rest, "%\n"); end > n {
				n = end
			}
		}
		if n > 0 && rest[n] == '%' {
			b.WriteByte('x')
			template = rest[n+1:]
			continue
		}
		b.WriteByte('%')
		template = rest
	}
}

// Slug returns the form of a name that is used for comparison and is easy to type: NFC,
// lower-case, with "-" for each run of characters other than letters and digits. A name and its
// slug have the same slug. It is "" when the name has no letter or digit.
func Slug(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFC.String(strings.ToLower(norm.NFC.String(name))) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte('-')
			gap = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
