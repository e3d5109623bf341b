package bolt

import (
	"context"
	"time"

	bbolt "go.etcd.io/bbolt"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/record"
)

// defaultHistory is how many rows a history returns when nobody said.
const defaultHistory = 100

// Delivery implements store.Deliveries.
func (s *deliveryStore) Delivery(ctx context.Context, id calbell.ReminderID) (calbell.Delivery, error) {
	var d *calbell.Delivery
	err := s.view(ctx, func(t *tx) (err error) {
		d, _, err = t.Delivery(s.box.Reminder(id))
		return err
	})
	switch {
	case err != nil:
		return calbell.Delivery{}, err
	case d == nil:
		return calbell.Delivery{}, calbell.NotFound(calbell.NounDelivery, string(id))
	}
	return *d, nil
}

// History implements store.Deliveries.
func (s *deliveryStore) History(ctx context.Context, q store.HistoryQuery) ([]calbell.Delivery, error) {
	if q.Limit == 0 {
		q.Limit = defaultHistory
	}
	f := record.NewFilter(s.box, &q)
	var ds []calbell.Delivery
	err := s.view(ctx, func(t *tx) error {
		next := historyRows(t, &q)
		for k, v := next(); k != nil && len(ds) < q.Limit; k, v = next() {
			row, ok := doneOf(k, v)
			if ok && row.at.Before(q.Since) && !q.Since.IsZero() {
				return nil
			}
			if !ok || !f.MayMatch(row.status, row.webhook, row.uid) {
				continue
			}
			switch d, _, err := t.Delivery(row.id); {
			case err != nil:
				t.Damaged(err)
			case d != nil && f.Matches(d):
				ds = append(ds, *d)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return ds, nil
}

// historyRows returns a walk over the rows of a history, newest first; it returns nil at the end.
func historyRows(t *tx, q *store.HistoryQuery) (next func() (k, v []byte)) {
	if q.Of != nil {
		return newPastRows(t, q.Of, q.After).next
	}
	c := t.Table(bDone).Cursor()
	step := func() (k, v []byte) { return historyFrom(t, c, q.After) }
	return func() (k, v []byte) {
		t.Read(1)
		k, v = step()
		step = c.Prev
		return k, v
	}
}

// historyFrom returns the row with which a history begins.
func historyFrom(t *tx, c *bbolt.Cursor, after *store.HistoryMark) (k, v []byte) {
	if after == nil {
		return c.Last()
	}
	id := t.Box.Reminder(after.ID)
	if k, _ := c.Seek(record.TimeKey(after.FinishedAt, id[:])); k == nil {
		return c.Last()
	}
	return c.Prev()
}

// doneRow is a row of the index of ended deliveries.
type doneRow struct {
	dueRow
	uid []byte // tag of the UID
}

func doneOf(k, v []byte) (d doneRow, ok bool) {
	if len(v) < 1+record.TagLen {
		return d, false
	}
	d.dueRow, ok = dueOf(k, v)
	d.uid, d.webhook = v[1:1+record.TagLen], calbell.WebhookID(v[1+record.TagLen:])
	return d, ok
}

// Counts implements store.Deliveries. The counters are kept in the transactions that move
// deliveries, so a million of them cost nine look-ups.
func (s *deliveryStore) Counts(ctx context.Context) (map[calbell.Status]int, error) {
	counts := make(map[calbell.Status]int)
	err := s.view(ctx, func(t *tx) error {
		for _, st := range record.States() {
			b, _ := record.StateByte(st)
			if n := t.counted(b); n > 0 {
				counts[st] = int(n)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return counts, nil
}

// Prune implements store.Deliveries.
func (s *deliveryStore) Prune(ctx context.Context, before time.Time, limit int) (n int, err error) {
	err = s.update(ctx, failpoint.Prune, func(t *tx) error {
		n = 0
		var keys [][]byte // a bucket must not change while it is walked
		var ended []calbell.Delivery
		for k, v := range t.Rows(bDone, nil) {
			row, ok := doneOf(k, v)
			if len(keys) >= limit || ok && !row.at.Before(before) {
				break
			}
			keys = append(keys, append([]byte(nil), k...))
			t.count(row.status, "")
			d, _, err := t.Delivery(row.id)
			if err != nil || d == nil {
				continue
			}
			ended = append(ended, *d)
			if d.Untold {
				t.marks = append(t.marks, mark{d.Webhook, record.TimeKey(d.Due, row.id[:]), false})
			}
		}
		for _, k := range keys {
			if err := t.Delete(bDone, k); err != nil {
				return err
			}
			if err := t.Delete(bDeliveries, k[record.TimeLen:]); err != nil {
				return err
			}
		}
		for i := range ended {
			if err := t.forgetPast(s.box.Reminder(ended[i].ID), &ended[i]); err != nil {
				return err
			}
		}
		n = len(keys)
		return toTell(t).applyMarks()
	})
	return n, err
}
