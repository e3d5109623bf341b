package templates

import (
	"fmt"
	"testing"

	"calbell"
)

// What looks like a variable and is posted as it stands is doubted, and nothing that people write
// on purpose.
func TestDoubts(t *testing.T) {
	t.Parallel()
	const none = "[template: no variable: every reminder is posted with the same words]"
	for template, want := range map[string]string{
		"":                                   "[]",
		"%subject% {{room}}":                 `[template: line 1, column 11: posted as it stands: "{{room}}", did you mean "%location%"?]`,
		"%subject%\n  ${date}":               `[template: line 2, column 3: posted as it stands: "${date}", did you mean "%date%"?]`,
		"%date% é %subject":                  `[template: line 1, column 10: posted as it stands: "%subject", did you mean "%subject%"?]`,
		"%date% %subject|bold":               `[template: line 1, column 8: posted as it stands: "%subject", did you mean "%subject%"?]`,
		"%subject%[[, %location%":            `[template: line 1, column 10: "[[" is never closed by "]]": the brackets are posted as they stand]`,
		"%subject%[[, %location%]] {x} 50%":  "[]",
		"%subject% 100%date, 5%%uid {brace}": "[]",
		"%subject% [[[%location%](%url%)]]":  "[]",
		"[[draft]] %subject%":                "[]",
		"Hello":                              none,
		"{{ .Subject }}":                     `[template: line 1, column 1: posted as it stands: "{{ .Subject }}", did you mean "%subject%"?` + " " + none[1:],
	} {
		if got := fmt.Sprint(Doubts(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Template: template}})); got != want {
			t.Errorf("%q:\n%s, want\n%s", template, got, want)
		}
	}
	tree := calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Template: "Reminder", Attachments: []any{map[string]any{"text": "%subject%", "footer": "{location}"}}}}
	if got := fmt.Sprint(Doubts(tree)); got != `[attachments[0].footer: line 1, column 1: posted as it stands: "{location}", did you mean "%location%"?]` {
		t.Errorf("a tree: %s", got)
	}
	if got := Doubts(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Template: "Reminder", Style: "card"}}); len(got) > 0 {
		t.Errorf("a card shows the event: %v", got)
	}
}
