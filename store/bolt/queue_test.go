package bolt

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/store"
	"calbell/store/record"
)

// TestIdleWritesNothing: what happens at every wake-up must not wear out a disk.
func TestIdleWritesNothing(t *testing.T) {
	s := newStore(t)
	fill(t, s, 10, 1)
	ctx := t.Context()
	pages := func() int64 {
		st := s.data.DB.Stats()
		return st.TxStats.GetWrite()
	}
	before, writes := s.data.Commits.Load(), pages()
	claim := store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: t0.Add(-1), Limit: 100}
	full := claim
	full.Now = t0.Add(time.Hour)
	full.Bounds = func(calbell.WebhookID) []store.Bound { return []store.Bound{{Name: "all"}} }
	for what, op := range map[string]func() error{
		"Claim, nothing due": func() error { _, err := s.Claim(ctx, claim); return err },
		"Claim, no room":     func() error { _, err := s.Claim(ctx, full); return err },
		"NextDue":            func() error { _, _, err := s.NextDue(ctx, t0); return err },
		"DuePlans":           func() error { _, err := s.DuePlans(ctx, t0.AddDate(1, 0, 0), 9); return err },
		"Recover":            func() error { _, err := s.Recover(ctx, "w", t0); return err },
		"Prune":              func() error { _, err := s.Prune(ctx, t0, 9); return err },
		"Finish":             func() error { return s.Finish(ctx, "w", nil, nil, t0) },
		"Counts":             func() error { _, err := s.Counts(ctx); return err },
		"RemoveCalendar":     func() error { return s.RemoveCalendar(ctx, "unknown", t0) },
		"Extend":             func() error { return s.Extend(ctx, []store.Planned{planned(99, 1)}, t0) },
	} {
		if err := op(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if now, w := s.data.Commits.Load(), pages(); now != before || w != writes {
			t.Errorf("%s: %d commits, %d page writes", what, now-before, w-writes)
			before, writes = now, w
		}
	}
}

