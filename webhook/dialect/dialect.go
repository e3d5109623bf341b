package dialect

import (
	"cmp"
	"slices"
	"strings"

	"calbell"
	"calbell/templates/markup"
)

// Dialect describes what one chat accepts and how it answers. Each chat has one file in this
// package and one entry in [All]; no other code depends on which chat it is.
type Dialect struct {
	Kind    calbell.WebhookKind
	Aliases []string     // other names of the kind in definitions
	Title   calbell.Text // the chat's own name
	// Hook reports whether an address has the form of the chat's incoming webhooks. nil: they
	// have no fixed form, and the kind must be named.
	Hook func(Address) bool
	// Page reports whether an address is that of a channel's page. named is the kind in the
	// definition, or "". nil: no page is known.
	Page func(a Address, named calbell.WebhookKind) bool
	// HowTo says where to create an incoming webhook; zero without Page.
	HowTo calbell.Text

	Markup   markup.Markup
	Previews Previews
	// Takes are the optional fields of a definition that the chat supports.
	Takes Fields
	// PlainKeys are the keys of attachments and blocks whose strings the chat shows without
	// markup, in addition to those that no chat renders.
	PlainKeys []string
	// PlainLinkedTitle is set when the title of an attachment is plain text if it has a link,
	// and markup otherwise.
	PlainLinkedTitle bool

	// Attached limits the attachments of a message, in characters of JSON, for definitions that
	// do not allow texts longer than [calbell.MaxMessageRunes]; 0: no limit.
	Attached int

	// PerSecond is the default limit of posts per second, and Burst that of posts at once after
	// a pause; 0: no limit.
	PerSecond float64
	Burst     int
	// Success is the default rule of success: [SuccessOK] or [Success2xx].
	Success string
	// Body returns the value that is posted as JSON.
	Body func(calbell.Message) any
	// Codes are the error codes with which it refuses messages.
	Codes map[string]Code
}

// Previews is how a chat shows link previews, and how a message can prevent them.
type Previews uint8

// The ways.
const (
	PreviewsUnknown Previews = iota
	PreviewsFirst            // of the first link; none when there is an attachment
	PreviewsAll              // of all links; fields of the message prevent them
)

// Fields are fields of a definition that only some chats support.
type Fields struct {
	Attachments bool
	Card        bool // the ready-made attachment that shows the event
	Blocks      bool
	Payload     bool // the definition replaces the whole body
	Mentions    bool // the syntax of mentions is known, so that they can be prevented
	Channel     bool // channel is a name without spaces
}

// The rules of success.
const (
	SuccessOK  = "ok"  // a 2xx whose body confirms it
	Success2xx = "2xx" // any 2xx except a page
)

// all lists the chats, the most common first.
var all = []*Dialect{kchat, slack, generic}

// All returns the chats, the most common first. The caller may change the list, but not the
// dialects.
func All() []*Dialect { return slices.Clone(all) }

// Of returns the dialect of a definition: that of its kind, or else of its URL. For an unknown
// kind it is that of kind json.
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

// Named returns the dialect of a kind or an alias; nil when there is none.
func Named(name string) *Dialect {
	name = strings.ToLower(strings.TrimSpace(name))
	for _, d := range all {
		if string(d.Kind) == name || slices.Contains(d.Aliases, name) {
			return d
		}
	}
	return nil
}

// Kinds returns the names and aliases of all kinds.
func Kinds() (names []string) {
	for _, d := range all {
		names = append(append(names, string(d.Kind)), d.Aliases...)
	}
	return names
}

// ParseKind returns the kind with a name or an alias. The error is a [*calbell.Error] with a
// hint.
func ParseKind(name string) (calbell.WebhookKind, error) {
	if d := Named(name); d != nil {
		return d.Kind, nil
	}
	return "", fieldProblem(calbell.T("dialect:unknown-kind", "unknown kind %q", name), calbell.T("dialect:one", "one of %s", strings.Join(Kinds(), ", ")))
}

// Rate returns the limit of posts per second to a webhook, and of posts at once after a pause;
// perSecond 0: no limit.
func Rate(w calbell.Webhook) (perSecond float64, burst int) {
	d := Of(w)
	if w.RatePerSecond == nil {
		return d.PerSecond, d.Burst
	}
	return *w.RatePerSecond, max(d.Burst, int(*w.RatePerSecond))
}

// SuccessOf returns the rule of success that applies to a webhook.
func SuccessOf(w calbell.Webhook) string { return cmp.Or(w.Success, Of(w).Success) }
