//go:build !race

package templates

import (
	"strings"
	"testing"
	"time"

	"calbell"
)

// Values and templates that grow the work must not grow the time with their square.
func TestHugeInput(t *testing.T) {
	huge := func(s string) string { return strings.Repeat(s, 4<<20/len(s)) }
	started := time.Now()
	for _, unit := range []string{"<b ", "<b>", "`", "[", "](", "https://", "http://x)", "@all ", "&", "a\u0301", "<a href=x>", "\n", "<https://zoom.us ", "*_~", "]:", "#remind\n"} {
		d := attackData(huge(unit))
		for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack, calbell.KindJSON} {
			checkMessage(t, renderText(t, kind, "%subject% %link% `%location%` %attendees% %recurrence%\n%description%", d))
		}
	}
	for _, unit := range []string{"`", "``` ", "[", "](", "[x](", "<", "%subject%", "[[", "]]", "a`b``", "%x|", "> ", "- "} {
		src := strings.Repeat(unit, calbell.MaxTemplateBytes/len(unit))
		h, _ := CompileHookLenient(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Template: src}})
		checkMessage(t, h.Render(plainData("x", "y")).Text)
	}
	if took := time.Since(started); took > time.Minute {
		t.Errorf("took %v", took)
	}
}

func TestHostile(t *testing.T) {
	for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack} {
		for name, attack := range attacks {
			for _, src := range places {
				got := renderText(t, kind, src, attackData(attack))
				harmless := renderText(t, kind, src, harmlessData(attack, attack))
				if diff := difference(kind, got, harmless); diff != "" {
					t.Errorf("%s, %s in %q: %s\n%s", kind, name, src, diff, got)
				}
			}
		}
	}
}
