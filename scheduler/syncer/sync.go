package syncer

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"calbell"
	"calbell/scheduler"
	"calbell/scheduler/plan"
	"calbell/store"
)

// Remote is a calendar server as seen by one account (package caldav).
type Remote interface {
	// Calendars discovers the account's calendars.
	Calendars(ctx context.Context) ([]calbell.Calendar, error)
	// Changes yields a calendar's changes since its stored state, in batches. It calls known
	// only when it must compare by ETags.
	Changes(ctx context.Context, c calbell.Calendar, known func() (map[calbell.Href]calbell.ETag, error), yield func(Batch) error) error
}

// Batch is a part of a calendar's changes.
type Batch struct {
	Calendar calbell.Calendar // to be stored; only the last batch has the new token
	Objects  []calbell.Object
	Deleted  []calbell.Href
	Last     bool
	Done     int // objects so far, including this batch
	Total    int // of how many; 0: not known
}

// Store is the part of the store that syncing uses.
type Store struct {
	Collections
	Objects
	store.Plans
	Attached
	Reminders
}

// Collections stores the calendars, and the resolved names of the configuration.
type Collections interface {
	store.Calendars
	ListedNames() store.Table[string, store.ListedNames]
}

// Objects stores the copies of calendar objects.
type Objects interface {
	ETags(ctx context.Context, id calbell.CalendarID) (map[calbell.Href]calbell.ETag, error)
	Usage(ctx context.Context, id calbell.CalendarID) (objects int, bytes int64, err error)
	Object(ctx context.Context, id calbell.CalendarID, href calbell.Href) (calbell.Object, error)
	ObjectsByUID(ctx context.Context, uid calbell.UID) ([]calbell.Object, error)
	EachObject(ctx context.Context, id calbell.CalendarID, fn func(calbell.Object) error) error
}

// Attached stores bindings.
type Attached interface{ store.Bindings }

// Reminders stores planned and sent reminders: presyncs read their due times, corrections their
// announcements.
type Reminders interface {
	NextDue(ctx context.Context, after time.Time) (due time.Time, ok bool, err error)
	DueCalendars(ctx context.Context, after, until time.Time) (map[calbell.CalendarID]time.Time, error)
	History(ctx context.Context, q store.HistoryQuery) ([]calbell.Delivery, error)
	Notify(ctx context.Context, ns []calbell.Reminder, now time.Time) error
}

// Options configures a [Syncer].
type Options struct {
	// Concurrency is the number of concurrently synced accounts whose servers answer promptly,
	// ≥ 1; see limiter for the others.
	Concurrency int
	// Interval returns the interval between an account's syncs; nil: 5 minutes.
	Interval func() time.Duration
	Log      *slog.Logger
	// LateWindow is how late a reminder may be sent although its instance has ended; 0 =
	// [calbell.DefaultLateWindow].
	LateWindow time.Duration
	// Remembers returns how long finished deliveries are stored; nil: [calbell.KeepFinished].
	Remembers func() time.Duration
	// Changed is called when the queue may have changed.
	Changed func()
	// Synced counts the sync of an account, with its duration and error; it may be nil.
	Synced func(account string, took time.Duration, err error)
	// Told counts a queued correction; it may be nil.
	Told func(calbell.NoticeKind)
}

const (
	// rediscover is the interval between discoveries.
	rediscover = 15 * time.Minute
	// progressEvery is the interval for logging the progress of a long sync.
	progressEvery = 10 * time.Second
)

// Syncer syncs calendars into the store, with their plans.
type Syncer struct {
	o       Options
	store   Store
	policy  func() *plan.Policy
	connect func(calbell.Account) (Remote, error)
	log     *slog.Logger
	limiter *limiter
	changed chan struct{} // signals changed reminders to KeepFresh

	corrections *corrector
	*states
	*layouts
}

// New returns a syncer. connect opens an account at its server; policy returns the current
// policy.
func New(s Store, policy func() *plan.Policy, connect func(calbell.Account) (Remote, error), o Options) *Syncer {
	if o.Synced == nil {
		o.Synced = func(string, time.Duration, error) {}
	}
	if o.Interval == nil {
		o.Interval = func() time.Duration { return usualInterval }
	}
	if o.Told == nil {
		o.Told = func(calbell.NoticeKind) {}
	}
	if o.LateWindow == 0 {
		o.LateWindow = calbell.DefaultLateWindow
	}
	if o.Remembers == nil {
		o.Remembers = func() time.Duration { return calbell.KeepFinished }
	}
	changed, tell := make(chan struct{}, 1), o.Changed
	o.Changed = func() {
		tell()
		scheduler.Signal(changed)
	}
	return &Syncer{
		o: o, store: s, policy: policy, connect: connect, log: o.Log, changed: changed,
		limiter: newLimiter(o.Concurrency), corrections: newCorrector(),
		states: &states{
			policy: policy, interval: o.Interval, log: o.Log,
			accounts: map[string]*accountState{}, progress: map[progressKey]calbell.SyncProgress{},
		},
		layouts: &layouts{store: s, policy: policy, log: o.Log, changed: o.Changed, writing: make(chan struct{}, o.Concurrency)},
	}
}

