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
	// maxListeners bounds those who hear what happens, maxListenersEach those of one user: each
	// holds a connection.
	maxListeners, maxListenersEach = 200, 10
	// newsAhead is how many news wait for one listener; who is slower is told of a gap.
	newsAhead = 256
	// newsBeat is how often a listener is told that nothing happened, and looked at again.
	newsBeat = 15 * time.Second
	// maxListening is how long somebody listens at most; browsers ask again by themselves, and are
	// let in again, or not.
	maxListening = time.Hour
	// syncLook is how often it is looked how far syncs are, while somebody listens.
	syncLook = time.Second
)

// News is something that happened. At most one of its parts is set; none: nothing did for a while.
type News struct {
	Delivery *types.DeliveryRow     // it ended
	Syncing  []calbell.SyncProgress // how far the syncs under way are by now; empty: none is
	Gap      bool                   // more happened than is told: lists are to be looked at anew
}

// news passes on what happens to listeners. Whoever records the end of a delivery notes it, and never
// waits. One goroutine, [Feed.Run], reads the notes and publishes them. Each listener reads its own.
type news struct {
	ended chan []calbell.ReminderID
	came  chan struct{} // somebody began to listen
	over  chan struct{} // closed when nobody tells any more

	mu        sync.Mutex
	listeners map[*Listener]struct{}
}

func newNews() *news {
	return &news{ended: make(chan []calbell.ReminderID, newsAhead), came: make(chan struct{}, 1), over: make(chan struct{}), listeners: map[*Listener]struct{}{}}
}

// notification is what a listener is handed.
type notification struct {
	delivery *calbell.Delivery
	syncing  []calbell.SyncProgress
	look     bool // somebody was signed out: is it this one?
}

// Listener is somebody who hears what happens.
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

// noteEnded has the ends of deliveries told. It does not wait, and costs nothing while nobody listens.
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

// noteGap has it told that more happened than is told.
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

// publish hands something to everybody. It does not wait.
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

// signedOut has everybody looked at who listens, after somebody was signed out; err is how that went.
func (n *news) signedOut(err error) error {
	if err == nil {
		n.publish(notification{look: true})
	}
	return err
}

// Feed tells people what happens, as it happens.
type Feed struct {
	*core
	syncs Syncs
}

// Run tells listeners what happens until ctx ends; then they hear no more. It is to be run once.
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
			if !looks { // who comes puts nobody's next look off
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

// Listen has the caller hear what happens from now on. Whoever gets a Listener closes it.
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
	default: // it is known already
	}
	return l, nil
}

// Close ends the listening.
func (l *Listener) Close() {
	l.s.news.mu.Lock()
	defer l.s.news.mu.Unlock()
	delete(l.s.news.listeners, l)
}

// look finds out anew what the caller may see, and whether they are still signed in.
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

// Each calls fn for what happens and the caller may see, and now and then when nothing does. It returns
// when fn fails, ctx or the program ends, or the caller is signed out.
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

// seen returns what the caller may see of something that happened; false: nothing.
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
		told = !slices.Equal(n.Syncing, l.syncing) // nobody hears that others' are
		l.syncing = n.Syncing
		return n, told, err
	}
	return n, false, nil
}
