package dispatch

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
	// one more, a missing one halves it.
	firstWidth = 2
	// slowWidth is how many a webhook, and a host, has under way that takes what it is sent but
	// is slow about it: with two seconds for an answer still four a second, and a quarter of
	// what all that are not quick may share by default.
	slowWidth = 8
	// deadAfter is how many posts in a row must go without a success for a host to count as
	// dead; deadWidth is how many it then has under way, whatever webhooks it serves.
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
	fails int // posts since its latest quick answer, or slow success
	slows int // posts since its latest quick answer

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
	last   bool   // it is tried although the webhook rests: its worth ends before
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
	most := ahead * h.most
	switch {
	case h.fails >= deadAfter:
		most = deadWidth
	case h.slows >= deadAfter:
		most = slowWidth
	}
	return max(0, most-h.load)
}

// answered notes how a post to the host ended.
func (h *host) answered(t calbell.Try) {
	h.fails++
	h.slows++
	if quick(t) {
		h.fails, h.slows = 0, 0
	} else if slow(t) {
		h.fails = 0
	}
}

// quick reports whether an answer came soon enough for the next ones to be trusted to do so.
func quick(t calbell.Try) bool {
	return t.Took < slowAnswer && t.Verdict != calbell.NotSent && t.Verdict != calbell.Unknown
}

// slow reports whether a post was taken, but not soon enough to count as quick.
func slow(t calbell.Try) bool { return t.Verdict == calbell.Accepted && !quick(t) }
