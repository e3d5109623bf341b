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
	// notifyEvery is how often it is looked for news.
	notifyEvery = 30 * time.Second
	// tellEvery is how often a webhook hears of missed reminders: after an outage one list,
	// and not one after the other.
	tellEvery = 10 * time.Minute
	// failingFor is how long an account or calendar fails before somebody is told.
	failingFor = time.Hour
)

// NotifierStore is what telling the news needs of the store.
type NotifierStore struct {
	News
	Subjects
}

// News keeps what was missed, and takes the notices of it.
type News interface {
	Untold(ctx context.Context) (map[calbell.WebhookID]int, error)
	TellMissed(ctx context.Context, w calbell.WebhookID, now time.Time) (int, error)
	Notify(ctx context.Context, ns []calbell.Reminder, now time.Time) error
	Delivery(ctx context.Context, id calbell.ReminderID) (calbell.Delivery, error)
	Upcoming(ctx context.Context, q store.UpcomingQuery) ([]calbell.Delivery, error)
}

// Subjects keeps what can fail: calendars and webhooks, with their states.
type Subjects interface {
	Calendars(ctx context.Context) ([]calbell.Calendar, error)
	ListedNames() store.Table[string, store.ListedNames]
	Webhooks() store.Table[calbell.WebhookID, calbell.Webhook]
	WebhookStates() store.Table[calbell.WebhookID, store.WebhookState]
}

// NotifierOptions say whom a [Notifier] tells, and where it looks.
type NotifierOptions struct {
	// ErrorWebhook is who hears of trouble; "" = nobody.
	ErrorWebhook func() calbell.WebhookID
	// Failing are the accounts that fail as a whole; see [calbell.AccountFailure].
	Failing func() []calbell.AccountFailure
	// Overdue is when a calendar should have been synced; zero: it was, or that is ahead. nil: none is overdue.
	Overdue func(calbell.Calendar) time.Time
	// Changed is called when the queue has changed.
	Changed func()
	// Told counts a notice that was put into the queue; nil: nobody counts.
	Told func(calbell.NoticeKind)
	Log  *slog.Logger
}

// Notifier writes notices into the queue: of missed reminders to their own webhook, of
// webhooks that refuse and calendars that cannot be read to the error webhook. A notice's ID
// follows from what it tells, so that it is told once however often it is found out. What
// ends ("works again") is told by who saw it begin: after a restart in between, status and
// page say so, and no message.
type Notifier struct {
	o     NotifierOptions
	store NotifierStore

	mu     sync.Mutex
	told   map[calbell.WebhookID]time.Time // when it last heard of missed ones
	begun  map[trouble]time.Time           // what was told to have begun
	alarms []calbell.Notice                // of the program itself, to be told
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

// Run looks for news until ctx ends.
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

// Trouble tells the error webhook that the program itself is in need. The same subject and
// since are told once.
func (h *Notifier) Trouble(subject, reason, hint calbell.Text, since time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.alarms = append(h.alarms, calbell.Notice{Kind: calbell.NoticeTrouble, Subject: subject.English, Reason: reason, Hint: hint, Since: since.UTC()})
}

// Look tells what is new as of a time. Run does so again and again.
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

// tellMissed has each webhook in service told what it missed.
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

// waits reports whether a webhook is not to be told of missed reminders now: it is out of
// service, it just was told, or what it was told last is still on its way.
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

// send puts news into the queue.
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
	// waitingShown is how many of the reminders that wait for a webhook its news names.
	waitingShown = 5
	// waitingRead bounds the deliveries that are looked at for that. What is due comes first.
	waitingRead = 1000
)

// waiting returns the first reminders that wait for a webhook, and how many more there are.
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
