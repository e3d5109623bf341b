package service

import (
	"testing"

	"calbell"
	"calbell/api/types"
)

// A webhook that is stored keeps its kind while its URL stays; another URL tells it anew.
func TestKindOfAnEditedWebhook(t *testing.T) {
	old := calbell.Webhook{Name: "old", URL: "https://example.org/team/channels/x", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindJSON}}
	for _, tt := range []struct {
		asked types.NewWebhook
		want  calbell.WebhookKind
		field string
	}{
		{types.NewWebhook{Name: "old"}, calbell.KindJSON, ""},
		{types.NewWebhook{Name: "old", WebhookSpec: calbell.WebhookSpec{Kind: "json"}}, calbell.KindJSON, ""},
		{types.NewWebhook{Name: "old", URL: "https://example.org/team/channels/x"}, calbell.KindJSON, ""},
		{types.NewWebhook{Name: "old", URL: "https://chat.example.org/hooks/x"}, calbell.KindKChat, ""},
		{types.NewWebhook{Name: "old", URL: "https://example.org/in"}, "", "kind"},
		{types.NewWebhook{Name: "old", WebhookSpec: calbell.WebhookSpec{Kind: "kchat"}}, "kchat", "url"},
		{types.NewWebhook{Name: "old", URL: "https://app.slack.com/client/T0/C0", WebhookSpec: calbell.WebhookSpec{Kind: "json"}}, "json", "url"},
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
