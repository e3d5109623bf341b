package scheduler_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"calbell/scheduler/dispatch"
)

// stopper is a context that ends right after it was asked n times whether it has.
type stopper struct {
	context.Context
	left atomic.Int32
	end  func()
}

func (s *stopper) Err() error {
	err := s.Context.Err()
	if s.left.Add(-1) == 0 {
		s.end()
	}
	return err
}

// An order to stop ends the loop at once, between whichever two of its steps it comes.
func TestStopsAtOnce(t *testing.T) {
	for n := int32(1); n <= 30; n++ {
		inWorld(t, func(w *world) {
			w.stop()
			inner, cancel := context.WithCancel(w.Context())
			var ordered time.Time
			ctx := &stopper{Context: inner, end: func() { ordered = time.Now(); cancel() }}
			ctx.left.Store(n)
			loop := dispatch.New(forDispatch(w.store), w.chat, w.policy.Load, dispatch.Options{Worker: "w", InFlight: 1, PerHost: 1, Log: slog.New(slog.DiscardHandler)})
			w.ok(loop.Run(ctx))
			if late := time.Since(ordered); ordered.IsZero() || late > 0 {
				t.Errorf("asked %d times: ended %v after the order", n, late)
			}
		})
	}
}