// Sync updates one account's calendars: when it returns nil, the server's state at the call is
// stored and planned.
func (s *Syncer) Sync(ctx context.Context, r calbell.SyncRequest) error {
	if rests, err := s.rests(r); rests {
		return err
	}
	a, leave, err := s.enter(ctx, r)
	if err != nil {
		return err
	}
	defer leave()
	if rests, err := s.rests(r); rests { // another sync may have failed while this one waited
		return err
	}
	s.mu.Lock()
	a.account = r.Account
	s.mu.Unlock()
	begun := time.Now()
	err = s.syncAccount(ctx, a, r)
	if ctx.Err() == nil {
		s.o.Synced(r.Account.Key(), time.Since(begun), err)
		s.noteResult(a, r.Account, err)
		s.correct(ctx, r, err)
	}
	return err
}

// enter waits for the account's turn, and for a place.
func (s *Syncer) enter(ctx context.Context, r calbell.SyncRequest) (*accountState, func(), error) {
	a := s.known(r.Account.Key())
	select {
	case a.busy <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	waited := func() {}
	if r.Now {
		waited = s.waits(r.Account.Key())
	}
	s.mu.Lock()
	e := s.account(r.Account.Key()).entrant(r)
	s.mu.Unlock()
	leave, err := s.limiter.enter(ctx, e)
	waited()
	if err != nil {
		<-a.busy
		return nil, nil, err
	}
	return s.known(r.Account.Key()), func() { // a reload may have replaced the state
		leave()
		<-a.busy
		s.settle(ctx, r.Account.Key())
	}, nil
}

// syncAccount runs discovery when it is due, then syncs the requested calendars.
func (s *Syncer) syncAccount(ctx context.Context, a *accountState, r calbell.SyncRequest) error {
	remote, err := s.connect(r.Account)
	if err != nil {
		s.noteFailing(ctx, r.Account.Key(), err)
		return aboutAccount(err)
	}
	s.mu.Lock()
	a.bePatient(remote, r.Now)
	s.mu.Unlock()
	if a.discovered.IsZero() { // the account may have been renamed
		if err := s.adopt(ctx, r.Account.Key()); err != nil {
			return aboutAccount(err)
		}
	}
	if a.asked = a.rediscovers(r); a.asked {
		done := s.under(r.Account.Key(), "")
		err := s.discover(ctx, a, remote, r.Account)
		done()
		if errors.Is(err, calbell.ErrNoCalendars) {
			err = s.emptied(ctx, a, remote, r, err)
		}
		if err != nil {
			s.noteFailing(ctx, r.Account.Key(), err)
			return aboutAccount(err)
		}
		a.discovered = time.Now()
	}
	calendars, err := s.stored(ctx, r.Account.Key())
	if err == nil && len(calendars) == 0 && a.missing != "" {
		err = noneListed(a.missing, a.there)
	}
	if err != nil {
		return aboutAccount(err)
	}
	s.mu.Lock()
	a.hosts = hostsOf(r.Account, calendars)
	s.mu.Unlock()
	if err := s.syncRound(ctx, a, remote, r, calendars); err != nil {
		return err
	}
	if err := s.writeBack(ctx, remote, r.Account); err != nil && ctx.Err() == nil {
		s.log.Warn("write reminders into events", "account", r.Account.Key(), "err", err) // retried after the next sync
	}
	return nil
}

// errNotNamed reports that discovery did not find a stored calendar.
var errNotNamed = calbell.Errorf("syncer:server-does-not-list", "the server does not list this calendar any more")

// joined joins several errors; a single one is returned unchanged, with its kind and hint.
func joined(errs []error) error {
	switch len(errs) {
	case 0:
		return nil
	case 1:
		return errs[0]
	}
	return &calbell.Error{
		Kind: calbell.KindOf(errs[0]), What: calbell.T("syncer:calendars-failed", "%d calendars failed", len(errs)),
		Hint: calbell.HintOf(errs[0]), Err: errors.Join(errs...),
	}
}

// stored returns the calendars of an account.
func (s *Syncer) stored(ctx context.Context, account string) ([]calbell.Calendar, error) {
	return s.store.CalendarsOf(ctx, account)
}

// noteFailing records an account's failure on each of its calendars.
func (s *Syncer) noteFailing(ctx context.Context, account string, cause error) {
	calendars, err := s.stored(ctx, account)
	if err != nil {
		return // the cause is returned anyway
	}
	for _, c := range calendars {
		s.noteCalendar(ctx, c.ID, cause)
	}
}

// noteCalendar records a failure on one calendar.
func (s *Syncer) noteCalendar(ctx context.Context, id calbell.CalendarID, cause error) {
	c, err := s.store.Calendar(ctx, id)
	if err != nil || ctx.Err() != nil {
		return
	}
	if c.Silent() {
		return
	}
	c.LastError = calbell.TextOfError(cause)
	if c.FailingSince.IsZero() {
		c.FailingSince = time.Now().UTC()
	}
	if err := s.store.SaveCalendar(ctx, c); err != nil {
		s.log.Error("note a failing calendar", "calendar", c.Name, "err", err)
	}
}
