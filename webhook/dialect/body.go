package dialect

import "calbell"

// incoming is the body of an incoming webhook, with the field names that Mattermost and Slack
// share.
type incoming struct {
	Text string `json:"text"`
	calbell.Envelope
	Attachments any `json:"attachments,omitempty"`
	// Only Slack has these.
	Blocks      any   `json:"blocks,omitempty"`
	UnfurlLinks *bool `json:"unfurl_links,omitempty"`
	UnfurlMedia *bool `json:"unfurl_media,omitempty"`
}

// incomingOf returns the body that most chats with incoming webhooks accept.
func incomingOf(m calbell.Message) incoming {
	return incoming{Text: m.Text, Envelope: m.Envelope, Attachments: m.Attachments, Blocks: m.Blocks}
}
