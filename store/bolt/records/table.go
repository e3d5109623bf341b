package records

import (
	"context"
	"slices"

	"calbell"

	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/bolt/file"
	"calbell/store/record"
)

// table is a store.Table over records.
type table[K ~string, T any] struct {
	db    DB
	rs    Of[T]
	point failpoint.Point
	// put and remove are done in the place of the records' own; nil: those.
	put    func(t *file.Tx, v T) error
	remove func(t *file.Tx, name string) (was bool, err error)
	// opened remembers what All read; nil: it is read anew each time.
	opened *opened[T]
}

// newTable returns a table that follows no rules of its own.
func newTable[K ~string, T any](db DB, rs Of[T], p failpoint.Point) *table[K, T] {
	return &table[K, T]{
		db: db, rs: rs, point: p,
		put:    func(t *file.Tx, v T) error { return rs.Put(t, v) },
		remove: func(t *file.Tx, name string) (bool, error) { return rs.Remove(t, name) },
	}
}

// All implements store.Table. What does not open is left out.
func (b *table[K, T]) All(ctx context.Context) (vs []T, err error) {
	return View(ctx, b.db, b.rs, func(t *file.Tx) []T {
		if b.opened != nil {
			return slices.Collect(b.opened.all(t, b.rs))
		}
		return b.rs.All(t)
	})
}

// View reads records in a transaction of their own and returns them in their order.
func View[T any](ctx context.Context, db DB, rs Of[T], read func(t *file.Tx) []T) (vs []T, err error) {
	err = db.View(ctx, func(t *file.Tx) error {
		vs = read(t)
		return nil
	})
	slices.SortFunc(vs, rs.Order)
	return vs, err
}

// Some implements store.Table.
func (b *table[K, T]) Some(ctx context.Context, names ...K) ([]T, error) {
	return View(ctx, b.db, b.rs, func(t *file.Tx) []T { return b.rs.Some(t, keysOf(t, b.rs, names)) })
}

// keysOf returns the rows of some names.
func keysOf[K ~string, T any](t *file.Tx, rs Of[T], names []K) (keys [][]byte) {
	for _, name := range names {
		keys = append(keys, rs.Key(t.Box, string(name)))
	}
	return keys
}

// Of implements store.Table.
func (b *table[K, T]) Of(ctx context.Context, groups ...store.Group) ([]T, error) {
	return View(ctx, b.db, b.rs, func(t *file.Tx) []T { return b.rs.Grouped(t, groups...) })
}

// Count implements store.Table.
func (b *table[K, T]) Count(ctx context.Context) (n int, err error) {
	err = b.db.View(ctx, func(t *file.Tx) error {
		n = b.rs.Count(t)
		return nil
	})
	return n, err
}

// Get implements store.Table.
func (b *table[K, T]) Get(ctx context.Context, key K) (v T, err error) {
	err = b.db.View(ctx, func(t *file.Tx) error {
		found, err := b.rs.Get(t, string(key))
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
	return b.db.Update(ctx, b.point, func(t *file.Tx) error {
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
	return b.db.Update(ctx, b.point, func(t *file.Tx) error {
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
func putUnless[T any](rs Of[T], empty func(*T) bool) func(t *file.Tx, v T) error {
	return func(t *file.Tx, v T) error {
		if empty(&v) {
			_, err := rs.Remove(t, rs.Name(&v))
			return err
		}
		return rs.Put(t, v)
	}
}
