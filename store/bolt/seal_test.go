package bolt

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	bbolt "go.etcd.io/bbolt"

	"calbell"
	"calbell/store"
	"calbell/store/record"
)

// canaries are what must not be readable in the file.
var canaries = []string{
	"CANARY-url", "CANARY-name", "CANARY-subject", "CANARY-raw", "CANARY-href", "CANARY-uid",
	"CANARY-etag", "CANARY-token", "CANARY-calendar", "CANARY-address", "CANARY-answer",
	"CANARY-error", "CANARY-reason", "CANARY-template", "CANARY-payload", "CANARY-account",
	"CANARY-problem", "CANARY-state", "CANARY-rid", "CANARY-lasterror",
	"CANARY-binding", "CANARY-bound", "CANARY-owner", "CANARY-paused",
	"CANARY-user", "CANARY-hash", "CANARY-password", "CANARY-session", "CANARY-link", "CANARY-rule",
}

func TestNothingReadableInTheFile(t *testing.T) {
	s := newStore(t)
	ctx, now := t.Context(), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.Webhooks().Put(ctx, calbell.Webhook{
		ID:          "ops",
		Name:        "CANARY-name",
		URL:         "https://example.org/CANARY-url",
		WebhookSpec: calbell.WebhookSpec{Template: "CANARY-template", Payload: map[string]any{"CANARY-payload": 1}},
	}))
	must(s.WebhookStates().Put(ctx, store.WebhookState{ID: "ops", WebhookState: calbell.WebhookState{Reason: calbell.Plain("CANARY-state")}}))
	c := calbell.Calendar{
		ID: "CANARY-calendar", Account: "CANARY-account", SyncToken: "CANARY-token",
		Addresses: []string{"CANARY-address"}, LastError: calbell.Plain("CANARY-lasterror"),
	}
	r := calbell.Reminder{
		ID: calbell.NewReminderID("ops", "CANARY-uid", "CANARY-rid", now), Webhook: "ops", UID: "CANARY-uid",
		RecurrenceID: "CANARY-rid", Due: now, Subject: "CANARY-subject",
	}
	must(s.Apply(ctx, store.Change{Calendar: c, Put: []store.Planned{{
		Object: calbell.Object{
			Href: "/CANARY-href", ETag: "CANARY-etag", Raw: []byte("CANARY-raw"), Problem: calbell.Plain("CANARY-problem"),
			UIDs: []calbell.UID{"CANARY-uid"}, Replan: now,
		},
		Reminders: []store.PlannedReminder{{Reminder: r}},
	}}}, now))
	must(s.Attach(ctx, store.Attachment{Account: "CANARY-account", Put: []calbell.Binding{{
		ID: "CANARY-binding", Owner: "CANARY-owner", Account: "CANARY-account", UID: "CANARY-bound", Instance: "CANARY-rid", Webhook: "ops",
	}}}, now))
	must(s.SetPause(ctx, calbell.Pause{Calendar: "CANARY-paused", Until: now.Add(time.Hour)}, now))
	must(s.Users().Put(ctx, calbell.User{Name: "CANARY-user", PasswordHash: "CANARY-hash"}))
	must(s.Tokens().Put(ctx, calbell.Token{ID: "CANARY-token", Owner: "CANARY-user", Hash: "CANARY-hash"}))
	must(s.PutSession(ctx, store.Session{ID: "CANARY-session", Data: []byte("CANARY-session"), ExpiresAt: now.Add(1)}, now))
	must(s.PutSetupLink(ctx, store.SetupLink{Hash: "CANARY-link", ExpiresAt: now.Add(1)}))
	must(s.Accounts().Put(ctx, calbell.Account{Name: "CANARY-account", Password: "CANARY-password", Token: "CANARY-token"}))
	must(s.Rules().Change(ctx, []calbell.StoredRule{{ID: "CANARY-rule", Rule: calbell.Rule{Name: "CANARY-rule"}}}, nil))
	must(store.SetCalendar(ctx, s, "CANARY-calendar", &calbell.CalendarSettings{Name: "CANARY-calendar"}))
	_, err := s.Claim(ctx, store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: now, Limit: 1})
	must(err)
	must(s.Finish(ctx, "w", []calbell.Outcome{{
		ID: r.ID, Status: calbell.StatusDead, Reason: calbell.Plain("CANARY-reason"),
		Try: &calbell.Try{Answer: "CANARY-answer", Error: calbell.Plain("CANARY-error")},
	}}, nil, now))
	file, err := os.ReadFile(s.path)
	must(err)
	for _, c := range append(canaries, "CANARY") {
		if bytes.Contains(file, []byte(c)) {
			t.Errorf("the file shows %q", c)
		}
	}
	if !bytes.Contains(file, []byte("ops")) {
		t.Error("the webhook's ID is not found: is this the file?")
	}
}

