package bolt

import (
	"path/filepath"
	"testing"
	"time"

	"calbell"
	"calbell/store"
)

// claimed claims all that is due at an instant.
func claimed(t *testing.T, s *Store, now time.Time) []calbell.Claim {
	t.Helper()
	claims, err := s.Claim(t.Context(), request(now))
	if err != nil {
		t.Fatal(err)
	}
	return claims
}

func request(now time.Time) store.ClaimRequest {
	return store.ClaimRequest{
		Worker: "w", Lease: calbell.Lease, Now: now, Limit: 100,
		Bounds: func(calbell.WebhookID) []store.Bound { return []store.Bound{{Name: "all", Room: 100}} },
	}
}

// A claim whose commit is reported as failed may have happened. What it took is claimed by the next
// one, unmarked: it was never posted.
func TestFailedClaimIsGivenBack(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "calbell.db"))
	fill(t, s, 5, 2)
	now := t0.Add(1000 * time.Hour)
	first := request(now)
	rows, err := s.pick(t.Context(), &first)
	if err != nil || len(rows) < 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if _, err := s.take(t.Context(), &first, rows); err != nil {
		t.Fatal(err)
	}
	if got := claimed(t, s, now.Add(time.Second)); len(got) != 0 {
		t.Fatalf("%d claims of what is in flight", len(got))
	}
	s.stranded.add(&first, idsOf(rows))
	got := claimed(t, s, now.Add(2*time.Second))
	if len(got) != len(rows) {
		t.Errorf("%d claims, want %d", len(got), len(rows))
	}
	for _, c := range got {
		if c.PossibleRepeat {
			t.Errorf("%s is marked", c.ID)
		}
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	// They are the second claim's by now.
	s.stranded.add(&first, idsOf(rows))
	if got := claimed(t, s, now.Add(3*time.Second)); len(got) != 0 {
		t.Errorf("%d claims of what another claim holds", len(got))
	}
}

// A claim that runs once more within an update finds what it has moved, and writes it again.
func TestClaimRunsAgain(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "calbell.db"))
	fill(t, s, 5, 2)
	r := request(t0.Add(1000 * time.Hour))
	rows, err := s.pick(t.Context(), &r)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		commits := s.data.Commits.Load()
		taken, err := s.take(t.Context(), &r, rows)
		if err != nil || len(taken) != len(rows) {
			t.Errorf("took %d of %d, %v", len(taken), len(rows), err)
		}
		if s.data.Commits.Load() == commits {
			t.Error("nothing was written")
		}
	}
	other := r
	other.Worker = "other"
	if taken, err := s.take(t.Context(), &other, rows); err != nil || len(taken) != 0 {
		t.Errorf("another worker took %d, %v", len(taken), err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// A transaction is held by the file once it is committed.
func TestHolds(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "calbell.db"))
	b, err := s.data.Begin(true)
	if err != nil {
		t.Fatal(err)
	}
	txid := uint64(b.ID())
	if s.data.Holds(txid) {
		t.Error("held before the commit")
	}
	if err := b.Commit(); err != nil {
		t.Fatal(err)
	}
	if !s.data.Holds(txid) || s.data.Holds(txid+1) {
		t.Errorf("held: %v, the next one: %v", s.data.Holds(txid), s.data.Holds(txid+1))
	}
}
