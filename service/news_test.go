package service_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"calbell"
	"calbell/service"
	"calbell/store"
)

// Who is slower than what happens is told of a gap, and keeps nobody waiting.
func TestSlowListener(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	told := make(chan struct{})
	go func() {
		defer close(told)
		w.Tell(ctx)
	}()
	l, err := w.Listen(ctx, calbell.LocalAdmin())
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
	if l, err = w.Listen(t.Context(), calbell.LocalAdmin()); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Each(t.Context(), func(service.News) error { return nil }); err != nil {
		t.Errorf("when nobody tells any more: %v", err)
	}
}
