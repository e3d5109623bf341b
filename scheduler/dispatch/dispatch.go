package dispatch

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"calbell"
	"calbell/scheduler"
	"calbell/scheduler/plan"
	"calbell/store"
)

// Sender posts a message and returns its verdict on the answer (package webhook).
type Sender interface {
	Send(ctx context.Context, w calbell.Webhook, m calbell.Message, now time.Time) calbell.Try
}

// Store is the part of the store that dispatching uses.
type Store struct {
	Queue    store.Queue
	Targets  Targets
	Requests Requests
}

// Targets stores the webhooks.
type Targets interface {
	Webhooks() store.Table[calbell.WebhookID, calbell.Webhook]
	WebhookStates() store.Table[calbell.WebhookID, store.WebhookState]
}

// Requests answers whether a claim must still be posted.
type Requests interface {
	Delivery(ctx context.Context, id calbell.ReminderID) (calbell.Delivery, error)
	Calendar(ctx context.Context, id calbell.CalendarID) (calbell.Calendar, error)
	Pauses(ctx context.Context, now time.Time) ([]calbell.Pause, error)
}

// Options configures a [Dispatcher].
type Options struct {
	Worker     string        // name for claims; the same after a restart
	InFlight   int           // limit on deliveries in flight, ≥ 1
	PerHost    int           // limit on concurrent posts to one host, ≥ 1
	LateWindow time.Duration // 0 = calbell.DefaultLateWindow
	Log        *slog.Logger
	Metrics    Metrics // nil: nothing is counted
}

// fresh is how late a delivery may be to take precedence over later ones: after downtime, new
// on-time deliveries are posted first.
const fresh = 30 * time.Second

// With gatherFrom deliveries in flight, results are collected for gatherFor before they are
// recorded. A crash repeats deliveries that are not recorded, so the time is short.
const (
	gatherFrom = 16
	gatherFor  = 2 * time.Millisecond
)

// storeRetry is how long the loop waits when the store refuses a write (a full disk).
const storeRetry = time.Second

// Dispatcher claims what is due, posts it and records the outcomes. One goroutine (Run) owns
// all its state; attempts run in their own goroutines and report through a channel.
type Dispatcher struct {
	o       Options
	store   Store
	sender  Sender
	policy  func() *plan.Policy // the current policy
	log     *slog.Logger
	metrics Metrics

	kick    chan struct{}
	forget  chan struct{}
	results chan result

	lanes     map[calbell.WebhookID]*lane
	hosts     map[string]*host
	hooks     map[calbell.WebhookID]*hook
	messages  messages
	starved   map[calbell.WebhookID]bool // had due deliveries, but no room, at the latest claim
	outcomes  []result                   // finished, not yet recorded
	inFlight  int                        // claimed and not yet recorded
	slow      int                        // of these, to webhooks that are not proven quick
	refused   time.Time                  // since when the store refuses outcomes; zero: it accepts them
	sweep     sweep
	clock     clock
	preflight preflight

	lastTurn atomic.Int64 // Unix nanoseconds, for the watchdog
}

// result is the result of a claim; try is nil when nothing was posted.
type result struct {
	claim   calbell.Claim
	try     *calbell.Try
	outcome calbell.Outcome // when try is nil
	hook    *hook
	host    *host // the host that counts it, even if the webhook has moved
	slow    bool  // counted as slow when it was claimed
	shared  bool  // others were in its message
	follows bool  // not the first in the message: the try is counted already
	// suppressed is set when a pause or quiet hours decided.
	suppressed bool
	ended      time.Time
}

// New returns a dispatcher that Run starts.
func New(s Store, sender Sender, policy func() *plan.Policy, o Options) *Dispatcher {
	if o.LateWindow == 0 {
		o.LateWindow = calbell.DefaultLateWindow
	}
	if o.Metrics == nil {
		o.Metrics = noMetrics{}
	}
	return &Dispatcher{
		o: o, store: s, sender: sender, policy: policy, log: o.Log, metrics: o.Metrics,
		preflight: preflight{store: s.Requests, policy: policy, lateWindow: o.LateWindow},
		kick:      make(chan struct{}, 1),
		forget:    make(chan struct{}, 1),
		results:   make(chan result, o.InFlight), // reporting never blocks an attempt
		lanes:     map[calbell.WebhookID]*lane{},
		hosts:     map[string]*host{},
		hooks:     map[calbell.WebhookID]*hook{},
		starved:   map[calbell.WebhookID]bool{},
	}
}

