package webhook

import (
	"net/http"
	"slices"
	"strings"

	"calbell"
)

// The next steps after an answer that is no success. Each names the cause that the server gave, or
// else all causes that the status can have with this definition.
const (
	adviceGone      = "the webhook does not exist (any more): make a new one in the chat and change its URL"
	adviceGoneOr    = "the webhook does not exist any more, or nobody is called as its channel says: check channel; if it is right, make a new webhook and change the URL"
	adviceUser      = "nobody in the chat is called as channel says: check channel"
	adviceChannel   = "there is no such channel, or it is archived: write in channel its name as its address shows it, not its display name, or leave channel empty"
	adviceOwn       = "the channel of this webhook is gone: make a new webhook in the chat and change its URL"
	adviceArchived  = "the channel is archived: unarchive it, or choose another one"
	adviceLocked    = "this webhook is locked to its own channel: leave channel empty"
	adviceMember    = "whoever made the webhook must be a member of that private channel"
	adviceForbidden = "the webhook is locked to its own channel, or whoever made it is no member of the private channel: leave channel empty, or have them join"
	adviceRule      = "a rule of the workspace forbids it: ask an admin of the chat"
	adviceNo        = "the chat does not allow it: the webhook may be disabled, or a rule may be against it; ask an admin of the chat"
	adviceGeneral   = "webhooks may not post to the general channel: choose another channel"
	adviceTeam      = "the workspace, or the account that made the webhook, is not active any more: ask an admin of the chat"
	adviceOff       = "incoming webhooks are switched off at this server"
	adviceMessage   = "the server does not understand this message: check the attachments, blocks, payload and type of the webhook; calbell render shows what is posted"
	adviceLong      = "the message is too long for this chat: give the webhook a lower max_length"
	adviceMany      = "the message has more attachments than this chat takes: give the webhook fewer"
	adviceStored    = "the server took the message and could not post it: its log says why"
	adviceTrouble   = "the server has trouble of its own: it is tried again; if that goes on, ask whoever runs it"
	adviceWait      = "too many messages: the server asks to wait"
	adviceSignIn    = "the server asks for a sign-in: check the token in the URL, or copy the URL anew from the chat"
	adviceMethod    = "this address takes no posts: copy the URL of the webhook anew from the chat, and not that of a page"
	adviceRedirect  = "redirects are not followed: use the address that the chat shows"
	adviceProxy     = "a proxy in between asks for a sign-in: write its user and password in delivery.proxy, or ask whoever runs the network"
	adviceBrowser   = "something in between wants to see a browser: have whoever runs the chat let this machine's address through"
	adviceBetween   = "not the chat answered, but something before it: is the chat down, or is the URL wrong?"
	advicePage      = "a web page answered, not the chat: is a sign-in page or a proxy in between, or is the URL that of a page?"
	adviceYes       = "the answer is not a chat's: is a proxy in between, or does this receiver need success: 2xx?"
	adviceLost      = "look in the chat whether the message arrived; if its server is slow, ask whoever runs it"
)

// advise returns the next step after an answer; "" for a success.
func advise(w calbell.Webhook, a answer, v calbell.Verdict) string {
	switch v {
	case calbell.Accepted:
		return ""
	case calbell.Unknown:
		return adviceLost
	case calbell.Outage:
		return adviseOutage(a)
	case calbell.Unrecognised:
		return adviceYes
	}
	if advice := adviseCode(codeOf(a), w.Channel != "", a.status); advice != "" {
		return advice
	}
	return adviseStatus(a, v, w.Channel != "")
}

// adviseOutage returns the next step after an answer that is not the chat's own.
func adviseOutage(a answer) string {
	switch {
	case a.status >= 300 && a.status <= 399:
		return adviceRedirect
	case a.status == http.StatusProxyAuthRequired:
		return adviceProxy
	case a.header.Get("Cf-Mitigated") != "", isPage(a) && strings.Contains(strings.ToLower(wordsOfAnswer(a)), "just a moment"):
		return adviceBrowser
	case a.status <= 299:
		return advicePage
	case a.status == http.StatusUnauthorized:
		return adviceSignIn
	case a.status == http.StatusMethodNotAllowed:
		return adviceMethod
	}
	return adviceBetween
}

