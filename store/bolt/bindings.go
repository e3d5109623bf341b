package bolt

import (
	"context"
	"encoding/binary"
	"slices"
	"time"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/bolt/file"
	"calbell/store/bolt/records"
)

// Bindings implements store.Bindings.
func (s *planStore) Bindings(ctx context.Context, account string) (bs []calbell.Binding, state store.BindingsState, err error) {
	err = s.view(ctx, func(t *tx) error {
		state = bindingsState(t, account)
		bs = records.Bindings().Grouped(t.Tx, store.OfAccount(account))
		return nil
	})
	slices.SortFunc(bs, records.Bindings().Order)
	return bs, state, err
}

// AllBindings implements store.Bindings.
func (s *planStore) AllBindings(ctx context.Context) ([]calbell.Binding, error) {
	return records.View(ctx, recordsDB{s.database}, records.Bindings(), func(t *file.Tx) []calbell.Binding { return records.Bindings().All(t) })
}

// BindingsOf implements store.Bindings.
func (s *planStore) BindingsOf(ctx context.Context, accounts ...string) ([]calbell.Binding, error) {
	return records.View(ctx, recordsDB{s.database}, records.Bindings(), func(t *file.Tx) []calbell.Binding {
		return records.Bindings().Grouped(t, ofAccounts(accounts)...)
	})
}

// BindingsTo implements store.Bindings.
func (s *planStore) BindingsTo(ctx context.Context, webhooks ...calbell.WebhookID) ([]calbell.Binding, error) {
	groups := make([]store.Group, 0, len(webhooks))
	for _, id := range webhooks {
		groups = append(groups, store.ToWebhook(id))
	}
	return records.View(ctx, recordsDB{s.database}, records.Bindings(), func(t *file.Tx) []calbell.Binding { return records.Bindings().Grouped(t, groups...) })
}

// bindingsState returns the number of changes of an account's bindings. It rises in the transaction of
// a change, and goes with it when that fails.
func bindingsState(t *tx, account string) store.BindingsState {
	v := t.Get(bBindingStates, bindingsStateKey(t, account))
	if len(v) != 8 {
		return 0
	}
	return store.BindingsState(binary.BigEndian.Uint64(v))
}

func bindingsStateKey(t *tx, account string) []byte { return t.Box.Hash("account", account)[:16] }

// bindingsChanged makes a new state of an account's bindings.
func bindingsChanged(t *tx, account string) error {
	n := uint64(bindingsState(t, account)) + 1
	return t.Put(bBindingStates, bindingsStateKey(t, account), binary.BigEndian.AppendUint64(nil, n))
}

// Attach implements store.Bindings.
func (s *planStore) Attach(ctx context.Context, a store.Attachment, now time.Time) error {
	for i := range a.Put {
		if b := &a.Put[i]; b.ID == "" || b.Account == "" || b.Account != a.Account || b.UID == "" {
			return &calbell.Error{
				Kind: calbell.KindUsage,
				What: calbell.English("attach in account %q: binding %q of event %q in account %q: all three must be given, and the account must be this one", a.Account, b.ID, b.UID, b.Account),
			}
		}
	}
	return s.grow(ctx, failpoint.Attach, func(t *tx) error {
		if a.Bound != bindingsState(t, a.Account) {
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
		if err := putBindings(t, a); err != nil {
			return err
		}
		return p.Settle()
	})
}

// putBindings changes the rows and, where that changes anything, the state.
func putBindings(t *tx, a store.Attachment) error {
	changed := len(a.Put) > 0
	for _, id := range a.Remove {
		old, err := records.Bindings().Get(t.Tx, string(id))
		if err != nil {
			t.Damaged(err) // it goes, whose it ever was
		}
		if err == nil && (old == nil || old.Account != a.Account) {
			continue
		}
		if _, err := records.Bindings().Remove(t.Tx, string(id)); err != nil {
			return err
		}
		changed = true
	}
	for _, b := range a.Put {
		if err := records.Bindings().Put(t.Tx, b); err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	return bindingsChanged(t, a.Account)
}
