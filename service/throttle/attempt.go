package throttle

import (
	"context"
	"net/netip"
	"time"

	"golang.org/x/time/rate"

	"calbell"
)

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

// Attempt is a sign-in, or another use of a password, that the limits let through. It is judged
// by one goroutine.
type Attempt struct {
	known bool // from a browser or by a caller that signed in before
	// rank counts how often the same network, or known browser, came lately, whatever came of
	// it, and how often it failed. The lowest is judged first.
	rank   float64
	judged bool // a password was compared
	taken  []*rate.Reservation
	At     time.Time // when it was made
}

// take takes a token of a bucket. It returns how many are taken, and how long to wait when there
// is none.
func (a *Attempt) take(b *buckets, key string) (used float64, wait time.Duration) {
	place, used, wait := b.take(key, a.At)
	if place != nil {
		a.taken = append(a.taken, place)
	}
	return used, wait
}

// giveBack undoes take.
func (a *Attempt) giveBack() {
	for _, place := range a.taken {
		place.CancelAt(a.At)
	}
	a.taken = nil
}

// End gives back what the attempt took unless a password was judged wrong.
func (a *Attempt) End(err error) {
	if err == nil || !a.judged {
		a.giveBack()
	}
}

// Hash runs fn, which hashes or compares a password, when there is a place.
func (d *Throttle) Hash(ctx context.Context, a *Attempt, fn func()) error {
	return d.hashing.do(ctx, a, fn)
}

// AskServer runs fn, which asks the calendar server about a password, when there is a place.
func (d *Throttle) AskServer(ctx context.Context, a *Attempt, fn func()) error {
	return d.asking.do(ctx, a, fn)
}

// KnownCaller returns the attempt of a caller who is signed in, which needs no limit.
func KnownCaller() *Attempt { return &Attempt{known: true} }

// SignIn admits a sign-in as a user, or returns how long to wait as an error. The caller ends
// the attempt. A browser that is known as the user's own has limits of its own: nobody else can
// use them up.
func (d *Throttle) SignIn(from calbell.Peer, name string, now time.Time) (*Attempt, error) {
	name = calbell.Slug(name)
	a := &Attempt{known: from.Browser != "", At: now}
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

// Present admits a caller who gives their present password. It counts by itself, and apart
// for each token: wrong sign-ins by others do not keep them from changing the password.
func (d *Throttle) Present(who calbell.Caller, now time.Time) (*Attempt, error) {
	a := &Attempt{known: true, At: now}
	used, wait := a.take(d.present, calbell.Slug(who.Name)+" "+string(who.Token))
	a.rank = used
	return a.within(wait)
}

// within returns the attempt if it needs not wait. One that has to costs nothing.
func (a *Attempt) within(wait time.Duration) (*Attempt, error) {
	if wait > 0 {
		a.giveBack()
		return nil, TooMany(wait)
	}
	return a, nil
}
