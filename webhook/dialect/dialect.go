package dialect

import (
	"cmp"
	"slices"
	"strings"

	"calbell"
	"calbell/templates/markup"
)

// Dialect is what one chat takes and how it answers. A chat is one file of this package and one
// line in [All]; nothing else asks which chat it is.
type Dialect struct {
	Kind    calbell.WebhookKind
	Aliases []string     // further names of the kind that definitions may give
	Title   calbell.Text // the chat's own name
	// Hook reports whether an address has the form of the chat's incoming webhooks; nil: they have
	// none, and the kind must be named.
	Hook func(Address) bool
	// Page reports whether an address is that of a channel in a browser. named is the kind that the
	// definition gives, "" when it gives none. nil: no page is known.
	Page func(a Address, named calbell.WebhookKind) bool
	// HowTo says where to make an incoming webhook; zero without Page.
	HowTo calbell.Text

	Markup   markup.Markup
	Previews Previews
	// Takes are the fields of a definition that the chat understands, beside those that all do.
	Takes Fields
	// PlainKeys are the keys of attachments and blocks whose strings the chat shows as they are,
	// beside those that no chat renders.
	PlainKeys []string
	// PlainLinkedTitle: the title of an attachment is shown as it is where it has a link, and is read
	// as text in the markup where it has none.
	PlainLinkedTitle bool

	// Attached is how many characters of JSON the attachments of a message may have, where a
	// definition does not allow longer texts than [calbell.MaxMessageRunes]; 0: no bound.
	Attached int

	// PerSecond is how many posts it takes by default, and Burst how many at once after a pause;
	// 0: no bound.
	PerSecond float64
	Burst     int
	// Success is the default rule of success: [SuccessOK] or [Success2xx].
	Success string
	// Body returns what is posted as JSON.
	Body func(calbell.Message) any
	// Codes are the identifiers that it gives for refusals.
	Codes map[string]Code
}

// Previews tells which addresses of a message the chat shows previews of, and how it is asked not to.
type Previews uint8

// The ways.
const (
	PreviewsUnknown Previews = iota
	PreviewsFirst            // of the first address; none beside an attachment
	PreviewsAll              // of all addresses; the message has fields against it
)

// Fields are fields of a definition that not every chat takes.
type Fields struct {
	Attachments bool
	Card        bool // the ready-made attachment that shows the event
	Blocks      bool
	Payload     bool // the whole body is the definition's
	Mentions    bool // what mentions people is known, so that it can be kept from it
	Channel     bool // channel is a name without spaces
}

// The rules of success.
const (
	SuccessOK  = "ok"  // a 2xx whose body says yes
	Success2xx = "2xx" // any 2xx but a page
)

// all are the chats, the most common first.
var all = []*Dialect{kchat, slack, generic}

// All returns the chats, the most common first. The list is the caller's own; the dialects are not.
func All() []*Dialect { return slices.Clone(all) }

// Of returns the dialect of a definition: of the kind that it gives, else of the one that its URL
// stands for. Of a kind that does not exist it is that of kind json.
func Of(w calbell.Webhook) *Dialect {
	kind := w.Kind
	if kind == "" {
		kind = GuessKind(w.URL.Reveal())
	}
	if d := Named(string(kind)); d != nil {
		return d
	}
	return Named(string(calbell.KindJSON))
}

// Named returns the dialect of a kind, or of another name of one; nil when there is none.
func Named(name string) *Dialect {
	name = strings.ToLower(strings.TrimSpace(name))
	for _, d := range all {
		if string(d.Kind) == name || slices.Contains(d.Aliases, name) {
			return d
		}
	}
	return nil
}

// Kinds returns the names of kinds that a definition may give.
func Kinds() (names []string) {
	for _, d := range all {
		names = append(append(names, string(d.Kind)), d.Aliases...)
	}
	return names
}

// ParseKind returns the kind of a name, which may be an alias. The error is a [*calbell.Error] with
// a hint.
func ParseKind(name string) (calbell.WebhookKind, error) {
	if d := Named(name); d != nil {
		return d.Kind, nil
	}
	return "", fieldProblem(calbell.T("dialect:unknown-kind", "unknown kind %q", name), calbell.T("dialect:one", "one of %s", strings.Join(Kinds(), ", ")))
}

// Rate returns how many posts a second a webhook is sent and how many at once after a pause;
// perSecond 0: no bound.
func Rate(w calbell.Webhook) (perSecond float64, burst int) {
	d := Of(w)
	if w.RatePerSecond == nil {
		return d.PerSecond, d.Burst
	}
	return *w.RatePerSecond, max(d.Burst, int(*w.RatePerSecond))
}

// SuccessOf returns the rule of success that applies to a webhook.
func SuccessOf(w calbell.Webhook) string { return cmp.Or(w.Success, Of(w).Success) }
