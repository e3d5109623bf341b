package calbell

import (
	"testing"
	"time"
)

// "ok" is said only of a webhook whose latest attempt was accepted: not of one that was never
// tried, nor of one whose server asked for a rest.
func TestWebhookHealth(t *testing.T) {
	now := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	past := now.Add(-time.Hour)
	accepted := WebhookTry{At: past, Verdict: Accepted, Status: 200}
	for want, states := range map[WebhookHealth][]WebhookState{
		WebhookNew:       {{}},
		WebhookOK:        {{Last: accepted}, {Last: accepted, PausedUntil: past}},
		WebhookFailed:    {{Last: WebhookTry{At: past, Verdict: MessageRefused, Status: 400}}, {Last: WebhookTry{At: past, Verdict: NotSent, Test: true}}},
		WebhookPaused:    {{Last: accepted, PausedUntil: now.Add(time.Minute)}, {PausedUntil: now.Add(time.Minute)}},
		WebhookLost:      {{Last: accepted, LostSince: past}},
		WebhookOutage:    {{Last: accepted, OutageSince: past}},
		WebhookRefused:   {{Last: accepted, RefusedAt: past}, {RefusedAt: past, OutageSince: past}},
		WebhookSuspended: {{Last: accepted, SuspendedAt: past}, {SuspendedAt: past, RefusedAt: past, LostSince: past}},
	} {
		for _, s := range states {
			if got := s.Health(now); got != want {
				t.Errorf("%+v is %q, want %q", s, got, want)
			}
		}
	}
	for _, h := range WebhookHealths() {
		calm := h == WebhookOK || h == WebhookNew || h == WebhookPaused || h == WebhookFailed
		if h.Refuses() == calm {
			t.Errorf("%s refuses: %v", h, h.Refuses())
		}
	}
}
