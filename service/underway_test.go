package service_test

import (
	"net/http"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/store"
)

// While a reminder is under way its event says so, with its state, its tries, the next one and what
// its webhook said; and that its alarm has been, not that it has none.
func TestAnEventTellsWhatIsUnderWay(t *testing.T) {
	w := newWorld(t)
	now := time.Now().UTC().Truncate(time.Second)
	hook := calbell.Webhook{ID: "team", Name: "team", URL: "https://chat.example.org/hooks/x", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat}}
	if err := w.store.SetFileWebhooks(t.Context(), []calbell.Webhook{hook}); err != nil {
		t.Fatal(err)
	}
	o := object(1, now.Add(5*time.Minute), "", "Review") // its alarm rings ten minutes before
	due := now.Add(-5 * time.Minute)
	r := calbell.Reminder{Webhook: "team", UID: o.UIDs[0], Due: due, Start: now.Add(5 * time.Minute), End: now.Add(time.Hour), Sources: []calbell.Source{{Calendar: w.calendar.ID, Href: o.Href}}}
	r.ID = calbell.NewReminderID(r.Webhook, r.UID, "", r.Due)
	apply := store.Change{Calendar: w.calendar, Put: []store.Planned{{Object: o, Reminders: []store.PlannedReminder{{Reminder: r, KnownLate: true}}}}}
	if err := w.store.Apply(t.Context(), apply, due); err != nil {
		t.Fatal(err)
	}
	look := func(what string, want calbell.Status) types.DeliveryRow {
		t.Helper()
		d, err := w.Events.Explain(t.Context(), calbell.LocalAdmin(), string(r.UID), now)
		switch {
		case err != nil:
			t.Fatal(err)
		case len(d.Next) > 0 || d.Last == nil || !d.Last.Trigger.Equal(due):
			t.Errorf("%s: next %v, last %+v, want the one of %s", what, d.Next, d.Last, due)
		case len(d.Open) != 1 || d.Open[0].Status != want || len(d.Deliveries) != 0:
			t.Fatalf("%s: under way %+v, ended %+v", what, d.Open, d.Deliveries)
		}
		return d.Open[0]
	}
	look("due", calbell.StatusPlanned)
	claims, err := w.store.Claim(t.Context(), store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: now, Limit: 1})
	if err != nil || len(claims) != 1 {
		t.Fatalf("%d claims, %v", len(claims), err)
	}
	look("being posted", calbell.StatusInFlight)
	refused := calbell.Outcome{ID: r.ID, Try: &calbell.Try{At: now, Status: http.StatusNotFound, Error: calbell.Plain("status 404"), Verdict: calbell.HookRefused}, Status: calbell.StatusHeld, NextAt: now.Add(time.Hour)}
	state := calbell.WebhookState{SuspendedAt: now, ProbeAt: now.Add(time.Hour), Reason: calbell.Plain("the hook is gone")}
	if err := w.store.Finish(t.Context(), "w", []calbell.Outcome{refused}, map[calbell.WebhookID]calbell.WebhookState{"team": state}, now); err != nil {
		t.Fatal(err)
	}
	row := look("held", calbell.StatusHeld)
	if row.Attempts != 1 || row.Error.English != "status 404" || row.NextAt == nil || !row.NextAt.Equal(now.Add(time.Hour)) || row.Trouble.English != "its webhook is suspended, because it refused: the hook is gone" {
		t.Errorf("held: %+v", row)
	}
	d, err := w.Events.Explain(t.Context(), calbell.Caller{Name: "eve"}, string(r.UID), now)
	if err == nil {
		t.Errorf("a stranger is told %+v", d.Open)
	}
}

// The last alarm is the latest one before now, however the event repeats.
func TestLastAlarm(t *testing.T) {
	w := newWorld(t)
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	for n, c := range []struct {
		start      time.Time
		rule, last string // last: "" = none
	}{
		{now.Add(time.Hour), "", ""},
		{now.AddDate(-20, 0, 0), "", "2006-12-01T11:50:00Z"},
		{now.AddDate(0, -2, 0), "FREQ=DAILY", "2026-12-01T11:50:00Z"},
		{now.AddDate(-3, 0, 0), "FREQ=DAILY;COUNT=500", "2025-04-13T11:50:00Z"},
		{now.AddDate(0, 0, -1), "FREQ=MINUTELY;COUNT=900", "2026-12-01T02:49:00Z"},
	} {
		o := object(n, c.start, c.rule, "x")
		w.put(t, nil, o)
		d, err := w.Events.Get(t.Context(), calbell.LocalAdmin(), string(o.UIDs[0]), now)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if d.Last != nil {
			got = d.Last.Trigger.UTC().Format(time.RFC3339)
		}
		if got != c.last {
			t.Errorf("%s %s: %q, want %q", c.start, c.rule, got, c.last)
		}
	}
}
