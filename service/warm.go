package service

import (
	"context"
	"time"

	"calbell"
)

// warmEvery is how often the indexes are brought up to date while nobody asks.
const warmEvery = 20 * time.Second

// KeepWarm makes the indexes of all calendars, as far as there is room, and brings them up to date
// before somebody asks: to read 100,000 events takes seconds, which no page is to wait for. It does
// nothing while there is nobody who could ask, and ends with ctx. failed is told of errors.
func (s *Service) KeepWarm(ctx context.Context, failed func(error)) {
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

func (s *Service) warm(ctx context.Context) error {
	some, err := s.HasUsers(ctx)
	if err != nil || !some {
		return err
	}
	calendars, err := s.store.Calendars(ctx)
	for _, c := range calendars {
		if err != nil || ctx.Err() != nil {
			break
		}
		if s.index.wants(c.ID) {
			err = s.bringUp(ctx, c)
		}
	}
	return err
}

// bringUp brings the index of a calendar up to date.
func (s *Service) bringUp(ctx context.Context, c calbell.Calendar) error {
	ci, err := s.indexed(ctx, c, time.Now())
	if err == nil {
		ci.mu.Unlock()
	}
	return err
}

// wants reports whether a calendar's index is stale, or is not there and there is room for it.
func (x *index) wants(id calbell.CalendarID) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if ci := x.calendars[id]; ci != nil && ci.cost > 0 {
		return len(ci.changed) > 0
	}
	total := 0
	for _, ci := range x.calendars {
		total += ci.cost
	}
	return total < maxIndexed/2
}
