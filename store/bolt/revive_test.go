package bolt

import (
	"path/filepath"
	"testing"
	"time"

	"calbell"
	"calbell/store"
)

// TestRestoredIsPlannedAsItWasLast: the sent journal tells a restored backup what has ended
// since. What was planned again after it had ended has not: a calendar was left out of the
// configuration for a minute, an event was moved and moved back, a person asked for a dead one.
// Its object is as the backup has it, so that no sync would ever plan it again.
func TestRestoredIsPlannedAsItWasLast(t *testing.T) {
	later := t0.Add(time.Minute)
	for _, tt := range []struct {
		name string
		// since is what happens to the one reminder after the backup was made.
		since func(t *testing.T, s *Store, p store.Planned)
		want  calbell.Status
		next  time.Time
	}{
		{"a calendar that was away", func(t *testing.T, s *Store, p store.Planned) {
			cancelAll(t, s, later)
			put(t, s, later, p)
		}, calbell.StatusPlanned, t0.Add(time.Hour)},
		{"away for good", func(t *testing.T, s *Store, _ store.Planned) { cancelAll(t, s, later) }, calbell.StatusCancelled, time.Time{}},
		{"away twice", func(t *testing.T, s *Store, p store.Planned) {
			cancelAll(t, s, later)
			put(t, s, later, p)
			cancelAll(t, s, later)
		}, calbell.StatusCancelled, time.Time{}},
		{"given up, and asked for", func(t *testing.T, s *Store, p store.Planned) {
			finish(t, s, t0.Add(time.Hour), calbell.StatusDead)
			if _, err := s.Resend(t.Context(), []calbell.ReminderID{p.Reminders[0].ID}, t0.Add(2*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}, calbell.StatusPlanned, t0.Add(time.Hour)},
		{"asked for, and sent", func(t *testing.T, s *Store, p store.Planned) {
			finish(t, s, t0.Add(time.Hour), calbell.StatusDead)
			if _, err := s.Resend(t.Context(), []calbell.ReminderID{p.Reminders[0].ID}, t0.Add(2*time.Hour)); err != nil {
				t.Fatal(err)
			}
			finish(t, s, t0.Add(2*time.Hour), calbell.StatusSent)
		}, calbell.StatusSent, time.Time{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "calbell.db")
			s := openAt(t, path)
			p := planned(0, 1)
			p.Reminders[0].Due = t0.Add(time.Hour)
			put(t, s, t0, p)
			file, err := s.Snapshot(t.Context(), filepath.Join(filepath.Dir(path), "snapshots"), 2, t0)
			if err != nil {
				t.Fatal(err)
			}
			tt.since(t, s, p)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := Restore(t.Context(), file, path, testKey()); err != nil {
				t.Fatal(err)
			}
			s = openAt(t, path)
			d, err := s.Delivery(t.Context(), p.Reminders[0].ID)
			if err != nil || d.Status != tt.want || !d.NextAt.Equal(tt.next) {
				t.Errorf("restored as %s, next at %s, %v; want %s, %s", d.Status, d.NextAt, err, tt.want, tt.next)
			}
			if err := s.Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// put stores objects in the one calendar.
func put(t *testing.T, s *Store, now time.Time, ps ...store.Planned) {
	t.Helper()
	if err := s.Apply(t.Context(), store.Change{Calendar: calbell.Calendar{ID: "cal"}, Put: ps}, now); err != nil {
		t.Fatal(err)
	}
}

// cancelAll removes the one calendar.
func cancelAll(t *testing.T, s *Store, now time.Time) {
	t.Helper()
	if err := s.RemoveCalendar(t.Context(), "cal", now); err != nil {
		t.Fatal(err)
	}
}

// finish claims what is due and ends it.
func finish(t *testing.T, s *Store, now time.Time, as calbell.Status) {
	t.Helper()
	cs, err := s.Claim(t.Context(), store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: now, Limit: 10})
	if err != nil || len(cs) != 1 {
		t.Fatalf("%d claims, %v", len(cs), err)
	}
	o := calbell.Outcome{ID: cs[0].ID, Status: as, Try: &calbell.Try{At: now, Verdict: calbell.Accepted}}
	if err := s.Finish(t.Context(), "w", []calbell.Outcome{o}, nil, now); err != nil {
		t.Fatal(err)
	}
}
