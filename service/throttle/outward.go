package throttle

import (
	"time"

	"calbell"
)

const (
	// outwardBurst and outwardPause bound how often one user has the program speak to servers
	// that the user names: it is no scanner, and no way to knock at one all day.
	outwardBurst, outwardPause = 30, 5 * time.Second
	// maxDiscoveries is how many searches for calendars run at the same time, maxDiscoveriesEach
	// of them of one user: each holds connections, and may hold an answer in memory.
	maxDiscoveries, maxDiscoveriesEach = 16, 2
	// discoveryPause is what a user whose search was refused is told to wait.
	discoveryPause = 5 * time.Second
)

// Outward takes a place for something that speaks to a server that the caller names.
func (d *Throttle) Outward(who calbell.Caller, now time.Time) error {
	if who.Local {
		return nil
	}
	if place, _, wait := d.outward.take(calbell.Slug(who.Name), now); place == nil {
		e := TooMany(wait).(*calbell.Error)
		e.What = calbell.T("throttle:too-many-servers-asked", "too many servers asked")
		return e
	}
	return nil
}

// Discover takes a place for a search for calendars; leave gives it back. Nobody waits for a
// place: those who search keep theirs for as long as their servers take.
func (d *Throttle) Discover(who calbell.Caller) (leave func(), err error) {
	if who.Local {
		return func() {}, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	name := calbell.Slug(who.Name)
	if d.discovering >= maxDiscoveries || d.discoveries[name] >= maxDiscoveriesEach {
		return nil, &calbell.Error{
			Kind: calbell.KindNotAllowed, What: calbell.T("throttle:too-many-searches-calendars", "too many searches for calendars at the same time"),
			Hint: calbell.T("throttle:wait-other-searches-end", "wait for the other searches to end"), RetryAfter: discoveryPause,
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
