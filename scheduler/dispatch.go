package scheduler

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"calbell"
	"calbell/store"
)

// Sender posts a message and gives its verdict on the answer (package webhook).
type Sender interface {
	Send(ctx context.Context, w calbell.Webhook, m calbell.Message, now time.Time) calbell.Try
}

// DispatchStore is what dispatching needs of the store.
type DispatchStore interface {
	store.Queue
	Webhook(ctx context.Context, name string) (calbell.Webhook, error)
	WebhookStates(ctx context.Context) (map[calbell.WebhookID]calbell.WebhookState, error)
}

// DispatchOptions tune a [Dispatcher].
type DispatchOptions struct {
	Worker     string        // name under which deliveries are claimed; the same after a restart
	InFlight   int           // bound of deliveries in flight, ≥ 1
	PerWebhook int           // of these, to one webhook, ≥ 1
	LateWindow time.Duration // see delivery contract; 0 = calbell.DefaultLateWindow
	Log        *slog.Logger
}

// fresh is how late a delivery may be to go before those that are later: after downtime,
// new on-time ones go first.
const fresh = 30 * time.Second

// storeRetry is how long the loop rests when the store refuses a write (a full disk).
const storeRetry = time.Second

// Dispatcher claims what is due, posts it and records what became of it. One goroutine
// (Run) owns all its state; attempts run beside it and report through a channel.
type Dispatcher struct {
	o       DispatchOptions
	store   DispatchStore
	sender  Sender
	planner func() *Planner // the configuration in force
	log     *slog.Logger

	kick    chan struct{}
	forget  chan struct{}
	results chan result

	lanes    map[calbell.WebhookID]*lane
	hooks    map[calbell.WebhookID]*hook
	outcomes []result // ended, not yet recorded
	inFlight int      // claimed and not yet recorded

	lastTurn atomic.Int64 // Unix nanoseconds, for the watchdog
}

// result is how a claim ended; try is nil when nothing was posted.
type result struct {
	claim   calbell.Claim
	try     *calbell.Try
	outcome calbell.Outcome // when try is nil
	drop    bool            // the webhook says on_unknown: drop
	ended   time.Time
}

// NewDispatcher returns a dispatcher that Run starts.
func NewDispatcher(s DispatchStore, sender Sender, planner func() *Planner, o DispatchOptions) *Dispatcher {
	if o.LateWindow == 0 {
		o.LateWindow = calbell.DefaultLateWindow
	}
	return &Dispatcher{
		o: o, store: s, sender: sender, planner: planner, log: o.Log,
		kick:    make(chan struct{}, 1),
		forget:  make(chan struct{}, 1),
		results: make(chan result, o.InFlight), // an attempt never waits to report
		lanes:   map[calbell.WebhookID]*lane{},
		hooks:   map[calbell.WebhookID]*hook{},
	}
}

// Kick tells the loop that the queue has changed.
func (d *Dispatcher) Kick() { signal(d.kick) }

// Forget tells the loop that webhooks have changed: definitions and states are read anew.
func (d *Dispatcher) Forget() { signal(d.forget) }

// LastTurn is when the loop last turned; it does so every [calbell.MaxSleep] at least.
func (d *Dispatcher) LastTurn() time.Time { return time.Unix(0, d.lastTurn.Load()) }

// signal leaves a note that is not lost and never waits.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run recovers what an earlier run left in flight, then dispatches until ctx ends;
// attempts under way are then finished and recorded. It returns an error only when it
// cannot start.
func (d *Dispatcher) Run(ctx context.Context) error {
	switch err := d.recover(ctx); {
	case ctx.Err() != nil:
		return nil // stopped before it began
	case err != nil:
		return err
	}
	// An attempt outlives the order to stop: cutting it off would make its outcome unknown.
	work := context.WithoutCancel(ctx)
	for {
		wait := d.turn(ctx, work)
		if ctx.Err() != nil && d.inFlight == 0 {
			return nil
		}
		d.sleep(ctx, wait)
	}
}

