package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"calbell"
	"calbell/caldav"
	"calbell/config"
	"calbell/scheduler/dispatch"
	"calbell/scheduler/notices"
	"calbell/scheduler/syncer"
	"calbell/service"
	"calbell/store"
	"calbell/store/bolt"
	"calbell/web/i18n"
)

// worker is the name under which this program claims deliveries. The lock of the database allows
// one daemon per file, so a constant name is unique, and a restart takes back at once what a killed
// process had claimed.
const worker = "local"

// Options are the settings that are not part of the configuration.
type Options struct {
	Version string
	Log     *slog.Logger
	// Level is the level of Log, which a reload sets to log.level; nil: the level of Log is fixed.
	Level *slog.LevelVar
	// Memory is how many bytes the process may use; 0: unknown. See [UseMemory].
	Memory int64
	// Load reads the configuration again, for Reload; nil: there is no file to read.
	Load func() (*config.Config, error)
	// CheapPasswords is for tests; see [service.Options].
	CheapPasswords bool
}

// Daemon is the running program. New opens it, Run runs it, Close closes it.
type Daemon struct {
	o         Options
	log       *slog.Logger
	startedAt time.Time

	*settings
	store   *bolt.Store
	health  *health
	metrics *metrics
	self    *self // where it listens

	service    *service.Service
	dispatcher *dispatch.Dispatcher
	syncer     *syncer.Syncer
	notifier   *notices.Notifier
	digests    *notices.Digests

	sender  *sender
	servers *servers
	syncs   *syncs
	upkeep  *upkeep
	probes  *probes
	front   *front

	reloading sync.Mutex
	retime    chan struct{} // the timetable is to be made anew
	recount   chan struct{} // the accounts may be others
	refit     *refits       // what is stored is to be planned by the settings in force
	rolled    chan struct{} // closed when what passed while nobody was there is laid out
}

// maxAsked limits the syncs that people asked for and that have not ended, in all;
// maxAskedEach limits those of one owner's accounts.
const maxAsked, maxAskedEach = 100, 25

// New checks the configuration and opens the database. The caller closes the Daemon.
func New(cfg *config.Config, o Options) (*Daemon, error) {
	if err := CheckFile(cfg); err != nil {
		return nil, err
	}
	if _, err := os.Stat(cfg.Data.Path); errors.Is(err, fs.ErrNotExist) {
		// An invalid file must not create a database. use checks again, with the stored webhooks.
		if err := checkNames(cfg, nil); err != nil {
			return nil, err
		}
	}
	sign := remains(cfg.Data)
	words, err := i18n.Load()
	if err != nil {
		return nil, err
	}
	d := &Daemon{
		o: o, log: o.Log, startedAt: time.Now(), metrics: newMetrics(o.Version), self: &self{},
		health: &health{log: o.Log, s: state{findings: -1}},
		retime: make(chan struct{}, 1), recount: make(chan struct{}, 1), refit: newRefits(), rolled: make(chan struct{}),
	}
	d.metrics.registry.MustRegister(newScrape(d))
	if d.store, err = openStore(cfg, bolt.Options{Damaged: d.damaged, Progress: upgrading(d.log)}); err != nil {
		return nil, err
	}
	d.settings = &settings{store: d.store, words: words, log: o.Log}
	if err := d.wire(cfg); err != nil {
		return nil, errors.Join(explained(err, storeSteps(cfg.Data.Path), ""), d.Close())
	}
	d.upkeep.tellLost(sign.English)
	d.upkeep.tellOlder()
	return d, nil
}

// damaged counts rows that cannot be decrypted or decoded. It is called inside
// transactions, so it must not use the store.
func (d *Daemon) damaged(error) {
	d.metrics.damagedRows.Inc()
	d.health.note(func(s *state) { s.damagedRows++ })
}

