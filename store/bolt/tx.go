package bolt

import (
	"context"
	"encoding/binary"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store/bolt/file"
	"calbell/store/bolt/sent"
	"calbell/store/record"
)

// tx is one transaction, with what it changes of indexes and counters.
type tx struct {
	*file.Tx
	marks  []mark
	ends   []sent.Entry             // of the sent journal
	counts map[calbell.Status]int64 // changes to the counters
}

// view runs fn in a read transaction. What fn returns to its caller must be copied: the
// database's own bytes are gone afterwards.
func (s *database) view(ctx context.Context, fn func(*tx) error) error {
	return s.data.View(ctx, func(t *file.Tx) error { return fn(&tx{Tx: t}) })
}

// update runs fn in a write transaction and commits it when fn succeeds and wrote something. Where
// there is no room for that, it may run once more.
func (s *database) update(ctx context.Context, p failpoint.Point, fn func(*tx) error) error {
	return s.data.Update(ctx, p, s.change(fn))
}

// recordsDB runs the transactions of package records.
type recordsDB struct{ *database }

// View implements records.DB.
func (s recordsDB) View(ctx context.Context, fn func(*file.Tx) error) error {
	return s.data.View(ctx, fn)
}

// Update implements records.DB.
func (s recordsDB) Update(ctx context.Context, p failpoint.Point, fn func(*file.Tx) error) error {
	return s.update(ctx, p, func(t *tx) error { return fn(t.Tx) })
}

// grow is update for what makes the database grow.
func (s *database) grow(ctx context.Context, p failpoint.Point, fn func(*tx) error) error {
	return s.data.Grow(ctx, p, s.change(fn))
}

// change counts what a transaction moves, and tells the journal what it ended.
func (s *database) change(fn func(*tx) error) file.Change {
	return func(pt *file.Tx) (func(uint64), error) {
		t := &tx{Tx: pt}
		if err := fn(t); err != nil || !t.Wrote {
			return nil, err
		}
		return func(txid uint64) { s.noteEnds(txid, t.ends) }, t.flushCounts()
	}
}

// Damaged implements record.Tx.
func (t *tx) Damaged(err error) { t.Tx.Damaged(err) }

// Flush implements record.Tx: it makes the edits noted so far, in key order.
func (t *tx) Flush() error {
	if err := t.Apply(); err != nil {
		return err
	}
	return toTell(t).applyMarks()
}

// count notes that a delivery left one state for another; "" is none.
func (t *tx) count(from, to calbell.Status) {
	if from == to {
		return
	}
	if t.counts == nil {
		t.counts = make(map[calbell.Status]int64)
	}
	if from != "" {
		t.counts[from]--
	}
	if to != "" {
		t.counts[to]++
	}
}

func (t *tx) flushCounts() error {
	for s, n := range t.counts {
		if n == 0 {
			continue
		}
		b, _ := record.StateByte(s)
		v := max(0, t.counted(b)+n)
		if err := t.Put(bCounts, []byte{b}, binary.BigEndian.AppendUint64(nil, uint64(v))); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) counted(state byte) int64 {
	v := t.Get(bCounts, []byte{state})
	if len(v) != 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(v))
}
