package templates

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"calbell"
)

// FuzzHostile puts two texts into an event and a template from the table around them: the
// message must hold no more mentions, links, images, marks and blocks than with harmless
// words in their place.
func FuzzHostile(f *testing.F) {
	n := byte(0)
	for _, attack := range attacks {
		f.Add(n, attack, attacks["link tail"])
		n++
	}
	f.Fuzz(func(t *testing.T, place byte, text, description string) {
		if len(text)+len(description) > 1000 {
			t.Skip("cut messages have a test of their own")
		}
		src := places[int(place)%len(places)]
		for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack} {
			got := renderText(t, kind, src, dataWith(text, description))
			checkMessage(t, got)
			want := renderText(t, kind, src, harmlessData(text, description))
			if diff := difference(kind, got, want); diff != "" {
				t.Errorf("%s, %q, %q in %q: %s\n%s", kind, text, description, src, diff, got)
			}
		}
	})
}

// checkMessage holds of every message.
func checkMessage(t *testing.T, message string) {
	t.Helper()
	if n := utf8.RuneCountInString(message); n == 0 || n > calbell.MaxMessageRunes {
		t.Errorf("%d runes", n)
	}
	if !utf8.ValidString(message) || strings.TrimSpace(message) == "" {
		t.Errorf("not printable: %q", message)
	}
	for _, r := range message {
		if r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			t.Errorf("holds %U: %q", r, message)
		}
	}
}

// FuzzTemplate reads any text as a template: it compiles or names a place in the text,
// the lenient reading never fails, and what is rendered keeps the bounds.
func FuzzTemplate(f *testing.F) {
	for _, src := range places {
		f.Add(src, "[x](https://evil.example/) @channel")
	}
	f.Add("50% off %20 %% %x% [[%y|z%]]", "]](https://evil.example/) <!channel>")
	f.Fuzz(func(t *testing.T, src, attack string) {
		if len(src)+len(attack) > 2000 {
			t.Skip("long")
		}
		_, err := Compile(src)
		if err != nil {
			checkPosition(t, src, err)
		}
		for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack, calbell.KindJSON} {
			h, errs := CompileHookLenient(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: kind, Template: src, Attachments: []any{map[string]any{"text": src}}}})
			if (len(errs) == 0) != (err == nil) {
				t.Fatalf("strict: %v, lenient: %v", err, errs)
			}
			m := h.Render(attackData(attack))
			if _, err := json.Marshal(m.Attachments); err != nil {
				t.Error(err)
			}
			if n := utf8.RuneCountInString(m.Text); n == 0 || n > calbell.MaxMessageRunes {
				t.Errorf("%d runes", n)
			}
		}
	})
}

func checkPosition(t *testing.T, src string, err error) {
	t.Helper()
	e, ok := err.(*SyntaxError)
	if !ok {
		t.Fatalf("%T", err)
	}
	lines := strings.Split(src, "\n")
	if e.Line < 1 || e.Line > len(lines) || e.Column < 1 || e.Column > utf8.RuneCountInString(lines[e.Line-1])+1 {
		t.Errorf("no such place: %v", e)
	}
}
