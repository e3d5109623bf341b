package dispatch

import "time"

// bucket holds the right to post: it fills at a rate up to a burst, and each post takes one.
// The zero bucket is without bound.
type bucket struct {
	perSecond float64
	burst     int
	tokens    float64
	at        time.Time // when tokens was true
}

// set changes rate and burst, and keeps what was spent.
func (b *bucket) set(perSecond float64, burst int) {
	if b.perSecond == 0 {
		b.tokens = float64(burst)
	}
	b.perSecond, b.burst = perSecond, burst
	b.tokens = min(b.tokens, float64(burst))
}

// fill adds what has come since. A clock that was set back adds nothing.
func (b *bucket) fill(now time.Time) {
	if passed := now.Sub(b.at); passed > 0 && !b.at.IsZero() {
		b.tokens = min(float64(b.burst), b.tokens+passed.Seconds()*b.perSecond)
	}
	b.at = now
}

// room is how many posts may be made at now, at most limit.
func (b *bucket) room(now time.Time, limit int) int {
	if b.perSecond == 0 {
		return limit
	}
	b.fill(now)
	return min(limit, int(b.tokens+1e-9))
}

// take spends the right to one post.
func (b *bucket) take() {
	if b.perSecond > 0 {
		b.tokens--
	}
}

// next is when the next post may be made.
func (b *bucket) next(now time.Time) time.Time {
	if b.perSecond == 0 || b.room(now, 1) > 0 {
		return now
	}
	return now.Add(time.Duration((1-b.tokens)/b.perSecond*float64(time.Second)) + time.Millisecond)
}

// full says that nothing was spent lately.
func (b *bucket) full(now time.Time) bool {
	return b.perSecond == 0 || b.room(now, b.burst) == b.burst
}
