package calbell

import (
	"cmp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// WebhookID names a webhook for ever: its slug when it was made. A rename keeps it,
// and with it the bindings and the reminders' IDs.
type WebhookID string

// unusable begins the ID that stands for a webhook which is not there for who wants to send to
// it: it is gone, or another's and not shared (any more). No webhook's ID holds a colon.
const unusable = "unusable:"

// Unusable is the ID in the place of one that may not be sent to: what goes there ends dead,
// for people to see, and reaches nobody.
func (id WebhookID) Unusable() WebhookID { return unusable + id }

// Wanted is the webhook that was meant where it may not be sent to; ok is false when id is of
// one that may.
func (id WebhookID) Wanted() (meant WebhookID, ok bool) {
	rest, ok := strings.CutPrefix(string(id), unusable)
	return WebhookID(rest), ok
}

// WebhookKind names the chat whose dialect a webhook speaks; package webhook/dialect knows them.
type WebhookKind string

// The kinds.
const (
	KindKChat WebhookKind = "kchat" // Infomaniak kChat, which is Mattermost
	KindSlack WebhookKind = "slack"
	KindJSON  WebhookKind = "json" // any receiver of a JSON body
)

// Origin says where a definition lives, and so who can change it.
type Origin string

// The origins.
const (
	OriginFile   Origin = "file"   // the configuration file; read-only elsewhere
	OriginStored Origin = "stored" // made by command, API or page
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

// WebhookSpec is what people define of a webhook beside its name, address and owner, in the
// configuration file, by the API and on the page. A field that is added here is stored, asked for and
// answered; the tests of the specification carry each one all the way.
type WebhookSpec struct {
	Share bool        `json:"share,omitempty" doc:"Others may use it, without seeing its URL"`
	Kind  WebhookKind `json:"kind,omitempty" doc:"kchat (= mattermost), slack or json; needed where the URL does not tell it"`
	// Encoding is "json" or "form" (the body is payload=<json>); "" = json.
	Encoding string `json:"encoding,omitempty" doc:"json or form"`
	// Success is "ok" (a 2xx whose body says ok) or "2xx"; "" = by kind: ok for kchat
	// and slack, 2xx for json.
	Success string `json:"success,omitempty" doc:"ok or 2xx"`

	// Template is the text of the message; "" = the default template.
	Template string `json:"template,omitempty" doc:"Message text with %variables%" maxLength:"65536"`
	Envelope
	// Attachments, Blocks and Payload are trees of map[string]any, []any and scalars, whose
	// string leaves are templates. Blocks (slack only) are shown in the place of the text,
	// which remains for notifications. Payload (json only) is the whole body.
	Attachments any `json:"attachments,omitempty" doc:"List of attachments, whose texts are templates"`
	Blocks      any `json:"blocks,omitempty" doc:"List of Slack's blocks, whose texts are templates; kind slack"`
	Payload     any `json:"payload,omitempty" doc:"The whole body, whose texts are templates; kind json"`

	// Style is "text" or "card" (the event in a ready-made attachment too); "" = text.
	Style string `json:"style,omitempty" doc:"text, or card: the event in a ready-made attachment"`
	// Mentions is "deny" (not even the template's own text may mention anybody) or
	// "template" (only it may, event text never); "" = template.
	Mentions string `json:"mentions,omitempty" doc:"deny: not even the template's own text mentions anybody; or template"`
	// Previews allows the chat to show what stands behind an address (true) or forbids it
	// (false); nil: forbidden where event text has the address, which strangers choose.
	Previews *bool `json:"previews,omitempty" doc:"Whether the chat may show what stands behind an address; absent: not behind one of event text"`
	// MaxLength is where messages are cut, in characters; 0 = [MaxMessageRunes].
	MaxLength int `json:"max_length,omitempty" doc:"Characters after which a message is cut; 3900 when absent" minimum:"100" maximum:"16383"`

	Locale   string `json:"locale,omitempty"`    // "" = the configuration's
	TimeZone string `json:"time_zone,omitempty"` // "" = the configuration's
	// OnUnknown is "resend" or "drop": what to do when an answer was lost; "" = resend.
	OnUnknown string `json:"on_unknown,omitempty" doc:"resend or drop"`

	// RatePerSecond limits its posts; 0: no limit; nil: by kind.
	RatePerSecond *float64 `json:"rate_per_second,omitempty" doc:"Posts a second at most; 0: no bound; by kind when absent" minimum:"0" maximum:"1000"`
	// Combine joins more than five reminders that fall due in one second into one message.
	Combine bool `json:"combine,omitempty" doc:"Join more than five reminders of one second into one message"`
	// Missed says what becomes of reminders that nobody could send in time: "digest" (one
	// message lists them), "send" (each is sent all the same) or "drop"; "" = digest.
	Missed string `json:"missed,omitempty" doc:"digest, send or drop"`
	// Quiet are hours in which it gets no reminders; nil: none.
	Quiet *Quiet `json:"quiet,omitempty" doc:"Hours without reminders, by its clock: 22:00-07:00 working drop"`
	// Corrections tells in one line when an event that was announced moves or is cancelled
	// before it starts.
	Corrections bool `json:"corrections,omitempty" doc:"Tell in a line when an event that was announced is moved or cancelled"`
}

// Envelope is where a message appears, and as whom. Two messages with one envelope can share a post.
// In a webhook its texts are templates.
type Envelope struct {
	Channel   string `json:"channel,omitempty" doc:"Channel name, not its display name"`
	Username  string `json:"username,omitempty"`
	IconURL   string `json:"icon_url,omitempty"`
	IconEmoji string `json:"icon_emoji,omitempty"`
	Type      string `json:"type,omitempty" doc:"Must begin custom_"`
}

// SameTarget reports whether another definition posts to the same place in the same way, so that what
// one was answered is true of the other too.
func (w Webhook) SameTarget(o Webhook) bool {
	return w.URL == o.URL && w.Channel == o.Channel && w.Kind == o.Kind && w.Success == o.Success &&
		cmp.Or(w.Encoding, "json") == cmp.Or(o.Encoding, "json")
}

// Cut returns where its messages are cut, in characters.
func (w Webhook) Cut() int {
	if w.MaxLength == 0 {
		return MaxMessageRunes
	}
	return w.MaxLength
}

// WithoutVariables is a template with an "x" in the place of each variable: what its own
// text looks like, for checks of addresses and names that hold variables.
func WithoutVariables(template string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(template, "%")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		n := strings.IndexFunc(rest, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) })
		if n > 0 && rest[n] == '|' { // modifiers, up to the closing sign
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

// Slug returns the form in which names are compared and which can be typed anywhere:
// NFC, lower-case, runs of anything but letters and digits become one "-". A name
// and its slug have the same slug. It is "" when the name has no letter or digit.
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
