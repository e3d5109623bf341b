package caldav

import (
	"errors"
	"sync"

	"calbell"
)

const (
	// freeBytes is what a listing, an answer or a batch may hold without asking the budget: most
	// real ones need less, so an exhausted budget stops large ones alone. A run has up to three of
	// them, and some 150 runs are possible at a time.
	freeBytes = 256 << 10
	// holdStep is the least that is taken from the budget at once.
	holdStep = 128 << 10
)

// Budget limits the memory that the answers of all calendar servers take in one process, in
// bytes. It is shared by the clients of a program and safe for concurrent use. A nil Budget
// limits nothing.
//
// It never waits: who holds a part and waits for more could wait for ever. An owner may hold as
// much as is left for everybody else, so one owner gets half of the budget, two a third each,
// and something is left for the next, however slowly the answers of the others drip in.
type Budget struct {
	mu      sync.Mutex
	size    int64
	used    int64
	byOwner map[string]int64
}

// NewBudget returns a budget of size bytes.
func NewBudget(size int64) *Budget { return &Budget{size: size, byOwner: map[string]int64{}} }

// take reserves n bytes for an owner, and reports whether there was room.
func (b *Budget) take(owner string, n int64) bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	held := b.byOwner[owner] + n
	if held > b.size-b.used-n {
		return false
	}
	b.used += n
	b.byOwner[owner] = held
	return true
}

// give returns n bytes of an owner.
func (b *Budget) give(owner string, n int64) {
	if b == nil || n == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= n
	if b.byOwner[owner] -= n; b.byOwner[owner] == 0 {
		delete(b.byOwner, owner)
	}
}

// hold is what one piece of work keeps of the budget. It belongs to one goroutine, and is
// released when the work ends. A nil hold counts nothing.
type hold struct {
	budget *Budget
	owner  string
	host   string
	need   int64 // bytes in memory
	taken  int64 // of these, from the budget
}

// hold returns an empty hold for the answers of a host.
func (c *Client) hold(host string) *hold {
	owner := "user " + c.account.Owner
	if c.account.Owner == "" { // each of the admins' accounts counts by itself
		owner = "account " + c.account.Key()
	}
	return &hold{budget: c.o.Budget, owner: owner, host: host}
}

// add counts n bytes more. The error is a [*busyError], and leaves the hold as it was.
func (h *hold) add(n int) error {
	if h == nil {
		return nil
	}
	missing := h.need + int64(n) - freeBytes - h.taken
	if missing > 0 {
		step := max(missing, holdStep)
		if !h.budget.take(h.owner, step) {
			return &busyError{host: h.host, budget: h.budget.size}
		}
		h.taken += step
	}
	h.need += int64(n)
	return nil
}

// reach counts up to n bytes in all.
func (h *hold) reach(n int) error {
	if h == nil || int64(n) <= h.need {
		return nil
	}
	return h.add(n - int(h.need))
}

// release gives everything back. The hold may be used again.
func (h *hold) release() {
	h.budget.give(h.owner, h.taken)
	h.need, h.taken = 0, 0
}

// busyError is an answer for which there is no memory at the moment.
type busyError struct {
	host   string
	budget int64
}

func (e *busyError) Error() string {
	return e.Text().English
}

// Text returns the same with its key.
func (e *busyError) Text() calbell.Text {
	return calbell.T("caldav:no-memory", "there is no memory for the answer of %s at the moment: all answers together may take %d MiB", e.host, e.budget>>20)
}

// isBusy reports whether an error is a [*busyError].
func isBusy(err error) bool {
	var busy *busyError
	return errors.As(err, &busy)
}

// explainBusy puts a busyError into an error for people. It is nobody's fault in particular, so
// it concerns the one calendar alone.
func explainBusy(subject calbell.Text, e *busyError) error {
	return &calbell.Error{
		Kind: calbell.KindFailed, What: subject, Err: e,
		Hint: calbell.T("caldav:tried-again-itself-if", "It is tried again by itself. If it stays so, the calendar is too large for the memory that the program may use."),
	}
}
