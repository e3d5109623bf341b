package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"calbell"
	"calbell/store"
)

// answering is a store that answers each write with the same error.
type answering struct {
	store.Plans
	store.Queue
	err   error
	ended map[calbell.WebhookID]int
}

func (s answering) Apply(context.Context, store.Change, time.Time) error     { return s.err }
func (s answering) Extend(context.Context, []store.Planned, time.Time) error { return s.err }
func (s answering) RemoveCalendar(context.Context, calbell.CalendarID, time.Time) error {
	return s.err
}

func (s answering) Finish(context.Context, string, []calbell.Outcome, map[calbell.WebhookID]calbell.WebhookState, time.Time) error {
	return s.err
}

func (s answering) Expire(context.Context, store.ExpireRequest) (store.ExpireResult, error) {
	return store.ExpireResult{Ended: s.ended}, s.err
}

// noting writes down what it is notified of.
type noting struct{ notes []string }

func (n *noting) Applied(c store.Change, err error) {
	text := "applied " + c.Calendar.Name
	if err != nil {
		text += ", failed"
	}
	n.notes = append(n.notes, text)
}
func (n *noting) Extended([]store.Planned) { n.notes = append(n.notes, "extended") }
func (n *noting) CalendarRemoved(id calbell.CalendarID) {
	n.notes = append(n.notes, "removed "+string(id))
}
func (n *noting) Expired(map[calbell.WebhookID]int) { n.notes = append(n.notes, "expired") }
func (n *noting) Ended(ids []calbell.ReminderID) {
	for _, id := range ids {
		n.notes = append(n.notes, "ended "+string(id))
	}
}

// A watcher hears of each write that may have changed objects, failed or not, and of deliveries
// only when they ended for certain.
func TestWatch(t *testing.T) {
	for _, tt := range []struct {
		name  string
		err   error
		ended map[calbell.WebhookID]int
		want  []string
	}{
		{"all well", nil, map[calbell.WebhookID]int{"team": 2}, []string{"applied Team", "extended", "removed c1", "ended sent", "ended dead", "expired"}},
		{"nothing expired", nil, nil, []string{"applied Team", "extended", "removed c1", "ended sent", "ended dead"}},
		{"failed", errors.New("disk full"), nil, []string{"applied Team, failed", "extended", "removed c1"}},
		{"failed, some expired", errors.New("disk full"), map[calbell.WebhookID]int{"team": 1}, []string{"applied Team, failed", "extended", "removed c1", "expired"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := &noting{}
			ctx, now, s := t.Context(), time.Now(), answering{err: tt.err, ended: tt.ended}
			plans, queue := store.WatchPlans(s, n), store.WatchQueue(s, n)
			outcomes := []calbell.Outcome{{ID: "sent", Status: calbell.StatusSent}, {ID: "again", Status: calbell.StatusWaiting}, {ID: "dead", Status: calbell.StatusDead}}
			errs := []error{
				plans.Apply(ctx, store.Change{Calendar: calbell.Calendar{Name: "Team"}}, now), plans.Extend(ctx, nil, now), plans.RemoveCalendar(ctx, "c1", now),
				queue.Finish(ctx, "worker", outcomes, nil, now), queue.Finish(ctx, "worker", outcomes[1:2], nil, now),
			}
			_, expireErr := queue.Expire(ctx, store.ExpireRequest{})
			for _, err := range append(errs, expireErr) {
				if !errors.Is(err, tt.err) {
					t.Errorf("error %v, want %v", err, tt.err)
				}
			}
			if !slices.Equal(n.notes, tt.want) {
				t.Errorf("notified of %q, want %q", n.notes, tt.want)
			}
		})
	}
}
