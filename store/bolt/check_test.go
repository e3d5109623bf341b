package bolt

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/store"
)

// busy returns a store with deliveries in every index.
func busy(t testing.TB) *Store {
	t.Helper()
	s := newStore(t)
	fill(t, s, 10, 2)
	claims, err := s.Claim(t.Context(), store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: t0.Add(8 * time.Second), Limit: 8})
	if err != nil || len(claims) != 8 {
		t.Fatalf("%d claims, %v", len(claims), err)
	}
	var os []calbell.Outcome
	for i, c := range claims[:6] {
		o := calbell.Outcome{ID: c.ID, Status: calbell.StatusSent}
		if i%2 == 0 {
			o.Status, o.NextAt = calbell.StatusWaiting, t0.Add(time.Hour)
		}
		os = append(os, o)
	}
	if err := s.Finish(t.Context(), "w", os, nil, t0); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// harm changes the database as no method of the store does.
func harm(t testing.TB, s *Store, fn func(*tx) error) {
	t.Helper()
	if err := s.update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// first returns the first row of a bucket, copied.
func first(t *tx, b bucket) (key, value []byte) {
	k, v := t.bucket(b).Cursor().First()
	return append([]byte{}, k...), append([]byte{}, v...)
}

// TestCheckFinds breaks each invariant in turn.
func TestCheckFinds(t *testing.T) {
	remove := func(b bucket) func(*tx) error {
		return func(t *tx) error {
			k, _ := first(t, b)
			return t.delete(b, k)
		}
	}
	turn := func(b bucket) func(*tx) error { // turns a bit in the middle of a value
		return func(t *tx) error {
			k, v := first(t, b)
			v[len(v)/2] ^= 4
			return t.put(b, k, v)
		}
	}
	tests := map[string]struct {
		harm func(*tx) error
		says string
	}{
		"a due row is gone":        {remove(bDue), `row of "due"`},
		"a flight row is gone":     {remove(bFlight), `row of "due"`},
		"a done row is gone":       {remove(bDone), `row of "done"`},
		"a delivery is gone":       {remove(bDeliveries), "rows, the records account for"},
		"an object is gone":        {remove(bObjects), "does not exist"},
		"a text is gone":           {remove(bRaws), "text is missing"},
		"a calendar is gone":       {remove(bCalendars), "calendar"},
		"a replan row is gone":     {remove(bReplan), `no row of "replan"`},
		"a counter is gone":        {remove(bCounts), "counter"},
		"a bit of a delivery":      {turn(bDeliveries), "seal is broken"},
		"a bit of an object":       {turn(bObjects), "seal is broken"},
		"a bit of a text":          {turn(bRaws), "seal is broken"},
		"a bit of a calendar":      {turn(bCalendars), "seal is broken"},
		"a bit of a due row":       {turn(bDue), `row of "due"`},
		"a bit of a done row":      {turn(bDone), `row of "done"`},
		"a delivery was put aside": {func(t *tx) error { return t.put(bBroken, make([]byte, idLen), []byte{1}) }, "put aside"},
		"a due row too many":       {func(t *tx) error { return t.put(bDue, timeRow(t0, make([]byte, idLen)), []byte("px")) }, "rows, the records account for"},
		"an object that wants nobody": {func(t *tx) error {
			k, _ := first(t, bObjects)
			h, err := t.head(objKey(k))
			h.wants = nil
			t.putObject(objKey(k), &pending{disk: h, head: h})
			return errors.Join(err, t.apply())
		}, "does not want it"},
		"a delivery without sources": {func(t *tx) error {
			k, _ := first(t, bDue)
			l := newLedger(t)
			r, err := l.get(rowID(k[timeLen:]))
			r.d.Sources, r.dirty = nil, true
			return errors.Join(err, l.flush())
		}, "without a source"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := busy(t)
			harm(t, s, tt.harm)
			if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v does not say %q", err, tt.says)
			}
		})
	}
}

