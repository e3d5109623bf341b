package storetest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"calbell"
	"calbell/store"
)

func (m *model) Webhooks() store.Table[calbell.WebhookID, calbell.Webhook] {
	return modelTable[calbell.WebhookID, calbell.Webhook]{
		m: m, noun: "webhook",
		all: m.shown,
		get: func(id calbell.WebhookID) (calbell.Webhook, bool) {
			ws := m.shown()
			i := slices.IndexFunc(ws, func(w calbell.Webhook) bool { return w.ID == id })
			if i < 0 {
				return calbell.Webhook{}, false
			}
			return ws[i], true
		},
		refuse: refuseHook,
		put:    func(w calbell.Webhook) { m.putHook(w, calbell.OriginStored) },
		remove: m.removeHook,
		name:   func(w calbell.Webhook) calbell.WebhookID { return w.ID },
		groups: func(w calbell.Webhook) []store.Group {
			if w.Share {
				return []store.Group{store.OwnedBy(w.Owner), store.Shared}
			}
			return []store.Group{store.OwnedBy(w.Owner)}
		},
	}
}

// shown returns the webhooks that are not hidden, by name.
func (m *model) shown() (ws []calbell.Webhook) {
	for at, w := range m.hooks {
		if _, hidden := m.hooks[hook{calbell.OriginFile, at.id}]; !hidden || at.origin == calbell.OriginFile {
			w.Attachments, w.Blocks, w.Payload = clone(w.Attachments), clone(w.Blocks), clone(w.Payload)
			ws = append(ws, w)
		}
	}
	slices.SortFunc(ws, func(a, b calbell.Webhook) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return ws
}

func refuseHook(w calbell.Webhook) error {
	return unnamed(func(w calbell.Webhook) string { return string(w.ID) })(w)
}

func (m *model) putHook(w calbell.Webhook, o calbell.Origin) {
	w.Origin = o
	w.Attachments, w.Blocks, w.Payload = clone(w.Attachments), clone(w.Blocks), clone(w.Payload)
	m.hooks[hook{o, w.ID}] = w
}

// clone copies a tree as a database would: what comes back is not what went in.
func clone(v any) any {
	if v == nil {
		return nil
	}
	var out any
	data, _ := json.Marshal(v)
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	_ = dec.Decode(&out)
	return out
}

func (m *model) removeHook(id calbell.WebhookID) bool {
	if !deleted(m.hooks)(hook{calbell.OriginStored, id}) {
		return false
	}
	if _, ok := m.hooks[hook{calbell.OriginFile, id}]; !ok {
		delete(m.states, id)
	}
	return true
}

func (m *model) SetFileWebhooks(ctx context.Context, ws []calbell.Webhook) error {
	return m.change(ctx, func() error {
		for _, w := range ws {
			if err := refuseHook(w); err != nil {
				return err
			}
		}
		maps.DeleteFunc(m.hooks, func(h hook, _ calbell.Webhook) bool { return h.origin == calbell.OriginFile })
		for _, w := range ws {
			m.putHook(w, calbell.OriginFile)
		}
		return nil
	})
}

func (m *model) WebhookStates() store.Table[calbell.WebhookID, store.WebhookState] {
	return modelTable[calbell.WebhookID, store.WebhookState]{
		m: m, noun: "state of webhook",
		all: func() (all []store.WebhookState) {
			for _, id := range slices.Sorted(maps.Keys(m.states)) {
				all = append(all, store.WebhookState{ID: id, WebhookState: m.states[id]})
			}
			return all
		},
		get: func(id calbell.WebhookID) (store.WebhookState, bool) {
			s, ok := m.states[id]
			return store.WebhookState{ID: id, WebhookState: s}, ok
		},
		refuse: unnamed(func(s store.WebhookState) string { return string(s.ID) }),
		put:    func(s store.WebhookState) { m.setState(s.ID, s.WebhookState) },
		remove: deleted(m.states),
		name:   func(s store.WebhookState) calbell.WebhookID { return s.ID },
	}
}

func (m *model) setState(id calbell.WebhookID, s calbell.WebhookState) {
	if s == (calbell.WebhookState{}) {
		delete(m.states, id)
		return
	}
	m.states[id] = s
}
