package bolt

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store/record"
)

// Webhooks implements store.Webhooks.
func (s *Store) Webhooks(ctx context.Context) ([]calbell.Webhook, error) {
	var ws []calbell.Webhook
	err := s.view(ctx, func(t *tx) error {
		ws = shownWebhooks(t, &s.opened)
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(ws, func(a, b calbell.Webhook) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return ws, nil
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
	for k, v := range t.rows(bWebhooks, nil) {
		name := string(k) + string(v[:min(len(v), sealedStart)])
		w, ok := known.rows[name]
		if !ok {
			var err error
			if w, err = openWebhook(t, k, v); err != nil {
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
		w.Attachments, w.Blocks, w.Payload = record.CloneTree(w.Attachments), record.CloneTree(w.Blocks), record.CloneTree(w.Payload)
		ws = append(ws, w)
	}
	known.rows = rows
	return ws
}

func openWebhook(t *tx, k, v []byte) (calbell.Webhook, error) {
	var r record.Webhook
	if err := t.unsealJSON(bWebhooks, k, v, &r); err != nil {
		return calbell.Webhook{}, err
	}
	w := r.Webhook
	w.URL = calbell.Secret(r.URL)
	w.Attachments, w.Blocks, w.Payload = record.PlainNumbers(w.Attachments), record.PlainNumbers(w.Blocks), record.PlainNumbers(w.Payload)
	return w, nil
}

// Webhook implements store.Webhooks.
func (s *Store) Webhook(ctx context.Context, id calbell.WebhookID) (calbell.Webhook, error) {
	all, err := s.Webhooks(ctx)
	if err != nil {
		return calbell.Webhook{}, err
	}
	for _, w := range all {
		if w.ID == id {
			return w, nil
		}
	}
	return calbell.Webhook{}, notFound("webhook %q", id)
}

// PutWebhook implements store.Webhooks. A KindUsage error when it has no ID.
func (s *Store) PutWebhook(ctx context.Context, w calbell.Webhook) error {
	return s.update(ctx, failpoint.Webhook, func(t *tx) error { return putWebhook(t, w, calbell.OriginStored) })
}

func putWebhook(t *tx, w calbell.Webhook, o calbell.Origin) error {
	if w.ID == "" {
		return &calbell.Error{Kind: calbell.KindUsage, What: fmt.Sprintf("store webhook %q: it has no ID", w.Name)}
	}
	w.Origin = o
	return t.putJSON(bWebhooks, t.box.Webhook(o, w.ID), record.Webhook{Webhook: w, URL: w.URL.Reveal()})
}

// RemoveWebhook implements store.Webhooks.
func (s *Store) RemoveWebhook(ctx context.Context, id calbell.WebhookID) error {
	return s.update(ctx, failpoint.Webhook, func(t *tx) error {
		key := s.box.Webhook(calbell.OriginStored, id)
		if !t.has(bWebhooks, key) {
			return notFound("stored webhook %q", id)
		}
		if err := t.delete(bWebhooks, key); err != nil {
			return err
		}
		if t.has(bWebhooks, s.box.Webhook(calbell.OriginFile, id)) {
			return nil
		}
		// A webhook made anew under this name must not begin suspended.
		return putState(t, id, calbell.WebhookState{})
	})
}

// SetFileWebhooks implements store.Webhooks.
func (s *Store) SetFileWebhooks(ctx context.Context, ws []calbell.Webhook) error {
	return s.update(ctx, failpoint.FileWebhooks, func(t *tx) error {
		var old [][]byte
		for k := range t.under(bWebhooks, []byte{'f'}) {
			old = append(old, append([]byte(nil), k...))
		}
		for _, k := range old {
			if err := t.delete(bWebhooks, k); err != nil {
				return err
			}
		}
		for i := range ws {
			if err := putWebhook(t, ws[i], calbell.OriginFile); err != nil {
				return err
			}
		}
		return nil
	})
}

// WebhookStates implements store.Webhooks.
func (s *Store) WebhookStates(ctx context.Context) (map[calbell.WebhookID]calbell.WebhookState, error) {
	states := make(map[calbell.WebhookID]calbell.WebhookState)
	err := s.view(ctx, func(t *tx) error {
		for k, v := range t.rows(bStates, nil) {
			var r record.WebhookState
			if err := t.unsealJSON(bStates, k, v, &r); err != nil {
				t.Damaged(err)
				continue
			}
			states[r.ID] = r.WebhookState
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return states, nil
}

// SetWebhookState implements store.Webhooks.
func (s *Store) SetWebhookState(ctx context.Context, id calbell.WebhookID, st calbell.WebhookState) error {
	return s.update(ctx, failpoint.Webhook, func(t *tx) error { return putState(t, id, st) })
}

func putState(t *tx, id calbell.WebhookID, st calbell.WebhookState) error {
	key := t.box.State(id)
	if st == (calbell.WebhookState{}) {
		if !t.has(bStates, key) {
			return nil
		}
		return t.delete(bStates, key)
	}
	for _, at := range []*time.Time{
		&st.PausedUntil, &st.OutageSince, &st.OutageSeen, &st.LostSince, &st.RefusedAt, &st.SuspendedAt, &st.RefusedSince, &st.ProbedAt, &st.ProbeAt, &st.Last.At,
	} {
		*at = at.UTC()
	}
	return t.putJSON(bStates, key, record.WebhookState{ID: id, WebhookState: st})
}
