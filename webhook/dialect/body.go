package dialect

import "calbell"

// incoming is the body of an incoming webhook, with the names that Mattermost and Slack share.
type incoming struct {
	Text        string `json:"text"`
	Channel     string `json:"channel,omitempty"`
	Username    string `json:"username,omitempty"`
	IconURL     string `json:"icon_url,omitempty"`
	IconEmoji   string `json:"icon_emoji,omitempty"`
	Type        string `json:"type,omitempty"`
	Attachments any    `json:"attachments,omitempty"`
	// Slack alone has these.
	Blocks      any   `json:"blocks,omitempty"`
	UnfurlLinks *bool `json:"unfurl_links,omitempty"`
	UnfurlMedia *bool `json:"unfurl_media,omitempty"`
}

// incomingOf returns the body that most chats with incoming webhooks take.
func incomingOf(m calbell.Message) incoming {
	return incoming{
		Text: m.Text, Channel: m.Channel, Username: m.Username, IconURL: m.IconURL,
		IconEmoji: m.IconEmoji, Type: m.Type, Attachments: m.Attachments, Blocks: m.Blocks,
	}
}
