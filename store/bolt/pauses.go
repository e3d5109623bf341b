package bolt

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"calbell"
	"calbell/internal/failpoint"
)

// Pauses implements store.Pauses.
func (s *pauseStore) Pauses(ctx context.Context, now time.Time) (ps []calbell.Pause, err error) {
	err = s.view(ctx, func(t *tx) error {
		for k, v := range t.Rows(bPauses, nil) {
			var p calbell.Pause
			if err := t.UnsealJSON(bPauses, k, v, &p); err != nil {
				t.Damaged(err)
			} else if p.Until.After(now) {
				ps = append(ps, p)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(ps, func(a, b calbell.Pause) int {
		return cmp.Or(cmp.Compare(a.Calendar, b.Calendar), cmp.Compare(a.Webhook, b.Webhook))
	})
	return ps, nil
}

// SetPause implements store.Pauses.
func (s *pauseStore) SetPause(ctx context.Context, p calbell.Pause, now time.Time) error {
	p.Until, p.MadeAt = p.Until.UTC(), p.MadeAt.UTC()
	return s.update(ctx, failpoint.Pause, func(t *tx) error {
		for _, key := range endedPauses(t, now) {
			if err := t.Delete(bPauses, key); err != nil {
				return err
			}
		}
		key := s.box.Pause(&p)
		switch {
		case p.Until.After(now):
			return t.PutJSON(bPauses, key, p)
		case t.Has(bPauses, key):
			return t.Delete(bPauses, key)
		}
		return nil
	})
}

// endedPauses returns the rows that nobody needs any more, those that do not open among them:
// a bucket must not change while it is walked.
func endedPauses(t *tx, now time.Time) (keys [][]byte) {
	for k, v := range t.Rows(bPauses, nil) {
		var p calbell.Pause
		err := t.UnsealJSON(bPauses, k, v, &p)
		if err != nil {
			t.Damaged(err)
		}
		if err != nil || !p.Until.After(now) {
			keys = append(keys, bytes.Clone(k))
		}
	}
	return keys
}
