package bolt

import (
	"context"
	"sync"
	"time"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/record"
)

// stranded are deliveries that a claim moved to flight, or may have moved, and did not hand out:
// its commit was reported as failed and happened all the same, or the records could not be read
// afterwards. Nobody posts them, so the next claim gives them back; else they would stay in flight
// until the next start. The zero value is none.
type stranded struct {
	mu   sync.Mutex
	rows map[record.ID]flight
}

// add notes deliveries of a claim.
func (s *stranded) add(r *store.ClaimRequest, ids []record.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rows == nil {
		s.rows = make(map[record.ID]flight, len(ids))
	}
	for _, id := range ids {
		s.rows[id] = flight{worker: r.Worker, leaseEnd: leaseEnd(r)}
	}
}

// take returns all, and forgets them.
func (s *stranded) take() map[record.ID]flight {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := s.rows
	s.rows = nil
	return rows
}

// restore takes back what take returned.
func (s *stranded) restore(rows map[record.ID]flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, f := range s.rows {
		rows[id] = f // claimed since
	}
	s.rows = rows
}

// idsOf returns the IDs of rows.
func idsOf(rows []dueRow) []record.ID {
	ids := make([]record.ID, len(rows))
	for i, row := range rows {
		ids[i] = row.id
	}
	return ids
}

// leaseEnd is when the claims of a request lapse. With the worker it tells them from others.
func leaseEnd(r *store.ClaimRequest) time.Time { return r.Now.Add(r.Lease).UTC() }

// isOf reports whether a flight row was written by the claim that another one describes.
func (f *flight) isOf(claim flight) bool {
	return f.worker == claim.worker && f.leaseEnd.Equal(claim.leaseEnd)
}

// takeAgain reports whether a claim has moved a delivery to flight already, by a commit that was
// reported as failed. The row is written once more: nothing is posted before its claim is on disk.
func takeAgain(t *tx, id record.ID, f *flight) (bool, error) {
	if moved, ok := flightOf(t.Get(bFlight, id[:])); !ok || !moved.isOf(*f) {
		return false, nil
	}
	return true, t.Put(bFlight, id[:], f.encode())
}

// giveBack moves stranded deliveries back to the queue, as they were.
func (s *queueStore) giveBack(ctx context.Context) error {
	rows := s.stranded.take()
	if len(rows) == 0 {
		return nil
	}
	err := s.update(ctx, failpoint.Claim, func(t *tx) error {
		for id, claim := range rows {
			f, ok := flightOf(t.Get(bFlight, id[:]))
			if !ok || !f.isOf(claim) {
				continue
			}
			state, _ := record.StateByte(f.rest)
			value := append([]byte{state}, f.webhook...)
			if err := t.Delete(bFlight, id[:]); err != nil {
				return err
			}
			if err := t.Put(bDue, record.TimeKey(f.nextAt, id[:]), value); err != nil {
				return err
			}
			t.count(calbell.StatusInFlight, f.rest)
		}
		return nil
	})
	if err != nil {
		s.stranded.restore(rows)
	}
	return err
}