// TestPlanningAgainRewritesNoDelivery: a sync that finds nothing new must stay cheap.
func TestPlanningAgainRewritesNoDelivery(t *testing.T) {
	s := newStore(t)
	fill(t, s, 10, 2)
	read := func() map[string]string {
		rows := make(map[string]string)
		if err := s.view(t.Context(), func(t *tx) error {
			for _, b := range []bucket{bDeliveries, bDue, bCounts} {
				for k, v := range t.Rows(b, nil) {
					rows[string(b)+string(k)] = string(v)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	before := read()
	fill(t, s, 10, 2)
	for k, v := range read() {
		if before[k] != v { // a sealed value never comes out the same twice
			t.Errorf("row %q was written again", k)
		}
	}
}

// TestOddClaims: rows that cannot be sent block nothing that can.
func TestOddClaims(t *testing.T) {
	s := newStore(t)
	fill(t, s, 4, 1)
	var ids []record.ID
	harm(t, s, func(t *tx) error {
		var keys [][]byte
		for k := range t.Rows(bDue, nil) {
			keys = append(keys, append([]byte{}, k...))
			ids = append(ids, record.ID(k[record.TimeLen:]))
		}
		// The first does not open, the second is gone, the third is due an hour later than its row says.
		row := t.Get(bDeliveries, ids[0][:])
		if err := t.Put(bDeliveries, ids[0][:], append([]byte{}, row[1:]...)); err != nil {
			return err
		}
		if err := t.Delete(bDeliveries, ids[1][:]); err != nil {
			return err
		}
		d, rest, err := t.Delivery(ids[2])
		d.NextAt = t0.Add(time.Hour)
		return errors.Join(err, t.PutSealed(bDeliveries, ids[2][:], record.EncodeDelivery(ids[2], d, rest)))
	})
	claim := func(at time.Time) []calbell.Claim {
		cs, err := s.Claim(t.Context(), store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: at, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		return cs
	}
	if cs := claim(t0.Add(time.Minute)); len(cs) != 1 || s.box.Reminder(cs[0].ID) != ids[3] {
		t.Errorf("claimed %+v, want the sound one", cs)
	}
	if cs := claim(t0.Add(59 * time.Minute)); len(cs) != 0 {
		t.Errorf("claimed %+v, want none", cs)
	}
	if cs := claim(t0.Add(time.Hour)); len(cs) != 1 || s.box.Reminder(cs[0].ID) != ids[2] {
		t.Errorf("claimed %+v, want the one that was due later", cs)
	}
	err := s.Check(t.Context())
	for _, id := range ids[:2] {
		if want := fmt.Sprintf("%x was put aside", id); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Check does not say that %s: %v", want, err)
		}
	}
	if n, err := s.Recover(t.Context(), "w", t0.Add(time.Hour)); n != 2 || err != nil {
		t.Errorf("recovered %d, %v", n, err)
	}
}

// TestOrphanedBetweenClaimAndReading: the sources can go in that moment.
func TestOrphanedBetweenClaimAndReading(t *testing.T) {
	s := newStore(t)
	fill(t, s, 1, 1)
	r := store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: t0, Limit: 10}
	rows, err := s.pick(t.Context(), &r)
	if err != nil {
		t.Fatal(err)
	}
	if rows, err = s.take(t.Context(), &r, rows); err != nil || len(rows) != 1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if err := s.RemoveCalendar(t.Context(), "cal0", t0); err != nil {
		t.Fatal(err)
	}
	claims, odd, err := s.claims(t.Context(), rows, t0)
	if err != nil || len(claims) != 0 || len(odd) != 1 {
		t.Fatalf("%d claims, %d odd, %v", len(claims), len(odd), err)
	}
	if err := s.putRight(t.Context(), odd, t0); err != nil {
		t.Fatal(err)
	}
	d, err := s.Delivery(t.Context(), planned(0, 1).Reminders[0].ID)
	if err != nil || d.Status != calbell.StatusCancelled {
		t.Errorf("%s, %v", d.Status, err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestGoneBetweenPickAndTake: what was cancelled in that moment is not claimed.
func TestGoneBetweenPickAndTake(t *testing.T) {
	s := newStore(t)
	fill(t, s, 2, 1)
	r := store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: t0.Add(time.Hour), Limit: 10}
	rows, err := s.pick(t.Context(), &r)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveCalendar(t.Context(), "cal0", t0); err != nil {
		t.Fatal(err)
	}
	if rows, err = s.take(t.Context(), &r, rows); err != nil || len(rows) != 1 {
		t.Errorf("%d rows taken, want the one that is left; %v", len(rows), err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestWantsAreBounded: the list of an event that is extended day by day holds the future
// and the retries, not its life.
func TestWantsAreBounded(t *testing.T) {
	s := newStore(t)
	p := planned(0, 0)
	p.Object.Calendar = "cal0"
	if err := s.Apply(t.Context(), store.Change{Calendar: calbell.Calendar{ID: "cal0"}, Put: []store.Planned{p}}, t0); err != nil {
		t.Fatal(err)
	}
	for day := range 60 {
		now := t0.AddDate(0, 0, day)
		p.Reminders = []store.PlannedReminder{{Reminder: calbell.Reminder{
			ID: calbell.NewReminderID("w", "u", "", now), Webhook: "w", UID: "u", Due: now,
		}}}
		if err := s.Extend(t.Context(), []store.Planned{p}, now); err != nil {
			t.Fatal(err)
		}
		if day%10 == 5 {
			continue // never claimed: these are not forgotten
		}
		if _, err := s.Claim(t.Context(), store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: now, Limit: 100}); err != nil {
			t.Fatal(err)
		}
		sent := []calbell.Outcome{{ID: p.Reminders[0].ID, Status: calbell.StatusSent}}
		if err := s.Finish(t.Context(), "w", sent, nil, now); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.view(t.Context(), func(tx *tx) error {
		h, err := tx.Head(s.box.Object(s.box.Calendar("cal0"), p.Object.Href))
		if len(h.Wants) < 6 || len(h.Wants) > 6+3 {
			t.Errorf("the object remembers %d reminders", len(h.Wants))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}
