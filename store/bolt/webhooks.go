package bolt

import (
	"context"
	"slices"
	"sync"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/record"
)

func webhooks() records[calbell.Webhook] {
	return records[calbell.Webhook]{bWebhooks, record.Webhooks()}
}

// Webhooks implements store.Webhooks.
func (s *webhookStore) Webhooks() store.Table[calbell.WebhookID, calbell.Webhook] {
	return &webhookTable{s}
}

// webhookTable is a store.Table over two rows of one ID: that of the file and the stored one.
type webhookTable struct{ s *webhookStore }

// All implements store.Table.
func (b *webhookTable) All(ctx context.Context) (ws []calbell.Webhook, err error) {
	err = b.s.view(ctx, func(t *tx) error {
		ws = shownWebhooks(t, &b.s.opened)
		return nil
	})
	slices.SortFunc(ws, webhooks().Order)
	return ws, err
}

// Get implements store.Table.
func (b *webhookTable) Get(ctx context.Context, id calbell.WebhookID) (calbell.Webhook, error) {
	all, err := b.All(ctx)
	if err != nil {
		return calbell.Webhook{}, err
	}
	for _, w := range all {
		if w.ID == id {
			return w, nil
		}
	}
	return calbell.Webhook{}, calbell.NotFound(calbell.NounWebhook, string(id))
}

// Put implements store.Table.
func (b *webhookTable) Put(ctx context.Context, ws ...calbell.Webhook) error {
	return b.Change(ctx, ws, nil)
}

// Remove implements store.Table.
func (b *webhookTable) Remove(ctx context.Context, id calbell.WebhookID) error {
	return b.s.update(ctx, failpoint.Webhook, func(t *tx) error {
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
	return b.s.update(ctx, failpoint.Webhook, func(t *tx) error {
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
func removeWebhook(t *tx, id calbell.WebhookID) (was bool, err error) {
	key := t.Box.Webhook(calbell.OriginStored, id)
	if !t.Has(bWebhooks, key) {
		return false, nil
	}
	if err := t.Delete(bWebhooks, key); err != nil {
		return false, err
	}
	if t.Has(bWebhooks, t.Box.Webhook(calbell.OriginFile, id)) {
		return true, nil
	}
	_, err = states().remove(t, string(id))
	return true, err
}

func putWebhooks(t *tx, ws []calbell.Webhook, o calbell.Origin) error {
	for _, w := range ws {
		w.Origin = o
		if err := webhooks().putAt(t, t.Box.Webhook(o, w.ID), w); err != nil {
			return err
		}
	}
	return nil
}

// sealedStart is how many bytes a sealed value begins with that no other value has: the version
// and the nonce.
const sealedStart = 1 + 12

// opened are the webhooks that were read last, by their row's key and the start of its value.
// Every change and most pages read all definitions, which hold the largest texts that people
// store: those that did not change are neither opened nor held twice. Safe for concurrent use.
type opened struct {
	mu   sync.Mutex
	rows map[string]calbell.Webhook
}

// shownWebhooks returns those that are not hidden: of the file first, because 'f' sorts before 's'.
// Their trees are the caller's own.
func shownWebhooks(t *tx, known *opened) (ws []calbell.Webhook) {
	known.mu.Lock()
	defer known.mu.Unlock()
	rows := make(map[string]calbell.Webhook, len(known.rows))
	hidden := make(map[calbell.WebhookID]bool)
	for k, v := range t.Rows(bWebhooks, nil) {
		name := string(k) + string(v[:min(len(v), sealedStart)])
		w, ok := known.rows[name]
		if !ok {
			var err error
			if w, err = webhooks().open(t, k, v); err != nil {
				t.Damaged(err)
				continue
			}
		}
		rows[name] = w
		if w.Origin == calbell.OriginFile {
			hidden[w.ID] = true
		} else if hidden[w.ID] {
			continue
		}
		ws = append(ws, record.CloneWebhook(w))
	}
	known.rows = rows
	return ws
}

// SetFileWebhooks implements store.Webhooks.
func (s *webhookStore) SetFileWebhooks(ctx context.Context, ws []calbell.Webhook) error {
	if err := checkAll(record.Webhooks(), ws); err != nil {
		return err
	}
	return s.update(ctx, failpoint.FileWebhooks, func(t *tx) error {
		var old [][]byte
		for k := range t.Under(bWebhooks, []byte{'f'}) {
			old = append(old, append([]byte(nil), k...))
		}
		for _, k := range old {
			if err := t.Delete(bWebhooks, k); err != nil {
				return err
			}
		}
		return putWebhooks(t, ws, calbell.OriginFile)
	})
}

// WebhookStates implements store.Webhooks.
func (s *webhookStore) WebhookStates() store.Table[calbell.WebhookID, store.WebhookState] {
	b := newTable[calbell.WebhookID](s.database, states(), failpoint.Webhook)
	b.put = putState
	return b
}

// putState stores a state, or forgets it when it is zero.
func putState(t *tx, s store.WebhookState) error {
	return putUnless(states(), func(s *store.WebhookState) bool { return s.WebhookState == (calbell.WebhookState{}) })(t, s)
}
