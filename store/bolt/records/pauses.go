package records

import (
	"bytes"
	"context"
	"slices"
	"time"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store/bolt/file"
)

// Pauses implements store.Pauses.
func (s *PauseStore) Pauses(ctx context.Context, now time.Time) ([]calbell.Pause, error) {
	return View(ctx, s.db, Pauses(), func(t *file.Tx) []calbell.Pause { return goingOn(Pauses().All(t), now) })
}

// goingOn returns those of a list that have not ended. It changes the list.
func goingOn(list []calbell.Pause, now time.Time) []calbell.Pause {
	return slices.DeleteFunc(list, func(p calbell.Pause) bool { return !p.Until.After(now) })
}

// PausesOf implements store.Pauses.
func (s *PauseStore) PausesOf(ctx context.Context, cals []calbell.CalendarID, hooks []calbell.WebhookID, now time.Time) ([]calbell.Pause, error) {
	return View(ctx, s.db, Pauses(), func(t *file.Tx) []calbell.Pause {
		keys := [][]byte{t.Box.Pause(&calbell.Pause{})}
		for _, id := range hooks {
			keys = append(keys, t.Box.Pause(&calbell.Pause{Webhook: id}))
		}
		for _, id := range cals {
			cal := t.Box.Calendar(id)
			for k := range t.Under(BPauses, cal[:]) {
				keys = append(keys, bytes.Clone(k))
			}
		}
		return goingOn(Pauses().Some(t, keys), now)
	})
}

// SetPause implements store.Pauses.
func (s *PauseStore) SetPause(ctx context.Context, p calbell.Pause, now time.Time) error {
	return s.db.Update(ctx, failpoint.Pause, func(t *file.Tx) error {
		key := t.Box.Pause(&p)
		if p.Until.After(now) {
			return Pauses().Put(t, p)
		}
		_, err := Pauses().RemoveAt(t, key)
		return err
	})
}

// EndPauses implements store.Pauses. One that does not open goes, too.
func (s *PauseStore) EndPauses(ctx context.Context, now time.Time) (n int, err error) {
	err = s.db.Update(ctx, failpoint.Pause, func(t *file.Tx) error {
		n = 0
		return Pauses().RemoveAll(t, true, func(p *calbell.Pause) bool {
			ended := !p.Until.After(now)
			if ended {
				n++
			}
			return ended
		})
	})
	return n, err
}