// codeOf returns the identifier that a chat gives for its reason, of Mattermost without what all of
// them have; "" when it gives none.
func codeOf(a answer) string {
	for _, r := range reasons(a.body) {
		if id, ok := strings.CutSuffix(r, ".app_error"); ok {
			return strings.TrimPrefix(id, mattermostPrefix)
		}
		for _, word := range wordsOf(r) {
			if hookCode(word) || messageCode(word) {
				return word
			}
		}
	}
	return ""
}

// messageCode reports whether a word is one of Slack's codes that speak of the message.
func messageCode(word string) bool {
	return slices.Contains([]string{
		"invalid_payload", "invalid_blocks", "invalid_attachments", "no_text", "missing_text_or_fallback_or_attachments",
		"too_many_attachments", "msg_too_long", "msg_blocks_too_long",
	}, word)
}

// aboutChannel reports whether a refusal is about the channel that the message names: of an
// identifier that is given for everything, the status tells.
func aboutChannel(code string, status int) bool {
	switch code {
	case "channel", "user", "channel_locked", "permissions", "channel_not_found", "user_not_found", "channel_is_archived",
		"is_archived", "not_in_channel", "posting_to_general_channel_denied":
		return true
	case "general":
		return status == http.StatusNotFound || status == http.StatusForbidden
	}
	return false
}

// adviseCode returns the next step after a reason that a chat gave by an identifier.
func adviseCode(code string, channel bool, status int) string {
	if advice := adviseChannel(code, channel, status); advice != "" {
		return advice
	}
	switch code {
	case "invalid", "no_service", "no_service_id", "no_active_hooks", "invalid_token", "token_revoked", "token_expired", "not_authed", "invalid_auth":
		return adviceGone
	case "action_prohibited", "restricted_action", "access_denied":
		return adviceRule
	case "no_team", "team_disabled", "team_not_found", "account_inactive":
		return adviceTeam
	case "disabled":
		return adviceOff
	case "msg_too_long", "msg_blocks_too_long", "split_props_length":
		return adviceLong
	case "too_many_attachments":
		return adviceMany
	case "api.post.create_webhook_post.creating":
		return adviceStored
	}
	if messageCode(code) {
		return adviceMessage
	}
	return ""
}

// adviseChannel does so for a reason that is about the channel; channel tells whether the message
// names one.
func adviseChannel(code string, channel bool, status int) string {
	switch code {
	case "channel_is_archived", "is_archived":
		return adviceArchived
	case "posting_to_general_channel_denied":
		return adviceGeneral
	case "channel_locked":
		return adviceLocked
	case "permissions", "not_in_channel":
		return adviceMember
	case "user", "user_not_found":
		return whether(channel, adviceUser, adviceOwn)
	case "channel", "channel_not_found":
		return whether(channel, adviceChannel, adviceOwn)
	case "general":
		return adviseGeneral(channel, status)
	}
	return ""
}

// adviseGeneral names all that a recent Mattermost may mean by the one identifier that it gives.
func adviseGeneral(channel bool, status int) string {
	switch status {
	case http.StatusBadRequest:
		return whether(channel, adviceGoneOr, adviceGone)
	case http.StatusForbidden:
		return whether(channel, adviceForbidden, adviceMember)
	case http.StatusNotFound:
		return whether(channel, adviceChannel, adviceOwn)
	case http.StatusNotImplemented:
		return adviceOff
	case http.StatusInternalServerError:
		return adviceStored
	}
	return ""
}

// adviseStatus returns the next step after an answer whose words tell nothing more.
func adviseStatus(a answer, v calbell.Verdict, channel bool) string {
	switch s := a.status; {
	case s == http.StatusRequestEntityTooLarge, v == calbell.MessageRefused && speaksOfLength(a):
		return adviceLong
	case v == calbell.MessageRefused:
		return adviceMessage
	case s == http.StatusTooManyRequests:
		return adviceWait
	case v == calbell.RefusedForNow:
		return adviceTrouble
	case s == http.StatusUnauthorized:
		return adviceSignIn
	case s == http.StatusForbidden:
		return whether(channel, adviceForbidden, adviceNo)
	case s == http.StatusMethodNotAllowed:
		return adviceMethod
	case s == http.StatusNotImplemented:
		return adviceOff
	case s == http.StatusBadRequest && channel:
		return adviceGoneOr
	}
	return adviceGone
}

// whether returns one of two texts.
func whether(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}
