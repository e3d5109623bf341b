package service

import (
	"context"
	"time"
)

// warmEvery is how often the indexes are brought up to date while nobody asks.
const warmEvery = 20 * time.Second

// KeepWarm makes the indexes of all calendars, as far as there is room, and brings them up to date
// before somebody asks: to read 100,000 events takes seconds, which no page is to wait for. It does
// nothing while there is nobody who could ask, and ends with ctx. failed is told of errors.
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
