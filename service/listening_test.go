package service_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service"
	"calbell/service/servicetest"
)

// hear notes what a listener hears, in words, until it ends; the channel then has the error.
func hear(ctx context.Context, l *service.Listener) (heard func() []string, ended <-chan error) {
	var words []string
	done := make(chan error, 1)
	go func() {
		done <- l.Each(ctx, func(n service.News) error {
			switch {
			case n.Delivery != nil:
				words = append(words, string(n.Delivery.Webhook))
			case n.Gap:
				words = append(words, "gap")
			}
			return nil
		})
	}()
	return func() []string { synctest.Wait(); return words }, done
}

// Each hears of the deliveries that they may see, of things that were made while they listen too, and
// nothing after they were signed out.
func TestListenersHearTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, ctx := servicetest.New(t), t.Context()
		anna, bob := w.User("Anna", calbell.RoleMember), w.User("Bob", calbell.RoleMember)
		w.Webhook("Anna", "hers", false)
		w.Webhook("Bob", "his", false)
		running, stop := context.WithCancel(ctx)
		told := make(chan struct{})
		go func() { w.Feed.Run(running); close(told) }()
		listener, err := w.Feed.Listen(ctx, bob)
		w.OK(err)
		heard, ended := hear(ctx, listener)
		test := func(who calbell.Caller, name string) {
			t.Helper()
			_, err := w.Webhooks.Test(ctx, who, name, types.Sample{})
			w.OK(err)
			synctest.Wait()
		}
		test(anna, "hers")
		test(bob, "his")
		w.Webhook("Bob", "new", false)
		test(bob, "new")
		if got := heard(); !slices.Equal(got, []string{"bob.his", "bob.new"}) {
			t.Errorf("Bob heard %q", got)
		}
		w.OK(w.People.SignOutEverywhere(ctx, bob, "", time.Now()))
		if err := <-ended; outcome(err) != "denied" {
			t.Errorf("after he was signed out: %v", err)
		}
		listener.Close()
		stop()
		<-told
	})
}

// One user listens at most so often at a time; who goes makes room.
func TestListenersAreBounded(t *testing.T) {
	w, ctx := servicetest.New(t), t.Context()
	bob, carol := w.User("Bob", calbell.RoleMember), w.User("Carol", calbell.RoleMember)
	var all []*service.Listener
	for {
		l, err := w.Feed.Listen(ctx, bob)
		if err != nil {
			var e *calbell.Error
			if !errors.As(err, &e) || e.Kind != calbell.KindNotAllowed || e.RetryAfter <= 0 {
				t.Errorf("one more: %v", err)
			}
			break
		}
		all = append(all, l)
	}
	if len(all) != 10 {
		t.Errorf("Bob listens %d times", len(all))
	}
	other, err := w.Feed.Listen(ctx, carol)
	w.OK(err)
	other.Close()
	all[0].Close()
	again, err := w.Feed.Listen(ctx, bob)
	w.OK(err)
	for _, l := range append(all[1:], again) {
		l.Close()
	}
}
