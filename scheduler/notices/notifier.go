package notices

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"calbell"
	"calbell/store"
)

const (
	// notifyEvery is the interval between searches for news.
	notifyEvery = 30 * time.Second
	// tellEvery is the minimum interval between a webhook's notices of missed reminders: after
	// an outage it gets one list instead of many messages.
	tellEvery = 10 * time.Minute
	// failingFor is how long an account or calendar must fail before it is reported.
	failingFor = time.Hour
)

// NotifierStore is the part of the store that a [Notifier] uses.
type NotifierStore struct {
	News
	Subjects
}

// News stores missed reminders and their notices.
type News interface {
	Untold(ctx context.Context) (map[calbell.WebhookID]int, error)
	TellMissed(ctx context.Context, w calbell.WebhookID, now time.Time) (int, error)
	Notify(ctx context.Context, ns []calbell.Reminder, now time.Time) error
	Delivery(ctx context.Context, id calbell.ReminderID) (calbell.Delivery, error)
	Upcoming(ctx context.Context, q store.UpcomingQuery) ([]calbell.Delivery, error)
}

// Subjects stores the calendars and webhooks, with their states.
type Subjects interface {
	Calendars(ctx context.Context) ([]calbell.Calendar, error)
	ListedNames() store.Table[string, store.ListedNames]
	Webhooks() store.Table[calbell.WebhookID, calbell.Webhook]
	WebhookStates() store.Table[calbell.WebhookID, store.WebhookState]
}

// NotifierOptions configures a [Notifier].
type NotifierOptions struct {
	// ErrorWebhook returns the webhook for troubles; "" = none.
	ErrorWebhook func() calbell.WebhookID
	// Failing returns the accounts that fail as a whole; see [calbell.AccountFailure].
	Failing func() []calbell.AccountFailure
	// Overdue returns when a calendar should have been synced; zero: it is not overdue. nil: no
	// calendar is.
	Overdue func(calbell.Calendar) time.Time
	// Changed is called when the queue has changed.
	Changed func()
	// Told counts a queued notice; it may be nil.
	Told func(calbell.NoticeKind)
	Log  *slog.Logger
}

// Notifier queues notices: of missed reminders for their own webhook, of refusing webhooks and
// unreadable calendars for the error webhook. A notice's ID is derived from its content, so
// that it is sent once however often the trouble is found. An end ("works again") is reported
// only by the run that reported the beginning: after a restart, status and page show it
// instead.
type Notifier struct {
	o     NotifierOptions
	store NotifierStore

	mu     sync.Mutex
	told   map[calbell.WebhookID]time.Time // time of the last notice of missed reminders
	begun  map[trouble]time.Time           // reported troubles
	alarms []calbell.Notice                // troubles of the program itself, to be reported
}

// NewNotifier returns a notifier that Run starts.
func NewNotifier(s NotifierStore, o NotifierOptions) *Notifier {
	if o.Overdue == nil {
		o.Overdue = func(calbell.Calendar) time.Time { return time.Time{} }
	}
	if o.Told == nil {
		o.Told = func(calbell.NoticeKind) {}
	}
	return &Notifier{o: o, store: s, told: map[calbell.WebhookID]time.Time{}, begun: map[trouble]time.Time{}}
}

// Run queues news until ctx ends.
func (h *Notifier) Run(ctx context.Context) {
	tick := time.NewTicker(notifyEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := h.Look(ctx, time.Now()); err != nil && ctx.Err() == nil {
			h.o.Log.Error("tell the news", "err", err)
		}
	}
}

// Trouble reports a trouble of the program itself to the error webhook: what is in trouble, and
// why. The same subject and since are reported once.
func (h *Notifier) Trouble(subject, reason, hint calbell.Text, since time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.alarms = append(h.alarms, calbell.Notice{Kind: calbell.NoticeTrouble, Subject: subject.English, Reason: calbell.Chain(subject, reason), Hint: hint, Since: since.UTC()})
}

