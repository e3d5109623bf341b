package dialect

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"calbell"
)

func TestParseKind(t *testing.T) {
	for name, want := range map[string]calbell.WebhookKind{
		"kchat": calbell.KindKChat, "kChat": calbell.KindKChat, " KCHAT ": calbell.KindKChat,
		"mattermost": calbell.KindKChat, "Mattermost": calbell.KindKChat,
		"slack": calbell.KindSlack, "json": calbell.KindJSON, "JSON": calbell.KindJSON,
	} {
		if got, err := ParseKind(name); got != want || err != nil {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "teams", "kchat2", "k chat", "discord"} {
		if got, err := ParseKind(name); err == nil || got != "" || !strings.Contains(calbell.HintOf(err).English, "kchat, mattermost, slack, json") {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	for _, name := range Kinds() {
		if _, err := ParseKind(name); err != nil {
			t.Error(err)
		}
	}
}

// tower returns n lists, one in the other.
func tower(n int) any {
	var v any = "top"
	for range n {
		v = []any{v}
	}
	return v
}

func TestCheck(t *testing.T) {
	good := calbell.Webhook{Name: "kChat #team", URL: "https://chat.example.org/hooks/abc", WebhookSpec: calbell.WebhookSpec{Kind: "kchat"}}
	jsonHook := calbell.Webhook{Name: "in", URL: "https://example.org/in", WebhookSpec: calbell.WebhookSpec{Kind: "json"}}
	slackHook := calbell.Webhook{Name: "ops", URL: "https://hooks.slack.com/services/a", WebhookSpec: calbell.WebhookSpec{Kind: "slack"}}
	for _, tt := range []struct {
		name   string
		base   calbell.Webhook
		change func(*calbell.Webhook)
		field  string // that is wrong; "" = none
	}{
		{"smallest", good, func(*calbell.Webhook) {}, ""},
		{"everything", good, func(w *calbell.Webhook) {
			w.Encoding, w.Success, w.OnUnknown, w.TimeZone = "form", "2xx", "drop", "Europe/Zurich"
			w.Channel, w.Username, w.IconURL, w.IconEmoji, w.Type = "@anna", "Calbell", "https://example.org/bell.png", ":bell:", "custom_reminder"
			w.Attachments, w.Template = []any{map[string]any{"text": "%subject%", "n": 1, "f": 1.5, "b": true, "z": nil}}, "%subject%"
		}, ""},
		{"the other values", good, func(w *calbell.Webhook) { w.Encoding, w.Success, w.OnUnknown = "json", "ok", "resend" }, ""},

		{"no name", good, func(w *calbell.Webhook) { w.Name = "" }, "name"},
		{"name without letters", good, func(w *calbell.Webhook) { w.Name = "#!" }, "name"},
		{"name beyond ASCII", good, func(w *calbell.Webhook) { w.Name = "東京" }, ""},
		{"long name", good, func(w *calbell.Webhook) { w.Name = strings.Repeat("a", calbell.MaxNameBytes+1) }, "name"},
		{"name of two lines", good, func(w *calbell.Webhook) { w.Name = "a\nb" }, "name"},

		{"no kind", good, func(w *calbell.Webhook) { w.Kind = "" }, ""},
		{"mattermost", good, func(w *calbell.Webhook) { w.Kind = "mattermost" }, ""},
		{"unknown kind", good, func(w *calbell.Webhook) { w.Kind = "teams" }, "kind"},
		{"encoding", good, func(w *calbell.Webhook) { w.Encoding = "xml" }, "encoding"},
		{"success", good, func(w *calbell.Webhook) { w.Success = "200" }, "success"},
		{"on_unknown", good, func(w *calbell.Webhook) { w.OnUnknown = "retry" }, "on_unknown"},
		{"missed", good, func(w *calbell.Webhook) { w.Missed = "later" }, "missed"},
		{"negative rate", good, func(w *calbell.Webhook) { w.RatePerSecond = new(-0.1) }, "rate_per_second"},
		{"rate that is no number", good, func(w *calbell.Webhook) { w.RatePerSecond = new(math.NaN()) }, "rate_per_second"},
		{"too high a rate", good, func(w *calbell.Webhook) { w.RatePerSecond = new(1000.1) }, "rate_per_second"},
		{"highest rate", good, func(w *calbell.Webhook) { w.RatePerSecond = new(1000.0) }, ""},
		{"no bound", good, func(w *calbell.Webhook) { w.RatePerSecond = new(0.0) }, ""},
		{"template", good, func(w *calbell.Webhook) { w.Template = strings.Repeat("a", calbell.MaxTemplateBytes+1) }, "template"},
		{"largest template", good, func(w *calbell.Webhook) { w.Template = strings.Repeat("a", calbell.MaxTemplateBytes) }, ""},

		{"display name for a channel", good, func(w *calbell.Webhook) { w.Channel = "Town Square" }, "channel"},
		{"channel of json", jsonHook, func(w *calbell.Webhook) { w.Channel = "Town Square" }, ""},
		{"channel of two lines", jsonHook, func(w *calbell.Webhook) { w.Channel = "a\nb" }, "channel"},
		{"long channel", good, func(w *calbell.Webhook) { w.Channel = strings.Repeat("a", maxField+1) }, "channel"},
		{"username of two lines", good, func(w *calbell.Webhook) { w.Username = "a\r\nb" }, "username"},
		{"username with a space", good, func(w *calbell.Webhook) { w.Username = "Calbell reminders" }, ""},
		{"icon that is a path", good, func(w *calbell.Webhook) { w.IconURL = "/bell.png" }, "icon_url"},
		{"icon that is a script", good, func(w *calbell.Webhook) { w.IconURL = "javascript:alert(1)" }, "icon_url"},
		{"icon without host", good, func(w *calbell.Webhook) { w.IconURL = "https:///bell.png" }, "icon_url"},
		{"icon by http", good, func(w *calbell.Webhook) { w.IconURL = "http://example.org/bell.png" }, ""},
		{"emoji without colons", good, func(w *calbell.Webhook) { w.IconEmoji = "bell" }, ""},
		{"emoji with a space", good, func(w *calbell.Webhook) { w.IconEmoji = "red bell" }, "icon_emoji"},
		{"type of the chat's own", good, func(w *calbell.Webhook) { w.Type = "system_join" }, "type"},
		{"type that is a prefix", good, func(w *calbell.Webhook) { w.Type = "custom_" }, "type"},
		{"type in capitals", good, func(w *calbell.Webhook) { w.Type = "Custom_a" }, "type"},

		{"attachments that are a map", good, func(w *calbell.Webhook) { w.Attachments = map[string]any{"text": "a"} }, "attachments"},
		{"attachments that are texts", good, func(w *calbell.Webhook) { w.Attachments = []any{"a"} }, "attachments"},
		{"no attachments", good, func(w *calbell.Webhook) { w.Attachments = []any{} }, ""},
		{"attachments of odd things", good, func(w *calbell.Webhook) { w.Attachments = []any{map[string]any{"a": struct{}{}}} }, "attachments"},
		{"deep attachments", good, func(w *calbell.Webhook) { w.Attachments = []any{map[string]any{"a": tower(maxTreeDepth)}} }, "attachments"},
		{"large attachments", good, func(w *calbell.Webhook) { w.Attachments = []any{map[string]any{"a": make([]any, maxTreeNodes)}} }, "attachments"},

		{"payload", jsonHook, func(w *calbell.Webhook) { w.Payload = map[string]any{"a": []any{"%subject%", 1, nil}} }, ""},
		{"payload of kchat", good, func(w *calbell.Webhook) { w.Payload = map[string]any{} }, "payload"},
		{"payload of a guessed kchat", good, func(w *calbell.Webhook) { w.Kind, w.Payload = "", map[string]any{} }, "payload"},
		{"payload of a guessed json", jsonHook, func(w *calbell.Webhook) { w.Kind, w.Payload = "", map[string]any{} }, ""},
		{"payload that is not finite", jsonHook, func(w *calbell.Webhook) { w.Payload = []any{math.NaN()} }, "payload"},
		{"highest payload", jsonHook, func(w *calbell.Webhook) { w.Payload = tower(maxTreeDepth) }, ""},
		{"payload too deep", jsonHook, func(w *calbell.Webhook) { w.Payload = tower(maxTreeDepth + 1) }, "payload"},

		{"card", good, func(w *calbell.Webhook) { w.Style = "card" }, ""},
		{"text of json", jsonHook, func(w *calbell.Webhook) { w.Style = "text" }, ""},
		{"unknown style", good, func(w *calbell.Webhook) { w.Style = "cards" }, "style"},
		{"card of json", jsonHook, func(w *calbell.Webhook) { w.Style = "card" }, "style"},
		{"card and attachments", good, func(w *calbell.Webhook) { w.Style, w.Attachments = "card", []any{} }, "style"},
		{"mentions denied", good, func(w *calbell.Webhook) { w.Mentions = "deny" }, ""},
		{"mentions of the template", good, func(w *calbell.Webhook) { w.Mentions = "template" }, ""},
		{"icon with a variable", good, func(w *calbell.Webhook) { w.IconURL = "https://example.org/%subject|max:9%.png" }, ""},
		{"card and blocks", slackHook, func(w *calbell.Webhook) { w.Style, w.Blocks = "card", []any{map[string]any{"type": "divider"}} }, "style"},
		{"blocks of slack", slackHook, func(w *calbell.Webhook) { w.Blocks = []any{map[string]any{"type": "divider"}} }, ""},
		{"blocks of kchat", good, func(w *calbell.Webhook) { w.Blocks = []any{map[string]any{"type": "divider"}} }, "blocks"},
		{"block without type", slackHook, func(w *calbell.Webhook) { w.Blocks = []any{map[string]any{}} }, "blocks"},
		{"blocks as a map", slackHook, func(w *calbell.Webhook) { w.Blocks = map[string]any{"type": "divider"} }, "blocks"},
		{"too many blocks", slackHook, func(w *calbell.Webhook) { w.Blocks = slices.Repeat([]any{map[string]any{"type": "divider"}}, 50) }, "blocks"},
		{"unknown mentions", good, func(w *calbell.Webhook) { w.Mentions = "allow" }, "mentions"},
		{"previews", good, func(w *calbell.Webhook) { w.Previews = new(true) }, ""},
		{"no previews in slack", slackHook, func(w *calbell.Webhook) { w.Previews = new(false) }, ""},
		{"previews of json", jsonHook, func(w *calbell.Webhook) { w.Previews = new(false) }, "previews"},
		{"mentions of json", jsonHook, func(w *calbell.Webhook) { w.Mentions = "deny" }, "mentions"},
		{"shortest", good, func(w *calbell.Webhook) { w.MaxLength = calbell.MinMaxLength }, ""},
		{"longest", good, func(w *calbell.Webhook) { w.MaxLength = calbell.MaxMaxLength }, ""},
		{"too short", good, func(w *calbell.Webhook) { w.MaxLength = calbell.MinMaxLength - 1 }, "max_length"},
		{"too long", good, func(w *calbell.Webhook) { w.MaxLength = calbell.MaxMaxLength + 1 }, "max_length"},
		{"negative", good, func(w *calbell.Webhook) { w.MaxLength = -1 }, "max_length"},

		{"time zone", good, func(w *calbell.Webhook) { w.TimeZone = "Europe/Zürich" }, "time_zone"},
		{"time zone of the machine", good, func(w *calbell.Webhook) { w.TimeZone = "Local" }, "time_zone"},
		{"time zone by a path", good, func(w *calbell.Webhook) { w.TimeZone = "../../etc/passwd" }, "time_zone"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := tt.base
			tt.change(&w)
			err := Check(w)
			if tt.field == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			var field *FieldError
			if !errors.As(err, &field) || field.Field != tt.field {
				t.Fatalf("got %v, want one about %q", err, tt.field)
			}
			if calbell.HintOf(err).IsZero() || calbell.KindOf(err) != calbell.KindUsage {
				t.Errorf("kind %d, hint %q", calbell.KindOf(err), calbell.HintOf(err))
			}
		})
	}
}

func TestCheckFindsAll(t *testing.T) {
	err := Check(calbell.Webhook{Name: "", WebhookSpec: calbell.WebhookSpec{Kind: "teams", Success: "yes", Envelope: calbell.Envelope{Type: "a"}}})
	var all FieldErrors
	if !errors.As(err, &all) {
		t.Fatalf("got %T", err)
	}
	var fields []string
	for _, e := range all {
		fields = append(fields, e.Field)
	}
	if want := []string{"name", "kind", "success", "type"}; !slices.Equal(fields, want) {
		t.Errorf("got %q, want %q", fields, want)
	}
	if text := err.Error(); strings.Count(text, "; ") != 3 || !strings.Contains(text, `kind: unknown kind "teams"`) {
		t.Errorf("says %q", text)
	}
}

// A definition that passes can be encoded.
func FuzzCheckedCanBeEncoded(f *testing.F) {
	f.Add("kchat", "form", "custom_a", 1.5)
	f.Add("json", "json", "", math.Inf(-1))
	f.Fuzz(func(t *testing.T, kind, encoding, typ string, number float64) {
		w := calbell.Webhook{Name: "a", WebhookSpec: calbell.WebhookSpec{Kind: calbell.WebhookKind(kind), Encoding: encoding, Envelope: calbell.Envelope{Type: typ}}}
		w.Attachments = []any{map[string]any{"n": number}}
		if Check(w) != nil {
			return
		}
		if _, _, err := Encode(w, calbell.Message{Attachments: w.Attachments, Envelope: calbell.Envelope{Type: w.Type}}); err != nil {
			t.Error(err)
		}
	})
}
