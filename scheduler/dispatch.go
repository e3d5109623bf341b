package scheduler

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"calbell"
	"calbell/store"
	"calbell/templates"
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

// lane is one webhook's share of the dispatcher.
type lane struct {
	busy  int // claimed and not yet recorded
	state calbell.WebhookState
}

// hook is a webhook with its compiled message.
type hook struct {
	calbell.Webhook
	message *templates.Hook
	err     error // it cannot be used, and why
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
	for ctx.Err() == nil || d.inFlight > 0 {
		wait := d.turn(ctx, work)
		d.sleep(ctx, wait)
	}
	return nil
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

// readStates takes over the health of the webhooks from the store.
func (d *Dispatcher) readStates(ctx context.Context) error {
	states, err := d.store.WebhookStates(ctx)
	if err != nil {
		return err
	}
	for id, l := range d.lanes {
		l.state = states[id]
	}
	for id, s := range states {
		d.lane(id).state = s
	}
	return nil
}

func (d *Dispatcher) lane(id calbell.WebhookID) *lane {
	l := d.lanes[id]
	if l == nil {
		l = &lane{}
		d.lanes[id] = l
	}
	return l
}

// restUntil is the instant before which the webhook is left alone.
func (l *lane) restUntil() time.Time {
	t := l.state.PausedUntil
	if l.state.ProbeAt.After(t) {
		t = l.state.ProbeAt
	}
	if !l.state.RefusedAt.IsZero() {
		if c := l.state.RefusedAt.Add(confirmAfter); c.After(t) {
			t = c
		}
	}
	return t
}

// room is how many more deliveries the webhook may have in flight at now. One whose
// refusal is to be confirmed, or that is suspended, is tried with one at a time.
func (l *lane) room(now time.Time, width int) int {
	if l.restUntil().After(now) {
		return 0
	}
	if !l.state.RefusedAt.IsZero() || !l.state.SuspendedAt.IsZero() {
		width = 1
	}
	return max(0, width-l.busy)
}

// claim takes what is due, as far as there is room, and starts the attempts.
func (d *Dispatcher) claim(ctx, work context.Context, now time.Time) error {
	free := d.o.InFlight - d.inFlight
	if free <= 0 {
		return nil
	}
	claims, err := d.store.Claim(ctx, store.ClaimRequest{
		Worker: d.o.Worker, Lease: calbell.Lease, Now: now, Limit: free,
		Room: func(id calbell.WebhookID) int {
			if l := d.lanes[id]; l != nil {
				return l.room(now, d.o.PerWebhook)
			}
			return d.o.PerWebhook
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

// hook returns a webhook ready for use, reading it once until Forget.
func (d *Dispatcher) hook(ctx context.Context, id calbell.WebhookID) *hook {
	if h := d.hooks[id]; h != nil {
		return h
	}
	h := &hook{}
	if h.Webhook, h.err = d.store.Webhook(ctx, string(id)); h.err == nil {
		// What its templates hold that is not understood is printed as it stands.
		h.message, _ = templates.CompileHookLenient(h.Webhook)
	}
	if h.err == nil || gone(h.err) {
		d.hooks[id] = h
	}
	return h
}

// gone says that a webhook does not exist; other errors are about reading it.
func gone(err error) bool { return calbell.KindOf(err) == calbell.KindNotFound }

// unusable is the outcome of a claim whose webhook cannot be used.
func unusable(id calbell.ReminderID, err error, now time.Time) calbell.Outcome {
	if gone(err) {
		return calbell.Outcome{ID: id, Status: calbell.StatusDead, Reason: err.Error()}
	}
	return calbell.Outcome{ID: id, Status: calbell.StatusPlanned, NextAt: now.Add(storeRetry)}
}

// record writes down, in one transaction, all attempts that have ended.
func (d *Dispatcher) record(ctx context.Context) error {
	d.collect()
	if len(d.outcomes) == 0 {
		return nil
	}
	outcomes := make([]calbell.Outcome, 0, len(d.outcomes))
	states := map[calbell.WebhookID]calbell.WebhookState{}
	for _, r := range d.outcomes {
		id := r.claim.Webhook
		before, ok := states[id]
		if !ok {
			before = d.lane(id).state
		}
		o, after := d.decide(r, before)
		outcomes = append(outcomes, o)
		if after != before {
			states[id] = after
		}
	}
	if err := d.store.Finish(ctx, d.o.Worker, outcomes, states, time.Now()); err != nil {
		return err
	}
	for i, r := range d.outcomes {
		d.inFlight--
		d.lane(r.claim.Webhook).busy--
		d.logOutcome(r, outcomes[i])
	}
	for id, s := range states {
		d.logState(id, d.lane(id).state, s)
		d.lane(id).state = s
	}
	d.outcomes = d.outcomes[:0]
	d.dropIdleLanes()
	return nil
}

// collect takes over all results that are waiting.
func (d *Dispatcher) collect() {
	for {
		select {
		case r := <-d.results:
			d.outcomes = append(d.outcomes, r)
		default:
			return
		}
	}
}

func (d *Dispatcher) decide(r result, state calbell.WebhookState) (calbell.Outcome, calbell.WebhookState) {
	if r.try == nil {
		return r.outcome, state
	}
	return Decide(Attempt{
		Delivery: r.claim.Delivery, Try: *r.try, State: state, DropUnknown: r.drop,
		LateWindow: d.o.LateWindow, Now: r.ended, Random: rand.Float64(),
	})
}

// dropIdleLanes keeps the lanes to those that have something to say.
func (d *Dispatcher) dropIdleLanes() {
	for id, l := range d.lanes {
		if l.busy == 0 && l.state == (calbell.WebhookState{}) {
			delete(d.lanes, id)
		}
	}
}

// logOutcome writes one line per attempt, without message text or secrets.
func (d *Dispatcher) logOutcome(r result, o calbell.Outcome) {
	attrs := []any{"webhook", r.claim.Webhook, "id", o.ID, "status", o.Status, "late", r.ended.Sub(r.claim.Due).Round(time.Millisecond)}
	if r.try != nil {
		attrs = append(attrs, "http", r.try.Status, "took", r.try.Took.Round(time.Millisecond))
	}
	level := slog.LevelInfo
	if o.Status != calbell.StatusSent {
		level = slog.LevelWarn
		if o.Reason != "" {
			attrs = append(attrs, "reason", o.Reason)
		} else if r.try != nil {
			attrs = append(attrs, "reason", said(*r.try), "verdict", r.try.Verdict)
		}
		if !o.NextAt.IsZero() {
			attrs = append(attrs, "next", o.NextAt.Format(time.RFC3339))
		}
	}
	d.log.Log(context.Background(), level, "delivery", attrs...)
}

// logState says once when a webhook's health changes for the worse or the better.
func (d *Dispatcher) logState(id calbell.WebhookID, before, after calbell.WebhookState) {
	switch {
	case before.SuspendedAt.IsZero() && !after.SuspendedAt.IsZero():
		d.log.Error("webhook suspended, its reminders are held", "webhook", id, "reason", after.Reason, "next_try", after.ProbeAt.Format(time.RFC3339))
	case !before.SuspendedAt.IsZero() && after.SuspendedAt.IsZero():
		d.log.Info("webhook works again", "webhook", id)
	}
}
