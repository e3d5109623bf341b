package types_test

import (
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
)

// A row tells of a sent delivery when it was sent and how late, and of any other why it was not yet.
func TestRowOf(t *testing.T) {
	due := time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)
	d := calbell.Delivery{Reminder: calbell.Reminder{ID: "id", Webhook: "team", UID: "a", Due: due, Subject: "x"}, Status: calbell.StatusPlanned, NextAt: due}
	if r := types.RowOf(d); r.SentAt != nil || r.LateMS != nil || r.NextAt == nil || !r.Error.IsZero() {
		t.Errorf("planned: %+v", r)
	}
	d.Status, d.Attempts, d.Tries = calbell.StatusWaiting, 1, []calbell.Try{{Verdict: calbell.NotSent, Error: calbell.Plain("connection refused")}}
	if r := types.RowOf(d); r.Error.English != "connection refused" || r.SentAt != nil {
		t.Errorf("waiting: %+v", r)
	}
	d.Tries[0] = calbell.Try{Verdict: calbell.RefusedForNow, Status: 503}
	if r := types.RowOf(d); r.Error.English != "refused for now" {
		t.Errorf("waiting: %+v", r)
	}
	d.Status, d.NextAt, d.FinishedAt = calbell.StatusSent, time.Time{}, due.Add(1500*time.Millisecond)
	if r := types.RowOf(d); r.SentAt == nil || *r.LateMS != 1500 || r.NextAt != nil || !r.Error.IsZero() {
		t.Errorf("sent: %+v", r)
	}
	d.Status, d.Reason = calbell.StatusDead, calbell.Plain("given up")
	if r := types.RowOf(d); r.Error.English != "given up" || r.SentAt != nil {
		t.Errorf("dead: %+v", r)
	}
}
