package storetest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"calbell"
	"calbell/store"
)

func (m *model) Notify(ctx context.Context, ns []calbell.Reminder, now time.Time) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	for _, n := range ns {
		if n.Notice == nil {
			return &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("no notice")}
		}
	}
	for _, n := range ns {
		m.notify(n)
	}
	return nil
}

func (m *model) notify(n calbell.Reminder) {
	if m.dels[n.ID] == nil {
		n.Due, n.Start, n.End, n.Sources = n.Due.UTC(), n.Start.UTC(), n.End.UTC(), nil
		m.dels[n.ID] = &calbell.Delivery{Reminder: n, Status: calbell.StatusPlanned, NextAt: n.Due}
	}
}

func (m *model) Record(ctx context.Context, d calbell.Delivery) error {
	leave, err := m.enter(ctx)
	defer leave()
	switch {
	case err != nil:
		return err
	case d.Notice == nil, !d.Status.Final(), m.dels[d.ID] != nil:
		return &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("not to be recorded")}
	}
	d.Due, d.Start, d.End, d.FinishedAt = d.Due.UTC(), d.Start.UTC(), d.End.UTC(), d.FinishedAt.UTC()
	d.NextAt, d.Sources = time.Time{}, nil
	m.dels[d.ID] = &d
	if d.Notice.Kind == calbell.NoticeTest && len(d.Tries) > 0 {
		s := m.states[d.Webhook]
		s.Last = calbell.LastTry(d.Tries[len(d.Tries)-1], true)
		m.setState(d.Webhook, s)
	}
	return nil
}

func (m *model) Untold(ctx context.Context) (map[calbell.WebhookID]int, error) {
	leave, err := m.enter(ctx)
	defer leave()
	untold := make(map[calbell.WebhookID]int)
	for _, d := range m.dels {
		if d.Untold {
			untold[d.Webhook]++
		}
	}
	return untold, err
}

func (m *model) TellMissed(ctx context.Context, w calbell.WebhookID, now time.Time) (int, error) {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return 0, err
	}
	var all []*calbell.Delivery
	for _, d := range m.dels {
		if d.Untold && d.Webhook == w {
			all = append(all, d)
		}
	}
	if len(all) == 0 {
		return 0, nil
	}
	slices.SortFunc(all, func(a, b *calbell.Delivery) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID))
	})
	n := calbell.Notice{Kind: calbell.NoticeMissed, Since: now.UTC(), More: max(0, len(all)-calbell.MaxNoticeItems)}
	for i, d := range all {
		d.Untold = false
		if i < calbell.MaxNoticeItems {
			n.Items = append(n.Items, calbell.NoticeItem{Subject: d.Subject, Due: d.Due, Start: d.Start, Status: d.Status, Reason: d.Reason})
		}
	}
	for m.dels[calbell.NewNoticeID(w, n.Kind, "", n.Since)] != nil {
		n.Since = n.Since.Add(1)
	}
	m.notify(calbell.NewNotice(w, n, now))
	return len(all), nil
}

func (m *model) Expire(ctx context.Context, r store.ExpireRequest) (store.ExpireResult, error) {
	leave, err := m.enter(ctx)
	defer leave()
	result := store.ExpireResult{Ended: make(map[calbell.WebhookID]int)}
	if err != nil {
		return result, err
	}
	if r.Limit < 1 || r.Missed == nil {
		return result, &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("no limit")}
	}
	n, at := 0, time.Time{}
	for _, d := range m.waiting() {
		if d.NextAt.Before(r.From) || !d.NextAt.Before(r.Before) {
			continue
		}
		if n >= r.Limit && d.NextAt.After(at) {
			result.Next = d.NextAt
			break
		}
		n, at = n+1, d.NextAt
		if ends, reason, tell := r.Missed(*d); ends {
			end(d, calbell.StatusMissed, r.Now, reason)
			d.Untold = tell && d.Notice == nil
			result.Ended[d.Webhook]++
		}
	}
	return result, nil
}

// waiting returns what could be claimed, by NextAt.
func (m *model) waiting() []*calbell.Delivery {
	all := slices.DeleteFunc(m.live(), func(d *calbell.Delivery) bool { return d.Status == calbell.StatusInFlight })
	slices.SortFunc(all, func(a, b *calbell.Delivery) int {
		return cmp.Or(a.NextAt.Compare(b.NextAt), cmp.Compare(a.ID, b.ID))
	})
	return all
}

func (m *model) Resend(ctx context.Context, ids []calbell.ReminderID, now time.Time) (int, error) {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if m.dels[id] == nil {
			return 0, notFound("delivery", id)
		}
	}
	n := 0
	for _, id := range ids {
		if d := m.dels[id]; d.Status.Final() {
			queue(d, calbell.StatusPlanned, now.UTC())
			d.AskedAt = now.UTC()
			n++
		} else if d.Status == calbell.StatusWaiting {
			queue(d, calbell.StatusWaiting, now.UTC())
			n++
		}
	}
	return n, nil
}

func (m *model) Beat(ctx context.Context, now time.Time) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err == nil && now.After(m.beat) {
		m.beat = now.UTC()
	}
	return err
}

func (m *model) LastBeat(ctx context.Context) (time.Time, error) {
	leave, err := m.enter(ctx)
	defer leave()
	return m.beat, err
}
