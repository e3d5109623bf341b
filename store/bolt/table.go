package bolt

import (
	"context"
	"slices"

	"calbell"

	"calbell/internal/failpoint"
	"calbell/store/record"
)

// table is a store.Table over records.
type table[K ~string, T any] struct {
	s     *database
	rs    records[T]
	point failpoint.Point
	// put and remove are done in the place of the records' own; nil: those.
	put    func(t *tx, v T) error
	remove func(t *tx, name string) (was bool, err error)
}

// newTable returns a table that follows no rules of its own.
func newTable[K ~string, T any](s *database, rs records[T], p failpoint.Point) *table[K, T] {
	return &table[K, T]{s: s, rs: rs, point: p, put: rs.put, remove: rs.remove}
}

// All implements store.Table. What does not open is left out.
func (b *table[K, T]) All(ctx context.Context) (vs []T, err error) {
	err = b.s.view(ctx, func(t *tx) error {
		vs = b.rs.all(t)
		return nil
	})
	slices.SortFunc(vs, b.rs.Order)
	return vs, err
}

// Get implements store.Table.
func (b *table[K, T]) Get(ctx context.Context, key K) (v T, err error) {
	err = b.s.view(ctx, func(t *tx) error {
		found, err := b.rs.get(t, string(key))
		if err == nil && found == nil {
			err = calbell.NotFound(calbell.Noun(b.rs.Noun), string(key))
		}
		if err == nil {
			v = *found
		}
		return err
	})
	return v, err
}

// Put implements store.Table.
func (b *table[K, T]) Put(ctx context.Context, vs ...T) error { return b.Change(ctx, vs, nil) }

// Remove implements store.Table.
func (b *table[K, T]) Remove(ctx context.Context, key K) error {
	return b.s.update(ctx, b.point, func(t *tx) error {
		was, err := b.remove(t, string(key))
		if err == nil && !was {
			err = calbell.NotFound(calbell.Noun(b.rs.Noun), string(key))
		}
		return err
	})
}

// Change implements store.Table.
func (b *table[K, T]) Change(ctx context.Context, put []T, remove []K) error {
	if err := checkAll(b.rs.Kind, put); err != nil {
		return err
	}
	return b.s.update(ctx, b.point, func(t *tx) error {
		for _, key := range remove {
			if _, err := b.remove(t, string(key)); err != nil {
				return err
			}
		}
		for _, v := range put {
			if err := b.put(t, v); err != nil {
				return err
			}
		}
		return nil
	})
}

// checkAll refuses records that cannot be stored.
func checkAll[T any](k record.Kind[T], vs []T) error {
	for i := range vs {
		if err := k.Checked(&vs[i]); err != nil {
			return err
		}
	}
	return nil
}

// putUnless has records that are empty removed instead of stored.
func putUnless[T any](rs records[T], empty func(*T) bool) func(t *tx, v T) error {
	return func(t *tx, v T) error {
		if empty(&v) {
			_, err := rs.remove(t, rs.Name(&v))
			return err
		}
		return rs.put(t, v)
	}
}
