package service_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"calbell"
	"calbell/service"
	"calbell/service/servicetest"
	"calbell/store"
)

// hurried is a program whose syncs get on at each look.
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
		d := hurried{still{policy: w.policy}, new(atomic.Int64)}
		s := newService(servicetest.StoreOf(w.store.Store), d)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var telling sync.WaitGroup
		telling.Go(func() { s.Feed.Run(ctx) })
		time.Sleep(time.Minute)
		if n := d.looks.Load(); n > 0 {
			t.Errorf("%d looks while nobody listens", n)
		}
		l, err := s.Feed.Listen(ctx, calbell.LocalAdmin())
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		within, end := context.WithTimeout(ctx, 10*time.Second)
		defer end()
		var others sync.WaitGroup
		others.Go(func() {
			for within.Err() == nil {
				o, err := s.Feed.Listen(ctx, calbell.LocalAdmin())
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

// Who is slower than what happens is told of a gap, and keeps nobody waiting.
func TestSlowListener(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	told := make(chan struct{})
	go func() {
		defer close(told)
		w.Feed.Run(ctx)
	}()
	l, err := w.Feed.Listen(ctx, calbell.LocalAdmin())
	if err != nil {
		t.Fatal(err)
	}
	due := time.Now().UTC().Truncate(time.Second)
	var notices []calbell.Reminder
	for i := range 2000 {
		notices = append(notices, calbell.NewNotice("team", calbell.Notice{Kind: calbell.NoticeTrouble, Subject: fmt.Sprint(i)}, due))
	}
	if err := w.store.Notify(ctx, notices, due); err != nil {
		t.Fatal(err)
	}
	claims, err := w.store.Claim(ctx, store.ClaimRequest{Worker: "w", Lease: time.Minute, Now: due, Limit: len(notices)})
	if err != nil || len(claims) != len(notices) {
		t.Fatalf("%d claims, %v", len(claims), err)
	}
	for _, c := range claims { // nobody reads meanwhile
		end := []calbell.Outcome{{ID: c.ID, Try: &calbell.Try{At: due}, Status: calbell.StatusSent}}
		if err := w.store.Finish(ctx, "w", end, nil, due); err != nil {
			t.Fatal(err)
		}
	}
	deliveries, gaps := 0, 0
	enough := errors.New("enough")
	err = l.Each(ctx, func(n service.News) error {
		switch {
		case n.Delivery != nil:
			deliveries++
		case n.Gap:
			gaps++
		}
		if gaps > 0 && deliveries > 100 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		t.Errorf("%v after %d deliveries and %d gaps", err, deliveries, gaps)
	}
	l.Close()
	cancel()
	<-told
	if l, err = w.Feed.Listen(t.Context(), calbell.LocalAdmin()); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Each(t.Context(), func(service.News) error { return nil }); err != nil {
		t.Errorf("when nobody tells any more: %v", err)
	}
}
