package service

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/scheduler/plan"
	"calbell/service/authz"
	"calbell/service/throttle"
)

const (
	// maxListeners limits the listeners, maxListenersEach those of one user. Each holds a connection.
	maxListeners, maxListenersEach = 200, 10
	// newsAhead is the length of a listener's queue. A slower listener gets a gap instead.
	newsAhead = 256
	// newsBeat is how often an idle listener gets an empty message, and its authorisation is checked
	// again.
	newsBeat = 15 * time.Second
	// maxListening limits how long a listener stays connected. Browsers reconnect by themselves, and are
	// authorised again.
	maxListening = time.Hour
	// syncLook is how often the progress of syncs is read while somebody listens.
	syncLook = time.Second
)

// News is an event for listeners. At most one field is set; none means that nothing happened for a
// while.
type News struct {
	Delivery *types.DeliveryRow     // a delivery that ended
	Syncing  []calbell.SyncProgress // the progress of the running syncs; empty: none is running
	Gap      bool                   // events were lost: lists should be reloaded
}

// news passes events to listeners. Recording the end of a delivery notes it and never
// waits. One goroutine, [Feed.Run], reads the notes and publishes them. Each listener reads
// its own queue.
type news struct {
	ended chan []calbell.ReminderID
	came  chan struct{} // a listener was added
	over  chan struct{} // closed when Run has ended

	mu        sync.Mutex
	listeners map[*Listener]struct{}
}

func newNews() *news {
	return &news{ended: make(chan []calbell.ReminderID, newsAhead), came: make(chan struct{}, 1), over: make(chan struct{}), listeners: map[*Listener]struct{}{}}
}

// notification is an entry of a listener's queue.
type notification struct {
	delivery *calbell.Delivery
	syncing  []calbell.SyncProgress
	look     bool // somebody was signed out: check this listener again
}

// Listener receives events for one caller.
type Listener struct {
	s   *Feed
	who calbell.Caller
	in  chan notification
	gap atomic.Bool

	// What follows is of the goroutine of Each.
	visibility *authz.Visibility
	policy     *plan.Policy // by which it was made
	syncing    []calbell.SyncProgress
}

// noteEnded notes ended deliveries for listeners. It does not wait, and does nothing while
// nobody listens.
func (n *news) noteEnded(ids ...calbell.ReminderID) {
	if len(ids) == 0 || !n.any() {
		return
	}
	select {
	case n.ended <- ids:
	default:
		n.noteGap()
	}
}

// noteGap notes that events are missing.
func (n *news) noteGap() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for l := range n.listeners {
		l.gap.Store(true)
	}
}

func (n *news) any() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.listeners) > 0
}

// publish puts a notification into every queue. It does not wait.
func (n *news) publish(h notification) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for l := range n.listeners {
		select {
		case l.in <- h:
		default:
			l.gap.Store(true)
		}
	}
}

// signedOut makes all listeners check their authorisation, after somebody was signed out.
// It returns err.
func (n *news) signedOut(err error) error {
	if err == nil {
		n.publish(notification{look: true})
	}
	return err
}

// Feed notifies people of events as they happen.
type Feed struct {
	*core
	syncs Syncs
}

// Run publishes events until ctx ends; then all listeners end. Call it once.
func (s *Feed) Run(ctx context.Context) {
	defer close(s.news.over)
	look := time.NewTicker(syncLook)
	look.Stop()
	defer look.Stop()
	var last []calbell.SyncProgress
	looks := false
	for {
		select {
		case <-ctx.Done():
			return
		case ids := <-s.news.ended:
			for _, id := range ids {
				if d, err := s.store.Delivery(ctx, id); err == nil {
					s.news.publish(notification{delivery: &d})
				}
			}
		case <-s.news.came:
			if !looks { // a new listener does not delay the next look of the others
				looks = true
				look.Reset(syncLook)
			}
		case <-look.C:
			if !s.news.any() {
				look.Stop()
				last, looks = nil, false
				continue
			}
			if now := s.syncs.Syncing(); !slices.Equal(now, last) {
				last = now
				s.news.publish(notification{syncing: now})
			}
		}
	}
}

// Listen returns a listener for events from now on. The caller closes it.
func (s *Feed) Listen(ctx context.Context, who calbell.Caller) (*Listener, error) {
	l := &Listener{s: s, who: who, in: make(chan notification, newsAhead)}
	if err := l.look(ctx); err != nil {
		return nil, err
	}
	s.news.mu.Lock()
	defer s.news.mu.Unlock()
	own := 0
	for o := range s.news.listeners {
		if o.who.Name == who.Name && o.who.Local == who.Local {
			own++
		}
	}
	if own >= maxListenersEach || len(s.news.listeners) >= maxListeners {
		e := throttle.TooMany(newsBeat).(*calbell.Error)
		e.What = calbell.T("service:too-many-listen-already", "too many listen already")
		return nil, e
	}
	s.news.listeners[l] = struct{}{}
	select {
	case s.news.came <- struct{}{}:
	default: // already signalled
	}
	return l, nil
}

// Close removes the listener.
func (l *Listener) Close() {
	l.s.news.mu.Lock()
	defer l.s.news.mu.Unlock()
	delete(l.s.news.listeners, l)
}

// look computes again what the caller may see, and checks that they are still signed in.
func (l *Listener) look(ctx context.Context) (err error) {
	if err = requireCaller(l.who); err == nil {
		err = l.s.requireSignedIn(ctx, l.who)
	}
	if err != nil {
		return err
	}
	l.policy = l.s.config.Policy()
	l.visibility, err = l.s.visibility(ctx, l.who)
	return err
}

// Each calls fn for each event that the caller may see, and with an empty [News] when
// nothing happens for a while. It returns when fn fails, ctx or the program ends, or the
// caller is signed out.
func (l *Listener) Each(ctx context.Context, fn func(News) error) error {
	beat, end := time.NewTicker(newsBeat), time.NewTimer(maxListening)
	defer beat.Stop()
	defer end.Stop()
	for {
		var n News
		told := true
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.s.news.over:
			return nil
		case <-end.C:
			return nil
		case <-beat.C:
			err = l.look(ctx)
		case h := <-l.in:
			n, told, err = l.seen(ctx, h)
		}
		if err == nil && l.gap.Swap(false) {
			err = fn(News{Gap: true})
		}
		if err == nil && told {
			err = fn(n)
		}
		if err != nil {
			return err
		}
	}
}

// seen returns the part of a notification that the caller may see; told is false when there
// is none.
func (l *Listener) seen(ctx context.Context, h notification) (n News, told bool, err error) {
	if h.look || l.policy != l.s.config.Policy() {
		if err := l.look(ctx); err != nil {
			return n, false, err
		}
	}
	switch {
	case h.delivery != nil:
		shown, err := l.visibility.Visible(ctx, *h.delivery)
		if err != nil || len(shown) == 0 {
			return n, false, err
		}
		row := types.RowOf(shown[0])
		return News{Delivery: &row}, true, nil
	case h.syncing != nil:
		n.Syncing, err = l.s.visibleSyncs(l.who, h.syncing)
		told = !slices.Equal(n.Syncing, l.syncing) // changes in syncs of others are not visible
		l.syncing = n.Syncing
		return n, told, err
	}
	return n, false, nil
}
