package syncer

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	// promptFor is how long a sync keeps a prompt place. A sync without changes takes some 200
	// ms. A longer one waits for its server: it continues as a slow one, and its place is free
	// for the next account.
	promptFor = 2 * time.Second
	// slowPlaces is the minimum number of concurrent slow syncs: each holds a connection and
	// some memory, but no processor while its server is silent.
	slowPlaces = 128
	// slowHosts and slowOwners are the numbers of hosts and owners that fill the places for
	// doubtful accounts. More accounts of one host would only add to its load.
	slowHosts, slowOwners = 4, 8
	// doubtAt is how many syncs at a host must be slow before the host is in doubt. One may be
	// a large calendar; several mean the server.
	doubtAt = 2
)

// reach is what is known about an account's server before a sync.
type reach int

const (
	untried    reach = iota // nothing
	answered                // its server answered the last time
	unanswered              // it did not
)

// entrant is a sync that waits for a place of a [limiter].
type entrant struct {
	owner  string   // the account's owner; "" counts like any other
	hosts  []string // at which the account's calendars are
	reach  reach
	urgent bool // a person waits for it, or a reminder is about to fall due

	pool  *pool         // the pool of its place; nil: it has none
	ready chan struct{} // closed when it has one
}

// pool is a number of places, of which one host and one owner get a part.
type pool struct {
	places, perHost, perOwner int
	held                      int
	hosts, owners             map[string]int // numbers of occupied places
}

func newPool(places, perHost, perOwner int) *pool {
	return &pool{
		places: max(1, places), perHost: max(1, perHost), perOwner: max(1, perOwner),
		hosts: map[string]int{}, owners: map[string]int{},
	}
}

// admits reports whether the pool has a place for the entrant.
func (p *pool) admits(e *entrant) bool {
	full := func(host string) bool { return p.hosts[host] >= p.perHost }
	return p.held < p.places && p.owners[e.owner] < p.perOwner && !slices.ContainsFunc(e.hosts, full)
}

// count adds n to the occupied places of the entrant's hosts and owner.
func (p *pool) count(e *entrant, n int) {
	p.held += n
	add(p.owners, e.owner, n)
	for _, host := range e.hosts {
		add(p.hosts, host, n)
	}
}

// add adds to a count, and removes it at zero.
func add(counts map[string]int, key string, n int) {
	if counts[key] += n; counts[key] == 0 {
		delete(counts, key)
	}
}

// limiter decides which accounts are synced at the same time. Servers that do not answer must not
// keep the accounts of others waiting, so nobody holds a place for long and nobody holds all:
//
//   - Accounts whose server answered the last time have places of their own. So have those that
//     were never tried, and syncs that somebody waits for.
//   - Each place is held for [promptFor] at most. A longer sync continues as a slow one.
//   - An account whose server did not answer, or whose host is in doubt, begins as a slow one, and
//     only in half of the slow places: the other half is for syncs that turn out to be slow.
//   - One host, and one owner, get at most half of each kind of places.
//
// Entrants get the first place that fits, in the order of arrival.
type limiter struct {
	mu      sync.Mutex
	waiting []*entrant // in the order of arrival
	late    []*entrant // hold a place for longer than promptFor, because no slow one is free

	answered *pool // of accounts whose server answered
	urgent   *pool // of these, when somebody waits
	untried  *pool // of accounts that nothing is known of
	retried  *pool // of all others than the first, when somebody waits
	slow     *pool
}

// newLimiter returns a limiter for a number of concurrent accounts, ≥ 1.
func newLimiter(concurrency int) *limiter {
	half, quarter, slow := concurrency/2, concurrency/4, max(slowPlaces, 4*concurrency)
	return &limiter{
		answered: newPool(concurrency, half, half),
		urgent:   newPool(half, quarter, quarter),
		untried:  newPool(concurrency, half, half),
		retried:  newPool(half, quarter, quarter),
		slow:     newPool(slow, slow/2/slowHosts, slow/2/slowOwners),
	}
}