// recover takes over what an earlier run left: claims in flight, and the webhooks' health.
func (d *Dispatcher) recover(ctx context.Context) error {
	n, err := d.store.Recover(ctx, d.o.Worker, time.Now())
	if err != nil {
		return err
	}
	if n > 0 {
		d.log.Warn("deliveries were in flight when the program ended; sending them again, marked", "count", n)
	}
	return d.readStates(ctx)
}

// turn records what ended, claims what is due and returns how long nothing more is
// expected to fall due.
func (d *Dispatcher) turn(ctx, work context.Context) time.Duration {
	d.lastTurn.Store(time.Now().UnixNano())
	if err := d.record(work); err != nil {
		d.log.Error("record deliveries", "err", err, "count", len(d.outcomes))
		return storeRetry
	}
	if ctx.Err() != nil {
		return calbell.MaxSleep
	}
	now := time.Now()
	if err := d.claim(ctx, work, now); err != nil {
		d.logUnlessStopping(ctx, "claim deliveries", err)
		return storeRetry
	}
	next, ok, err := d.store.NextDue(ctx, now)
	if err != nil {
		d.logUnlessStopping(ctx, "look for the next delivery", err)
		return storeRetry
	}
	wake := now.Add(calbell.MaxSleep)
	if ok && next.Before(wake) {
		wake = next
	}
	for _, l := range d.lanes {
		if t := l.restUntil(); t.After(now) && t.Before(wake) {
			wake = t
		}
	}
	return time.Until(wake)
}

func (d *Dispatcher) logUnlessStopping(ctx context.Context, msg string, err error) {
	if ctx.Err() == nil {
		d.log.Error(msg, "err", err)
	}
}

// sleep waits for the time to pass, or for something to happen.
func (d *Dispatcher) sleep(ctx context.Context, wait time.Duration) {
	stopping := ctx.Done()
	if ctx.Err() != nil {
		stopping = nil // known already: now only results matter
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-stopping:
	case <-d.kick:
	case <-d.forget:
		clear(d.hooks)
		if err := d.readStates(ctx); err != nil {
			d.logUnlessStopping(ctx, "read webhook states", err)
		}
	case r := <-d.results:
		d.outcomes = append(d.outcomes, r)
	}
}

// claim takes what is due, as far as there is room, and starts the attempts.
func (d *Dispatcher) claim(ctx, work context.Context, now time.Time) error {
	free := d.o.InFlight - d.inFlight
	if free <= 0 {
		return nil
	}
	claims, err := d.store.Claim(ctx, store.ClaimRequest{
		Worker: d.o.Worker, Lease: calbell.Lease, Now: now, Limit: free, Fresh: fresh,
		Bounds: func(id calbell.WebhookID) []store.Bound {
			room := d.o.PerWebhook
			if l := d.lanes[id]; l != nil {
				room = l.room(now, d.o.PerWebhook)
			}
			return []store.Bound{{Name: "webhook " + string(id), Room: room}}
		},
	})
	if err != nil {
		return err
	}
	for _, c := range claims {
		d.inFlight++
		d.lane(c.Webhook).busy++
		d.start(work, c, now)
	}
	return nil
}

// start runs a claim's attempt beside the loop, or ends the claim without one.
func (d *Dispatcher) start(work context.Context, c calbell.Claim, now time.Time) {
	r := result{claim: c, ended: now}
	h := d.hook(work, c.Webhook)
	switch {
	case now.After(Deadline(c.Reminder, d.o.LateWindow)):
		r.outcome = calbell.Outcome{ID: c.ID, Status: calbell.StatusMissed, Reason: "fell due while nobody could send it"}
	case h.err != nil:
		r.outcome = unusable(c.ID, h.err, now)
	case c.PossibleRepeat && h.OnUnknown == "drop":
		r.outcome = calbell.Outcome{ID: c.ID, Status: calbell.StatusDropped, Reason: "it may have been sent before the program ended"}
	default:
		r.drop = h.OnUnknown == "drop"
		planner := d.planner()
		go func() { // ends within the sender's time-out, and Run waits for it
			begun := time.Now()
			try := d.sender.Send(work, h.Webhook, planner.Render(c, h.message, begun), begun)
			r.try, r.ended = &try, time.Now()
			d.results <- r
		}()
		return
	}
	d.results <- r
}
