package service

import (
	"testing"

	"calbell"
)

// A webhook that is stored keeps its kind while its URL stays; another URL tells it anew.
func TestKindOfAnEditedWebhook(t *testing.T) {
	old := calbell.Webhook{Name: "old", URL: "https://example.org/team/channels/x", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindJSON}}
	for _, tt := range []struct {
		asked calbell.NewWebhook
		want  calbell.WebhookKind
		field string
	}{
		{calbell.NewWebhook{Name: "old"}, calbell.KindJSON, ""},
		{calbell.NewWebhook{Name: "old", WebhookSpec: calbell.WebhookSpec{Kind: "json"}}, calbell.KindJSON, ""},
		{calbell.NewWebhook{Name: "old", URL: "https://example.org/team/channels/x"}, calbell.KindJSON, ""},
		{calbell.NewWebhook{Name: "old", URL: "https://chat.example.org/hooks/x"}, calbell.KindKChat, ""},
		{calbell.NewWebhook{Name: "old", URL: "https://example.org/in"}, "", "kind"},
		{calbell.NewWebhook{Name: "old", WebhookSpec: calbell.WebhookSpec{Kind: "kchat"}}, "kchat", "url"},
		{calbell.NewWebhook{Name: "old", URL: "https://app.slack.com/client/T0/C0", WebhookSpec: calbell.WebhookSpec{Kind: "json"}}, "json", "url"},
	} {
		w, err := newWebhook(old, tt.asked)
		field := ""
		if fields := calbell.FieldsOf(err); len(fields) > 0 {
			field = fields[0].Name
		}
		if w.Kind != tt.want || field != tt.field {
			t.Errorf("%+v: kind %q, error %v, want %q, error of %q", tt.asked, w.Kind, err, tt.want, tt.field)
		}
	}
}
