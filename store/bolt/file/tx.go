package file

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"calbell"

	bbolt "go.etcd.io/bbolt"

	"calbell/internal/failpoint"
	"calbell/store/record"
)

// Tx is one transaction with the keys to read it.
type Tx struct {
	*bbolt.Tx
	Box *record.Sealer
	// Damaged is notified of a row that does not open and is passed over.
	Damaged func(error)
	known   map[record.Table]*bbolt.Bucket
	scratch []byte // for values that are decoded at once
	// Wrote is set by what writes: a transaction that wrote nothing is not committed.
	Wrote bool
	edits []edit
	rows  int64 // read so far
}

func (s *File) newTx(b *bbolt.Tx) *Tx {
	return &Tx{Tx: b, Box: s.box, Damaged: s.Damaged, known: make(map[record.Table]*bbolt.Bucket)}
}

// View runs fn in a read transaction. What fn returns to its caller must be copied: the
// database's own bytes are gone afterwards.
func (s *File) View(ctx context.Context, fn func(*Tx) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer Faults(s.path, &err)()
	b, err := s.Begin(false)
	if err != nil {
		return fmt.Errorf("read database: %w", err)
	}
	defer s.rollback(b) // a read has nothing to lose
	t := s.newTx(b)
	defer func() { s.RowsRead.Add(t.rows) }()
	return fn(t)
}

// Change is what a write transaction does. done is called once the file holds it, with its number;
// nil: nothing is to be done.
type Change func(t *Tx) (done func(txid uint64), err error)

// Commit runs fn in a write transaction and commits it when fn succeeds and wrote
// something. The point is what the transaction is for.
func (s *File) Commit(ctx context.Context, p failpoint.Point, fn Change) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer Faults(s.path, &err)()
	b, err := s.Begin(true)
	if err != nil {
		return fmt.Errorf("write database: %w", err)
	}
	defer s.rollback(b) // after a commit it does nothing
	t := s.newTx(b)
	defer func() { s.RowsRead.Add(t.rows) }()
	done, err := fn(t)
	if err != nil || !t.Wrote {
		return err
	}
	if done == nil {
		done = func(uint64) {}
	}
	txid := uint64(b.ID())
	if err := commitAt(b, p); err != nil {
		s.refused.Store(&err)
		if s.Holds(txid) {
			done(txid)
		}
		return fmt.Errorf("write database: %w", err)
	}
	s.refused.Store(nil)
	s.Commits.Add(1)
	done(txid)
	return nil
}

// Holds reports whether the file holds a transaction, although its commit failed: the wait for the
// disk fails after the last page was written. What follows goes on from there.
func (s *File) Holds(txid uint64) bool {
	b, err := s.Begin(false)
	if err != nil {
		return false
	}
	defer s.rollback(b)
	return uint64(b.ID()) >= txid
}

// commitAt commits between the places of a point.
func commitAt(b *bbolt.Tx, p failpoint.Point) error {
	if err := failpoint.Before(p); err != nil {
		return err
	}
	if err := b.Commit(); err != nil {
		return err
	}
	return failpoint.After(p)
}

// errStuck: a damaged page was met where bbolt holds its locks, which it has not given back.
var errStuck = errors.New("a damaged page was met in the middle of a transaction")

// Begin begins a transaction. Where the database is stuck it fails: to wait for a lock that
// nobody gives back would be for ever.
func (s *File) Begin(writes bool) (b *bbolt.Tx, err error) {
	if s.stuck.Load() {
		return nil, DamagedError(calbell.English("use database %q", s.path), errStuck)
	}
	s.Locked(func() { b, err = s.DB.Begin(writes) })
	return b, err
}

func (s *File) rollback(b *bbolt.Tx) { s.Locked(func() { _ = b.Rollback() }) }

// Locked runs what bbolt does under its locks. When that ends in a panic they are not given back.
func (s *File) Locked(fn func()) {
	done := false
	defer func() {
		if !done {
			s.stuck.Store(true)
		}
	}()
	fn()
	done = true
}

