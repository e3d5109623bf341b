package dialect

import (
	"strings"
	"testing"

	"calbell"
)

func TestKindOfURL(t *testing.T) {
	for _, tt := range []struct {
		named calbell.WebhookKind
		url   string
		want  calbell.WebhookKind
		field string // that the error is about; "" = there is none
		says  string // in the error or its hint
	}{
		{"", "https://hooks.slack.com/services/T0/B0/x", calbell.KindSlack, "", ""},
		{"", "https://HOOKS.slack.com/services/T0/B0/x", calbell.KindSlack, "", ""},
		{"", "https://team.kchat.example.org/hooks/abc", calbell.KindKChat, "", ""},
		{"", "https://example.org/mattermost/hooks/abc", calbell.KindKChat, "", ""},
		{"", "http://127.0.0.1:9000/hooks/abc", calbell.KindKChat, "", ""},
		{"mattermost", "https://example.org/x", calbell.KindKChat, "", ""},
		{"slack", "https://example.org/x", calbell.KindSlack, "", ""},
		{"json", "https://example.org/receive", calbell.KindJSON, "", ""},
		{"", "", "", "", ""},

		{"", "https://example.org/receive", "", "kind", "kchat"},
		{"", "https://example.org/x?u=hooks.slack.com", "", "kind", "slack"},
		{"", "https://hooks.slack.com.example.org/services/x", "", "kind", "json"},
		{"", "https://hooks.slack.com/workflows/T0/A0/1/x", "", "kind", ""},
		{"", "https://example.org/hooks/", "", "kind", ""},
		{"", "https://discord.com/api/webhooks/1/x", "", "kind", ""},
		{"", "https://outlook.office.com/webhook/x", "", "kind", ""},
		{"", "https://chat.googleapis.com/v1/spaces/x/messages?key=y", "", "kind", ""},

		{"", "https://team.kchat.example.org/team/channels/town-square", "", "url", "kChat or Mattermost"},
		{"", "https://example.org/team/messages/@anna", "", "url", "Incoming Webhooks"},
		{"", "https://chat.example.org/sub/path/team/pl/abc", "", "url", "Mattermost"},
		{"kchat", "https://chat.example.org/team/channels/off-topic?x=1", "kchat", "url", "Mattermost"},
		{"json", "https://chat.kchat.example.org/team/channels/off-topic", "json", "url", "kChat"},
		{"json", "https://example.org/api/channels/5", calbell.KindJSON, "", ""},
		{"", "https://app.slack.com/client/T0/C0", "", "url", "Slack"},
		{"json", "https://acme.slack.com/archives/C0", "json", "url", "hooks.slack.com"},
		{"", "https://discord.com/channels/1/2", "", "url", "Discord"},
		{"json", "https://ptb.discord.com/channels/1/2", "json", "url", "Discord"},
		{"", "https://teams.microsoft.com/l/channel/19%3Ax/General", "", "url", "Workflows"},
		{"json", "https://teams.cloud.microsoft/v2/", "json", "url", "Teams"},
	} {
		got, err := KindOfURL(tt.named, tt.url)
		var field, text string
		if err != nil {
			field, text = calbell.FieldsOf(err)[0].Name, err.Error()+" "+calbell.HintOf(err).English
		}
		if got != tt.want || field != tt.field || !strings.Contains(text, tt.says) || tt.field != "" && calbell.KindOf(err) != calbell.KindUsage {
			t.Errorf("%q, %s: %q, field %q (%s), want %q, %q with %q", tt.named, tt.url, got, field, text, tt.want, tt.field, tt.says)
		}
		if guessed := GuessKind(tt.url); tt.named == "" && err == nil && tt.url != "" && guessed != got {
			t.Errorf("%s: read as %q without a kind, made as %q", tt.url, guessed, got)
		}
	}
}