func TestCheckListsABound(t *testing.T) {
	s := newStore(t)
	fill(t, s, 60, 1)
	harm(t, s, func(t *tx) error {
		for range 50 {
			k, _ := first(t, bRaws)
			if err := t.delete(bRaws, k); err != nil {
				return err
			}
		}
		return nil
	})
	err := s.Check(t.Context())
	if n := strings.Count(fmt.Sprint(err), "\n"); n != maxProblems || !strings.Contains(err.Error(), "more") {
		t.Errorf("%d lines: %v", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Check(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
}

// TestIdleWritesNothing: what happens at every wake-up must not wear out a disk.
func TestIdleWritesNothing(t *testing.T) {
	s := newStore(t)
	fill(t, s, 10, 1)
	ctx := t.Context()
	pages := func() int64 {
		st := s.db.Stats()
		return st.TxStats.GetWrite()
	}
	before, writes := s.commits.Load(), pages()
	claim := store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: t0.Add(-1), Limit: 100}
	full := claim
	full.Now, full.Room = t0.Add(time.Hour), func(calbell.WebhookID) int { return 0 }
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
		if now, w := s.commits.Load(), pages(); now != before || w != writes {
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
				for k, v := range t.rows(b, nil) {
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
	var ids []rowID
	harm(t, s, func(t *tx) error {
		var keys [][]byte
		for k := range t.rows(bDue, nil) {
			keys = append(keys, append([]byte{}, k...))
			ids = append(ids, rowID(k[timeLen:]))
		}
		// The first does not open, the second is gone, the third is due an hour later than its row says.
		row := t.get(bDeliveries, ids[0][:])
		if err := t.put(bDeliveries, ids[0][:], append([]byte{}, row[1:]...)); err != nil {
			return err
		}
		if err := t.delete(bDeliveries, ids[1][:]); err != nil {
			return err
		}
		d, rest, err := t.delivery(ids[2])
		d.NextAt = t0.Add(time.Hour)
		return errors.Join(err, t.putSealed(bDeliveries, ids[2][:], encodeDelivery(ids[2], d, rest)))
	})
	claim := func(at time.Time) []calbell.Claim {
		cs, err := s.Claim(t.Context(), store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: at, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		return cs
	}
	if cs := claim(t0.Add(time.Minute)); len(cs) != 1 || s.box.reminder(cs[0].ID) != ids[3] {
		t.Errorf("claimed %+v, want the sound one", cs)
	}
	if cs := claim(t0.Add(59 * time.Minute)); len(cs) != 0 {
		t.Errorf("claimed %+v, want none", cs)
	}
	if cs := claim(t0.Add(time.Hour)); len(cs) != 1 || s.box.reminder(cs[0].ID) != ids[2] {
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
		h, err := tx.head(s.box.object(s.box.calendar("cal0"), p.Object.Href))
		if len(h.wants) < 6 || len(h.wants) > 6+3 {
			t.Errorf("the object remembers %d reminders", len(h.wants))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestDamagedRows: whatever row is damaged, everything else goes on, and a sync heals what
// the server still has.
func TestDamagedRows(t *testing.T) {
	for _, b := range []bucket{bCalendars, bObjects, bRaws, bDeliveries, bWebhooks, bStates} {
		t.Run(string(b), func(t *testing.T) {
			s := busy(t)
			told := 0
			s.damaged = func(error) { told++ }
			for _, id := range []calbell.WebhookID{"a", "b"} {
				if err := errors.Join(
					s.PutWebhook(t.Context(), calbell.Webhook{ID: id, Name: string(id)}),
					s.SetWebhookState(t.Context(), id, calbell.WebhookState{Reason: "x"}),
				); err != nil {
					t.Fatal(err)
				}
			}
			harm(t, s, func(t *tx) error {
				k, v := first(t, b)
				v[len(v)/2] ^= 1
				return t.put(b, k, v)
			})
			allGoesOn(t, s)
			if told == 0 {
				t.Error("nobody was told")
			}
		})
	}
}

// allGoesOn uses a store of busy of which one row is damaged.
func allGoesOn(t *testing.T, s *Store) {
	t.Helper()
	ctx, now := t.Context(), t0.Add(2*time.Hour)
	cals, err1 := s.Calendars(ctx)
	hooks, err2 := s.Webhooks(ctx)
	states, err3 := s.WebhookStates(ctx)
	up, err4 := s.Upcoming(ctx, 100)
	past, err5 := s.History(ctx, store.HistoryQuery{})
	plans, err6 := s.DuePlans(ctx, t0.AddDate(1, 0, 0), 100)
	tags, err7 := s.ETags(ctx, "cal0")
	more, err8 := s.ETags(ctx, "cal1")
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7, err8); err != nil {
		t.Fatal(err)
	}
	seen := len(cals) + len(hooks) + len(states) + len(up) + len(past) + len(plans) + len(tags) + len(more)
	if all := 2 + 2 + 2 + 17 + 3 + 10 + 5 + 5; seen > all || seen < all-2 {
		t.Errorf("%d things are seen of %d", seen, all)
	}
	fill(t, s, 10, 2) // as a full sync does
	if _, err := s.Recover(ctx, "w", now); err != nil {
		t.Fatal(err)
	}
	claims, err := s.Claim(ctx, store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: now, Limit: 100})
	if err != nil || len(claims) < 16 || len(claims) > 18 {
		t.Errorf("%d claims of 17, %v", len(claims), err)
	}
	once := make(map[calbell.ReminderID]bool)
	var os []calbell.Outcome
	for _, c := range claims {
		if once[c.ID] {
			t.Errorf("%s was claimed twice", c.ID)
		}
		once[c.ID] = true
		os = append(os, calbell.Outcome{ID: c.ID, Status: calbell.StatusSent})
	}
	if err := s.Finish(ctx, "w", os, nil, now); err != nil {
		t.Error(err)
	}
	if again, err := s.Claim(ctx, store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: now, Limit: 100}); err != nil || len(again) > 0 {
		t.Errorf("%d more claims, %v", len(again), err)
	}
}

func TestStats(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "calbell.db"))
	fill(t, s, 500, 1)
	before, err := s.Stats()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []calbell.CalendarID{"cal0", "cal1"} {
		if err := s.RemoveCalendar(t.Context(), id, t0); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SaveCalendar(t.Context(), calbell.Calendar{ID: "x"}); err != nil {
		t.Fatal(err)
	}
	after, err := s.Stats()
	if err != nil || after.Commits != before.Commits+3 || after.FreeBytes < before.FreeBytes+200<<10 || after.FileBytes < before.FileBytes {
		t.Errorf("before %+v, after %+v, %v", before, after, err)
	}
}