// Kick tells the loop that the queue has changed.
func (d *Dispatcher) Kick() { scheduler.Signal(d.kick) }

// Forget tells the loop to read the webhooks' definitions and states again.
func (d *Dispatcher) Forget() { scheduler.Signal(d.forget) }

// LastTurn returns the time of the loop's last turn, for the watchdog. The loop turns at least
// every [calbell.MaxSleep].
func (d *Dispatcher) LastTurn() time.Time { return time.Unix(0, d.lastTurn.Load()) }

// Run recovers what an earlier run left in flight, then dispatches until ctx ends. It finishes
// and records attempts under way before it returns. It returns an error only when it cannot
// start.
func (d *Dispatcher) Run(ctx context.Context) error {
	switch err := d.recover(ctx); {
	case ctx.Err() != nil:
		return nil // stopped before the start
	case err != nil:
		return err
	}
	// Attempts outlive the order to stop: cutting them off would make their outcomes unknown.
	work := context.WithoutCancel(ctx)
	for {
		wait, stop := d.turn(ctx, work), ctx.Done()
		if ctx.Err() != nil {
			if d.inFlight == 0 || d.givesUp() {
				return nil
			}
			stop = nil // stopping already: only results matter now
		}
		d.sleep(ctx, stop, wait)
	}
}

// stopGrace limits how long a stop waits for a store that refuses the last outcomes: a full
// disk must not keep the program from stopping.
const stopGrace = 10 * time.Second

// givesUp reports whether to stop without having recorded everything. The rest counts as lost
// in a crash: it is sent again, marked.
func (d *Dispatcher) givesUp() bool {
	if d.refused.IsZero() || time.Since(d.refused) < stopGrace || len(d.outcomes) < d.inFlight {
		return false
	}
	d.log.Error("the store refused to the end; these deliveries will be sent again, marked", "count", d.inFlight)
	return true
}

// recover takes over claims in flight and the webhooks' health from an earlier run.
func (d *Dispatcher) recover(ctx context.Context) error {
	n, err := d.store.Queue.Recover(ctx, d.o.Worker, time.Now())
	if err != nil {
		return err
	}
	if n > 0 {
		d.log.Warn("deliveries were in flight when the program ended; sending them again, marked", "count", n)
	}
	return d.readWebhooks(ctx)
}

// turn records results, claims what is due and returns how long nothing more is expected to
// fall due.
func (d *Dispatcher) turn(ctx, work context.Context) time.Duration {
	now := time.Now()
	d.lastTurn.Store(now.UnixNano())
	if by := d.clock.jumped(now); by != 0 {
		d.log.Warn("the clock jumped, or the machine slept", "by", by.Round(time.Millisecond))
		d.metrics.ClockJumped(by)
	}
	if err := d.record(work); err != nil {
		d.log.Error("record deliveries", "err", err, "count", len(d.outcomes))
		if d.refused.IsZero() {
			d.refused = now
		}
		return storeRetry
	}
	d.refused = time.Time{}
	if ctx.Err() != nil {
		return calbell.MaxSleep
	}
	now = time.Now()
	if err := d.preflight.pauses.read(ctx, d.store.Requests, now); err != nil {
		d.logUnlessStopping(ctx, "read pauses", err)
		return storeRetry
	}
	if err := d.claim(ctx, work, now); err != nil {
		d.logUnlessStopping(ctx, "claim deliveries", err)
		return storeRetry
	}
	more, err := d.expire(ctx, now)
	if err != nil {
		d.logUnlessStopping(ctx, "look for what is too late", err)
		return storeRetry
	}
	if more {
		return 0
	}
	wake, err := d.wake(ctx, now)
	if err != nil {
		d.logUnlessStopping(ctx, "look for the next delivery", err)
		return storeRetry
	}
	return time.Until(wake)
}

// wake returns when the loop must continue, unless an event wakes it before.
func (d *Dispatcher) wake(ctx context.Context, now time.Time) (time.Time, error) {
	wake := now.Add(calbell.MaxSleep)
	sooner := func(t time.Time) {
		if t.After(now) && t.Before(wake) {
			wake = t
		}
	}
	next, ok, err := d.store.Queue.NextDue(ctx, now)
	if ok {
		sooner(next)
	}
	for id := range d.starved {
		l := d.lane(id)
		sooner(l.restUntil(now))
		sooner(l.rate.next(now))
		sooner(l.state.ProbeAt)
	}
	return wake, err
}

