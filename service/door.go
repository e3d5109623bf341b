package service

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"calbell"
)

// Limits on wrong sign-ins. Each is a number that is possible at once and the pause after which
// one more is: a guesser gets nowhere, and a person who mistypes is not shut out. Right ones
// cost nothing. They are counted apart, so that nobody uses up what somebody else needs.
const (
	// From one network, for any names: 2,900 a day. A household or a small office shares one.
	addressBurst, addressPause = 20, 30 * time.Second
	// For one name from one neighbourhood: 730 a day. It is less than a sixth of what is
	// possible for the name, so one guesser does not keep the user out elsewhere.
	nearBurst, nearPause = 10, 2 * time.Minute
	// For one name from all browsers that are not known, wherever they are: 4,420 a day. This is
	// the bound on guessing a password; half a dozen neighbourhoods that guess all the time
	// reach it, and only then do unknown browsers of the user wait.
	nameBurst, namePause = 100, 20 * time.Second
	// From one browser that is known to have signed in as the user: 4,330 a day. It counts
	// alone, whatever others try.
	browserBurst, browserPause = 10, 20 * time.Second
	// For the present password of a caller who is signed in already.
	presentBurst, presentPause = 10, 20 * time.Second
	// arrivalPause is how fast sign-ins from a network are forgotten, of which arrivalBurst are
	// counted: right or wrong, or turned away for lack of a place. Whoever comes again and again
	// for a minute is behind one who comes for the first or third time.
	arrivalBurst, arrivalPause = 1000, 10 * time.Second
	// outwardBurst and outwardPause bound how often one user has the program speak to servers
	// that the user names: it is no scanner, and no way to knock at one all day.
	outwardBurst, outwardPause = 30, 5 * time.Second
	// maxDiscoveries is how many searches for calendars run at the same time, maxDiscoveriesEach
	// of them of one user: each holds connections, and may hold an answer in memory.
	maxDiscoveries, maxDiscoveriesEach = 16, 2
	// discoveryPause is what a user whose search was refused is told to wait.
	discoveryPause = 5 * time.Second
	// maxBuckets bounds the networks, names and browsers that are remembered, each.
	maxBuckets = 10_000
)

// door is where people come in: it bounds what strangers can make the program do.
type door struct {
	hashing *turns
	asking  *turns

	arrivals, addresses, near, names, browsers, present, outward *buckets

	counts signInCounts

	mu          sync.Mutex
	discoveries map[string]int // under way, by user
	discovering int            // in all
}

func newDoor() *door {
	return &door{
		hashing: newTurns(maxHashing), asking: newTurns(maxAsking),
		arrivals: newBuckets(arrivalPause, arrivalBurst), addresses: newBuckets(addressPause, addressBurst), near: newBuckets(nearPause, nearBurst), names: newBuckets(namePause, nameBurst),
		browsers: newBuckets(browserPause, browserBurst), present: newBuckets(presentPause, presentBurst),
		outward: newBuckets(outwardPause, outwardBurst), discoveries: map[string]int{},
	}
}

// tooMany returns the error for a caller who has to wait.
func tooMany(wait time.Duration) error {
	wait = max(time.Second, (wait + time.Second - 1).Truncate(time.Second))
	return &calbell.Error{
		Kind: calbell.KindNotAllowed, What: "too many sign-ins", Hint: "try again in " + wait.String(), RetryAfter: wait,
	}
}

// network returns what counts as one address: a household has a /64 of IPv6.
func network(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if p, err := a.Prefix(64); err == nil && a.Is6() {
		return p.String()
	}
	return a.String()
}

// neighbourhood returns what counts as one source of sign-ins for a name: a /24 of IPv4 is the
// least that is rented, and costs little. On this machine and in private networks each address
// is a program or person of its own.
func neighbourhood(a netip.Addr) string {
	a = a.Unmap()
	if p, err := a.Prefix(24); err == nil && a.Is4() && !a.IsLoopback() && !a.IsPrivate() && !a.IsLinkLocalUnicast() {
		return p.String()
	}
	return network(a)
}

// attempt is a sign-in, or another use of a password, that the limits let through. It is judged
// by one goroutine.
type attempt struct {
	known bool // from a browser or by a caller that signed in before
	// rank counts how often the same network, or known browser, came lately, whatever came of
	// it, and how often it failed. The lowest is judged first.
	rank   float64
	judged bool // a password was compared
	taken  []*rate.Reservation
	at     time.Time
}

