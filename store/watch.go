package store

import (
	"context"
	"time"

	"calbell"
)

// Watcher is notified after each transaction that concerns it, in the goroutine of the caller:
// it must not block.
type Watcher interface {
	// Applied is called after [Plans.Apply]. After an error the change may be stored or not, so
	// any cached state of its objects is invalid.
	Applied(c Change, err error)
	// Extended is called after [Plans.Extend]. Extensions may have been skipped.
	Extended(ext []Planned)
	// CalendarRemoved is called after [Plans.RemoveCalendar], even if that failed.
	CalendarRemoved(id calbell.CalendarID)
	// Ended is called with the deliveries that [Queue.Finish] ended.
	Ended(ids []calbell.ReminderID)
	// Expired is called after [Queue.Expire] ended deliveries, by webhook.
	Expired(ended map[calbell.WebhookID]int)
}

// WatchPlans returns plans that notify w of changes made through them.
func WatchPlans(p Plans, w Watcher) Plans { return watchedPlans{p, w} }

// WatchQueue returns a queue that notifies w of deliveries that end through it.
func WatchQueue(q Queue, w Watcher) Queue { return watchedQueue{q, w} }

type watchedPlans struct {
	Plans
	watcher Watcher
}

type watchedQueue struct {
	Queue
	watcher Watcher
}

// Apply implements Plans.
func (w watchedPlans) Apply(ctx context.Context, c Change, now time.Time) error {
	err := w.Plans.Apply(ctx, c, now)
	w.watcher.Applied(c, err)
	return err
}

// Extend implements Plans.
func (w watchedPlans) Extend(ctx context.Context, ext []Planned, now time.Time) error {
	err := w.Plans.Extend(ctx, ext, now)
	w.watcher.Extended(ext)
	return err
}

// RemoveCalendar implements Plans.
func (w watchedPlans) RemoveCalendar(ctx context.Context, id calbell.CalendarID, now time.Time) error {
	err := w.Plans.RemoveCalendar(ctx, id, now)
	w.watcher.CalendarRemoved(id)
	return err
}

// Finish implements Queue.
func (w watchedQueue) Finish(ctx context.Context, worker string, outcomes []calbell.Outcome, states map[calbell.WebhookID]calbell.WebhookState, now time.Time) error {
	err := w.Queue.Finish(ctx, worker, outcomes, states, now)
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

// Expire implements Queue.
func (w watchedQueue) Expire(ctx context.Context, r ExpireRequest) (ExpireResult, error) {
	result, err := w.Queue.Expire(ctx, r)
	if len(result.Ended) > 0 {
		w.watcher.Expired(result.Ended)
	}
	return result, err
}
