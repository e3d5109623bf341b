package templates

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"calbell"
)

// exampleBlocks are blocks as people write them.
func exampleBlocks() []any {
	text := func(kind, text string) map[string]any { return map[string]any{"type": kind, "text": text} }
	return []any{
		map[string]any{"type": "header", "text": text("plain_text", "%subject%")},
		map[string]any{"type": "section", "text": text("mrkdwn", "*%date%*"), "fields": []any{text("mrkdwn", "%location%")}},
		map[string]any{"type": "section", "text": text("mrkdwn", "%description%")},
		map[string]any{"type": "actions", "elements": []any{map[string]any{"type": "button", "text": text("plain_text", "Join"), "url": "%link%"}}},
		map[string]any{"type": "divider"},
	}
}

func blocksOf(t *testing.T, d Data) string {
	t.Helper()
	h, err := CompileHook(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindSlack, Template: "%subject%", Blocks: exampleBlocks()}})
	if err != nil {
		t.Fatal(err)
	}
	m := h.Render(d)
	if m.Text == "" {
		t.Error("nothing is left for notifications")
	}
	b, err := json.Marshal(m.Blocks)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What an event has nothing for is left out whole: Slack refuses empty texts and buttons
// without address.
func TestBlocks(t *testing.T) {
	now := time.Date(2026, 11, 23, 13, 45, 0, 0, mustZone("Europe/Zurich"))
	d, _ := Sample("timed", now, now.Location())
	if got, want := blocksOf(t, d), `[{"text":{"text":"Weekly review","type":"plain_text"},"type":"header"},`+
		`{"fields":[{"text":"Room 4","type":"mrkdwn"}],"text":{"text":"*Monday 23 November 2026, 14:00*","type":"mrkdwn"},"type":"section"},`+
		`{"text":{"text":"Bring the figures.\nThe agenda is in the shared folder.","type":"mrkdwn"},"type":"section"},`+
		`{"elements":[{"text":{"text":"Join","type":"plain_text"},"type":"button","url":"https://meet.example.org/review"}],"type":"actions"},{"type":"divider"}]`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	d, _ = Sample("empty", now, now.Location())
	d.Now, d.Repeat = d.Now.Add(12*time.Minute), true
	if got, want := blocksOf(t, d), `[{"text":{"text":"*Monday 23 November 2026, 14:00*","type":"mrkdwn"},"type":"section"},{"type":"divider"},`+
		`{"elements":[{"text":"(12 min late)\n(possible repeat)","type":"plain_text"}],"type":"context"}]`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Nothing at all is no list of nothing: the text is shown then.
func TestBlocksOfNothing(t *testing.T) {
	h, err := CompileHook(calbell.Webhook{
		WebhookSpec: calbell.WebhookSpec{
			Kind: calbell.KindSlack,
			Blocks: []any{
				map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": "%description%"}},
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if m := h.Render(Data{Now: noticeSince, Due: noticeSince.Add(-time.Hour)}); m.Blocks != nil || !strings.Contains(m.Text, "late") {
		t.Errorf("%+v", m)
	}
	// Calbell's own news is a text, whatever the webhook shows.
	if m := h.Render(Data{Now: noticeSince, Notice: &calbell.Notice{Kind: calbell.NoticeTrouble}}); m.Blocks != nil {
		t.Errorf("%+v", m)
	}
}

// Slack's bounds hold, and strangers write nothing but text.
func TestHostileBlocks(t *testing.T) {
	for name, attack := range attacks {
		d := attackData(strings.Repeat(attack+" ", 1+4000/(1+len(attack))))
		h, err := CompileHook(calbell.Webhook{
			WebhookSpec: calbell.WebhookSpec{
				Kind: calbell.KindSlack,
				Blocks: append(exampleBlocks(), map[string]any{
					"type": "section", "fields": []any{map[string]any{"type": "mrkdwn", "text": "%description%"}},
				}),
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		blocks, _ := h.Render(d).Blocks.([]any)
		walkTexts(blocks, maxBlockText, func(text string, limit int) {
			counts := judgeSlack(text)
			if runes(text) > limit || counts["control"]+counts["group mention"]+counts["bare"] > 0 {
				t.Errorf("%s: %d runes, %v in %q", name, runes(text), counts, text[:min(100, len(text))])
			}
		})
	}
}

// walkTexts finds the texts of rendered blocks, each with Slack's bound for it.
func walkTexts(v any, limit int, found func(string, int)) {
	switch v := v.(type) {
	case []any:
		for _, child := range v {
			walkTexts(child, limit, found)
		}
	case map[string]any:
		if v["type"] == "header" {
			limit = maxBlockHead
		}
		if text, ok := v["text"].(string); ok {
			found(text, limit)
		}
		walkTexts(v["text"], limit, found)
		walkTexts(v["elements"], limit, found)
		walkTexts(v["fields"], maxBlockField, found)
	}
}

func TestBlocksAreChecked(t *testing.T) {
	_, err := CompileHook(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindSlack, Blocks: []any{map[string]any{"type": "section", "text": map[string]any{"text": "%subjct%"}}}}})
	if err == nil || err.Error() != `blocks[0].text.text: line 1, column 1: unknown variable "subjct", did you mean "subject"?` {
		t.Error(err)
	}
}

// Each part of a block is read by rules of its own: what would be rendered there loses its
// power, and nothing else is touched.
func TestRulesOfBlocks(t *testing.T) {
	const subject = "R&D *now* [minutes](https://evil.example/) @here"
	object := func(kind string) any { return map[string]any{"type": kind, "text": "%subject%"} }
	for _, c := range []struct {
		name  string
		block any
		want  string
	}{
		{"mrkdwn", object("mrkdwn"), "R&amp;D ∗now∗ [minutes](https://evil.example/) @\u200bhere"},
		{"plain text", object("plain_text"), "R&amp;D *now* [minutes](https://evil.example/) @\u200bhere"},
		{"markdown block", object("markdown"), `R&D \*now\* \[minutes\](https://evil.example/) @` + "\u200bhere"},
		{"rich text", object("text"), subject},
		{"cell of a table", object("raw_text"), subject},
		{"what a screen reader says", map[string]any{"type": "image", "alt_text": "%subject%"}, subject},
		{"label of a button", map[string]any{"type": "button", "accessibility_label": "%subject%"}, subject},
	} {
		h, err := CompileHook(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindSlack, Blocks: []any{c.block}}})
		if err != nil {
			t.Fatal(err)
		}
		list, _ := h.Render(Data{Instance: &calbell.Instance{Summary: subject}}).Blocks.([]any)
		part, _ := list[0].(map[string]any)
		delete(part, "type")
		for key, got := range part {
			if got != c.want {
				t.Errorf("%s, %s: %q, want %q", c.name, key, got, c.want)
			}
		}
	}
}

// In a markdown block strangers write nothing but text, by the rules of Markdown, and none of
// Slack's control forms.
func TestHostileMarkdownBlocks(t *testing.T) {
	h, err := CompileHook(calbell.Webhook{
		WebhookSpec: calbell.WebhookSpec{
			Kind: calbell.KindSlack,
			Blocks: []any{
				map[string]any{"type": "markdown", "text": "## %subject%\n- %location%\n\n%description%"},
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	text := func(d Data) string {
		list, _ := h.Render(d).Blocks.([]any)
		part, _ := list[0].(map[string]any)
		text, _ := part["text"].(string)
		return text
	}
	for name, attack := range attacks {
		got := text(attackData(attack))
		if diff := difference(calbell.KindKChat, got, text(harmlessData(attack, attack))); diff != "" {
			t.Errorf("%s: %s\n%s", name, diff, got)
		}
	}
}
