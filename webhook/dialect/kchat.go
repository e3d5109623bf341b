package dialect

import (
	"net/http"
	"slices"
	"strings"

	"calbell"
	"calbell/templates/markup"
)

// kchat is Infomaniak's kChat, which is Mattermost.
//
//   - webhooks: https://developers.mattermost.com/integrate/webhooks/incoming/
//   - rate: by default a server takes 10 a second with bursts of 100 (RateLimitSettings of its
//     configuration)
var kchat = &Dialect{
	Kind: calbell.KindKChat, Aliases: []string{"mattermost"}, Title: calbell.T("dialect:kchat-or-mattermost", "kChat or Mattermost"),
	Hook:   isMattermostHook,
	Page:   isMattermostPage,
	HowTo:  calbell.T("dialect:make-in-kchat", "in the chat’s menu under Integrations, Incoming Webhooks; its URL ends with /hooks/ and letters"),
	Markup: markup.Markdown, Previews: PreviewsFirst,
	Takes: Fields{Attachments: true, Card: true, Mentions: true, Channel: true},
	// The footer is not in the list: it is Markdown with mentions.
	PlainKeys: []string{"author_name", "fallback", FieldTitle}, PlainLinkedTitle: true,
	Attached:  maxProps - propsBeside,
	PerSecond: 10, Burst: 100,
	Success: SuccessOK,
	Body:    func(m calbell.Message) any { return incomingOf(m) },
	Codes:   mattermostCodes(),
}

// Mattermost before 6.0 rejects a post whose properties exceed maxProps characters of JSON, or
// cuts the text of its attachment (POST_PROPS_MAX_USER_RUNES; seen with 5.37). The properties
// also contain name, icon and what the server adds.
const maxProps, propsBeside = 7600, 800

// FieldTitle stands in [Dialect.PlainKeys] for the title of a field, as opposed to that of an
// attachment.
const FieldTitle = "field title"

// isMattermostHook reports whether an address has the form https://chat.example.org/hooks/ID,
// possibly below a path.
func isMattermostHook(a Address) bool {
	i := slices.Index(a.Path, "hooks")
	return i >= 0 && i+1 < len(a.Path)
}

// isMattermostPage reports whether a path ends like those of Mattermost's pages: team, kind of page,
// and name. For kind json it reports only pages of kChat: other addresses that look like a page may
// be a program's own.
func isMattermostPage(a Address, named calbell.WebhookKind) bool {
	n := len(a.Path)
	looks := n >= 3 && slices.Contains([]string{"channels", "messages", "pl", "threads"}, a.Path[n-2]) && !slices.Contains(a.Path, "hooks")
	return looks && (named != calbell.KindJSON || strings.Contains(a.Host, "kchat"))
}

// mattermostCodes returns the identifiers of Mattermost's webhook errors, which are the same in
// every language. Recent servers send "general" for every failure after the body was read,
// usually a deleted webhook. The message is hardly ever the cause: it has a text, is valid and
// is cut to length.
func mattermostCodes() map[string]Code {
	const prefix, suffix = "web.incoming_webhook.", ".app_error"
	return map[string]Code{
		prefix + "invalid" + suffix:  {About: AboutWebhook, Advice: AdviceGone},
		prefix + "disabled" + suffix: {About: AboutWebhook, Advice: AdviceOff},
		prefix + "channel" + suffix:  {About: AboutChannel, Advice: adviceChannel, Own: adviceOwn},
		prefix + "user" + suffix:     {About: AboutChannel, Advice: adviceUser, Own: adviceOwn},

		prefix + "channel_locked" + suffix:     {About: AboutChannel, Advice: adviceLocked},
		prefix + "permissions" + suffix:        {About: AboutChannel, Advice: adviceMember},
		prefix + "split_props_length" + suffix: {Advice: AdviceLong},
		prefix + "general" + suffix: {About: AboutWebhook, ByStatus: map[int]Code{
			http.StatusBadRequest:          {About: AboutWebhook, Advice: AdviceGoneOr, Own: AdviceGone},
			http.StatusForbidden:           {About: AboutChannel, Advice: AdviceForbidden, Own: adviceMember},
			http.StatusNotFound:            {About: AboutChannel, Advice: adviceChannel, Own: adviceOwn},
			http.StatusNotImplemented:      {About: AboutWebhook, Advice: AdviceOff},
			http.StatusInternalServerError: {About: AboutWebhook, Advice: adviceStored},
		}},
		"api.post.create_webhook_post.creating" + suffix: {Advice: adviceStored},
	}
}