// take takes a token of a bucket. It returns how many are taken, and how long to wait when there
// is none.
func (a *attempt) take(b *buckets, key string) (used float64, wait time.Duration) {
	place, used, wait := b.take(key, a.at)
	if place != nil {
		a.taken = append(a.taken, place)
	}
	return used, wait
}

// giveBack undoes take.
func (a *attempt) giveBack() {
	for _, place := range a.taken {
		place.CancelAt(a.at)
	}
	a.taken = nil
}

// end gives back what the attempt took unless a password was judged wrong.
func (a *attempt) end(err error) {
	if err == nil || !a.judged {
		a.giveBack()
	}
}

// attempt admits a sign-in as a user, or returns how long to wait as an error. The caller ends
// the attempt. A browser that is known as the user's own has limits of its own: nobody else can
// use them up.
func (d *door) attempt(from calbell.Peer, name string, now time.Time) (*attempt, error) {
	name = calbell.Slug(name)
	a := &attempt{known: from.Browser != "", at: now}
	if a.known {
		used, wait := a.take(d.browsers, from.Browser)
		a.rank = used + d.arrivals.count(from.Browser, now)
		return a.within(wait)
	}
	used, wait := a.take(d.addresses, network(from.Addr))
	a.rank = used + d.arrivals.count(network(from.Addr), now)
	if wait == 0 {
		_, wait = a.take(d.near, name+" "+neighbourhood(from.Addr))
	}
	if wait == 0 {
		_, wait = a.take(d.names, name)
	}
	return a.within(wait)
}

// attemptPresent admits a caller who gives their present password. It counts by itself, and apart
// for each token: wrong sign-ins by others do not keep them from changing the password.
func (d *door) attemptPresent(who calbell.Caller, now time.Time) (*attempt, error) {
	a := &attempt{known: true, at: now}
	used, wait := a.take(d.present, calbell.Slug(who.Name)+" "+string(who.Token))
	a.rank = used
	return a.within(wait)
}

// within returns the attempt if it needs not wait. One that has to costs nothing.
func (a *attempt) within(wait time.Duration) (*attempt, error) {
	if wait > 0 {
		a.giveBack()
		return nil, tooMany(wait)
	}
	return a, nil
}

// asksOutside takes a place for something that speaks to a server that the caller names.
func (d *door) asksOutside(who calbell.Caller, now time.Time) error {
	if who.Local {
		return nil
	}
	if place, _, wait := d.outward.take(calbell.Slug(who.Name), now); place == nil {
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

// buckets are token buckets by key. The number of keys is bounded: the fullest, which tell the
// least, are forgotten first.
type buckets struct {
	pause time.Duration
	burst int

	mu  sync.Mutex
	all map[string]*rate.Limiter
}

func newBuckets(pause time.Duration, burst int) *buckets {
	return &buckets{pause: pause, burst: burst, all: make(map[string]*rate.Limiter)}
}

// take takes a token and returns how many are taken now, this one included. When there is none
// it returns nil and how long to wait.
func (b *buckets) take(key string, now time.Time) (place *rate.Reservation, used float64, wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.all[key]
	if l == nil {
		b.makeRoom(now)
		l = rate.NewLimiter(rate.Every(b.pause), b.burst)
		b.all[key] = l
	}
	if have := l.TokensAt(now); have < 1 {
		return nil, 0, max(time.Second, time.Duration((1-have)*float64(b.pause)))
	}
	place = l.ReserveN(now, 1)
	return place, float64(b.burst) - l.TokensAt(now), 0
}

// count takes a token if there is one, and returns how many are taken.
func (b *buckets) count(key string, now time.Time) float64 {
	if place, used, _ := b.take(key, now); place != nil {
		return used
	}
	return float64(b.burst)
}

// makeRoom forgets a tenth when there are too many. Emptier buckets stay: whoever wants the
// limit of a name forgotten has to fill thousands of others first.
func (b *buckets) makeRoom(now time.Time) {
	if len(b.all) < maxBuckets {
		return
	}
	keys := slices.SortedFunc(maps.Keys(b.all), func(x, y string) int { return cmp.Compare(b.all[y].TokensAt(now), b.all[x].TokensAt(now)) })
	for _, key := range keys[:maxBuckets/10] {
		delete(b.all, key)
	}
}
