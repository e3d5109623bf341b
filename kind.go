package calbell

import (
	"net/url"
	"slices"
	"strings"
)

// A kind is what stands between event text of strangers and the chat that shows it, and decides
// which answers are a yes: it is taken from an address only where that has the known form of an
// incoming webhook, and is never guessed otherwise.

// GuessKind returns the kind that the address of a webhook stands for, json when it stands for
// none: the rules by which a definition without a kind is read. Whoever makes one goes by [KindOfURL].
func GuessKind(address string) WebhookKind {
	if kind := knownForm(address); kind != "" {
		return kind
	}
	return KindJSON
}

// KindOfURL returns the kind of a webhook: the one that is named, else the one that its address
// stands for. The error, about the field "url" or "kind", is that the address is the page of a
// channel, or that it stands for no kind. named is a kind, or "" when none is named.
func KindOfURL(named WebhookKind, address string) (WebhookKind, error) {
	if chat, steps := channelPage(named, address); chat != "" {
		return named, fieldProblem("url", "this is the address of the channel in "+chat, "make an incoming webhook: "+steps)
	}
	switch {
	case named == "mattermost":
		return KindKChat, nil
	case named != "":
		return named, nil
	}
	if host, _ := addressParts(address); host == "" {
		return "", nil // what is wrong with the address is said by whoever checks that
	}
	if kind := knownForm(address); kind != "" {
		return kind, nil
	}
	return named, fieldProblem("kind", "the address does not tell the kind of the webhook",
		"give it a kind: kchat (kChat and Mattermost), slack, or json (whatever takes JSON)")
}

func fieldProblem(field, what, hint string) error {
	return &Error{Kind: KindUsage, What: what, Hint: hint, Fields: []FieldError{{Name: field, What: what, Hint: hint}}}
}

// knownForm returns the kind whose incoming webhooks have such addresses; "" when none has.
func knownForm(address string) WebhookKind {
	host, path := addressParts(address)
	switch i := slices.Index(path, "hooks"); {
	case host == "hooks.slack.com" || host == "hooks.slack-gov.com":
		if len(path) > 0 && path[0] == "services" {
			return KindSlack
		}
	case i >= 0 && i+1 < len(path): // chat.example.org/hooks/ID, below a path too
		return KindKChat
	}
	return ""
}

// channelPage returns the chat whose channel a browser shows at an address, and how to make an
// incoming webhook there; "" when it is not known to be such a page. Of addresses that only look like
// one, those of kind json are left alone: they may be a program's own.
func channelPage(named WebhookKind, address string) (chat, steps string) {
	host, path := addressParts(address)
	at := func(names ...string) bool { return len(path) > 0 && slices.Contains(names, path[0]) }
	is := func(domains ...string) bool {
		return slices.ContainsFunc(domains, func(d string) bool { return host == d || strings.HasSuffix(host, "."+d) })
	}
	switch {
	case host == "app.slack.com", is("slack.com") && at("archives", "messages", "client"):
		return "Slack", "in Slack, at api.slack.com/apps, under Incoming Webhooks; its URL begins with https://hooks.slack.com/services/"
	case is("discord.com", "discordapp.com") && at("channels"):
		return "Discord", "in Discord, in the channel’s settings under Integrations, Webhooks; its URL begins with https://discord.com/api/webhooks/"
	case is("teams.microsoft.com", "teams.live.com", "teams.cloud.microsoft"):
		return "Teams", "in Teams, at the channel under Workflows, “Post to a channel when a webhook request is received”; it shows the URL"
	case named != KindJSON && looksLikeMattermost(path), strings.Contains(host, "kchat") && looksLikeMattermost(path):
		return "kChat or Mattermost", "in the chat’s menu under Integrations, Incoming Webhooks; its URL ends with /hooks/ and letters"
	}
	return "", ""
}

// looksLikeMattermost reports whether a path ends as those of Mattermost's pages do: the team, what
// is shown, and its name.
func looksLikeMattermost(path []string) bool {
	n := len(path)
	return n >= 3 && slices.Contains([]string{"channels", "messages", "pl", "threads"}, path[n-2]) && !slices.Contains(path, "hooks")
}

// addressParts returns the host of an address in small letters, and the parts of its path.
func addressParts(address string) (host string, path []string) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return "", nil
	}
	path = strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' })
	return strings.ToLower(u.Hostname()), path
}
