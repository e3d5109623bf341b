package service

import (
	"context"
	"time"
)

// warmEvery is how often the indexes are updated in the background.
const warmEvery = 20 * time.Second

// KeepWarm builds the indexes of all calendars, as far as the memory limit allows, and
// keeps them up to date until ctx ends: reading 100,000 events takes seconds, for which no
// page should wait. It does nothing while there are no users. It calls failed with errors.
func (s *Events) KeepWarm(ctx context.Context, failed func(error)) {
	for tick := time.NewTicker(warmEvery); ; {
		if err := s.warm(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
	}
}

func (s *Events) warm(ctx context.Context) error {
	some, err := s.hasUsers(ctx)
	if err != nil || !some {
		return err
	}
	calendars, err := s.store.Calendars(ctx)
	for _, c := range calendars {
		if err != nil || ctx.Err() != nil {
			break
		}
		if s.index.Stale(c.ID) {
			err = s.index.Update(ctx, c, time.Now())
		}
	}
	return err
}
