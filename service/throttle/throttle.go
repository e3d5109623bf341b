package throttle

import (
	"sync"
	"time"

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
)

// Throttle bounds what strangers and users can make the program do. Make one with New; it is safe for
// concurrent use.
type Throttle struct {
	hashing *turns
	asking  *turns

	arrivals, addresses, near, names, browsers, present, outward *buckets

	mu          sync.Mutex
	discoveries map[string]int // under way, by user
	discovering int            // in all
}

// New returns a throttle.
func New() *Throttle {
	return &Throttle{
		hashing: newTurns(maxHashing), asking: newTurns(maxAsking),
		arrivals: newBuckets(arrivalPause, arrivalBurst), addresses: newBuckets(addressPause, addressBurst), near: newBuckets(nearPause, nearBurst), names: newBuckets(namePause, nameBurst),
		browsers: newBuckets(browserPause, browserBurst), present: newBuckets(presentPause, presentBurst),
		outward: newBuckets(outwardPause, outwardBurst), discoveries: map[string]int{},
	}
}

// TooMany returns the error for a caller who has to wait.
func TooMany(wait time.Duration) error {
	wait = max(time.Second, (wait + time.Second - 1).Truncate(time.Second))
	return &calbell.Error{
		Kind: calbell.KindNotAllowed, What: calbell.T("throttle:too-many-sign-ins", "too many sign-ins"), Hint: calbell.T("throttle:try-again", "try again in %s", wait.String()), RetryAfter: wait,
	}
}
