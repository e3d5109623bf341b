package throttle

import (
	"context"
	"sync"

	"calbell"
)

// maxLooking is how many of one user's questions that read many events are answered at a time; the
// others wait. Reminders need the cores, too.
const maxLooking = 2

// Readers are those who look through events, by user.
type Readers struct {
	mu sync.Mutex
	by map[string]*looker
}

// looker is a user who does.
type looker struct {
	places chan struct{}
	n      int // that look or wait
}

// Enter waits for a place of the caller's; leave gives it back.
func (l *Readers) Enter(ctx context.Context, who calbell.Caller) (leave func(), err error) {
	name := calbell.Slug(who.Name)
	if who.Local {
		name = "" // no user's
	}
	l.mu.Lock()
	if l.by == nil {
		l.by = map[string]*looker{}
	}
	u := l.by[name]
	if u == nil {
		u = &looker{places: make(chan struct{}, maxLooking)}
		l.by[name] = u
	}
	u.n++
	l.mu.Unlock()
	gone := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if u.n--; u.n == 0 {
			delete(l.by, name)
		}
	}
	select {
	case u.places <- struct{}{}:
		return func() { <-u.places; gone() }, nil
	case <-ctx.Done():
		gone()
		return nil, ctx.Err()
	}
}
