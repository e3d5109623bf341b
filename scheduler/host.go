package scheduler

import (
	"context"
	"sync"
	"time"

	"calbell"
)

const (
	// slowAnswer is how long an answer may take for its webhook to count as quick.
	slowAnswer = time.Second
	// firstWidth is how many posts a webhook has under way at first; each quick answer allows
	// one more, a slow or missing one halves it.
	firstWidth = 2
	// deadAfter is how many posts in a row must go without a quick answer for a host to count
	// as dead; deadWidth is how many it then has under way, whatever webhooks it serves.
	deadAfter = 3
	deadWidth = 2
	// ahead is how many times what can be under way is claimed: so posts go on while what
	// became of the last ones is written down, in few and large commits.
	ahead = 8
)

// host is one host's share of the dispatcher: its posts wait here and are made by at most
// most goroutines. Nothing but waiting and running is touched outside the dispatcher's own.
type host struct {
	most  int
	load  int // claimed and not yet recorded
	fails int // posts since its latest quick answer

	mu      sync.Mutex
	waiting []job
	running int
}

// job is a claim to be posted, or several in one message.
type job struct {
	claims []calbell.Claim
	hook   *hook
	lane   *lane
	note   result // what is known of its results already
}

// push has a job done beside the loop. The goroutines end when nothing is waiting; Run
// waits for the results of all.
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

// next takes the job that has waited longest; false when there is none.
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

// room is how many more claims the host may take.
func (h *host) room() int {
	if h.fails >= deadAfter {
		return max(0, deadWidth-h.load)
	}
	return max(0, ahead*h.most-h.load)
}

// answered notes how a post to the host ended.
func (h *host) answered(t calbell.Try) {
	if h.fails++; quick(t) {
		h.fails = 0
	}
}

// quick says whether an answer came soon enough for the next ones to be trusted to do so.
func quick(t calbell.Try) bool {
	return t.Took < slowAnswer && t.Verdict != calbell.NotSent && t.Verdict != calbell.Unknown
}