// wire creates the parts and puts the configuration in force.
func (d *Daemon) wire(cfg *config.Config) error {
	d.sender = &sender{settings: d.settings, self: d.self, version: d.o.Version}
	d.servers = &servers{
		settings: d.settings, self: d.self, budget: answerBudget(d.o.Memory), files: caldav.NewReadLimit(cfg.Sync.Concurrency),
		version: d.o.Version, log: d.log,
	}
	d.upkeep = &upkeep{settings: d.settings, store: d.store, health: d.health, metrics: d.metrics, retime: d.retime, log: d.log}
	d.syncs = &syncs{settings: d.settings, store: d.store, upkeep: d.upkeep, refit: d.refit, asked: make(chan calbell.SyncRequest, maxAsked)}
	d.service = newService(d)
	queue := dispatch.Store{Queue: store.WatchQueue(d.store, d.service.Watcher()), Targets: d.store, Requests: d.store}
	d.dispatcher = dispatch.New(queue, d.sender, d.Policy, dispatch.Options{
		Worker: worker, InFlight: cfg.Delivery.InFlight, PerHost: cfg.Delivery.PerHost,
		LateWindow: cfg.Scheduler.LateWindow, Log: d.log, Metrics: d.metrics,
	})
	calendars := syncer.Store{
		Collections: d.store, Objects: d.store, Plans: store.WatchPlans(d.store, d.service.Watcher()), Attached: d.store, Reminders: d.store,
	}
	d.syncer = syncer.New(calendars, d.Policy, d.servers.connect, syncer.Options{
		Concurrency: cfg.Sync.Concurrency, LateWindow: cfg.Scheduler.LateWindow,
		Interval:  func() time.Duration { return d.config.Load().Sync.Interval },
		Remembers: func() time.Duration { return d.config.Load().Data.KeepDeliveries },
		Log:       d.log, Changed: d.dispatcher.Kick, Synced: d.metrics.Synced, Told: d.metrics.told,
	})
	d.notifier = notices.NewNotifier(notices.NotifierStore{News: d.store, Subjects: d.store}, notices.NotifierOptions{
		ErrorWebhook: d.errorWebhook, Failing: d.syncer.Failing, Overdue: d.syncer.Overdue, Changed: d.dispatcher.Kick, Told: d.metrics.told, Log: d.log,
	})
	d.upkeep.syncer, d.syncs.syncer, d.health.notifier = d.syncer, d.syncer, d.notifier
	d.probes = &probes{health: d.health, store: d.store, dispatcher: d.dispatcher}
	d.front = &front{
		settings: d.settings, service: d.service, store: d.store, probes: d.probes, metrics: d.metrics, self: d.self, version: d.o.Version, log: d.log,
	}
	alive, err := d.store.LastBeat(context.Background())
	if err != nil {
		return err
	}
	d.digests = notices.NewDigests(d.store, alive, notices.DigestOptions{
		Digests: func() []calbell.Digest { return d.config.Load().Digests }, Policy: d.Policy,
		LateWindow: cfg.Scheduler.LateWindow, Changed: d.dispatcher.Kick, Told: d.metrics.told, Log: d.log,
	})
	_, _, err = d.use(context.Background(), cfg)
	return err
}

// use puts a configuration in force. It returns warnings about it, and the names of the
// webhooks whose suspension it ended. Nothing changes when it returns an error. The caller
// holds reloading, or is the only user of d yet.
func (d *Daemon) use(ctx context.Context, cfg *config.Config) (warnings []calbell.ConfigWarning, lifted []string, err error) {
	stored, err := d.store.Webhooks().All(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := checkNames(cfg, stored); err != nil {
		return nil, nil, err
	}
	calendars, err := d.store.Calendars(ctx)
	if err != nil {
		return nil, nil, err
	}
	// Before the new webhooks are stored: after a crash in between, the next start finds the old ones and
	// repeats this step.
	if lifted, err = d.liftChanged(ctx, stored, cfg.Webhooks); err != nil {
		return nil, nil, err
	}
	if err := d.store.SetFileWebhooks(ctx, cfg.Webhooks); err != nil {
		return nil, nil, err
	}
	if d.o.Level != nil {
		d.o.Level.Set(cfg.Log.Level)
	}
	d.config.Store(cfg)
	d.health.note(func(s *state) { s.loadedAt = time.Now() })
	d.sender.renew()
	if err := d.renew(ctx); err != nil {
		return nil, nil, err
	}
	return d.warn(ctx, calendars), lifted, nil
}

// liftChanged resets the state of the file's webhooks whose target changed: answers to the
// old definition say nothing about the new one. It returns the names of those that were
// suspended.
func (d *Daemon) liftChanged(ctx context.Context, old, now []calbell.Webhook) (lifted []string, err error) {
	states, err := store.StatesByWebhook(ctx, d.store.WebhookStates())
	if err != nil {
		return nil, err
	}
	for _, w := range now {
		s, known := states[w.ID]
		if !known || slices.ContainsFunc(old, func(o calbell.Webhook) bool { return o.ID == w.ID && o.SameTarget(w) }) {
			continue
		}
		if err := d.store.WebhookStates().Put(ctx, store.WebhookState{ID: w.ID, WebhookState: calbell.WebhookState{}}); err != nil {
			return nil, err
		}
		if !s.SuspendedAt.IsZero() || !s.RefusedAt.IsZero() {
			lifted = append(lifted, w.Name)
			d.log.Info("the webhook's definition changed; what was held is tried now", "webhook", w.ID)
		}
	}
	return lifted, nil
}

// Run runs the daemon until ctx ends, then finishes and records the attempts in flight. It
// returns nil after an orderly stop.
func (d *Daemon) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// Listening comes first, so that people can ask what a slow start waits for.
	stopServers, err := d.front.listen(cancel)
	if err != nil {
		return err
	}
	defer stopServers()
	d.upkeep.waitForClock(ctx)
	if err := d.syncer.Reconcile(ctx); err != nil && ctx.Err() == nil {
		return fmt.Errorf("prepare the stored calendars: %w", err)
	}
	if ctx.Err() != nil {
		return ended(ctx) // stopped before it began
	}
	var loops sync.WaitGroup
	d.begin(ctx, cancel, &loops)
	<-ctx.Done()
	d.probes.ready.Store(false)
	notifyStopping()
	d.log.Info("stopping")
	stopServers()
	loops.Wait()
	return ended(ctx)
}

