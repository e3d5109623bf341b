package syncer

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"calbell"
)

// crowd are syncs that want a place of a limiter.
type crowd struct {
	*testing.T
	l *limiter
}

func inCrowd(t *testing.T, concurrency int, test func(c crowd)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(crowd{t, newLimiter(concurrency)}) })
}

// come has somebody ask for a place.
func (c crowd) come(r reach, owner, host string) *entrant {
	e := &entrant{owner: owner, hosts: []string{host}, reach: r}
	c.l.join(e)
	return e
}

// urgently has somebody ask for a place who is waited for.
func (c crowd) urgently(r reach, owner, host string) *entrant {
	e := &entrant{owner: owner, hosts: []string{host}, reach: r, urgent: true}
	c.l.join(e)
	return e
}

// in reports whether an entrant has got a place.
func in(e *entrant) bool {
	select {
	case <-e.ready:
		return true
	default:
		return false
	}
}

// count returns how many of some entrants have got a place.
func count(es []*entrant) (n int) {
	for _, e := range es {
		if in(e) {
			n++
		}
	}
	return n
}

// Whatever is unknown or does not answer, and however few places there are: an account whose server
// answered gets its place at once.
func TestLimiterKeepsRoom(t *testing.T) {
	t.Parallel()
	for _, concurrency := range []int{1, 2, 3, 4, 8, 64} {
		for _, r := range []reach{untried, unanswered} {
			inCrowd(t, concurrency, func(c crowd) {
				for i := range 150 {
					c.come(r, fmt.Sprint("o", i%7), fmt.Sprint("h", i%11))
					c.urgently(r, "", fmt.Sprint("h", i))
				}
				if !in(c.come(answered, "", "good")) || !in(c.urgently(answered, "", "good")) {
					t.Errorf("%d places, %v: an account that answers waits", concurrency, r)
				}
			})
		}
	}
}

// One host, and one owner, leave others a place, however many accounts they have; so do the
// accounts of the file, which have no owner.
func TestLimiterShares(t *testing.T) {
	t.Parallel()
	for _, concurrency := range []int{2, 4, 8, 64} {
		for _, r := range []reach{untried, answered} {
			inCrowd(t, concurrency, func(c crowd) {
				var host, owner []*entrant
				for i := range 200 {
					host = append(host, c.come(r, fmt.Sprint("o", i), "busy"))
				}
				if n := count(host); n != concurrency/2 {
					t.Errorf("%d places: %d of one host", concurrency, n)
				}
				if !in(c.come(r, "other", "other")) {
					t.Errorf("%d places: a host takes all", concurrency)
				}
				c.l = newLimiter(concurrency)
				for i := range 200 {
					owner = append(owner, c.come(r, "", fmt.Sprint("h", i)))
				}
				if n := count(owner); n != concurrency/2 {
					t.Errorf("%d places: %d of no owner", concurrency, n)
				}
				if !in(c.come(r, "other", "other")) {
					t.Errorf("%d places: accounts without an owner take all", concurrency)
				}
			})
		}
	}
}

// A sync that takes long gives its place up, and its host is in doubt when that happens twice: the
// next accounts of it take no place of those that answer.
func TestLimiterMovesSlowOnes(t *testing.T) {
	t.Parallel()
	inCrowd(t, 1, func(c crowd) {
		enter := func(r reach, host string) (leave func()) {
			leave, err := c.l.enter(c.Context(), &entrant{hosts: []string{host}, reach: r})
			if err != nil {
				t.Fatal(err)
			}
			return leave
		}
		began := time.Now()
		first := enter(answered, "hangs")
		second := enter(answered, "hangs") // waits for the place
		third := enter(answered, "hangs")  // begins as a slow one
		if took := time.Since(began); took != 2*promptFor {
			t.Errorf("waited %v", took)
		}
		enter(answered, "good")() // nobody is in the way
		if took := time.Since(began); took != 2*promptFor {
			t.Errorf("waited %v", took)
		}
		first()
		second()
		if c.l.inDoubt("hangs") {
			t.Error("one slow sync puts a host in doubt")
		}
		third()
		if n := c.l.load(); n != (SyncLoad{}) {
			t.Errorf("left behind: %+v", n)
		}
	})
}

// When no more may be slow, a sync keeps its place until some may.
func TestLimiterBoundsSlowOnes(t *testing.T) {
	t.Parallel()
	inCrowd(t, 64, func(c crowd) {
		var all []*entrant
		for i := range 500 {
			all = append(all, c.come(untried, fmt.Sprint("o", i), fmt.Sprint("h", i)))
		}
		for range 40 {
			for _, e := range all {
				if in(e) {
					c.l.slowDown(e)
				}
			}
		}
		slow := c.l.slow.places
		if n := c.l.load(); n != (SyncLoad{Prompt: 64, Slow: slow, Waiting: 500 - 64 - slow}) {
			t.Errorf("%+v", n)
		}
		if e := c.come(unanswered, "", "x"); in(e) {
			t.Error("one that did not answer is let in")
		}
		if e := c.come(answered, "", "x"); !in(e) {
			t.Error("one that answered is not")
		}
		for range 20 {
			for _, e := range all {
				if in(e) {
					c.l.leave(e)
				}
			}
		}
		if n := count(all); n != 500 {
			t.Errorf("%d of 500 had a place", n)
		}
	})
}

