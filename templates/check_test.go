package templates

import (
	"strings"
	"testing"

	"calbell"
)

// All that is wrong with a webhook is reported at once. What is wrong in a template is reported with its
// place in it.
func TestFaultsOfAWebhook(t *testing.T) {
	bad := calbell.Webhook{Name: "ops", WebhookSpec: calbell.WebhookSpec{
		Kind: calbell.KindKChat, Template: "one\n  %subjcet%", Missed: "later", Locale: "xx", Attachments: []any{map[string]any{"title": "%locaton%"}},
	}}
	got := map[string]Fault{}
	for _, f := range CheckHook(bad) {
		got[strings.SplitN(f.Field, "[", 2)[0]] = f
	}
	if len(got) != 4 {
		t.Errorf("wrong are %+v", got)
	}
	if f := got["template"]; f.Line != 2 || f.Column != 3 || !strings.Contains(f.What.English, `did you mean "subject"`) {
		t.Errorf("in the template: %+v", f)
	}
	if f := got["attachments"]; !strings.Contains(f.What.English, `did you mean "location"`) {
		t.Errorf("in the attachments: %+v", f)
	}
	for field, hint := range map[string]string{"locale": "one of de", "missed": "digest"} {
		if f := got[field]; f.Line != 0 || !strings.Contains(f.Hint.English, hint) {
			t.Errorf("%s: %+v", field, f)
		}
	}
	bad.Template, bad.Missed, bad.Locale, bad.Attachments = "%subject%", "drop", "fr", nil
	if all := CheckHook(bad); len(all) > 0 {
		t.Errorf("nothing is wrong, and reported are %+v", all)
	}
}
