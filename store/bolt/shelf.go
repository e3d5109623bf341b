package bolt

import (
	"bytes"
	"fmt"

	"calbell/store/record"
)

// shelf is a bucket of few sealed records, each under the hash of its name. T is the record
// as the program knows it, R as it is written: with the secrets that T hides from JSON.
type shelf[T, R any] struct {
	b      bucket
	name   func(*T) string
	pack   func(T) R
	unpack func(R) T
}

// plain is a shelf of records that are written as they are.
func plain[T any](b bucket, name func(*T) string) shelf[T, T] {
	same := func(v T) T { return v }
	return shelf[T, T]{b, name, same, same}
}

func (sh shelf[T, R]) key(t *tx, name string) []byte { return t.box.Hash(string(sh.b), name)[:16] }

// all returns the records in no order. What does not open is left out.
func (sh shelf[T, R]) all(t *tx) (vs []T) {
	for k, v := range t.rows(sh.b, nil) {
		var r R
		if err := t.unsealJSON(sh.b, k, v, &r); err != nil {
			t.Damaged(err)
			continue
		}
		vs = append(vs, sh.unpack(r))
	}
	return vs
}

// get returns one record; nil when there is none.
func (sh shelf[T, R]) get(t *tx, name string) (*T, error) {
	key := sh.key(t, name)
	sealed := t.get(sh.b, key)
	if sealed == nil {
		return nil, nil
	}
	var r R
	if err := t.unsealJSON(sh.b, key, sealed, &r); err != nil {
		return nil, err
	}
	v := sh.unpack(r)
	return &v, nil
}

func (sh shelf[T, R]) put(t *tx, v T) error {
	return t.putJSON(sh.b, sh.key(t, sh.name(&v)), sh.pack(v))
}

// remove deletes one record, if there is one.
func (sh shelf[T, R]) remove(t *tx, name string) (was bool, err error) {
	key := sh.key(t, name)
	if !t.has(sh.b, key) {
		return false, nil
	}
	return true, t.delete(sh.b, key)
}

// removeAll deletes the records that are to go, those that do not open among them when
// damaged is true: a bucket must not change while it is walked.
func (sh shelf[T, R]) removeAll(t *tx, damaged bool, goes func(*T) bool) error {
	var keys [][]byte
	for k, v := range t.rows(sh.b, nil) {
		var r R
		err := t.unsealJSON(sh.b, k, v, &r)
		if err != nil {
			t.Damaged(err)
		}
		if rec := sh.unpack(r); err == nil && goes(&rec) || err != nil && damaged {
			keys = append(keys, bytes.Clone(k))
		}
	}
	for _, k := range keys {
		if err := t.delete(sh.b, k); err != nil {
			return err
		}
	}
	return nil
}

// findings says what is wrong with the records.
func (sh shelf[T, R]) findings(t *tx) (found []error) {
	for k, v := range t.rows(sh.b, nil) {
		var r R
		if err := t.unsealJSON(sh.b, k, v, &r); err != nil {
			found = append(found, err)
			continue
		}
		rec := sh.unpack(r)
		if name := sh.name(&rec); !bytes.Equal(sh.key(t, name), k) {
			found = append(found, fmt.Errorf("row %x of %q says that it is %q", record.Brief(k), sh.b, name))
		}
	}
	return found
}
