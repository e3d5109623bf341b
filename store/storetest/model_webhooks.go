package storetest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"calbell"
)

func (m *model) Webhooks(ctx context.Context) ([]calbell.Webhook, error) {
	leave, err := m.enter(ctx)
	defer leave()
	var ws []calbell.Webhook
	for at, w := range m.hooks {
		if _, hidden := m.hooks[hook{calbell.OriginFile, at.id}]; !hidden || at.origin == calbell.OriginFile {
			w.Attachments, w.Blocks, w.Payload = clone(w.Attachments), clone(w.Blocks), clone(w.Payload)
			ws = append(ws, w)
		}
	}
	slices.SortFunc(ws, func(a, b calbell.Webhook) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return ws, err
}

func (m *model) Webhook(ctx context.Context, id calbell.WebhookID) (calbell.Webhook, error) {
	ws, err := m.Webhooks(ctx)
	for _, w := range ws {
		if w.ID == id {
			return w, err
		}
	}
	return calbell.Webhook{}, cmp.Or(err, notFound("webhook", string(id)))
}

func (m *model) PutWebhook(ctx context.Context, w calbell.Webhook) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err == nil {
		err = m.putHook(w, calbell.OriginStored)
	}
	return err
}

func (m *model) putHook(w calbell.Webhook, o calbell.Origin) error {
	if w.ID == "" {
		return &calbell.Error{Kind: calbell.KindUsage, What: "webhook without ID"}
	}
	w.Origin = o
	w.Attachments, w.Blocks, w.Payload = clone(w.Attachments), clone(w.Blocks), clone(w.Payload)
	m.hooks[hook{o, w.ID}] = w
	return nil
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

func (m *model) RemoveWebhook(ctx context.Context, id calbell.WebhookID) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	if _, ok := m.hooks[hook{calbell.OriginStored, id}]; !ok {
		return notFound("webhook", id)
	}
	delete(m.hooks, hook{calbell.OriginStored, id})
	if _, ok := m.hooks[hook{calbell.OriginFile, id}]; !ok {
		delete(m.states, id)
	}
	return nil
}

func (m *model) SetFileWebhooks(ctx context.Context, ws []calbell.Webhook) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	for _, w := range ws {
		if w.ID == "" {
			return m.putHook(w, calbell.OriginFile)
		}
	}
	maps.DeleteFunc(m.hooks, func(h hook, _ calbell.Webhook) bool { return h.origin == calbell.OriginFile })
	for _, w := range ws {
		if err := m.putHook(w, calbell.OriginFile); err != nil {
			return err
		}
	}
	return nil
}

func (m *model) WebhookStates(ctx context.Context) (map[calbell.WebhookID]calbell.WebhookState, error) {
	leave, err := m.enter(ctx)
	defer leave()
	return maps.Clone(m.states), err
}

func (m *model) SetWebhookState(ctx context.Context, id calbell.WebhookID, s calbell.WebhookState) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err == nil {
		m.setState(id, s)
	}
	return err
}

func (m *model) setState(id calbell.WebhookID, s calbell.WebhookState) {
	if s == (calbell.WebhookState{}) {
		delete(m.states, id)
		return
	}
	m.states[id] = s
}
