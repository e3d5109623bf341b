package dialect

import (
	"calbell"
	"calbell/templates/markup"
)

// slack is Slack.
//
//   - webhooks and their errors: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
//   - rate: one a second, short bursts above it (https://docs.slack.dev/apis/web-api/rate-limits)
var slack = &Dialect{
	Kind: calbell.KindSlack, Title: calbell.Plain("Slack"),
	Hook: func(a Address) bool {
		return (a.Host == "hooks.slack.com" || a.Host == "hooks.slack-gov.com") && a.begins("services")
	},
	Page: func(a Address, _ calbell.WebhookKind) bool {
		return a.Host == "app.slack.com" || a.in("slack.com") && a.begins("archives", "messages", "client")
	},
	HowTo:  calbell.T("dialect:make-in-slack", "in Slack, at api.slack.com/apps, under Incoming Webhooks; its URL begins with https://hooks.slack.com/services/"),
	Markup: markup.Mrkdwn, Previews: PreviewsAll,
	Takes: Fields{Attachments: true, Card: true, Blocks: true, Mentions: true, Channel: true},
	// Texts for screen readers, and the names beside a video.
	PlainKeys: []string{"alt_text", "accessibility_label", "provider_name"},
	PerSecond: 1, Burst: 5,
	Success: SuccessOK,
	Body:    slackBody,
	Codes:   slackCodes(),
}

func slackBody(m calbell.Message) any {
	body := incomingOf(m)
	if m.NoPreviews {
		body.UnfurlLinks, body.UnfurlMedia = new(false), new(false)
	}
	return body
}

// slackCodes returns Slack's error codes, and those of its API that other servers repeat.
func slackCodes() map[string]Code {
	codes := map[string]Code{
		"channel_not_found":                 {About: AboutChannel, Advice: adviceChannel, Own: adviceOwn},
		"user_not_found":                    {About: AboutChannel, Advice: adviceUser, Own: adviceOwn},
		"channel_is_archived":               {About: AboutChannel, Advice: adviceArchived},
		"is_archived":                       {About: AboutChannel, Advice: adviceArchived},
		"not_in_channel":                    {About: AboutChannel, Advice: adviceMember},
		"posting_to_general_channel_denied": {About: AboutChannel, Advice: adviceGeneral},
		"msg_too_long":                      {Advice: AdviceLong},
		"msg_blocks_too_long":               {Advice: AdviceLong},
		"too_many_attachments":              {Advice: adviceMany},
	}
	add := func(c Code, words ...string) {
		for _, w := range words {
			codes[w] = c
		}
	}
	add(Code{About: AboutWebhook, Advice: AdviceGone}, "no_service", "no_service_id", "no_active_hooks", "invalid_token", "token_revoked",
		"token_expired", "not_authed", "invalid_auth")
	add(Code{About: AboutWebhook, Advice: adviceRule}, "action_prohibited", "restricted_action", "access_denied")
	add(Code{About: AboutWebhook, Advice: adviceTeam}, "no_team", "team_disabled", "team_not_found", "account_inactive")
	add(Code{Advice: AdviceMessage}, "invalid_payload", "invalid_blocks", "invalid_attachments", "no_text", "missing_text_or_fallback_or_attachments")
	return codes
}
