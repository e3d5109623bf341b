package dialect

import (
	"net/url"
	"slices"
	"strings"

	"calbell"
)

// The kind decides how event text is escaped and which answers count as success. It is derived
// from an address only when that has the known form of an incoming webhook, and never guessed
// otherwise.

// Address holds the parts of a URL by which webhooks and pages are recognised.
type Address struct {
	Host string   // lower-case
	Path []string // the parts of the path
}

// addressOf returns the parts of an address; empty when it cannot be parsed.
func addressOf(text string) Address {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return Address{}
	}
	return Address{strings.ToLower(u.Hostname()), strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' })}
}

// in reports whether the host is one of some domains or a subdomain.
func (a Address) in(domains ...string) bool {
	return slices.ContainsFunc(domains, func(d string) bool { return a.Host == d || strings.HasSuffix(a.Host, "."+d) })
}

// begins reports whether the path begins with one of some parts.
func (a Address) begins(parts ...string) bool {
	return len(a.Path) > 0 && slices.Contains(parts, a.Path[0])
}

// GuessKind returns the kind of webhook that an address belongs to, json for unknown forms. It
// applies to stored definitions without a kind. For new ones use [KindOfURL].
func GuessKind(address string) calbell.WebhookKind {
	if kind := knownForm(addressOf(address)); kind != "" {
		return kind
	}
	return calbell.KindJSON
}

// KindOfURL returns the kind of a webhook: the named one, or else that of its address. It
// returns an error for the field "url" or "kind" when the address is the page of a channel, or
// has no known form. named may be "".
func KindOfURL(named calbell.WebhookKind, address string) (calbell.WebhookKind, error) {
	a := addressOf(address)
	if chat, howTo := channelPage(named, a); !chat.IsZero() {
		return named, problemWith("url", calbell.T("dialect:address-channel", "this is the address of the channel in %s", chat), calbell.T("dialect:make-incoming-webhook", "make an incoming webhook: %s", howTo))
	}
	if named != "" {
		if d := Named(string(named)); d != nil {
			return d.Kind, nil
		}
		return named, nil
	}
	if a.Host == "" {
		return "", nil // the check of the address reports its error
	}
	if kind := knownForm(a); kind != "" {
		return kind, nil
	}
	return named, problemWith("kind", calbell.T("dialect:address-does-not-tell", "the address does not tell the kind of the webhook"),
		calbell.T("dialect:give-kind-kchat-kchat", "give it a kind: kchat (kChat and Mattermost), slack, or json (whatever takes JSON)"))
}

func problemWith(field string, what, hint calbell.Text) error {
	return &calbell.Error{Kind: calbell.KindUsage, What: what, Hint: hint, Fields: []calbell.FieldError{{Name: field, What: what, Hint: hint}}}
}

// knownForm returns the kind whose incoming webhooks have such an address; "" when there is
// none.
func knownForm(a Address) calbell.WebhookKind {
	for _, d := range all {
		if d.Hook != nil && d.Hook(a) {
			return d.Kind
		}
	}
	return ""
}

// channelPage returns the chat whose channel has its page at an address, and how to create an
// incoming webhook there; the zero Text when it is not known to be such a page.
func channelPage(named calbell.WebhookKind, a Address) (chat, howTo calbell.Text) {
	for _, d := range slices.Concat(all, others()) {
		if d.Page != nil && d.Page(a, named) {
			return d.Title, d.HowTo
		}
	}
	return calbell.Text{}, calbell.Text{}
}

// others returns chats of which only the pages are known: people paste their addresses too.
func others() []*Dialect {
	return []*Dialect{
		{
			Title: calbell.Plain("Discord"),
			Page: func(a Address, _ calbell.WebhookKind) bool {
				return a.in("discord.com", "discordapp.com") && a.begins("channels")
			},
			HowTo: calbell.T("dialect:make-in-discord", "in Discord, in the channel’s settings under Integrations, Webhooks; its URL begins with https://discord.com/api/webhooks/"),
		},
		{
			Title: calbell.Plain("Teams"),
			Page: func(a Address, _ calbell.WebhookKind) bool {
				return a.in("teams.microsoft.com", "teams.live.com", "teams.cloud.microsoft")
			},
			HowTo: calbell.T("dialect:make-in-teams", "in Teams, at the channel under Workflows, “Post to a channel when a webhook request is received”; it shows the URL"),
		},
	}
}
