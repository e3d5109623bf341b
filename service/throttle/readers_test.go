package throttle

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"calbell"
)

// Two of a user's questions at a time, and nobody else waits for them.
func TestLooking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l Readers
		bob, carol := calbell.Caller{Name: "Bob"}, calbell.Caller{Name: "Carol"}
		first, err1 := l.Enter(t.Context(), bob)
		second, err2 := l.Enter(t.Context(), calbell.Caller{Name: "bob"})
		others, err3 := l.Enter(t.Context(), carol)
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(err)
		}
		in := false
		go func() {
			third, err := l.Enter(t.Context(), bob)
			if err != nil {
				t.Error(err)
				return
			}
			in = true
			third()
		}()
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			if _, err := l.Enter(ctx, bob); !errors.Is(err, context.Canceled) {
				t.Errorf("who gave up: %v", err)
			}
		}()
		synctest.Wait()
		if in {
			t.Error("three at a time")
		}
		cancel()
		synctest.Wait()
		first()
		synctest.Wait()
		if !in {
			t.Error("the next one waits for ever")
		}
		second()
		others()
		if len(l.by) != 0 {
			t.Errorf("%d are remembered", len(l.by))
		}
	})
}
