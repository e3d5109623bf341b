package throttle

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// maxBuckets bounds the networks, names and browsers that are remembered, each.
	maxBuckets = 10_000
)

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
