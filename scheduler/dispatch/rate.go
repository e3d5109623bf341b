package dispatch

import (
	"time"

	"golang.org/x/time/rate"
)

// bucket limits how often a webhook is posted to. The zero bucket has no limit.
type bucket struct {
	limiter *rate.Limiter
}

// newBucket returns a bucket that allows a burst at once and perSecond from then on; perSecond 0: no limit.
func newBucket(perSecond float64, burst int) bucket {
	if perSecond == 0 {
		return bucket{}
	}
	return bucket{rate.NewLimiter(rate.Limit(perSecond), burst)}
}

// set changes the rate and the burst, and keeps what was spent.
func (b *bucket) set(perSecond float64, burst int, now time.Time) {
	if perSecond == 0 || b.limiter == nil {
		*b = newBucket(perSecond, burst)
		return
	}
	b.limiter.SetLimitAt(now, rate.Limit(perSecond))
	b.limiter.SetBurstAt(now, burst)
}

// room returns how many posts may be made at now, at most limit.
func (b *bucket) room(now time.Time, limit int) int {
	if b.limiter == nil {
		return limit
	}
	// The limiter counts on from the latest instant that it was given: without this, a clock that
	// was set back by an hour would stop the posts for an hour.
	b.limiter.SetLimitAt(now, b.limiter.Limit())
	return max(0, min(limit, int(b.limiter.TokensAt(now)+roundingError)))
}

// take spends the right to one post.
func (b *bucket) take(now time.Time) {
	if b.limiter != nil {
		b.limiter.ReserveN(now, 1)
	}
}

// next returns when the next post may be made.
func (b *bucket) next(now time.Time) time.Time {
	if b.room(now, 1) > 0 {
		return now
	}
	r := b.limiter.ReserveN(now, 1)
	defer r.CancelAt(now)
	return now.Add(r.DelayFrom(now)).Add(time.Millisecond) // the limiter rounds down
}

// full reports whether nothing was spent lately.
func (b *bucket) full(now time.Time) bool {
	return b.limiter == nil || b.room(now, b.limiter.Burst()) == b.limiter.Burst()
}

// roundingError is what may be missing from a token that has come: the limiter adds fractions.
const roundingError = 1e-9
