package templates

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"calbell"
)

// stops is the attachment that keeps Mattermost from showing previews.
func stops(footer string) any {
	return []any{map[string]any{"color": cardColor, "footer": footer}}
}

// Strangers do not choose what the chat shows beside a message: where event text has the
// address that would be looked at, previews are off, unless the webhook says otherwise.
func TestPreviews(t *testing.T) {
	const picture = "see https://evil.example/x.png"
	for _, c := range []struct {
		name, template, notes string
		kchat, slack          bool // previews are off
	}{
		{"no address", "%subject% at 12:30, %description%", "v1.2: bring 3.5 kg", false, false},
		{"address of event text", "%subject% %description%", picture, true, true},
		{"without a scheme", "%subject% %description%", "www.evil.example", true, true},
		{"in capitals", "%description%", "HTTPS://EVIL.EXAMPLE/", true, true},
		{"name of a host, of which Slack alone makes a link", "%description%", "evil.example", false, true},
		{"escaped image", "%description%", "![x](https://evil.example/y.png)", true, true},
		{"address of the template", "https://example.org/ %description%", "x", false, false},
		{"behind one of the template", "[board](https://example.org/) %description%", picture, false, true},
		{"before one of the template", "%description% https://example.org/", picture, true, true},
		{"part of one of the template", "https://example.org/?q=%description%", picture, false, true},
		{"host of one of the template", "https://%description%/", "evil.example", true, true},
		{"behind one in code of the template", "`https://example.org/` %description%", picture, true, true},
		{"target of a link", "[x](%description%)", "https://evil.example/", true, true},
		{"text of the template in the place of nothing", "%location|default:https://example.org/%", "x", false, false},
	} {
		d := Data{Calendar: "Team", Instance: &calbell.Instance{Summary: "Plan", Description: c.notes}}
		for kind, off := range map[calbell.WebhookKind]bool{calbell.KindKChat: c.kchat, calbell.KindSlack: c.slack, calbell.KindJSON: false} {
			h, err := CompileHook(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: kind, Template: c.template}})
			if err != nil {
				t.Fatal(err)
			}
			m := h.Render(d)
			var want any
			if off && kind == calbell.KindKChat {
				want = stops("Team")
			}
			if diff := cmp.Diff(want, m.Attachments); m.NoPreviews != off || diff != "" {
				t.Errorf("%s, %s: off %v, want %v (-want +got)\n%s\n%s", c.name, kind, m.NoPreviews, off, diff, m.Text)
			}
		}
	}
}

// A webhook may allow previews, or forbid them even for the template's own addresses.
func TestPreviewsOfChoice(t *testing.T) {
	for _, c := range []struct {
		name     string
		hook     calbell.Webhook
		off      bool
		attached any
	}{
		{"allowed", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Template: "%description%", Previews: new(true)}}, false, nil},
		{"allowed in slack", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindSlack, Template: "%description%", Previews: new(true)}}, false, nil},
		{"forbidden", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Template: "https://example.org/", Previews: new(false)}}, true, stops("Team")},
		{"forbidden, and nothing to show", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Template: "%subject%", Previews: new(false)}}, false, nil},
		{"forbidden in slack", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindSlack, Template: "https://example.org/", Previews: new(false)}}, true, nil},
		{"attachments of its own", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Template: "%description%", Attachments: []any{map[string]any{"text": "x"}}}}, true, []any{map[string]any{"text": "x"}}},
		{"no attachments of its own", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Template: "%description%", Attachments: []any{}}}, true, stops("Team")},
	} {
		h, err := CompileHook(c.hook)
		if err != nil {
			t.Fatal(err)
		}
		m := h.Render(Data{Calendar: "Team", Instance: &calbell.Instance{Summary: "Plan", Description: "https://evil.example/"}})
		if diff := cmp.Diff(c.attached, m.Attachments); m.NoPreviews != c.off || diff != "" {
			t.Errorf("%s: off %v (-want +got)\n%s", c.name, m.NoPreviews, diff)
		}
	}
}

// What a calendar is called has no power where it stops previews, and Calbell's own messages
// show none either. In Slack an address in a block counts too.
func TestPreviewsElsewhere(t *testing.T) {
	h, err := CompileHook(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Template: "%description%"}})
	if err != nil {
		t.Fatal(err)
	}
	m := h.Render(Data{Calendar: "[a](https://b.example/) @all", Instance: &calbell.Instance{Description: "https://evil.example/"}})
	if diff := cmp.Diff(stops(`\[a\](https://b.example/) @`+breaker+"all"), m.Attachments); diff != "" {
		t.Error(diff)
	}
	missed := missedNotice(1, 0)
	missed.Items[0].Subject = "https://evil.example/"
	if m := h.Render(Data{Now: noticeSince, Calendar: "Team", Notice: &missed}); !m.NoPreviews || cmp.Diff(stops("Calbell"), m.Attachments) != "" {
		t.Errorf("%+v", m)
	}
	h, err = CompileHook(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindSlack, Template: "%subject%", Blocks: exampleBlocks()}})
	if err != nil {
		t.Fatal(err)
	}
	if m := h.Render(Data{Instance: &calbell.Instance{Summary: "x", Description: "evil.example"}}); !m.NoPreviews {
		t.Errorf("%+v", m)
	}
}

// The hostile sample, which the documentation shows, is shown without previews.
func TestPreviewsOfTheSample(t *testing.T) {
	d, _ := Sample("hostile", noticeSince, nil)
	h, _ := CompileHook(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat}})
	text, err := json.Marshal(h.Render(d).Attachments)
	if err != nil || !strings.Contains(string(text), `"footer":"Team"`) {
		t.Errorf("%s, %v", text, err)
	}
}
