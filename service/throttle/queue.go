package throttle

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

const (
	// maxHashing is how many passwords are hashed at the same time: reminders need the other
	// cores, and each takes hashMemory.
	maxHashing = 2
	// maxAsking is how many names are asked for at the calendar server at the same time: it is
	// another's, and one that hangs is not to gather all who want to come in.
	maxAsking = 8
	// maxWaiting is how many of each kind wait for their turn: at 50 ms a password the last
	// one waits less than two seconds.
	maxWaiting = 32
	// maxTurnWait is how long one waits: people and proxies have gone by then.
	maxTurnWait = 15 * time.Second
)

// turns are places for something that costs much. Half of them are for browsers and callers that
// signed in before, so that strangers, however many, keep none of them out; half are for
// strangers, so that those who come first keep out no others.
type turns struct{ known, strangers queue }

func newTurns(n int) *turns {
	return &turns{known: queue{places: n / 2}, strangers: queue{places: n / 2}}
}

// do runs fn, which judges a password, when there is a place. It returns an error when there is
// none for a while, or that of ctx.
func (t *turns) do(ctx context.Context, a *Attempt, fn func()) error {
	q := &t.strangers
	if a.known {
		q = &t.known
	}
	if err := q.enter(ctx, a.rank); err != nil {
		return err
	}
	defer q.leave()
	a.judged = true
	fn()
	return nil
}

// queue hands out places by rank, then in order of arrival. When too many wait, the last one of
// the highest rank is turned away: a network that fills the queue turns away its own.
type queue struct {
	places int

	mu      sync.Mutex
	running int
	waiting []*waiter // by rank, then arrival
}

// waiter waits in a queue until its turn comes (true) or it is turned away (false).
type waiter struct {
	rank float64
	turn chan bool
}

// errWaited is the cause of a wait that took too long.
var errWaited = errors.New("waited")

// enter waits for a place. The caller leaves it.
func (q *queue) enter(ctx context.Context, rank float64) error {
	w := q.line(rank)
	if w == nil {
		return nil
	}
	ctx, stop := context.WithTimeoutCause(ctx, maxTurnWait, errWaited)
	defer stop()
	select {
	case mine := <-w.turn:
		return turnedAway(mine)
	case <-ctx.Done():
	}
	if mine, decided := q.giveUp(w); decided {
		return turnedAway(mine)
	}
	if cause := context.Cause(ctx); !errors.Is(cause, errWaited) {
		return cause
	}
	return TooMany(time.Second)
}

// line takes a free place and returns nil, or lines up.
func (q *queue) line(rank float64) *waiter {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running < q.places {
		q.running++
		return nil
	}
	w := &waiter{rank, make(chan bool, 1)}
	at, _ := slices.BinarySearchFunc(q.waiting, rank, func(w *waiter, rank float64) int { return cmp.Or(cmp.Compare(w.rank, rank), -1) })
	q.waiting = slices.Insert(q.waiting, at, w)
	if last := len(q.waiting) - 1; last >= maxWaiting {
		q.waiting[last].turn <- false
		q.waiting = slices.Delete(q.waiting, last, last+1)
	}
	return w
}

// giveUp takes a waiter out of the line. When it was decided about in this very moment, it
// returns what was decided.
func (q *queue) giveUp(w *waiter) (mine, decided bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.waiting, w); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
		return false, false
	}
	return <-w.turn, true
}

// leave gives the place to the next one.
func (q *queue) leave() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.running--
		return
	}
	q.waiting[0].turn <- true
	q.waiting = slices.Delete(q.waiting, 0, 1)
}

// turnedAway returns the error of a waiter that got no place.
func turnedAway(mine bool) error {
	if mine {
		return nil
	}
	return TooMany(time.Second)
}
