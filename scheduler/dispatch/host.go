package dispatch

import (
	"context"
	"sync"
	"time"

	"calbell"
)

const (
	// slowAnswer limits the answer time of a quick webhook.
	slowAnswer = time.Second
	// firstWidth is the initial number of concurrent posts of a webhook. Each quick answer adds
	// one; a missing answer halves it.
	firstWidth = 2
	// slowWidth is the number of concurrent posts of a webhook and a host that accept messages
	// slowly. With two seconds for an answer that makes four posts a second, and by default it
	// is a quarter of what all slow webhooks share.
	slowWidth = 8
	// deadAfter is the number of consecutive failed posts after which a host counts as dead.
	// deadWidth is its number of concurrent posts then, whatever webhooks it serves.
	deadAfter = 3
	deadWidth = 2
	// ahead is how many times the number of concurrent posts is claimed. So posting continues
	// while the last outcomes are recorded, in few and large commits.
	ahead = 8
)

// host is the state of one host. Its posts wait here; at most most goroutines make them. Only
// waiting and running are used outside the dispatcher's goroutine.
type host struct {
	most  int
	load  int // claimed and not yet recorded
	fails int // posts since its latest quick answer, or slow success
	slows int // posts since its latest quick answer

	mu      sync.Mutex
	waiting []job
	running int
}

// job is one post: a claim, or several in one message.
type job struct {
	claims []calbell.Claim
	hook   *hook
	lane   *lane
	note   result // the known part of its results
	last   bool   // tried although the webhook asked to wait: it expires before
}

// push queues a job for the host's goroutines. These end when no job is waiting; Run waits for
// all results.
func (h *host) push(ctx context.Context, j job, post func(context.Context, job)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting = append(h.waiting, j)
	if h.running < h.most {
		h.running++
		go h.work(ctx, post)
	}
}

func (h *host) work(ctx context.Context, post func(context.Context, job)) {
	for {
		j, ok := h.next()
		if !ok {
			return
		}
		post(ctx, j)
	}
}

// next removes the job that has waited longest; false when there is none.
func (h *host) next() (j job, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.waiting) == 0 {
		h.running--
		return j, false
	}
	j = h.waiting[0]
	h.waiting = h.waiting[1:]
	return j, true
}

// room returns how many more claims the host may get.
func (h *host) room() int {
	most := ahead * h.most
	switch {
	case h.fails >= deadAfter:
		most = deadWidth
	case h.slows >= deadAfter:
		most = slowWidth
	}
	return max(0, most-h.load)
}

// answered records the result of a post to the host.
func (h *host) answered(t calbell.Try) {
	h.fails++
	h.slows++
	if quick(t) {
		h.fails, h.slows = 0, 0
	} else if slow(t) {
		h.fails = 0
	}
}

// quick reports whether an answer was fast enough to expect fast answers.
func quick(t calbell.Try) bool {
	return t.Took < slowAnswer && t.Verdict != calbell.NotSent && t.Verdict != calbell.Unknown
}

// slow reports whether a post was accepted, but not quickly.
func slow(t calbell.Try) bool { return t.Verdict == calbell.Accepted && !quick(t) }
