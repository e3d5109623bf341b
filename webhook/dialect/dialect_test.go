package dialect

import (
	"slices"
	"strings"
	"testing"

	"calbell"
	"calbell/templates/markup"
)

// A chat that only one file knows is read, recognised, checked, encoded and bounded.
func TestOneMoreChat(t *testing.T) {
	before := all
	defer func() { all = before }()
	all = append(slices.Clone(all), &Dialect{
		Kind: "pigeon", Aliases: []string{"dove"}, Title: calbell.Plain("Pigeon"),
		Hook:   func(a Address) bool { return a.Host == "pigeon.example.org" && a.begins("fly") },
		Page:   func(a Address, _ calbell.WebhookKind) bool { return a.Host == "pigeon.example.org" && a.begins("loft") },
		HowTo:  calbell.Plain("at the loft"),
		Markup: markup.Markdown, Takes: Fields{Blocks: true}, PerSecond: 2, Burst: 3, Success: Success2xx,
		Body:  func(m calbell.Message) any { return map[string]string{"letter": m.Text} },
		Codes: map[string]Code{"shot_down": {About: AboutWebhook, Advice: calbell.Plain("send another one")}},
	})
	kind, err := KindOfURL("", "https://pigeon.example.org/fly/1")
	if kind != "pigeon" || err != nil {
		t.Errorf("its address stands for %q, %v", kind, err)
	}
	if _, err := KindOfURL("", "https://pigeon.example.org/loft/1"); err == nil || !strings.Contains(calbell.HintOf(err).English, "at the loft") {
		t.Errorf("its page is taken: %v", err)
	}
	if kind, err := ParseKind("Dove"); kind != "pigeon" || err != nil {
		t.Errorf("its other name stands for %q, %v", kind, err)
	}
	w := calbell.Webhook{Name: "Loft", WebhookSpec: calbell.WebhookSpec{Kind: "pigeon", Blocks: []any{map[string]any{"type": "seed"}}}}
	if err := Check(w); err != nil {
		t.Error(err)
	}
	w.Mentions = "deny"
	if err := Check(w); err == nil || !strings.Contains(err.Error(), "kind pigeon") {
		t.Errorf("a field that it does not take: %v", err)
	}
	if body, _, err := Encode(w, calbell.Message{Text: "coo"}); string(body) != `{"letter":"coo"}` || err != nil {
		t.Errorf("posted: %s, %v", body, err)
	}
	if rate, burst := Rate(w); rate != 2 || burst != 3 {
		t.Errorf("%v a second, %d at once", rate, burst)
	}
	if SuccessOf(w) != Success2xx || !slices.Contains(Kinds(), "dove") {
		t.Errorf("success %q, kinds %q", SuccessOf(w), Kinds())
	}
	if c, known := CodeOf("shot_down"); !known || c.Step(true).English != "send another one" {
		t.Errorf("its code: %+v, %v", c, known)
	}
}
