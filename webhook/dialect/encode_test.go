package dialect

import (
	"encoding/json"
	"math"
	"net/url"
	"strings"
	"testing"

	"calbell"
)

func TestEncode(t *testing.T) {
	card := []any{map[string]any{"fallback": "Stand-up", "color": "#0098ff", "fields": []any{map[string]any{"short": true, "value": 15}}}}
	full := calbell.Message{
		ID:          "0123",
		Text:        "Stand-up",
		Attachments: card,
		Payload:     map[string]any{"ignored": "outside json"},
		Envelope:    calbell.Envelope{Channel: "town-square", Username: "Calbell", IconURL: "https://example.org/bell.png", IconEmoji: ":bell:", Type: "custom_reminder"},
	}
	const fullJSON = `{"text":"Stand-up","channel":"town-square","username":"Calbell","icon_url":"https://example.org/bell.png",` +
		`"icon_emoji":":bell:","type":"custom_reminder","attachments":[{"color":"#0098ff","fallback":"Stand-up","fields":[{"short":true,"value":15}]}]}`
	for _, tt := range []struct {
		name string
		hook calbell.Webhook
		msg  calbell.Message
		want string
	}{
		{"text alone", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: "kchat"}}, calbell.Message{Text: "Stand-up"}, `{"text":"Stand-up"}`},
		{"empty text is still a field", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: "kchat"}}, calbell.Message{}, `{"text":""}`},
		{"everything, kchat", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: "kchat"}}, full, fullJSON},
		{"everything, mattermost", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: "mattermost"}}, full, fullJSON},
		{"everything, slack", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: "slack"}}, full, fullJSON},
		{"blocks", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: "slack"}}, calbell.Message{Text: "a", Blocks: []any{map[string]any{"type": "divider"}}}, `{"text":"a","blocks":[{"type":"divider"}]}`},
		{"no previews in slack", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: "slack"}}, calbell.Message{Text: "a", NoPreviews: true}, `{"text":"a","unfurl_links":false,"unfurl_media":false}`},
		{"no previews in kchat", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: "kchat"}}, calbell.Message{Text: "a", Attachments: []any{}, NoPreviews: true}, `{"text":"a","attachments":[]}`},
		{"no escapes for HTML", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: "slack"}}, calbell.Message{Text: "a &amp; <https://example.org|b>"}, `{"text":"a &amp; <https://example.org|b>"}`},
		{"lines and quotes", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: "kchat"}}, calbell.Message{Text: "a\n\"b\"\\\t"}, `{"text":"a\n\"b\"\\\t"}`},
		{"beyond ASCII", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: "kchat"}}, calbell.Message{Text: "Zürich 🔔 東京"}, `{"text":"Zürich 🔔 東京"}`},
		{"not UTF-8", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: "kchat"}}, calbell.Message{Text: "a\xff"}, `{"text":"a\ufffd"}`},
		{"json without payload", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: "json"}}, calbell.Message{Text: "a", Envelope: calbell.Envelope{Channel: "b"}}, `{"text":"a","channel":"b"}`},
		{"json with payload", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: "json"}}, calbell.Message{Text: "a", Payload: map[string]any{"b": []any{1, "c", nil, false}}}, `{"b":[1,"c",null,false]}`},
		{"json payload that is a text", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: "json"}}, calbell.Message{Payload: "plain"}, `"plain"`},
		{"kind by URL", calbell.Webhook{URL: "https://example.org/in"}, calbell.Message{Payload: []any{}}, `[]`},
		{"kind by URL, kchat", calbell.Webhook{URL: "https://example.org/hooks/a"}, calbell.Message{Payload: []any{}}, `{"text":""}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body, contentType, err := Encode(tt.hook, tt.msg)
			if err != nil || contentType != "application/json" {
				t.Fatalf("content type %q, error %v", contentType, err)
			}
			if string(body) != tt.want {
				t.Errorf("got  %s\nwant %s", body, tt.want)
			}
			tt.hook.Encoding = "form"
			form, contentType, err := Encode(tt.hook, tt.msg)
			if err != nil || contentType != "application/x-www-form-urlencoded" {
				t.Fatalf("form: content type %q, error %v", contentType, err)
			}
			values, err := url.ParseQuery(string(form))
			if err != nil || len(values) != 1 || values.Get("payload") != tt.want {
				t.Errorf("form %s: %v, %v", form, values, err)
			}
		})
	}
}

func TestEncodeRefusesWhatJSONCannotHold(t *testing.T) {
	for _, bad := range []any{math.NaN(), math.Inf(1), make(chan int), func() {}, map[string]any{"a": complex(1, 1)}} {
		_, _, err := Encode(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: "json"}}, calbell.Message{Payload: bad})
		if err == nil || !strings.HasPrefix(err.Error(), "encode message: ") {
			t.Errorf("%T: %v", bad, err)
		}
	}
}

// Whatever the texts hold, a receiver reads back what was meant, from either encoding.
func FuzzEncode(f *testing.F) {
	f.Add("Stand-up", "town-square")
	f.Add("a+b&payload=c%20\x00", "\u2028<!channel>")
	f.Fuzz(func(t *testing.T, text, channel string) {
		text, channel = strings.ToValidUTF8(text, "?"), strings.ToValidUTF8(channel, "?")
		for _, encoding := range []string{"json", "form"} {
			body, _, err := Encode(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: "kchat", Encoding: encoding}}, calbell.Message{Text: text, Envelope: calbell.Envelope{Channel: channel}})
			if err != nil {
				t.Fatal(err)
			}
			if encoding == "form" {
				values, err := url.ParseQuery(string(body))
				if err != nil {
					t.Fatal(err)
				}
				body = []byte(values.Get("payload"))
			}
			var got incoming
			if err := json.Unmarshal(body, &got); err != nil || got.Text != text || got.Channel != channel {
				t.Errorf("%s: %q %q became %q %q, %v", encoding, text, channel, got.Text, got.Channel, err)
			}
		}
	})
}
