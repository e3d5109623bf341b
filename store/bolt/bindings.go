package bolt

import (
	"context"
	"fmt"
	"slices"
	"time"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
)

// Bindings implements store.Bindings.
func (s *planStore) Bindings(ctx context.Context, account string) (bs []calbell.Binding, state store.BindingsState, err error) {
	err = s.view(ctx, func(t *tx) error {
		state = bindingsState(t)
		bs = slices.DeleteFunc(bindings().all(t), func(b calbell.Binding) bool { return account != "" && b.Account != account })
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	slices.SortFunc(bs, bindings().Order)
	return bs, state, nil
}

// bindingsState is the bucket's sequence number: it rises in the transaction of a change, and
// goes with it when that fails.
func bindingsState(t *tx) store.BindingsState {
	return store.BindingsState(t.Table(bBindings).Sequence())
}

// Attach implements store.Bindings.
func (s *planStore) Attach(ctx context.Context, a store.Attachment, now time.Time) error {
	for i := range a.Put {
		if b := &a.Put[i]; b.ID == "" || b.Account == "" || b.UID == "" {
			return &calbell.Error{
				Kind: calbell.KindUsage,
				What: calbell.English("attach: binding %q of event %q in account %q: all three must be given", b.ID, b.UID, b.Account),
			}
		}
	}
	return s.grow(ctx, failpoint.Attach, func(t *tx) error {
		if a.Bound != bindingsState(t) {
			return store.ErrBindingsChanged
		}
		p := newPlanner(t, now)
		for i := range a.Plans {
			obj := a.Plans[i].Object
			key := s.box.Object(s.box.Calendar(obj.Calendar), obj.Href)
			if !p.IsStill(key, &obj) {
				return store.ErrObjectChanged
			}
			p.Put(key, obj, nil, a.Plans[i].Reminders)
		}
		if err := putBindings(t, a.Put, a.Remove); err != nil {
			return err
		}
		return p.Settle()
	})
}

// putBindings changes the rows and, where that changes anything, the state.
func putBindings(t *tx, put []calbell.Binding, remove []calbell.BindingID) error {
	changed := len(put) > 0
	for _, id := range remove {
		was, err := bindings().remove(t, string(id))
		if err != nil {
			return err
		}
		changed = changed || was
	}
	for _, b := range put {
		if err := bindings().put(t, b); err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	t.Wrote = true
	if _, err := t.Table(bBindings).NextSequence(); err != nil {
		return fmt.Errorf("count changes of %q: %w", bBindings, err)
	}
	return nil
}
