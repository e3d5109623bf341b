package bolt

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	berrors "go.etcd.io/bbolt/errors"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/bolt/records"
	"calbell/store/record"
)

// Notify implements store.Notices.
func (s *noticeStore) Notify(ctx context.Context, ns []calbell.Reminder, now time.Time) error {
	if err := record.CheckNotices(ns); err != nil {
		return err
	}
	return s.update(ctx, failpoint.Notify, func(t *tx) error {
		l := record.NewLedger(t, t.Box)
		l.Notify(ns...)
		return l.Flush()
	})
}

// Record implements store.Notices.
func (s *noticeStore) Record(ctx context.Context, d calbell.Delivery) error {
	return s.update(ctx, failpoint.Notify, func(t *tx) error {
		l := record.NewLedger(t, t.Box)
		if err := l.Record(d); err != nil {
			return err
		}
		if err := noteTest(t, d); err != nil {
			return err
		}
		return l.Flush()
	})
}

// noteTest notes a test as the latest attempt at its webhook.
func noteTest(t *tx, d calbell.Delivery) error {
	if d.Notice.Kind != calbell.NoticeTest || len(d.Tries) == 0 {
		return nil
	}
	st := store.WebhookState{ID: d.Webhook}
	switch known, err := records.WebhookStates().Get(t.Tx, string(d.Webhook)); {
	case err != nil:
		t.Damaged(err)
	case known != nil:
		st = *known
	}
	st.Last = calbell.LastTry(d.Tries[len(d.Tries)-1], true)
	return records.PutState(t.Tx, st)
}

// maxSinceTries bounds the search for an instant at which a webhook was told nothing yet.
const maxSinceTries = 1000

// mark puts a delivery into the index of what is to be told, or takes it out. The index has
// a bucket for each webhook, so that telling drops that bucket: a million rows cost the time
// and memory of their pages, not of their records.
type mark struct {
	webhook calbell.WebhookID
	key     []byte // time (Due) ‖ id
	tell    bool
}

// untoldIndex is the index of what is to be told.
type untoldIndex struct{ *tx }

func toTell(t *tx) untoldIndex { return untoldIndex{t} }

// untoldName names a webhook's bucket in the index: a bucket cannot be named "".
func untoldName(w calbell.WebhookID) []byte { return append([]byte{'w'}, w...) }

// untoldCount is the key of the counter of its rows.
func untoldCount(w calbell.WebhookID) []byte { return append([]byte{'u'}, w...) }

// applyMarks makes the marks noted so far, in key order as apply does.
func (t untoldIndex) applyMarks() error {
	slices.SortFunc(t.marks, func(a, b mark) int {
		return cmp.Or(cmp.Compare(a.webhook, b.webhook), bytes.Compare(a.key, b.key))
	})
	counts := make(map[calbell.WebhookID]int64)
	for _, m := range t.marks {
		n, err := t.mark(m)
		if err != nil {
			return fmt.Errorf("write row of %q: %w", bUntold, err)
		}
		counts[m.webhook] += n
	}
	t.marks = nil
	for w, n := range counts {
		if err := t.putUntold(w, t.untold(w)+n); err != nil {
			return err
		}
	}
	return nil
}

// mark makes one mark. n is by how much the index grew.
func (t untoldIndex) mark(m mark) (n int64, err error) {
	b := t.Table(bUntold).Bucket(untoldName(m.webhook))
	have := b != nil && b.Get(m.key) != nil
	switch {
	case have == m.tell:
		return 0, nil
	case have:
		t.Wrote = true
		return -1, b.Delete(m.key)
	case b == nil:
		if b, err = t.Table(bUntold).CreateBucket(untoldName(m.webhook)); err != nil {
			return 0, err
		}
	}
	t.Wrote = true
	return 1, b.Put(m.key, []byte{})
}

func (t untoldIndex) isUntold(id record.ID, d *calbell.Delivery) bool {
	b := t.Table(bUntold).Bucket(untoldName(d.Webhook))
	return b != nil && b.Get(record.TimeKey(d.Due, id[:])) != nil
}

