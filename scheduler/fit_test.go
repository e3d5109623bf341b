package scheduler_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calbell"
	"calbell/scheduler/syncer"
)

// A server that hangs keeps nobody from changing the configuration; what it hands over in the end
// is planned as that says by then.
func TestPrepareWaitsForNoServer(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", event("a", "Early", 5*time.Hour, "PT0S"))
		w.sync()
		w.server.put("/b.ics", event("b", "Late", 6*time.Hour, "PT0S"))
		w.server.slow = time.Hour
		var syncs sync.WaitGroup
		syncs.Go(func() { w.sync() })
		synctest.Wait()
		w.account.Calendars = []calbell.CalendarSettings{{Name: "Team", Webhook: "other"}}
		w.configure()
		before := time.Now()
		w.ok(w.syncer.Reconcile(w.Context()))
		if waited := time.Since(before); waited > 0 {
			t.Errorf("it waited %s", waited)
		}
		syncs.Wait()
		w.pass(7 * time.Hour)
		for _, p := range w.chat.posts() {
			if p.hook != "other" {
				t.Errorf("%q went to %s", p.msg.Text, p.hook)
			}
		}
		w.posts("5h0m0s Early", "6h0m0s Late")
	})
}

// sleeper is a server that takes long to say that it has no calendars.
type sleeper time.Duration

func (s sleeper) Calendars(context.Context) ([]calbell.Calendar, error) {
	time.Sleep(time.Duration(s))
	return nil, nil
}

func (s sleeper) Changes(context.Context, calbell.Calendar, func() (map[calbell.Href]calbell.ETag, error), func(syncer.Batch) error) error {
	return nil
}

// However many of one owner's accounts hang, another's is synced as if it were alone.
func TestPlacesOfOneOwner(t *testing.T) {
	inWorld(t, func(w *world) {
		w.end()
		w.connect = func(calbell.Account) (syncer.Remote, error) { return sleeper(time.Hour), nil }
		w.start()
		var syncs sync.WaitGroup
		begin := func(name, owner string) *time.Time {
			end := new(time.Time)
			syncs.Go(func() {
				a := calbell.Account{Name: name, Owner: owner}
				w.ok(w.syncer.Sync(w.Context(), calbell.SyncRequest{Account: a, Now: true}))
				*end = time.Now()
			})
			synctest.Wait()
			return end
		}
		var last *time.Time
		for i := range 20 {
			last = begin(fmt.Sprint("m", i), "mallory")
		}
		bobs := begin("b", "bob")
		syncs.Wait()
		if !bobs.Equal(epoch.Add(time.Hour)) || !bobs.Before(*last) {
			t.Errorf("Bob's ended after %s, Mallory's last after %s", bobs.Sub(epoch), last.Sub(epoch))
		}
	})
}