// Whoever can write the file but has no key can move rows about; none may pass for another.
func TestSwappedRows(t *testing.T) {
	s := newStore(t)
	fill(t, s, 4, 1)
	attachAndPause(t, s)
	for _, b := range []bucket{bObjects, bRaws, bDeliveries, bCalendars, bBindings, bPauses} {
		var keys, values [][]byte
		err := s.data.DB.View(func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte(b)).ForEach(func(k, v []byte) error {
				keys, values = append(keys, bytes.Clone(k)), append(values, bytes.Clone(v))
				return nil
			})
		})
		if err != nil || len(keys) < 2 {
			t.Fatalf("%q: %d rows, %v", b, len(keys), err)
		}
		swap := func(v0, v1 []byte) {
			if err := s.data.DB.Update(func(tx *bbolt.Tx) error {
				return errors.Join(tx.Bucket([]byte(b)).Put(keys[0], v0), tx.Bucket([]byte(b)).Put(keys[1], v1))
			}); err != nil {
				t.Fatal(err)
			}
		}
		swap(values[1], values[0])
		if err := s.Check(t.Context()); !errors.Is(err, record.ErrSeal) {
			t.Errorf("%q: rows swapped: %v", b, err)
		}
		swap(values[0], values[1])
	}
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("swapped back: %v", err)
	}
}

// fill puts n objects with as many reminders each, a second apart from t0 on, into two
// calendars.
func fill(t testing.TB, s *Store, n, each int) {
	t.Helper()
	changes := make(map[calbell.CalendarID]*store.Change)
	for i := range n {
		id := calbell.CalendarID(fmt.Sprint("cal", i%2))
		if changes[id] == nil {
			changes[id] = &store.Change{Calendar: calbell.Calendar{ID: id, Account: "home", Name: string(id)}}
		}
		changes[id].Put = append(changes[id].Put, planned(i, each))
	}
	for _, id := range slices.Sorted(maps.Keys(changes)) {
		if err := s.Apply(t.Context(), *changes[id], t0); err != nil {
			t.Fatal(err)
		}
	}
}

var t0 = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// planned returns the i-th object of tests and benchmarks.
func planned(i, reminders int) store.Planned {
	uid := calbell.UID(fmt.Sprintf("%08d@example.org", i))
	p := store.Planned{Object: calbell.Object{
		Href: calbell.Href("/calendars/" + string(uid) + ".ics"), ETag: calbell.ETag(fmt.Sprint(i)),
		UIDs: []calbell.UID{uid}, Replan: t0.Add(24 * time.Hour), Until: t0.Add(48 * time.Hour),
		Raw: []byte("BEGIN:VCALENDAR\r\nUID:" + string(uid) + strings.Repeat("\r\nX-FILL:some text of an event", 30)),
	}}
	for j := range reminders {
		due := t0.Add(time.Duration(i*reminders+j) * time.Second)
		w := calbell.WebhookID(fmt.Sprint("team-", i%10))
		p.Reminders = append(p.Reminders, store.PlannedReminder{Reminder: calbell.Reminder{
			ID: calbell.NewReminderID(w, uid, "", due), Webhook: w, UID: uid, Due: due,
			Start: due.Add(10 * time.Minute), End: due.Add(70 * time.Minute), Subject: "Weekly planning of the team",
			Sources: []calbell.Source{{Alarm: j}},
		}})
	}
	return p
}