// untold returns how many rows a webhook has in the index.
func (t untoldIndex) untold(w calbell.WebhookID) int64 {
	v := t.Get(bCounts, untoldCount(w))
	if len(v) != 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(v))
}

func (t untoldIndex) putUntold(w calbell.WebhookID, n int64) error {
	switch {
	case n > 0:
		return t.Put(bCounts, untoldCount(w), binary.BigEndian.AppendUint64(nil, uint64(n)))
	case t.Has(bCounts, untoldCount(w)):
		return t.Delete(bCounts, untoldCount(w))
	}
	return nil
}

// untoldRows walks a webhook's rows of the index, earliest due first.
func (t untoldIndex) untoldRows(w calbell.WebhookID) iter.Seq[record.ID] {
	return func(yield func(record.ID) bool) {
		b := t.Table(bUntold).Bucket(untoldName(w))
		if b == nil {
			return
		}
		c := b.Cursor()
		for k, _ := c.First(); len(k) == record.TimeLen+record.IDLen && yield(record.ID(k[record.TimeLen:])); {
			k, _ = c.Next()
		}
	}
}

// Untold implements store.Notices.
func (s *noticeStore) Untold(ctx context.Context) (map[calbell.WebhookID]int, error) {
	untold := make(map[calbell.WebhookID]int)
	err := s.view(ctx, func(t *tx) error {
		for k := range t.Under(bCounts, untoldCount("")) {
			w := calbell.WebhookID(k[1:])
			untold[w] = int(toTell(t).untold(w))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return untold, nil
}

// TellMissed implements store.Notices.
func (s *noticeStore) TellMissed(ctx context.Context, w calbell.WebhookID, now time.Time) (n int, err error) {
	err = s.update(ctx, failpoint.Notify, func(t *tx) error {
		if n = int(toTell(t).untold(w)); n == 0 {
			return nil
		}
		notice := calbell.Notice{Kind: calbell.NoticeMissed, Items: toTell(t).untoldItems(w)}
		notice.More = max(0, n-len(notice.Items))
		if notice.Since, err = toTell(t).freeSince(w, now); err != nil {
			return err
		}
		err := t.Table(bUntold).DeleteBucket(untoldName(w))
		if err != nil && !errors.Is(err, berrors.ErrBucketNotFound) {
			return fmt.Errorf("empty bucket of %q: %w", bUntold, err)
		}
		if err := toTell(t).putUntold(w, 0); err != nil {
			return err
		}
		l := record.NewLedger(t, t.Box)
		l.Notify(calbell.NewNotice(w, notice, now))
		return l.Flush()
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// untoldItems reads the earliest of a webhook's untold deliveries.
func (t untoldIndex) untoldItems(w calbell.WebhookID) (items []calbell.NoticeItem) {
	for id := range t.untoldRows(w) {
		if len(items) == calbell.MaxNoticeItems {
			return items
		}
		d, _, err := t.Delivery(id)
		if err != nil {
			t.Damaged(err)
		}
		if err != nil || d == nil {
			continue // one of those that are only counted
		}
		items = append(items, calbell.NoticeItem{
			Subject: d.Subject, Due: d.Due, Start: d.Start, Status: d.Status, Reason: d.Reason,
		})
	}
	return items
}

// freeSince returns the first instant from now on for which a webhook has no notice of
// what it missed: two with one Since would be one, and the second would be lost.
func (t untoldIndex) freeSince(w calbell.WebhookID, now time.Time) (time.Time, error) {
	since := now.UTC()
	for range maxSinceTries {
		id := t.Box.Reminder(calbell.NewNoticeID(w, calbell.NoticeMissed, "", since))
		if !t.Has(bDeliveries, id[:]) {
			return since, nil
		}
		since = since.Add(1)
	}
	return since, fmt.Errorf("tell webhook %q: %d notices at one instant", w, maxSinceTries)
}
