package storetest

import (
	"fmt"
	"time"

	"calbell"
	"calbell/store"
)

// number runs an operation that returns how many on the store and on the model.
func (w *walk) number(what string, op func(s Store) (int, error)) error {
	var both []int
	err := w.both(what, func(s Store) error {
		n, err := op(s)
		both = append(both, n)
		return err
	})
	if both[0] != both[1] {
		return fmt.Errorf("%s: %d, the model %d", what, both[0], both[1])
	}
	return err
}

func (w *walk) notice() calbell.Reminder {
	return calbell.NewNotice(calbell.WebhookID(w.pick("chat", "ops")), calbell.Notice{
		Kind: calbell.NoticeSuspended, Subject: w.pick("a", "b"), Since: at(w.now.Truncate(5 * time.Minute)),
	}, at(w.now))
}

func (w *walk) notify() error {
	n := w.notice()
	return w.both("notify", func(s Store) error {
		return s.Notify(w.k.Context(), []calbell.Reminder{n}, at(w.now))
	})
}

func (w *walk) tellMissed() error {
	hook := calbell.WebhookID(w.pick("chat", "ops"))
	return w.number("tell "+string(hook), func(s Store) (int, error) {
		return s.TellMissed(w.k.Context(), hook, at(w.now))
	})
}

func (w *walk) expire() error {
	odd := w.r.IntN(3)
	r := store.ExpireRequest{
		Now: at(w.now), Before: at(w.now - time.Duration(w.r.IntN(5))*time.Minute), Limit: 1 + w.r.IntN(5),
		Missed: func(d calbell.Delivery) (bool, calbell.Text, bool) {
			return d.Due.Minute()%3 != odd, calbell.English("too late"), d.Webhook == "chat"
		},
	}
	if w.chance(30) {
		r.From = at(w.now - time.Hour)
	}
	var both []store.ExpireResult
	err := w.both("expire", func(s Store) error {
		got, err := s.Expire(w.k.Context(), r)
		both = append(both, got)
		return err
	})
	if d := cmpDiff(both); d != "" {
		return fmt.Errorf("expired (-model +store): %s", d)
	}
	return err
}

func (w *walk) resend() error {
	ended, err := w.m.History(w.k.Context(), store.HistoryQuery{})
	if err != nil {
		return err
	}
	ids := []calbell.ReminderID{}
	for _, d := range ended {
		if w.chance(20) {
			ids = append(ids, d.ID)
		}
	}
	if w.chance(5) {
		ids = append(ids, "unknown")
	}
	return w.number("resend", func(s Store) (int, error) { return s.Resend(w.k.Context(), ids, at(w.now)) })
}
