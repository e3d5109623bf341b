package bolt

import (
	"context"
	"time"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/record"
)

// Expire implements store.Queue. The rows are looked at in a read transaction; what is to
// end is looked at once more in the one that writes.
func (s *upkeepStore) Expire(ctx context.Context, r store.ExpireRequest) (store.ExpireResult, error) {
	result := store.ExpireResult{Ended: make(map[calbell.WebhookID]int)}
	if r.Limit < 1 || r.Missed == nil {
		return result, &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("expire: limit %d", r.Limit)}
	}
	var late []record.ID
	err := s.view(ctx, func(t *tx) error {
		late, result.Next = lateRows(t, &r)
		return nil
	})
	if err != nil || len(late) == 0 {
		return result, err
	}
	err = s.update(ctx, failpoint.Expire, func(t *tx) error {
		clear(result.Ended)
		l := record.NewLedger(t, t.Box)
		for _, id := range late {
			row, err := l.Get(id)
			if err != nil || row == nil || row.Status.Final() || row.Status == calbell.StatusInFlight {
				continue
			}
			if end, reason, tell := r.Missed(row.Delivery); end {
				row.Miss(r.Now, reason, tell)
				result.Ended[row.Webhook]++
			}
		}
		return l.Flush()
	})
	return result, err
}

// lateRows returns the deliveries to end among the next rows, and where to go on.
func lateRows(t *tx, r *store.ExpireRequest) (ids []record.ID, next time.Time) {
	var first []byte
	if !r.From.IsZero() {
		first = record.TimeKey(r.From, nil)
	}
	n := 0
	var at time.Time // of the latest row looked at
	for k, v := range t.Rows(bDue, first) {
		row, ok := dueOf(k, v)
		if !row.at.Before(r.Before) {
			return ids, time.Time{}
		}
		if n >= r.Limit && row.at.After(at) {
			return ids, row.at
		}
		n, at = n+1, row.at
		if !ok {
			continue
		}
		d, _, err := t.Delivery(row.id)
		if err != nil || d == nil {
			continue // it is set aside when it is claimed
		}
		if end, _, _ := r.Missed(*d); end {
			ids = append(ids, row.id)
		}
	}
	return ids, time.Time{}
}

// Resend implements store.Deliveries.
func (s *upkeepStore) Resend(ctx context.Context, ids []calbell.ReminderID, now time.Time) (n int, err error) {
	err = s.update(ctx, failpoint.Resend, func(t *tx) error {
		n = 0
		l := record.NewLedger(t, t.Box)
		for _, id := range ids {
			row, err := l.Get(s.box.Reminder(id))
			switch {
			case err != nil:
				return err
			case row == nil:
				return calbell.NotFound(calbell.NounDelivery, string(id))
			case row.Resend(now):
				n++
			}
		}
		return l.Flush()
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// Beat implements store.Heartbeat. After the disk was full it looks whether there is room.
func (s *upkeepStore) Beat(ctx context.Context, now time.Time) error {
	err := s.update(ctx, failpoint.Beat, func(t *tx) error {
		last, err := lastBeat(t)
		if err != nil {
			t.Damaged(err) // and written anew
		}
		if last.After(now) {
			now = last
		}
		return t.PutSealed(bMeta, []byte("beat"), record.TimeKey(now, nil))
	})
	if err != nil || !s.Full() {
		return err
	}
	return s.data.KeepBallast(ctx)
}

// LastBeat implements store.Heartbeat.
func (s *upkeepStore) LastBeat(ctx context.Context) (at time.Time, err error) {
	err = s.view(ctx, func(t *tx) error {
		at, err = lastBeat(t)
		return err
	})
	return at, err
}

func lastBeat(t *tx) (time.Time, error) {
	b, err := t.GetSealed(bMeta, []byte("beat"))
	if b == nil || err != nil {
		return time.Time{}, err
	}
	at, ok := record.TimeOf(b)
	if !ok {
		return time.Time{}, record.ErrMalformed
	}
	return at, nil
}
