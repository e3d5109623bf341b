package templates

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"calbell"
)

// However long the texts of an event are, its attachments stay below what a chat refuses; a webhook
// whose max_length says that its server takes more gets all of it.
func TestAttachmentsFit(t *testing.T) {
	const most = 7600 // of Mattermost 5.37
	many := []any{
		map[string]any{
			"title": "%subject%", "text": "%subject% | %description%", "footer": "%location%",
			"fields": []any{map[string]any{"title": "%location%", "value": "> %subject%", "short": true}},
		},
		map[string]any{"text": "%description%", "author_name": "%location%"},
	}
	for _, unit := range []string{"long ", "<b> & ", "*_~ ", "😀", "https://example.org/a?b=c&d=e ", "é\u0301"} {
		text := strings.Repeat(unit, 12_000/len(unit))
		for name, spec := range map[string]calbell.WebhookSpec{
			"card":        {Style: "card"},
			"attachments": {Attachments: many},
		} {
			render := func(limit int) string {
				spec.Kind, spec.MaxLength = calbell.KindKChat, limit
				h, errs := CompileHookLenient(calbell.Webhook{WebhookSpec: spec})
				if errs != nil {
					t.Fatal(errs)
				}
				m := h.Render(faqData(text, text, text))
				body, err := json.Marshal(m.Attachments)
				if err != nil {
					t.Fatal(err)
				}
				return string(body)
			}
			if n := utf8.RuneCountInString(render(0)); n > most-400 || n < most/4 {
				t.Errorf("%s of %q: %d characters", name, unit, n)
			}
			if n := utf8.RuneCountInString(render(calbell.MaxMaxLength)); n <= most {
				t.Errorf("%s of %q: %d characters where more is allowed", name, unit, n)
			}
		}
	}
}
