package throttle

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"calbell"
)

// throttled reports whether an error tells a caller to come again.
func throttled(err error) bool {
	var e *calbell.Error
	return errors.As(err, &e) && e.Kind == calbell.KindNotAllowed && e.RetryAfter > 0
}

// occupied is turns whose places are taken by both kinds until release is called.
func occupied(t *testing.T, n int) (all *turns, release func()) {
	t.Helper()
	all = newTurns(n)
	done := make(chan struct{})
	for _, known := range []bool{false, true} {
		for range n / 2 {
			go func() { _ = all.do(context.Background(), &Attempt{known: known}, func() { <-done }) }()
		}
	}
	synctest.Wait()
	return all, func() { close(done); synctest.Wait() }
}

// Half of the places are for either kind: strangers who fill theirs keep out nobody who signed in
// before, and those no stranger. More than maxWaiting wait for none.
func TestTurnsOfBothKinds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all, release := occupied(t, 4)
		come := func(n int, known bool) chan error {
			errs := make(chan error, n)
			for range n {
				go func() { errs <- all.do(t.Context(), &Attempt{known: known, rank: 1}, func() {}) }()
			}
			synctest.Wait()
			return errs
		}
		strangers, known := come(maxWaiting+5, false), come(3, true)
		if all.known.running != 2 || all.strangers.running != 2 || len(all.known.waiting) != 3 || len(all.strangers.waiting) != maxWaiting {
			t.Errorf("known %d and %d wait, strangers %d and %d", all.known.running, len(all.known.waiting), all.strangers.running, len(all.strangers.waiting))
		}
		release()
		refused := func(errs chan error) (n int) {
			for range cap(errs) {
				if throttled(<-errs) {
					n++
				}
			}
			return n
		}
		if s, k := refused(strangers), refused(known); s != 5 || k != 0 {
			t.Errorf("%d strangers and %d known ones are turned away", s, k)
		}
		if all.known.running != 0 || all.strangers.running != 0 {
			t.Errorf("%d and %d run after the end", all.known.running, all.strangers.running)
		}
	})
}

// A newcomer whose network has not failed before is next, and turns away the last one of those
// who have: a crowd keeps nobody out by being there first.
func TestTurnsByRank(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all, release := occupied(t, 2)
		var order []float64
		come := func(rank float64) chan error {
			err := make(chan error, 1)
			go func() {
				err <- all.do(t.Context(), &Attempt{rank: rank}, func() { order = append(order, rank) })
			}()
			synctest.Wait()
			return err
		}
		var crowd []chan error
		for i := range maxWaiting {
			crowd = append(crowd, come(2+float64(i%7)))
		}
		late, fresh := come(9), come(1)
		if !throttled(<-late) {
			t.Error("one of a higher rank than all was not turned away")
		}
		release()
		if err := <-fresh; err != nil || order[0] != 1 || !slices.IsSorted(order) {
			t.Errorf("newcomer %v, order %v", err, order)
		}
		away := 0
		for _, c := range crowd {
			if throttled(<-c) {
				away++
			}
		}
		if away != 1 || len(order) != maxWaiting {
			t.Errorf("%d of the crowd are turned away, %d had their turn", away, len(order))
		}
	})
}

// Nobody waits for ever, and those who go leave their place to others.
func TestTurnsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all, release := occupied(t, 2)
		ctx, cancel := context.WithCancel(t.Context())
		gone, waits := make(chan error, 1), make(chan error, 1)
		a := &Attempt{}
		go func() { gone <- all.do(ctx, a, func() { t.Error("judged for nobody") }) }()
		go func() { waits <- all.do(t.Context(), &Attempt{}, func() { t.Error("judged too late") }) }()
		synctest.Wait()
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) || a.judged {
			t.Errorf("a client that went: %v, judged %v", err, a.judged)
		}
		begun := time.Now()
		if err := <-waits; !throttled(err) || time.Since(begun) != maxTurnWait {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
		release()
		if err := all.do(t.Context(), &Attempt{}, func() {}); err != nil || all.strangers.running != 0 {
			t.Errorf("after all: %v, %d run", err, all.strangers.running)
		}
	})
}
