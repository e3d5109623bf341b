package caldav

import "context"

// ReadLimit limits how many files and subscriptions are read at the same time, by all clients that share
// it: the place of each object, and a batch of texts, are in memory until it is planned. Unchanged
// files need no place, and none is held while a server is waited for. A nil ReadLimit limits nothing.
type ReadLimit struct{ places chan struct{} }

// NewReadLimit returns a limit of n at a time.
func NewReadLimit(n int) *ReadLimit { return &ReadLimit{places: make(chan struct{}, max(1, n))} }

// enter waits for a place. leave gives it back.
func (l *ReadLimit) enter(ctx context.Context) (leave func(), err error) {
	if l == nil {
		return func() {}, nil
	}
	select {
	case l.places <- struct{}{}:
		return func() { <-l.places }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
