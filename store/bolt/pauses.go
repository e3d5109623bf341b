package bolt

import (
	"context"
	"slices"
	"time"

	"calbell"
	"calbell/internal/failpoint"
)

// Pauses implements store.Pauses.
func (s *pauseStore) Pauses(ctx context.Context, now time.Time) (ps []calbell.Pause, err error) {
	err = s.view(ctx, func(t *tx) error {
		ps = slices.DeleteFunc(pauses().all(t), func(p calbell.Pause) bool { return !p.Until.After(now) })
		return nil
	})
	slices.SortFunc(ps, pauses().Order)
	return ps, err
}

// SetPause implements store.Pauses.
func (s *pauseStore) SetPause(ctx context.Context, p calbell.Pause, now time.Time) error {
	return s.update(ctx, failpoint.Pause, func(t *tx) error {
		if err := pauses().removeAll(t, true, func(p *calbell.Pause) bool { return !p.Until.After(now) }); err != nil {
			return err
		}
		key := s.box.Pause(&p)
		switch {
		case p.Until.After(now):
			return pauses().putAt(t, key, p)
		case t.Has(bPauses, key):
			return t.Delete(bPauses, key)
		}
		return nil
	})
}