// Look queues the news as of a time. Run calls it repeatedly.
func (h *Notifier) Look(ctx context.Context, now time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	states, err := store.StatesByWebhook(ctx, h.store.WebhookStates())
	if err != nil {
		return err
	}
	if err := h.tellMissed(ctx, states, now); err != nil {
		return err
	}
	to := h.o.ErrorWebhook()
	if to == "" {
		h.alarms = nil
		return nil
	}
	t, err := h.compare(ctx, states, to, now)
	if err != nil {
		return err
	}
	if err := h.send(ctx, to, slices.Concat(h.alarms, t.news), now); err != nil {
		return err
	}
	h.alarms, h.begun = nil, t.begun
	return nil
}

// tellMissed reports missed reminders to each webhook in service.
func (h *Notifier) tellMissed(ctx context.Context, states map[calbell.WebhookID]calbell.WebhookState, now time.Time) error {
	untold, err := h.store.Untold(ctx)
	if err != nil {
		return err
	}
	for id := range untold {
		if wait, err := h.waits(ctx, id, states[id], now); err != nil || wait {
			if err != nil {
				return err
			}
			continue
		}
		if _, err := h.store.TellMissed(ctx, id, now); err != nil {
			return err
		}
		h.told[id] = now
		h.o.Told(calbell.NoticeMissed)
		h.o.Changed()
	}
	return nil
}

// waits reports whether a webhook must not get a notice of missed reminders now: it is out of
// service, it just got one, or its last one has not been sent yet.
func (h *Notifier) waits(ctx context.Context, id calbell.WebhookID, s calbell.WebhookState, now time.Time) (bool, error) {
	if !s.SuspendedAt.IsZero() || !s.RefusedAt.IsZero() || s.PausedUntil.After(now) {
		return true, nil
	}
	last, told := h.told[id]
	if !told {
		return false, nil
	}
	if since := now.Sub(last); since >= 0 && since < tellEvery {
		return true, nil
	}
	d, err := h.store.Delivery(ctx, calbell.NewNoticeID(id, calbell.NoticeMissed, "", last))
	if calbell.IsNotFound(err) {
		return false, nil
	}
	return !d.Status.Final(), err
}

// send queues news.
func (h *Notifier) send(ctx context.Context, to calbell.WebhookID, news []calbell.Notice, now time.Time) error {
	if len(news) == 0 {
		return nil
	}
	notices := make([]calbell.Reminder, len(news))
	for i, n := range news {
		if n.Kind == calbell.NoticeSuspended {
			var err error
			if n.Items, n.More, err = h.waiting(ctx, calbell.WebhookID(n.Subject), now); err != nil {
				return err
			}
		}
		notices[i] = calbell.NewNotice(to, n, now)
	}
	if err := h.store.Notify(ctx, notices, now); err != nil {
		return err
	}
	for _, n := range news {
		h.o.Told(n.Kind)
	}
	h.o.Changed()
	return nil
}

const (
	// waitingShown is the number of waiting reminders that a webhook's news lists.
	waitingShown = 5
	// waitingRead limits the deliveries that are read for that list. Due ones come first.
	waitingRead = 1000
)

// waiting returns the first reminders that wait for a webhook, and the number of others.
func (h *Notifier) waiting(ctx context.Context, id calbell.WebhookID, now time.Time) (items []calbell.NoticeItem, more int, err error) {
	all, err := h.store.Upcoming(ctx, store.UpcomingQuery{Limit: waitingRead})
	for _, d := range all {
		switch {
		case d.Webhook != id || d.Notice != nil || d.Due.After(now):
		case len(items) < waitingShown:
			items = append(items, calbell.NoticeItem{Subject: d.Subject, Due: d.Due, Start: d.Start, Status: d.Status})
		default:
			more++
		}
	}
	return items, more, err
}
