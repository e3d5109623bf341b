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

// Webhooks implements store.Webhooks.
func (s *WebhookStore) Webhooks() store.Table[calbell.WebhookID, calbell.Webhook] {
	return &webhookTable{s}
}

// webhookTable is a store.Table over two rows of one ID: that of the file and the stored one.
type webhookTable struct{ s *WebhookStore }

// All implements store.Table.
func (b *webhookTable) All(ctx context.Context) (ws []calbell.Webhook, err error) {
	err = b.s.db.View(ctx, func(t *file.Tx) error {
		ws = shownWebhooks(t, &b.s.opened)
		return nil
	})
	slices.SortFunc(ws, Webhooks().Order)
	return ws, err
}

// Get implements store.Table.
func (b *webhookTable) Get(ctx context.Context, id calbell.WebhookID) (calbell.Webhook, error) {
	found, err := b.Some(ctx, id)
	switch {
	case err != nil:
		return calbell.Webhook{}, err
	case len(found) == 0:
		return calbell.Webhook{}, calbell.NotFound(calbell.NounWebhook, string(id))
	}
	return found[0], nil
}

// Some implements store.Table.
func (b *webhookTable) Some(ctx context.Context, ids ...calbell.WebhookID) ([]calbell.Webhook, error) {
	return View(ctx, b.s.db, Webhooks(), func(t *file.Tx) []calbell.Webhook {
		var keys [][]byte
		for _, id := range ids {
			keys = append(keys, t.Box.Webhook(calbell.OriginFile, id), t.Box.Webhook(calbell.OriginStored, id))
		}
		return notHidden(t, Webhooks().Some(t, keys))
	})
}

// Of implements store.Table.
func (b *webhookTable) Of(ctx context.Context, groups ...store.Group) ([]calbell.Webhook, error) {
	return View(ctx, b.s.db, Webhooks(), func(t *file.Tx) []calbell.Webhook {
		return notHidden(t, Webhooks().Grouped(t, groups...))
	})
}

// notHidden returns those of a list that no webhook of the file hides. It changes the list.
func notHidden(t *file.Tx, list []calbell.Webhook) []calbell.Webhook {
	return slices.DeleteFunc(list, func(w calbell.Webhook) bool {
		return w.Origin != calbell.OriginFile && t.Has(BWebhooks, t.Box.Webhook(calbell.OriginFile, w.ID))
	})
}

// Count implements store.Table. It looks at those of the file, which may hide others.
func (b *webhookTable) Count(ctx context.Context) (n int, err error) {
	err = b.s.db.View(ctx, func(t *file.Tx) error {
		n = Webhooks().Count(t)
		for k := range t.Under(BWebhooks, []byte{'f'}) {
			if t.Has(BWebhooks, append([]byte{'s'}, k[1:]...)) {
				n--
			}
		}
		return nil
	})
	return n, err
}

// Put implements store.Table.
func (b *webhookTable) Put(ctx context.Context, ws ...calbell.Webhook) error {
	return b.Change(ctx, ws, nil)
}

// Remove implements store.Table.
func (b *webhookTable) Remove(ctx context.Context, id calbell.WebhookID) error {
	return b.s.db.Update(ctx, failpoint.Webhook, func(t *file.Tx) error {
		was, err := removeWebhook(t, id)
		if err == nil && !was {
			err = calbell.NotFound(calbell.NounStoredWebhook, string(id))
		}
		return err
	})
}

// Change implements store.Table.
func (b *webhookTable) Change(ctx context.Context, put []calbell.Webhook, remove []calbell.WebhookID) error {
	if err := checkAll(record.Webhooks(), put); err != nil {
		return err
	}
	return b.s.db.Update(ctx, failpoint.Webhook, func(t *file.Tx) error {
		for _, id := range remove {
			if _, err := removeWebhook(t, id); err != nil {
				return err
			}
		}
		return putWebhooks(t, put, calbell.OriginStored)
	})
}

// removeWebhook deletes a stored webhook, and its state: one made anew under this name must not begin
// suspended.
func removeWebhook(t *file.Tx, id calbell.WebhookID) (was bool, err error) {
	key := t.Box.Webhook(calbell.OriginStored, id)
	if was, err := Webhooks().RemoveAt(t, key); err != nil || !was {
		return false, err
	}
	if t.Has(BWebhooks, t.Box.Webhook(calbell.OriginFile, id)) {
		return true, nil
	}
	_, err = WebhookStates().Remove(t, string(id))
	return true, err
}

func putWebhooks(t *file.Tx, ws []calbell.Webhook, o calbell.Origin) error {
	for _, w := range ws {
		w.Origin = o
		if err := Webhooks().Put(t, w); err != nil {
			return err
		}
	}
	return nil
}

// shownWebhooks returns those that are not hidden: of the file first, because 'f' sorts before 's'.
// Their trees are the caller's own.
func shownWebhooks(t *file.Tx, known *opened[calbell.Webhook]) (ws []calbell.Webhook) {
	hidden := make(map[calbell.WebhookID]bool)
	for w := range known.all(t, Webhooks()) {
		if w.Origin == calbell.OriginFile {
			hidden[w.ID] = true
		} else if hidden[w.ID] {
			continue
		}
		ws = append(ws, record.CloneWebhook(w))
	}
	return ws
}

// SetFileWebhooks implements store.Webhooks.
func (s *WebhookStore) SetFileWebhooks(ctx context.Context, ws []calbell.Webhook) error {
	if err := checkAll(record.Webhooks(), ws); err != nil {
		return err
	}
	return s.db.Update(ctx, failpoint.FileWebhooks, func(t *file.Tx) error {
		var old [][]byte
		for k := range t.Under(BWebhooks, []byte{'f'}) {
			old = append(old, append([]byte(nil), k...))
		}
		for _, k := range old {
			if _, err := Webhooks().RemoveAt(t, k); err != nil {
				return err
			}
		}
		return putWebhooks(t, ws, calbell.OriginFile)
	})
}

// WebhookStates implements store.Webhooks.
func (s *WebhookStore) WebhookStates() store.Table[calbell.WebhookID, store.WebhookState] {
	b := newTable[calbell.WebhookID](s.db, WebhookStates(), failpoint.Webhook)
	b.put = PutState
	return b
}

// PutState stores a state, or forgets it when it is zero.
func PutState(t *file.Tx, s store.WebhookState) error {
	return putUnless(WebhookStates(), func(s *store.WebhookState) bool { return s.WebhookState == (calbell.WebhookState{}) })(t, s)
}