func (d *Dispatcher) logUnlessStopping(ctx context.Context, msg string, err error) {
	if ctx.Err() == nil {
		d.log.Error(msg, "err", err)
	}
}

// sleep waits for the time to pass, or for an event. An order to stop ends it even when it
// arrives after Run has checked for one.
func (d *Dispatcher) sleep(ctx context.Context, stop <-chan struct{}, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-stop:
	case <-d.kick:
	case <-d.forget:
		if err := d.readWebhooks(ctx); err != nil {
			d.logUnlessStopping(ctx, "read webhooks", err)
		}
	case r := <-d.results:
		d.outcomes = append(d.outcomes, r)
		d.gather()
	}
}

// gather waits briefly for more results while many attempts are under way, so that they are
// recorded in one commit. A single result is recorded at once.
func (d *Dispatcher) gather() {
	if d.inFlight < gatherFrom {
		return
	}
	timer := time.NewTimer(gatherFor)
	defer timer.Stop()
	for len(d.outcomes) < d.inFlight {
		select {
		case r := <-d.results:
			d.outcomes = append(d.outcomes, r)
		case <-timer.C:
			return
		}
	}
}

// claim claims what is due, up to the limits, and starts the attempts.
func (d *Dispatcher) claim(ctx, work context.Context, now time.Time) error {
	clear(d.starved)
	free := d.o.InFlight - d.inFlight
	if free <= 0 {
		return nil
	}
	claims, err := d.store.Queue.Claim(ctx, store.ClaimRequest{
		Worker: d.o.Worker, Lease: calbell.Lease, Now: now, Limit: free, Fresh: fresh,
		Bounds: func(id calbell.WebhookID) []store.Bound { return d.bounds(id, now) },
	})
	if err != nil {
		return err
	}
	for _, b := range d.bundles(claims) {
		d.start(work, b, now)
	}
	return nil
}

// bounds returns how many more deliveries of a webhook may be claimed. The limits are its own
// health, width and rate, and those of its host. All webhooks that are not proven quick share
// half of the flights, so that hanging webhooks never take the other half.
func (d *Dispatcher) bounds(id calbell.WebhookID, now time.Time) []store.Bound {
	l, h := d.lane(id), d.host(id)
	room := l.rate.room(now, l.room(now))
	if room == 0 {
		d.starved[id] = true
	} else if k := d.hooks[id]; k != nil && k.combines() && l.healthy() {
		room = max(room, combineMost-l.load)
	}
	own := store.Bound{Name: "webhook " + string(id), Room: room, Due: l.due(now)}
	if own.Due != nil {
		d.starved[id] = true
	}
	bounds := []store.Bound{own, {Name: "host " + d.hostName(id), Room: h.room()}}
	if !l.proven {
		bounds = append(bounds, store.Bound{Name: "slow", Room: max(1, d.o.InFlight/2) - d.slow})
	}
	return bounds
}

func (d *Dispatcher) hostName(id calbell.WebhookID) string {
	if h := d.hooks[id]; h != nil {
		return h.host
	}
	return ""
}

// start starts an attempt in its own goroutine, or ends the claims without one.
func (d *Dispatcher) start(work context.Context, claims []calbell.Claim, now time.Time) {
	id := claims[0].Webhook
	l, h, s := d.lane(id), d.hook(work, id), d.host(id)
	r := result{hook: h, host: s, ended: now, slow: !l.proven}
	var send []calbell.Claim
	for _, c := range claims {
		d.hold(l, s, r.slow)
		note := r
		note.claim = c
		if d.preflight.stops(work, &note, now) {
			d.results <- note
		} else {
			send = append(send, c)
		}
	}
	switch {
	case len(send) == 0:
	case h.combines() && l.rate.room(now, 1) == 0: // it was claimed to share a message
		d.starved[id] = true
		d.giveBack(r, send, now)
	default:
		l.rate.take(now)
		s.push(work, job{claims: send, hook: h, lane: l, note: r, last: l.isChance(send[0].NextAt)}, d.post)
	}
}

// hold counts a claim.
func (d *Dispatcher) hold(l *lane, h *host, slow bool) {
	d.inFlight++
	l.load++
	h.load++
	if slow {
		d.slow++
	}
}