// width returns the number of concurrent urgent syncs of one host.
func (l *limiter) width() int { return l.urgent.perHost + l.answered.perHost }

// enter waits for a place. leave releases it, and must be called once.
func (l *limiter) enter(ctx context.Context, e *entrant) (leave func(), err error) {
	l.join(e)
	select {
	case <-e.ready:
		slow := time.AfterFunc(promptFor, func() { l.slowDown(e) })
		return func() { slow.Stop(); l.leave(e) }, nil
	case <-ctx.Done():
		l.leave(e)
		return nil, ctx.Err()
	}
}

// join queues an entrant, or gives it a place at once.
func (l *limiter) join(e *entrant) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.ready = make(chan struct{})
	if !l.admit(e) { // nothing is free for earlier ones either
		l.waiting = append(l.waiting, e)
	}
}

// leave releases the entrant's place, or ends its wait.
func (l *limiter) leave(e *entrant) {
	l.mu.Lock()
	defer l.mu.Unlock()
	other := func(o *entrant) bool { return o == e }
	l.waiting = slices.DeleteFunc(l.waiting, other)
	l.late = slices.DeleteFunc(l.late, other)
	if e.pool != nil {
		e.pool.count(e, -1)
		e.pool = nil
		l.grant()
	}
}

// slowDown moves an entrant that holds its place for long to the slow ones.
func (l *limiter) slowDown(e *entrant) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.pool != nil && e.pool != l.slow {
		l.late = append(l.late, e)
		l.grant()
	}
}

// grant assigns free places. The caller holds mu.
func (l *limiter) grant() {
	l.late = slices.DeleteFunc(l.late, func(e *entrant) bool {
		if l.slow.held >= l.slow.places {
			return false
		}
		e.pool.count(e, -1)
		e.pool = l.slow
		e.pool.count(e, 1)
		return true
	})
	l.waiting = slices.DeleteFunc(l.waiting, l.admit)
}

// admit assigns a free place to the entrant, and reports whether there was one. The caller
// holds mu.
func (l *limiter) admit(e *entrant) bool {
	for _, p := range l.choices(e) {
		if p != nil && p.admits(e) {
			p.count(e, 1)
			e.pool = p
			close(e.ready)
			return true
		}
	}
	return false
}

// choices returns the pools that the entrant may use now.
func (l *limiter) choices(e *entrant) [2]*pool {
	doubtful := e.reach == unanswered || slices.ContainsFunc(e.hosts, l.inDoubt)
	switch {
	case doubtful && l.slow.owners[e.owner] >= l.slow.perOwner:
		return [2]*pool{}
	case doubtful && e.urgent:
		return [2]*pool{l.retried, l.forDoubtful()}
	case doubtful:
		return [2]*pool{l.forDoubtful()}
	case e.reach == untried && e.urgent:
		return [2]*pool{l.retried, l.untried}
	case e.reach == untried:
		return [2]*pool{l.untried}
	case e.urgent:
		return [2]*pool{l.urgent, l.answered}
	}
	return [2]*pool{l.answered}
}

// forDoubtful returns the slow places unless half of them are held; see limiter.
func (l *limiter) forDoubtful() *pool {
	if l.slow.held >= l.slow.places/2 {
		return nil
	}
	return l.slow
}

// inDoubt reports whether several syncs at a host are slow.
func (l *limiter) inDoubt(host string) bool { return l.slow.hosts[host] >= doubtAt }

// SyncLoad counts the running and waiting syncs.
type SyncLoad struct {
	Prompt  int // started recently
	Slow    int // waiting for their servers, or doubtful from the start
	Waiting int // waiting for a place
}

// Load returns the numbers of running and waiting syncs.
func (s *Syncer) Load() SyncLoad { return s.limiter.load() }

func (l *limiter) load() SyncLoad {
	l.mu.Lock()
	defer l.mu.Unlock()
	prompt := l.answered.held + l.urgent.held + l.untried.held + l.retried.held
	return SyncLoad{Prompt: prompt, Slow: l.slow.held, Waiting: len(l.waiting)}
}
