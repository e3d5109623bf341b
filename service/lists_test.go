package service_test

import (
	"fmt"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/servicetest"
	"calbell/store"
)

// Lists of events are narrowed by calendar, by words, and by what has no reminder or goes nowhere.
func TestListsAreNarrowed(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	bob := w.User("Bob", calbell.RoleMember)
	w.Webhook("Bob", "mine", false)
	own := w.Account("Bob", "work", "Own")
	other := w.Calendar("bob.work", "Other")
	w.OK(store.SetCalendar(ctx, w.Store, other.ID, &calbell.CalendarSettings{Name: "bob.work/Other", Webhook: "bob.mine"}))
	w.OK(w.Program.AccountsChanged(ctx))
	meeting := w.Event(own, "Meeting", now.Add(24*time.Hour), "")
	w.Event(own, "Lunch", now.Add(25*time.Hour), "")
	w.Event(other, "Review", now.Add(26*time.Hour), "")
	_, err := w.Reminders.Add(ctx, bob, types.NewReminder{Event: meeting, Webhook: "mine", Before: hours(1)})
	w.OK(err)
	for want, q := range map[string]types.EventQuery{
		"[Meeting Lunch Review]": {},
		"[Meeting Lunch]":        {Calendar: "own"},
		"[Review]":               {Search: "VIEW"},
		"[]":                     {Search: "nothing of the kind"},
		"[Lunch]":                {Unreminded: true},
	} {
		q.From, q.To = now, now.AddDate(0, 0, 7)
		rows, _, err := w.Events.Agenda(ctx, bob, q)
		titles := []string{}
		for _, r := range rows {
			titles = append(titles, r.Subject)
		}
		if got := fmt.Sprint(titles); got != want || err != nil {
			t.Errorf("%+v: %s, %v, want %s", q, got, err, want)
		}
	}
	if _, err := w.Events.List(ctx, bob, types.EventQuery{From: now, To: now.Add(time.Hour), Calendar: "none"}); outcome(err) != "missing" {
		t.Errorf("a calendar that there is not: %v", err)
	}
	rows, _, err := w.Events.Agenda(ctx, bob, types.EventQuery{From: now, To: now.AddDate(0, 0, 7)})
	if err != nil || len(rows[0].Reminders) != 1 || !rows[0].Silent.IsZero() || len(rows[1].Reminders) != 0 || rows[1].Silent.IsZero() || len(rows[2].Reminders) != 1 {
		t.Errorf("%+v, %v", rows, err)
	}
}

// What an event's page tells: its alarms with where they go, what is attached, what was sent of it, and
// what in its settings goes nowhere.
func TestEventDetail(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	anna, bob := w.User("Anna", calbell.RoleMember), w.User("Bob", calbell.RoleMember)
	w.Webhook("Bob", "mine", false)
	shared := string(w.Webhook("Anna", "ops", true))
	event := w.Event(w.Account("Bob", "work", "Own"), "Stand-up", now.Add(24*time.Hour), "FREQ=DAILY")
	detail := func() types.EventDetail {
		d, err := w.Events.Get(ctx, bob, event, now)
		w.OK(err)
		return d
	}
	if d := detail(); d.Silent.IsZero() || d.Offered != "" || len(d.Problems) != 0 {
		t.Errorf("without reminders: %+v", d)
	}
	_, err := w.Reminders.Add(ctx, bob, types.NewReminder{Event: event, Webhook: shared, Before: hours(1)})
	w.OK(err)
	if d := detail(); !d.Silent.IsZero() || string(d.Offered) != shared || len(d.Bindings) != 1 || len(d.Next) == 0 || len(d.Reminders) == 0 {
		t.Errorf("with one: %+v", d)
	}
	n, tag, err := w.Webhooks.Request(ctx, anna, shared)
	w.OK(err)
	n.Share = false
	_, err = w.Webhooks.Set(ctx, anna, shared, tag, n)
	w.OK(err)
	if d := detail(); len(d.Problems) != 1 || d.Offered != "" {
		t.Errorf("after its webhook is shared no more: %+v", d)
	}
	occurrence := detail().RecurrenceID
	if d, err := w.Events.GetAt(ctx, bob, event, occurrence, now); err != nil || d.RecurrenceID != occurrence {
		t.Errorf("%s: %+v, %v", occurrence, d, err)
	}
	if _, err := w.Events.GetAt(ctx, bob, event, "20010101T000000Z", now); outcome(err) != "missing" {
		t.Errorf("an occurrence that there is not: %v", err)
	}
}
