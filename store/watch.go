package store

import (
	"context"
	"time"

	"calbell"
)

// Watcher is notified of what was stored, after each transaction that concerns it, in the goroutine
// of the caller: it must not wait.
type Watcher interface {
	// Applied is called after [Objects.Apply]. With an error the change may be stored all the same:
	// what was remembered of its objects is no longer known.
	Applied(c Change, err error)
	// Extended is called after [Objects.Extend]. Extensions may have been skipped.
	Extended(ext []Planned)
	// CalendarRemoved is called after [Calendars.RemoveCalendar], even if that failed.
	CalendarRemoved(id calbell.CalendarID)
	// Ended is called with the deliveries that [Queue.Finish] ended.
	Ended(ids []calbell.ReminderID)
	// Expired is called after [Upkeep.Expire] ended deliveries, by webhook.
	Expired(ended map[calbell.WebhookID]int)
}

// Watch returns a store that notifies w of what is written through it.
func Watch(s Store, w Watcher) Store { return watched{s, w} }

type watched struct {
	Store
	watcher Watcher
}

// Apply implements Objects.
func (w watched) Apply(ctx context.Context, c Change, now time.Time) error {
	err := w.Store.Apply(ctx, c, now)
	w.watcher.Applied(c, err)
	return err
}

// Extend implements Objects.
func (w watched) Extend(ctx context.Context, ext []Planned, now time.Time) error {
	err := w.Store.Extend(ctx, ext, now)
	w.watcher.Extended(ext)
	return err
}

// RemoveCalendar implements Calendars.
func (w watched) RemoveCalendar(ctx context.Context, id calbell.CalendarID, now time.Time) error {
	err := w.Store.RemoveCalendar(ctx, id, now)
	w.watcher.CalendarRemoved(id)
	return err
}

// Finish implements Queue.
func (w watched) Finish(ctx context.Context, worker string, outcomes []calbell.Outcome, states map[calbell.WebhookID]calbell.WebhookState, now time.Time) error {
	err := w.Store.Finish(ctx, worker, outcomes, states, now)
	if err != nil {
		return err
	}
	var ended []calbell.ReminderID
	for i := range outcomes {
		if outcomes[i].Status.Final() {
			ended = append(ended, outcomes[i].ID)
		}
	}
	if len(ended) > 0 {
		w.watcher.Ended(ended)
	}
	return nil
}

// Expire implements Upkeep.
func (w watched) Expire(ctx context.Context, r ExpireRequest) (ExpireResult, error) {
	result, err := w.Store.Expire(ctx, r)
	if len(result.Ended) > 0 {
		w.watcher.Expired(result.Ended)
	}
	return result, err
}
