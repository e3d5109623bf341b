package records

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"calbell/store"
	"calbell/store/bolt/file"
	"calbell/store/record"
)

const (
	// Groups is the bucket of the index by group: a 16-byte keyed hash of kind and group ‖ the key of the
	// record's row, without values.
	Groups record.Table = "groups"
	// Counts is the bucket of counters: 't' ‖ the name of a bucket → uint64, its number of records.
	Counts record.Table = "counts"

	groupLen = 16
)

// Of is a bucket of sealed records of one kind.
type Of[T any] struct {
	Bucket record.Table
	record.Kind[T]
	// row returns the row of a record; nil: it is the one that the kind says.
	row func(box *record.Sealer, v *T) []byte
}

// Open reads the value of a row.
func (rs Of[T]) Open(t *file.Tx, key, sealed []byte) (v T, err error) {
	plain, err := t.Unseal(rs.Bucket, key, sealed)
	if err != nil {
		return v, err
	}
	if v, err = rs.Decode(plain); err != nil {
		return v, fmt.Errorf("decode row %x of %q: %w", record.Brief(key), rs.Bucket, err)
	}
	return v, nil
}

// All returns the records in no order. What does not open is left out.
func (rs Of[T]) All(t *file.Tx) (vs []T) {
	for k, v := range t.Rows(rs.Bucket, nil) {
		r, err := rs.Open(t, k, v)
		if err != nil {
			t.Damaged(err)
			continue
		}
		vs = append(vs, r)
	}
	return vs
}

// Get returns one record; nil when there is none.
func (rs Of[T]) Get(t *file.Tx, name string) (*T, error) { return rs.GetAt(t, rs.Key(t.Box, name)) }