// begin starts the loops.
func (d *Daemon) begin(ctx context.Context, cancel context.CancelCauseFunc, loops *sync.WaitGroup) {
	d.health.note(func(s *state) { s.begunAt = time.Now() })
	d.digests.Turn(ctx, time.Now()) // by the beats it knows what fell due since the latest run
	d.upkeep.beat(ctx)              // before anything is sent: ready says that the store can be written
	loops.Go(func() {
		if err := d.dispatcher.Run(ctx); err != nil {
			cancel(fmt.Errorf("dispatch: %w", err))
		}
	})
	loops.Go(func() { d.keepTime(ctx) })
	loops.Go(func() { d.service.Feed.Run(ctx) })
	loops.Go(func() { d.keepWarm(ctx) })
	loops.Go(func() { d.keepFresh(ctx) })
	loops.Go(func() { d.keepFitting(ctx) })
	loops.Go(func() { d.upkeep.keepBeating(ctx) })
	loops.Go(func() { d.notifier.Run(ctx) })
	loops.Go(func() { d.digests.Run(ctx) })
	loops.Go(func() { d.probes.watch(ctx) })
	loops.Go(func() { d.upkeep.lookAtStore(ctx) })
	d.probes.ready.Store(true)
	notifyReady()
	d.greet(ctx)
	d.log.Info("ready", "version", d.o.Version, "config", d.config.Load().Path, "accounts", len(d.Accounts().All()), "socket", d.config.Load().Server.Socket)
}

// ended returns the cause with which a context ended; nil when it was cancelled without
// one.
func ended(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// Close closes the database and the connections. Call it after Run has returned.
func (d *Daemon) Close() error {
	if s := d.sender.p.Load(); s != nil {
		s.Close()
	}
	return d.store.Close()
}

// rollEvery is how often layouts are checked for their end. They reach a day ahead at that
// point, or some minutes for an event with an alarm every second.
const rollEvery = 10 * time.Second

// keepTime runs the timetable, and rebuilds it when the configuration changes.
func (d *Daemon) keepTime(ctx context.Context) {
	d.roll(ctx)
	close(d.rolled)
	for first := true; ctx.Err() == nil; first = false {
		round, stop := context.WithCancel(ctx)
		jobs := newRegular(round, d)
		if !first { // at the start [upkeep.lookAtStore] does it
			jobs.running.Go(func() { d.upkeep.tidy(round) })
		}
		for again := false; !again; {
			select {
			case <-ctx.Done():
				again = true
			case <-d.retime:
				again = true
			case <-d.recount:
				jobs.follow()
			case r := <-d.syncs.asked:
				jobs.asked(r)
			}
		}
		stop()
		jobs.running.Wait()
		// A sync that was under way may have stored calendars of an account that no longer exists.
		if err := d.syncer.Reconcile(ctx); err != nil && ctx.Err() == nil {
			d.log.Error("remove what no account has any more", "err", err)
		}
	}
}

// keepFresh syncs calendars shortly before their reminders, unless that is switched off. It
// begins after missed reminders have been laid out, as every sync does.
func (d *Daemon) keepFresh(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-d.rolled:
	}
	d.syncer.KeepFresh(ctx, func(name string) (calbell.Account, bool) {
		all := d.Accounts().All()
		i := slices.IndexFunc(all, func(a calbell.Account) bool { return a.Key() == name })
		if i < 0 || !d.config.Load().Sync.BeforeReminders {
			return calbell.Account{}, false
		}
		return all[i], true
	})
}

// keepWarm keeps the page's index up to date. Missed reminders are laid out first.
func (d *Daemon) keepWarm(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-d.rolled:
		d.service.Events.KeepWarm(ctx, func(err error) { d.log.Error("read the calendars for the page", "err", err) })
	}
}

// roll extends the layouts that are about to end.
func (d *Daemon) roll(ctx context.Context) {
	if err := d.syncer.ExtendLayouts(ctx); err != nil && ctx.Err() == nil {
		d.log.Error("continue layouts", "err", err)
	}
}

// signal sets a flag for the receiver. It never blocks, and several signals before the
// receiver looks count as one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
