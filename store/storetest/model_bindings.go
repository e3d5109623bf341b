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

func (m *model) Bindings(ctx context.Context, account string) ([]calbell.Binding, store.BindingsState, error) {
	leave, err := m.enter(ctx)
	defer leave()
	bs := slices.DeleteFunc(slices.Collect(maps.Values(m.bindings)), func(b calbell.Binding) bool {
		return account != "" && b.Account != account
	})
	slices.SortFunc(bs, func(a, b calbell.Binding) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.UID, b.UID), cmp.Compare(a.ID, b.ID))
	})
	return bs, m.bound, err
}

func (m *model) Attach(ctx context.Context, a store.Attachment, now time.Time) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	for _, b := range a.Put {
		if b.ID == "" || b.Account == "" || b.UID == "" {
			return &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("no whole binding")}
		}
	}
	if a.Bound != m.bound {
		return store.ErrBindingsChanged
	}
	for _, p := range a.Plans {
		o := m.objs[place{p.Object.Calendar, p.Object.Href}]
		if o == nil || o.ETag != p.Object.ETag || !bytes.Equal(o.Raw, p.Object.Raw) {
			return store.ErrObjectChanged
		}
	}
	for _, id := range a.Remove {
		delete(m.bindings, id)
	}
	for _, b := range a.Put {
		b.MadeAt, b.GoneAt = b.MadeAt.UTC(), b.GoneAt.UTC()
		m.bindings[b.ID] = b
	}
	m.bound++
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
	maps.DeleteFunc(m.pauses, func(_ scope, p calbell.Pause) bool { return !p.Until.After(now) })
	return nil
}