// GetAt returns the record of a row; nil when there is none.
func (rs Of[T]) GetAt(t *file.Tx, key []byte) (*T, error) {
	sealed := t.Get(rs.Bucket, key)
	if sealed == nil {
		return nil, nil
	}
	v, err := rs.Open(t, key, sealed)
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// Some returns the records of some rows, each once, in no order. What does not open is left out.
func (rs Of[T]) Some(t *file.Tx, keys [][]byte) (vs []T) {
	seen := make(map[string]bool, len(keys))
	for _, key := range keys {
		if seen[string(key)] {
			continue
		}
		seen[string(key)] = true
		switch v, err := rs.GetAt(t, key); {
		case err != nil:
			t.Damaged(err)
		case v != nil:
			vs = append(vs, *v)
		}
	}
	return vs
}

// Grouped returns the records of some groups, each once, in no order. What does not open is left out.
func (rs Of[T]) Grouped(t *file.Tx, groups ...store.Group) []T {
	is := func(v T) bool {
		return slices.ContainsFunc(rs.groups(&v), func(g store.Group) bool { return slices.Contains(groups, g) })
	}
	// A row of the index may be left over from a record that did not open when it was replaced.
	return slices.DeleteFunc(rs.Some(t, rs.KeysOf(t, groups...)), func(v T) bool { return !is(v) })
}

// KeysOf returns the rows that the index has for some groups.
func (rs Of[T]) KeysOf(t *file.Tx, groups ...store.Group) (keys [][]byte) {
	for _, g := range groups {
		for k := range t.Under(Groups, rs.groupKey(t, g)) {
			keys = append(keys, bytes.Clone(k[groupLen:]))
		}
	}
	return keys
}

// RowOf returns the row of a record.
func (rs Of[T]) RowOf(t *file.Tx, v *T) []byte {
	if rs.row != nil {
		return rs.row(t.Box, v)
	}
	return rs.Key(t.Box, rs.Name(v))
}

// Put stores a record in the place of the one of its row.
func (rs Of[T]) Put(t *file.Tx, v T) error {
	key := rs.RowOf(t, &v)
	plain, err := rs.Encode(v)
	if err != nil {
		return fmt.Errorf("encode row of %q: %w", rs.Bucket, err)
	}
	had := t.Has(rs.Bucket, key)
	if err := rs.regroup(t, key, &v); err != nil {
		return err
	}
	if !had {
		if err := rs.count(t, 1); err != nil {
			return err
		}
	}
	return t.PutSealed(rs.Bucket, key, plain)
}

// Remove deletes one record, if there is one.
func (rs Of[T]) Remove(t *file.Tx, name string) (was bool, err error) {
	return rs.RemoveAt(t, rs.Key(t.Box, name))
}

// RemoveAt deletes the record of a row, if there is one.
func (rs Of[T]) RemoveAt(t *file.Tx, key []byte) (was bool, err error) {
	if !t.Has(rs.Bucket, key) {
		return false, nil
	}
	if err := rs.regroup(t, key, nil); err != nil {
		return true, err
	}
	if err := rs.count(t, -1); err != nil {
		return true, err
	}
	return true, t.Delete(rs.Bucket, key)
}

// regroup brings the index from the groups of a row's record to those of another; nil: it is removed.
func (rs Of[T]) regroup(t *file.Tx, key []byte, v *T) error {
	if rs.Groups == nil {
		return nil
	}
	var is []store.Group
	if v != nil {
		is = rs.groups(v)
	}
	if rs.OneGroup && len(is) == 1 && t.Has(Groups, append(rs.groupKey(t, is[0]), key...)) {
		return nil
	}
	var was []store.Group
	switch old, err := rs.GetAt(t, key); {
	case err != nil:
		t.Damaged(err) // what the index has of it is passed over
	case old != nil:
		was = rs.groups(old)
	}
	for _, g := range was {
		if !slices.Contains(is, g) {
			if err := t.Delete(Groups, append(rs.groupKey(t, g), key...)); err != nil {
				return err
			}
		}
	}
	for _, g := range is {
		if !slices.Contains(was, g) {
			if err := t.Put(Groups, append(rs.groupKey(t, g), key...), []byte{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// groups returns the groups of a record.
func (rs Of[T]) groups(v *T) []store.Group {
	if rs.Groups == nil {
		return nil
	}
	return rs.Groups(v)
}

// groupKey returns the beginning of a group's rows in the index.
func (rs Of[T]) groupKey(t *file.Tx, g store.Group) []byte {
	return t.Box.Hash("group", string(rs.Bucket)+"\x00"+string(g))[:groupLen:groupLen]
}

// Count returns how many records there are, by one look-up.
func (rs Of[T]) Count(t *file.Tx) int {
	v := t.Get(Counts, rs.counter())
	if len(v) != 8 {
		return 0
	}
	return int(binary.BigEndian.Uint64(v))
}

func (rs Of[T]) counter() []byte { return append([]byte{'t'}, rs.Bucket...) }

func (rs Of[T]) count(t *file.Tx, by int) error {
	return rs.setCount(t, max(0, rs.Count(t)+by))
}

func (rs Of[T]) setCount(t *file.Tx, n int) error {
	return t.Put(Counts, rs.counter(), binary.BigEndian.AppendUint64(nil, uint64(n)))
}

// RemoveAll deletes the records that are to go, those that do not open among them when
// damaged is true: a bucket must not change while it is walked.
func (rs Of[T]) RemoveAll(t *file.Tx, damaged bool, goes func(*T) bool) error {
	var keys [][]byte
	for k, v := range t.Rows(rs.Bucket, nil) {
		r, err := rs.Open(t, k, v)
		if err != nil {
			t.Damaged(err)
		}
		if err == nil && goes(&r) || err != nil && damaged {
			keys = append(keys, bytes.Clone(k))
		}
	}
	for _, k := range keys {
		if _, err := rs.RemoveAt(t, k); err != nil {
			return err
		}
	}
	return nil
}

// Fill makes the index and the counter of records that were stored without: for an upgrade.
func (rs Of[T]) Fill(t *file.Tx) error {
	var rows []struct {
		key    []byte
		groups []store.Group
	}
	n := 0
	for k, v := range t.Rows(rs.Bucket, nil) {
		n++
		r, err := rs.Open(t, k, v)
		if err != nil {
			t.Damaged(err)
			continue
		}
		rows = append(rows, struct {
			key    []byte
			groups []store.Group
		}{bytes.Clone(k), rs.groups(&r)})
	}
	for _, r := range rows {
		for _, g := range r.groups {
			t.Later(Groups, append(rs.groupKey(t, g), r.key...), []byte{})
		}
	}
	return rs.setCount(t, n)
}

// Findings returns what is wrong with the records, their index and their counter.
func (rs Of[T]) Findings(t *file.Tx) (found []error) {
	n := 0
	for k, v := range t.Rows(rs.Bucket, nil) {
		n++
		r, err := rs.Open(t, k, v)
		if err != nil {
			found = append(found, err)
			continue
		}
		if !bytes.Equal(k, rs.RowOf(t, &r)) {
			found = append(found, fmt.Errorf("row %x of %q says that it is %q", record.Brief(k), rs.Bucket, rs.Name(&r)))
		}
		for _, g := range rs.groups(&r) {
			if !t.Has(Groups, append(rs.groupKey(t, g), k...)) {
				found = append(found, fmt.Errorf("row %x of %q: not in the index of its group", record.Brief(k), rs.Bucket))
			}
		}
	}
	if counted := rs.Count(t); counted != n {
		found = append(found, fmt.Errorf("the counter of %q is %d, there are %d", rs.Bucket, counted, n))
	}
	return found
}