// Accounts that never answer hold a part of the slow places only, one host and one owner a part of
// that; and each gets its turn, in the order of arrival.
func TestLimiterOfThoseThatDoNotAnswer(t *testing.T) {
	t.Parallel()
	inCrowd(t, 8, func(c crowd) {
		var mine, others []*entrant
		for i := range 100 {
			mine = append(mine, c.come(unanswered, "mallory", fmt.Sprint("h", i)))
		}
		if n := count(mine); n != c.l.slow.perOwner {
			t.Errorf("%d of one owner", n)
		}
		for i := range 200 {
			others = append(others, c.come(unanswered, fmt.Sprint("o", i), "dead"))
		}
		if n := count(others); n != c.l.slow.perHost {
			t.Errorf("%d of one host", n)
		}
		for i := range 200 {
			c.come(unanswered, fmt.Sprint("p", i), fmt.Sprint("q", i))
		}
		if n := c.l.slow.held; n != c.l.slow.places/2 {
			t.Errorf("%d in all", n)
		}
		for i, e := range mine {
			if !in(e) {
				t.Fatalf("number %d waits for longer than those that came later", i)
			}
			c.l.leave(e)
		}
	})
}

// Whoever asks now for an account that did not answer is let in soon, too; and keeps others from
// it as little as the rest.
func TestLimiterUrgentOnes(t *testing.T) {
	t.Parallel()
	inCrowd(t, 8, func(c crowd) {
		for i := range 200 {
			c.come(unanswered, fmt.Sprint("o", i%20), fmt.Sprint("h", i))
		}
		if !in(c.urgently(unanswered, "bob", "dead")) {
			t.Error("bob waits")
		}
		var all []*entrant
		for i := range 40 {
			all = append(all, c.urgently(unanswered, "mallory", fmt.Sprint("m", i)))
		}
		for range 40 {
			for _, e := range all {
				if in(e) {
					c.l.slowDown(e)
				}
			}
		}
		if n, most := count(all), c.l.slow.perOwner+c.l.retried.perOwner; n > most {
			t.Errorf("%d of one owner, want %d at most", n, most)
		}
	})
}

// Whoever does not wait for it any more leaves nothing behind.
func TestLimiterGivesUp(t *testing.T) {
	t.Parallel()
	inCrowd(t, 1, func(c crowd) {
		first, second := c.come(answered, "", "a"), c.come(answered, "", "a")
		third := c.come(answered, "", "a")
		c.l.leave(second)
		c.l.leave(first)
		if !in(third) {
			t.Error("the third waits for the second, who has gone")
		}
		c.l.leave(third)
		c.l.slowDown(third) // its timer was late
		if n := c.l.load(); n != (SyncLoad{}) || len(c.l.answered.hosts)+len(c.l.answered.owners) > 0 {
			t.Errorf("left behind: %+v", n)
		}
	})
}

// Whatever happens in whatever order: no bound is exceeded, everybody is let in in the end, and
// nothing is left behind.
func TestLimiterAtRandom(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 1))
		inCrowd(t, 1+r.IntN(9), func(c crowd) {
			var here, all []*entrant
			for range 500 {
				switch n := r.IntN(10); {
				case n < 5:
					e := &entrant{
						owner: fmt.Sprint(r.IntN(4)), hosts: []string{fmt.Sprint(r.IntN(6)), fmt.Sprint("x", r.IntN(3))},
						reach: reach(r.IntN(3)), urgent: r.IntN(4) == 0,
					}
					c.l.join(e)
					here, all = append(here, e), append(all, e)
				case len(here) == 0:
				case n < 7:
					c.l.slowDown(here[r.IntN(len(here))])
				default:
					i := r.IntN(len(here))
					if in(here[i]) {
						c.l.leave(here[i])
						here = append(here[:i], here[i+1:]...)
					}
				}
				c.holds()
			}
			for range len(here) {
				for _, e := range here {
					if in(e) {
						c.l.leave(e)
					}
				}
			}
			if n := c.l.load(); n != (SyncLoad{}) || count(all) != len(all) {
				t.Errorf("seed %d: left behind: %+v; %d of %d were let in", seed, n, count(all), len(all))
			}
		})
	}
}

// holds checks the bounds.
func (c crowd) holds() {
	c.Helper()
	for _, p := range []*pool{c.l.answered, c.l.urgent, c.l.untried, c.l.retried, c.l.slow} {
		sum := 0
		for owner, n := range p.owners {
			sum += n
			if p != c.l.slow && n > p.perOwner {
				c.Fatalf("%d places of %q", n, owner)
			}
		}
		for host, n := range p.hosts {
			if p != c.l.slow && n > p.perHost {
				c.Fatalf("%d places at %q", n, host)
			}
		}
		if p.held > p.places || sum != p.held {
			c.Fatalf("%d of %d places are held, by owners %d", p.held, p.places, sum)
		}
	}
}

func TestHostsOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://DAV.example.org/x": "dav.example.org", "http://dav.example.org:80/": "dav.example.org", "https://dav.example.org:8443/": "dav.example.org:8443",
		"dav.example.org": "dav.example.org", "anna@example.org": "example.org", "webcal://example.org/a.ics": "example.org", "https://[::1]:5232/": "::1:5232",
		"file:///srv/a.ics": "", "": "", "https://%zz/": "",
	} {
		if got := hostOf(text); got != want {
			t.Errorf("%q is at %q, want %q", text, got, want)
		}
	}
	account := calbell.Account{URL: "https://caldav.example.org/"}
	got := hostsOf(account, []calbell.Calendar{{URL: "https://p42.example.org/1/"}, {URL: "https://p42.example.org/2/"}, {URL: "https://caldav.example.org/3/"}})
	if fmt.Sprint(got) != "[caldav.example.org p42.example.org]" {
		t.Errorf("%q", got)
	}
}
