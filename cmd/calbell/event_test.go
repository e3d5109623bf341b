package main

import (
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/cmd/calbell/times"
)

// What is under way is printed with all that there is to know, and no line ends in a blank.
func TestExplainPrintsWhatIsUnderWay(t *testing.T) {
	at := time.Date(2026, 11, 30, 4, 4, 0, 0, time.Local)
	next := at.Add(time.Hour)
	var b strings.Builder
	printEvent(&b, types.EventDetail{
		Last: &types.AlarmRow{Trigger: at, Routes: []calbell.Route{{Webhook: "team", From: calbell.Plain("its calendar")}}},
		Open: []types.DeliveryRow{
			{Due: at, Webhook: "team", Status: calbell.StatusHeld, Attempts: 1, NextAt: &next, Error: calbell.Plain("status 404"), Trouble: calbell.Plain("its webhook is suspended, because it refused")},
			{Due: at, Webhook: "ops", Status: calbell.StatusPlanned, NextAt: &next, HeldUntil: &next},
		},
		Deliveries: []types.DeliveryRow{{Due: at, Webhook: "team", Status: calbell.StatusSent}},
	})
	for _, want := range []string{
		"last alarm:   " + times.When(at) + " → team (its calendar)\n",
		"under way:    " + times.When(at) + " team held, tried 1×, next try " + times.When(next) + "; status 404; its webhook is suspended, because it refused\n",
		"under way:    " + times.When(at) + " ops planned, next try " + times.When(next) + " (quiet hours or a pause)\n",
		"delivery:     " + times.When(at) + " team sent\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}
