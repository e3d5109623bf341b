package storetest

import (
	"context"
	"slices"

	"calbell"
	"calbell/store"
)

// modelTable is a store.Table of the model.
type modelTable[K ~string, T any] struct {
	m    *model
	noun string
	all  func() []T // in order
	get  func(key K) (T, bool)
	// refuse returns the error of what cannot be stored.
	refuse func(v T) error
	put    func(v T)
	remove func(key K) (was bool)
	// name returns the key of one, as keys are compared; groups returns its groups, nil: none has any.
	name   func(v T) K
	fold   func(key K) K // nil: keys are compared as they are
	groups func(v T) []store.Group
}

// unnamed refuses what has no name.
func unnamed[T any](name func(v T) string) func(v T) error {
	return func(v T) error {
		if name(v) == "" {
			return noName()
		}
		return nil
	}
}

func noName() error { return &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("no name")} }

// found is how a map is asked by a table.
func found[K comparable, T any](of map[K]T) func(K) (T, bool) {
	return func(k K) (T, bool) {
		v, ok := of[k]
		return v, ok
	}
}

// deleted is how a table deletes from a map.
func deleted[K comparable, T any](of map[K]T) func(K) bool {
	return func(k K) bool {
		_, was := of[k]
		delete(of, k)
		return was
	}
}

func (b modelTable[K, T]) All(ctx context.Context) (vs []T, err error) {
	err = b.m.change(ctx, func() error {
		vs = b.all()
		return nil
	})
	return vs, err
}

func (b modelTable[K, T]) Get(ctx context.Context, key K) (v T, err error) {
	err = b.m.change(ctx, func() error {
		found, ok := b.get(key)
		if !ok {
			return notFound(b.noun, key)
		}
		v = found
		return nil
	})
	return v, err
}

func (b modelTable[K, T]) Some(ctx context.Context, keys ...K) ([]T, error) {
	return b.those(ctx, func(v T) bool {
		return slices.ContainsFunc(keys, func(k K) bool { return b.folded(k) == b.folded(b.name(v)) })
	})
}

func (b modelTable[K, T]) folded(k K) K {
	if b.fold == nil {
		return k
	}
	return b.fold(k)
}

func (b modelTable[K, T]) Of(ctx context.Context, groups ...store.Group) ([]T, error) {
	return b.those(ctx, func(v T) bool {
		return b.groups != nil && slices.ContainsFunc(b.groups(v), func(g store.Group) bool { return slices.Contains(groups, g) })
	})
}

func (b modelTable[K, T]) Count(ctx context.Context) (int, error) {
	all, err := b.All(ctx)
	return len(all), err
}

// those returns the records that are wanted.
func (b modelTable[K, T]) those(ctx context.Context, wanted func(v T) bool) ([]T, error) {
	all, err := b.All(ctx)
	return slices.DeleteFunc(all, func(v T) bool { return !wanted(v) }), err
}

func (b modelTable[K, T]) Put(ctx context.Context, vs ...T) error { return b.Change(ctx, vs, nil) }

func (b modelTable[K, T]) Remove(ctx context.Context, key K) error {
	return b.m.change(ctx, func() error {
		if !b.remove(key) {
			return notFound(b.noun, key)
		}
		return nil
	})
}

func (b modelTable[K, T]) Change(ctx context.Context, put []T, remove []K) error {
	return b.m.change(ctx, func() error {
		for _, v := range put {
			if err := b.refuse(v); err != nil {
				return err
			}
		}
		for _, key := range remove {
			b.remove(key)
		}
		for _, v := range put {
			b.put(v)
		}
		return nil
	})
}
