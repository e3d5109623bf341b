package main

import (
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
)

// Only what was tried and accepted is said to be well.
func TestWebhookHealth(t *testing.T) {
	last := func(v calbell.Verdict, status int, test bool) *calbell.WebhookTry {
		return &calbell.WebhookTry{At: time.Now().Add(-3*time.Minute - time.Second), Verdict: v, Status: status, Test: test}
	}
	now := &calbell.WebhookTry{At: time.Now().Truncate(time.Minute), Verdict: calbell.NotSent} // as it is kept
	for _, tt := range []struct {
		row  types.WebhookRow
		want string
	}{
		{types.WebhookRow{State: "new"}, "not tried yet"},
		{types.WebhookRow{State: "ok", Last: last(calbell.Accepted, 200, false)}, "ok, last delivery "},
		{types.WebhookRow{State: "ok", Last: last(calbell.Accepted, 200, true)}, "ok, last test "},
		{types.WebhookRow{State: "failed", Last: last(calbell.HookRefused, 404, true)}, "last test: webhook refused 404, 3 min ago"},
		{types.WebhookRow{State: "failed", Last: last(calbell.NotSent, 0, false)}, "last delivery: not sent, 3 min ago"},
		{types.WebhookRow{State: "failed", Last: now}, "last delivery: not sent, just now"},
		{types.WebhookRow{State: "suspended", Reason: calbell.Plain("answered 404"), Last: last(calbell.HookRefused, 404, false)}, "suspended answered 404"},
	} {
		if got := webhookHealth(tt.row); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%+v: %q, want %q", tt.row, got, tt.want)
		}
	}
}
