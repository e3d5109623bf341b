package storetest

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"calbell"
	"calbell/store"
)

func (m *model) AllBindings(ctx context.Context) ([]calbell.Binding, error) {
	return m.bindingsThat(ctx, func(calbell.Binding) bool { return true })
}

func (m *model) Bindings(ctx context.Context, account string) ([]calbell.Binding, store.BindingsState, error) {
	bs, err := m.BindingsOf(ctx, account)
	m.mu.Lock()
	defer m.mu.Unlock()
	return bs, m.bound[account], err
}

func (m *model) BindingsOf(ctx context.Context, accounts ...string) ([]calbell.Binding, error) {
	return m.bindingsThat(ctx, func(b calbell.Binding) bool { return slices.Contains(accounts, b.Account) })
}

func (m *model) BindingsTo(ctx context.Context, webhooks ...calbell.WebhookID) ([]calbell.Binding, error) {
	return m.bindingsThat(ctx, func(b calbell.Binding) bool { return slices.Contains(webhooks, b.Webhook) })
}

func (m *model) bindingsThat(ctx context.Context, wanted func(calbell.Binding) bool) ([]calbell.Binding, error) {
	leave, err := m.enter(ctx)
	defer leave()
	bs := slices.DeleteFunc(slices.Collect(maps.Values(m.bindings)), func(b calbell.Binding) bool { return !wanted(b) })
	slices.SortFunc(bs, func(a, b calbell.Binding) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.UID, b.UID), cmp.Compare(a.ID, b.ID))
	})
	return bs, err
}

func (m *model) Attach(ctx context.Context, a store.Attachment, now time.Time) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	for _, b := range a.Put {
		if b.ID == "" || b.Account == "" || b.Account != a.Account || b.UID == "" {
			return &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("no whole binding")}
		}
	}
	if a.Bound != m.bound[a.Account] {
		return store.ErrBindingsChanged
	}
	for _, p := range a.Plans {
		o := m.objs[place{p.Object.Calendar, p.Object.Href}]
		if o == nil || o.ETag != p.Object.ETag || !bytes.Equal(o.Raw, p.Object.Raw) {
			return store.ErrObjectChanged
		}
	}
	changed := len(a.Put) > 0
	for _, id := range a.Remove {
		if b, ok := m.bindings[id]; ok && b.Account == a.Account {
			delete(m.bindings, id)
			changed = true
		}
	}
	for _, b := range a.Put {
		b.MadeAt, b.GoneAt = b.MadeAt.UTC(), b.GoneAt.UTC()
		m.bindings[b.ID] = b
	}
	if changed {
		m.bound[a.Account]++
	}
	for _, p := range a.Plans {
		m.put(p, now)
	}
	m.orphans(now, calbell.Text{})
	return nil
}

func (m *model) Pauses(ctx context.Context, now time.Time) ([]calbell.Pause, error) {
	leave, err := m.enter(ctx)
	defer leave()
	var ps []calbell.Pause
	for _, p := range m.pauses {
		if p.Until.After(now) {
			ps = append(ps, p)
		}
	}
	slices.SortFunc(ps, func(a, b calbell.Pause) int {
		return cmp.Or(cmp.Compare(a.Calendar, b.Calendar), cmp.Compare(a.Webhook, b.Webhook))
	})
	return ps, err
}

func (m *model) SetPause(ctx context.Context, p calbell.Pause, now time.Time) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	p.Until, p.MadeAt = p.Until.UTC(), p.MadeAt.UTC()
	m.pauses[scope{p.Calendar, p.Webhook}] = p
	if !p.Until.After(now) {
		delete(m.pauses, scope{p.Calendar, p.Webhook})
	}
	return nil
}

func (m *model) PausesOf(ctx context.Context, calendars []calbell.CalendarID, webhooks []calbell.WebhookID, now time.Time) ([]calbell.Pause, error) {
	all, err := m.Pauses(ctx, now)
	return slices.DeleteFunc(all, func(p calbell.Pause) bool {
		if p.Calendar != "" {
			return !slices.Contains(calendars, p.Calendar)
		}
		return p.Webhook != "" && !slices.Contains(webhooks, p.Webhook)
	}), err
}

func (m *model) EndPauses(ctx context.Context, now time.Time) (n int, err error) {
	err = m.change(ctx, func() error {
		before := len(m.pauses)
		maps.DeleteFunc(m.pauses, func(_ scope, p calbell.Pause) bool { return !p.Until.After(now) })
		n = before - len(m.pauses)
		return nil
	})
	return n, err
}
