package service

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"calbell"
)

const (
	// maxHashing is how many passwords are hashed at the same time: reminders need the other
	// cores, and each takes hashMemory. maxWaiting is how many more may wait for their turn.
	maxHashing, maxWaiting = 2, 32
	// maxAsking is how many names are asked for at the calendar server at the same time: it is
	// another's, and one that hangs is not to gather all who want to come in.
	maxAsking = 8
	// From one address and for one name so many wrong sign-ins are possible at once, and one
	// more after each pause: a guesser gets nowhere, and a person who mistypes is not shut out.
	addressBurst, addressPause = 20, 5 * time.Second
	nameBurst, namePause       = 10, 20 * time.Second
	// outwardBurst and outwardPause bound how often one user has the program speak to servers
	// that the user names: it is no scanner, and no way to knock at one all day.
	outwardBurst, outwardPause = 30, 5 * time.Second
	// maxDiscoveries is how many searches for calendars run at the same time, maxDiscoveriesEach
	// of them of one user: each holds connections, and may hold an answer in memory.
	maxDiscoveries, maxDiscoveriesEach = 16, 2
	// discoveryPause is what a user whose search was refused is told to wait.
	discoveryPause = 5 * time.Second
	// maxBuckets bounds the addresses and names that are remembered.
	maxBuckets = 10_000
)

// door is where people come in: it bounds what strangers can make the program do.
type door struct {
	hashing   *turns
	asking    *turns
	addresses *buckets
	names     *buckets
	outward   *buckets

	mu          sync.Mutex
	discoveries map[string]int // under way, by user
	discovering int            // in all
}

func newDoor() *door {
	return &door{
		hashing: newTurns(maxHashing), asking: newTurns(maxAsking),
		addresses: newBuckets(addressPause, addressBurst), names: newBuckets(namePause, nameBurst), outward: newBuckets(outwardPause, outwardBurst),
		discoveries: map[string]int{},
	}
}

// turns are places for something that costs much.
type turns struct {
	running chan struct{} // a place among those that run
	waiting chan struct{} // a place among those that run or wait
}

func newTurns(n int) *turns {
	return &turns{running: make(chan struct{}, n), waiting: make(chan struct{}, n+maxWaiting)}
}

// inTurn runs fn when there is a turn.
func (t *turns) inTurn(ctx context.Context, fn func()) error {
	select {
	case t.waiting <- struct{}{}:
		defer func() { <-t.waiting }()
	default:
		return tooMany(time.Second)
	}
	select {
	case t.running <- struct{}{}:
		defer func() { <-t.running }()
	case <-ctx.Done():
		return ctx.Err()
	}
	fn()
	return nil
}

// tooMany is the error of who comes too often.
func tooMany(wait time.Duration) error {
	wait = max(time.Second, wait.Round(time.Second))
	return &calbell.Error{
		Kind: calbell.KindNotAllowed, What: "too many sign-ins", Hint: "try again in " + wait.String(), RetryAfter: wait,
	}
}

// network is what counts as one address: a household has a /64 of IPv6.
func network(a netip.Addr) string {
	a = a.Unmap()
	if a.Is6() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// attempt takes a place for a try from an address for a name. A try that was right gives it
// back.
func (d *door) attempt(from netip.Addr, name string, now time.Time) (giveBack func(), err error) {
	address, wait := d.addresses.take(network(from), now)
	if address == nil {
		return nil, tooMany(wait)
	}
	byName, wait := d.names.take(calbell.Slug(name), now)
	if byName == nil {
		return nil, tooMany(wait)
	}
	return func() {
		address.CancelAt(now)
		byName.CancelAt(now)
	}, nil
}

// asksOutside takes a place for something that speaks to a server that the caller names.
func (d *door) asksOutside(who calbell.Caller, now time.Time) error {
	if who.Local {
		return nil
	}
	if place, wait := d.outward.take(calbell.Slug(who.Name), now); place == nil {
		e := tooMany(wait).(*calbell.Error)
		e.What = "too many servers asked"
		return e
	}
	return nil
}

// discover takes a place for a search for calendars; leave gives it back. Nobody waits for a
// place: those who search keep theirs for as long as their servers take.
func (d *door) discover(who calbell.Caller) (leave func(), err error) {
	if who.Local {
		return func() {}, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	name := calbell.Slug(who.Name)
	if d.discovering >= maxDiscoveries || d.discoveries[name] >= maxDiscoveriesEach {
		return nil, &calbell.Error{
			Kind: calbell.KindNotAllowed, What: "too many searches for calendars at the same time",
			Hint: "wait for the other searches to end", RetryAfter: discoveryPause,
		}
	}
	d.discovering++
	d.discoveries[name]++
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.discovering--
		if d.discoveries[name]--; d.discoveries[name] == 0 {
			delete(d.discoveries, name)
		}
	}, nil
}

// buckets are token buckets by key. The number of keys is bounded: full buckets, which say
// nothing, are forgotten first, and then whatever comes.
type buckets struct {
	pause time.Duration
	burst int

	mu  sync.Mutex
	all map[string]*rate.Limiter
}

func newBuckets(pause time.Duration, burst int) *buckets {
	return &buckets{pause: pause, burst: burst, all: make(map[string]*rate.Limiter)}
}

// take takes a token; nil and how long to wait when there is none.
func (b *buckets) take(key string, now time.Time) (*rate.Reservation, time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.all[key]
	if l == nil {
		b.makeRoom(now)
		l = rate.NewLimiter(rate.Every(b.pause), b.burst)
		b.all[key] = l
	}
	if l.TokensAt(now) < 1 {
		return nil, b.pause
	}
	return l.ReserveN(now, 1), 0
}

// makeRoom forgets when there are too many.
func (b *buckets) makeRoom(now time.Time) {
	if len(b.all) < maxBuckets {
		return
	}
	for key, l := range b.all {
		if l.TokensAt(now) >= float64(b.burst) {
			delete(b.all, key)
		}
	}
	for key := range b.all { // in no order, so that nobody can choose who is forgotten
		if len(b.all) < maxBuckets*9/10 {
			return
		}
		delete(b.all, key)
	}
}