// Table returns the bucket of a table.
func (t *Tx) Table(b record.Table) *bbolt.Bucket {
	k, ok := t.known[b]
	if !ok {
		k = t.Bucket([]byte(b))
		t.known[b] = k
	}
	return k
}

// Get returns the database's own bytes: valid until the transaction ends or the row is
// written. nil when there is no row.
func (t *Tx) Get(b record.Table, key []byte) []byte {
	t.Read(1)
	return t.Table(b).Get(key)
}

// Read counts rows that were read otherwise than through t.
func (t *Tx) Read(rows int64) { t.rows += rows }

// Has reports whether there is a row.
func (t *Tx) Has(b record.Table, key []byte) bool { return t.Get(b, key) != nil }

// Put writes a row.
func (t *Tx) Put(b record.Table, key, value []byte) error {
	t.Wrote = true
	if err := t.Table(b).Put(key, value); err != nil {
		return fmt.Errorf("write row of %q: %w", b, err)
	}
	return nil
}

// Delete deletes a row, if there is one.
func (t *Tx) Delete(b record.Table, key []byte) error {
	t.Wrote = true
	if err := t.Table(b).Delete(key); err != nil {
		return fmt.Errorf("delete row of %q: %w", b, err)
	}
	return nil
}

// edit is a row to be written, or to be deleted when value is nil.
type edit struct {
	b          record.Table
	key, value []byte
}

// Later notes an edit for apply. bbolt keeps all that a transaction adds to a page in one
// array until the commit: 30,000 rows in random order took 2.3 s, sorted they take 0.3 s.
func (t *Tx) Later(b record.Table, key, value []byte) {
	t.edits = append(t.edits, edit{b, bytes.Clone(key), value})
}

// Apply makes the edits noted so far, in key order. Each row has at most one.
func (t *Tx) Apply() error {
	slices.SortFunc(t.edits, func(a, b edit) int {
		return cmp.Or(cmp.Compare(a.b, b.b), bytes.Compare(a.key, b.key))
	})
	for _, e := range t.edits {
		var err error
		if e.value == nil {
			err = t.Delete(e.b, e.key)
		} else {
			err = t.Put(e.b, e.key, e.value)
		}
		if err != nil {
			return err
		}
	}
	t.edits = nil
	return nil
}

// GetSealed returns a value that is valid until the next getSealed; nil without an error
// when there is no row. A row on a page that cannot be read is one that does not open: it
// must not take down those that are looked at in the same transaction.
func (t *Tx) GetSealed(b record.Table, key []byte) (plain []byte, err error) {
	defer Faults(t.DB().Path(), &err)()
	sealed := t.Get(b, key)
	if sealed == nil {
		return nil, nil
	}
	return t.Unseal(b, key, sealed)
}

// Unseal opens a value into scratch memory: valid until the next one.
func (t *Tx) Unseal(b record.Table, key, sealed []byte) ([]byte, error) {
	plain, err := t.Box.Unseal(t.scratch[:0], b, key, sealed)
	if err != nil {
		return nil, err
	}
	t.scratch = plain
	return plain, nil
}

// PutSealed writes a row whose value is sealed.
func (t *Tx) PutSealed(b record.Table, key, plain []byte) error {
	return t.Put(b, key, t.Box.Seal(b, key, plain))
}

// Rows walks a bucket from a key on, in order. The bucket must not be written meanwhile.
func (t *Tx) Rows(b record.Table, from []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		c := t.Table(b).Cursor()
		for k, v := c.Seek(from); k != nil; k, v = c.Next() {
			t.rows++
			if !yield(k, v) {
				return
			}
		}
	}
}

// Under walks the rows whose key begins with prefix.
func (t *Tx) Under(b record.Table, prefix []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		for k, v := range t.Rows(b, prefix) {
			if !bytes.HasPrefix(k, prefix) || !yield(k, v) {
				return
			}
		}
	}
}
