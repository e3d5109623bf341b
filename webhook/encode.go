package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"

	"calbell"
)

// The encodings of a body.
const (
	encodingJSON = "json"
	encodingForm = "form" // payload=<json>, as the first incoming webhooks took it
)

// wire is the body of an incoming webhook, with the names that Mattermost and Slack share.
type wire struct {
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

// Encode returns the body of the POST and its Content-Type. The same message gives the
// same bytes. It fails only when a tree holds something that JSON cannot (NaN, a cycle).
func Encode(w calbell.Webhook, m calbell.Message) (body []byte, contentType string, err error) {
	fields := wire{
		Text: m.Text, Channel: m.Channel, Username: m.Username, IconURL: m.IconURL,
		IconEmoji: m.IconEmoji, Type: m.Type, Attachments: m.Attachments,
		Blocks: m.Blocks,
	}
	if kindOf(w) == calbell.KindSlack && m.NoPreviews {
		fields.UnfurlLinks, fields.UnfurlMedia = new(false), new(false)
	}
	var v any = fields
	if kindOf(w) == calbell.KindJSON && m.Payload != nil {
		v = m.Payload
	}
	body, err = marshal(v)
	if err != nil {
		return nil, "", fmt.Errorf("encode message: %w", err)
	}
	if w.Encoding == encodingForm {
		return []byte("payload=" + url.QueryEscape(string(body))), "application/x-www-form-urlencoded", nil
	}
	return body, "application/json", nil
}

// marshal writes JSON with & < > as they are: Slack's escapes would double in length,
// and nobody reads this as HTML.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// kindOf returns the kind whose rules apply: the one that is set, or that the URL tells.
func kindOf(w calbell.Webhook) calbell.WebhookKind {
	if w.Kind == "" {
		return calbell.GuessKind(w.URL.Reveal())
	}
	if k, err := ParseKind(string(w.Kind)); err == nil {
		return k
	}
	return calbell.KindJSON
}
