//go:build !race

package templates

import (
	"fmt"
	"strings"
	"testing"

	"calbell/templates/markup"
	"calbell/webhook/dialect"

	"calbell"
)

// part is a string of an attachment or a block, and the markup in which the chat reads it.
type part struct {
	name, text string
	kind       calbell.WebhookKind
}

// partsOf lists the strings of a rendered tree that the chat reads as markup.
func partsOf(kind calbell.WebhookKind, name string, v any) (out []part) {
	switch v := v.(type) {
	case string:
		return []part{{name, v, kind}}
	case []any:
		for i, e := range v {
			out = append(out, partsOf(kind, fmt.Sprintf("%s[%d]", name, i), e)...)
		}
	case map[string]any:
		switch v["type"] {
		case "markdown":
			kind = calbell.KindKChat
		case "plain_text", "text": // without marks; TestHostileBlocks looks for control forms
			return nil
		}
		for key, e := range v {
			if rulesOf(dialect.Of(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: kind}}), key) == markup.RulesOfChat {
				out = append(out, partsOf(kind, name+"."+key, e)...)
			}
		}
	}
	return out
}

// hostileHooks show event text in every part of a message.
func hostileHooks() []calbell.Webhook {
	object := func(kind string) any { return map[string]any{"type": kind, "text": "%subject%: %description%"} }
	attachment := map[string]any{
		"pretext": "%subject%", "text": "> %description%", "title": "%subject%", "footer": "%location%", "author_icon": "%url%",
		"fields": []any{map[string]any{"title": "Where", "value": "**%location%** %description%"}},
	}
	return []calbell.Webhook{
		{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Attachments: []any{attachment}}},
		{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindSlack, Attachments: []any{attachment}}},
		{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat, Style: styleCard}},
		{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindSlack, Style: styleCard}},
		{
			WebhookSpec: calbell.WebhookSpec{
				Kind: calbell.KindSlack,
				Blocks: []any{
					map[string]any{"type": "section", "text": object("mrkdwn"), "fields": []any{object("mrkdwn"), object("plain_text")}},
					map[string]any{"type": "context", "elements": []any{object("mrkdwn")}},
					object("markdown"), object("text"),
				},
			},
		},
	}
}

// In no part of a message does event text gain power: footers, cards, fields and blocks, each
// by the rules of its own.
func TestHostileParts(t *testing.T) {
	for _, w := range hostileHooks() {
		h, err := CompileHook(w)
		if err != nil {
			t.Fatal(err)
		}
		all := func(d Data) []part {
			m := h.Render(d)
			return append(partsOf(w.Kind, "attachments", m.Attachments), partsOf(w.Kind, "blocks", m.Blocks)...)
		}
		for name, attack := range attacks {
			harmless := map[string]string{}
			for _, p := range all(harmlessData(attack, attack)) {
				harmless[p.name] = p.text
			}
			for _, p := range all(attackData(attack)) {
				if diff := difference(p.kind, p.text, harmless[p.name]); diff != "" && harmless[p.name] != "" {
					t.Errorf("%s, %s, %s: %s\n%s", w.Kind, p.name, name, diff, p.text)
				}
			}
		}
	}
}

// No address takes an escape for a part of itself, wherever event text stands.
func TestAddressesTakeNoEscapes(t *testing.T) {
	for name, attack := range attacks {
		for _, src := range []string{"", "- %subject%", "> %description%", "| a |\n|---|\n| %location% |", "# %subject% %location%"} {
			message := renderText(t, calbell.KindKChat, src, attackData(attack))
			for _, link := range mattermostLinks(message) {
				if strings.Contains(link, `\`) && !strings.Contains(attack, `\`) {
					t.Errorf("%s in %q: %q in\n%s", name, src, link, message)
				}
			}
		}
	}
}
