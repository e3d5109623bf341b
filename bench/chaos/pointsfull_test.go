package chaos

import (
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"testing"

	"calbell/internal/failpoint"
)

// seedEnv sets the seed of [TestEveryFailPoint]; absent: another one each time.
const seedEnv = "CALBELL_CHAOS_SEED"

// coverage are the places that were reached.
type coverage map[string]bool

// TestEveryFailPoint disturbs places at random, each in the part that reaches it, and wants every
// place there is to have been reached. What each part demands is said there.
func TestEveryFailPoint(t *testing.T) {
	t.Parallel()
	if !full() {
		t.Skip("it takes minutes; runs at full size")
	}
	seed := rand.Uint64()
	if text := os.Getenv(seedEnv); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("invalid %s: %v", seedEnv, err)
		}
	}
	t.Logf("seed: %s=%d", seedEnv, seed)
	seen := coverage{}
	for _, part := range []struct {
		name string
		play func(t *testing.T, seed uint64) *pointWorld
	}{
		{"first start", playFirstStart},
		{"traffic", playTraffic},
		{"restore", playRestore},
		{"later", playLater},
		{"upgrade", playUpgrade},
	} {
		t.Run(part.name, func(t *testing.T) {
			w := part.play(t, seed)
			w.look()
			for place := range w.reached {
				seen[place] = true
			}
		})
	}
	for _, p := range failpoint.Places() {
		if !seen[p.String()] && unreachable()[p.Point] == "" {
			t.Errorf("place %s was not reached: it was not tested", p)
		}
	}
}

// unreachable are the points that cannot be reached here, and why.
func unreachable() map[failpoint.Point]string {
	if runtime.GOARCH == "amd64" {
		return nil
	}
	const clock = "only the clock of an amd64 process can be moved"
	return map[failpoint.Point]string{
		failpoint.Extend: clock, failpoint.Expire: clock, failpoint.Prune: clock, failpoint.ShortenJournal: clock,
	}
}

// disturbance makes a rule for a place: a sleep, an end, or a failure.
func disturbance(r *rand.Rand, place failpoint.Place) string {
	from := "@" + strconv.Itoa(1+r.IntN(3))
	if place.Point == failpoint.Beat || place.Point <= failpoint.Epoch {
		from = "" // once a start
	}
	switch n := r.IntN(10); {
	case n < 4:
		return place.String() + "=exit" + from
	case n < 6 || place.Side == failpoint.AtIt:
		return place.String() + "=sleep(" + strconv.Itoa(20+r.IntN(200)) + "ms)" + from + "*3"
	}
	return place.String() + "=error(" + errnoFor(r, place.Point) + ")" + from
}

// errnoFor returns an error that a point may meet. A full disk is rare: until the next beat, nothing
// that is new in calendars is taken in then.
func errnoFor(r *rand.Rand, p failpoint.Point) string {
	if p == failpoint.Post || p == failpoint.Put {
		return []string{"ECONNREFUSED", "ECONNRESET", "ETIMEDOUT"}[r.IntN(3)]
	}
	if r.IntN(20) == 0 {
		return "ENOSPC"
	}
	return []string{"EIO", "EROFS"}[r.IntN(2)]
}
