package service_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"calbell"
	"calbell/service"
)

// hurried is a daemon whose syncs get on at each look.
type hurried struct {
	still
	looks *atomic.Int64
}

func (d hurried) Syncing() []calbell.SyncProgress {
	return []calbell.SyncProgress{{Account: "a", Calendar: fmt.Sprint(d.looks.Add(1))}}
}

// Those who come and go keep nobody from being told how far syncs are, and nothing is looked at
// while nobody listens.
func TestListenersComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		d := hurried{still{planner: w.planner}, new(atomic.Int64)}
		s := service.New(w.store, d, nil)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var telling sync.WaitGroup
		telling.Go(func() { s.Tell(ctx) })
		time.Sleep(time.Minute)
		if n := d.looks.Load(); n > 0 {
			t.Errorf("%d looks while nobody listens", n)
		}
		l, err := s.Listen(ctx, calbell.LocalAdmin())
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		within, end := context.WithTimeout(ctx, 10*time.Second)
		defer end()
		var others sync.WaitGroup
		others.Go(func() {
			for within.Err() == nil {
				o, err := s.Listen(ctx, calbell.LocalAdmin())
				if err != nil {
					t.Error(err)
					return
				}
				o.Close()
				time.Sleep(300 * time.Millisecond)
			}
		})
		told := 0
		_ = l.Each(within, func(n service.News) error {
			if n.Syncing != nil {
				told++
			}
			return nil
		})
		if told < 9 {
			t.Errorf("told %d times in 10 s", told)
		}
		others.Wait()
		cancel()
		telling.Wait()
	})
}
