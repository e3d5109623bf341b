package bolt

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"calbell"
)

// Notify implements store.Notices.
func (s *Store) Notify(ctx context.Context, ns []calbell.Reminder, now time.Time) error {
	for i := range ns {
		if ns[i].Notice == nil {
			return &calbell.Error{Kind: calbell.KindUsage, What: fmt.Sprintf("notify: reminder %q is no notice", ns[i].ID)}
		}
	}
	return s.update(ctx, func(t *tx) error {
		l := newLedger(t)
		for i := range ns {
			if err := l.notify(ns[i]); err != nil {
				return err
			}
		}
		return l.flush()
	})
}

// notify adds a notice, unless it is known. One whose record does not open is made again.
func (l *ledger) notify(r calbell.Reminder) error {
	id := l.t.box.reminder(r.ID)
	row, err := l.get(id)
	if err != nil {
		l.t.damaged(err)
		return nil // it is in the index still, and set aside when it is claimed
	}
	if row != nil {
		return nil
	}
	d := calbell.Delivery{Reminder: r, Status: calbell.StatusPlanned}
	d.Due, d.Start, d.End = r.Due.UTC(), r.Start.UTC(), r.End.UTC()
	d.NextAt, d.Sources = d.Due, nil
	l.add(id, d)
	return nil
}

// Untold implements store.Notices.
func (s *Store) Untold(ctx context.Context) (map[calbell.WebhookID]int, error) {
	untold := make(map[calbell.WebhookID]int)
	err := s.view(ctx, func(t *tx) error {
		for _, v := range t.rows(bUntold, nil) {
			untold[calbell.WebhookID(v)]++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return untold, nil
}

// tellPage bounds the deliveries that one transaction tells. A notice counts those that it
// does not list, so that a flood takes several notices and not one endless transaction.
const tellPage = 20_000

// TellMissed implements store.Notices.
func (s *Store) TellMissed(ctx context.Context, w calbell.WebhookID, now time.Time) (n int, err error) {
	err = s.update(ctx, func(t *tx) error {
		n = 0
		notice := calbell.Notice{Kind: calbell.NoticeMissed, Since: now.UTC()}
		l := newLedger(t)
		for k := range t.under(bUntold, s.box.state(w)) {
			if n == tellPage {
				break
			}
			id := rowID(k[len(k)-idLen:])
			row, err := l.get(id)
			if err != nil || row == nil {
				t.damaged(fmt.Errorf("delivery %s is to be told and cannot be read: %w", hexOf(id), err))
				t.later(bUntold, bytes.Clone(k), nil)
				continue
			}
			n++
			row.d.Untold, row.dirty = false, true
			if len(notice.Items) < calbell.MaxNoticeItems {
				notice.Items = append(notice.Items, calbell.NoticeItem{
					Subject: row.d.Subject, Due: row.d.Due, Start: row.d.Start, Status: row.d.Status, Reason: row.d.Reason,
				})
			} else {
				notice.More++
			}
		}
		if n > 0 {
			if err := l.notify(calbell.NewNotice(w, notice, now)); err != nil {
				return err
			}
		}
		return l.flush()
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}
