package scheduler_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"calbell"
)

// keepFresh looks at the calendar before each reminder, until the test ends.
func (w *world) keepFresh() {
	ctx, cancel := context.WithCancel(context.Background())
	var loop sync.WaitGroup
	loop.Go(func() {
		w.syncer.KeepFresh(ctx, func(string) (calbell.Account, bool) { return w.account, true })
	})
	stop := w.stop
	w.stop = func() { cancel(); loop.Wait(); stop() }
}

func (s *server) set(change func(s *server)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

// looked returns when the server was asked for changes, since the epoch.
func (s *server) looked() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	var at []time.Duration
	for _, t := range s.synced {
		at = append(at, t.Sub(epoch))
	}
	return at
}

func TestFreshBeforeAReminder(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(s *server)
		want   []string
	}{
		{"nothing changed", func(*server) {}, []string{"1h0m0s A"}},
		{"cancelled a minute before", func(s *server) { s.remove("/1.ics") }, nil},
		{"moved a minute before", func(s *server) { s.put("/1.ics", event("a", "A", 2*time.Hour, "PT0S")) }, []string{"2h0m0s A"}},
		{"brought forward into the last seconds", func(s *server) { s.put("/1.ics", event("a", "A", time.Hour-2*time.Second, "PT0S")) }, []string{"59m58s A"}},
		{"the server hangs", func(s *server) { s.set(func(s *server) { s.slow = 10 * time.Minute }) }, []string{"1h0m0s A"}},
		{"the server is down", func(s *server) { s.set(func(s *server) { s.only = errDown }) }, []string{"1h0m0s A"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.server.put("/1.ics", event("a", "A", time.Hour, "PT0S"))
				w.sync()
				w.keepFresh()
				w.pass(59 * time.Minute)
				tt.change(w.server)
				w.pass(30 * time.Minute)
				if at := w.server.looked(); len(at) < 2 || at[1] != time.Hour-5*time.Second {
					t.Errorf("looked at %v", at)
				}
				w.pass(4 * time.Hour)
				w.posts(tt.want...)
			})
		})
	}
}

// A calendar that was just looked at is not looked at again, nor is one without reminders.
func TestFreshSpares(t *testing.T) {
	inWorld(t, func(w *world) {
		for i := range 60 { // one each second
			w.server.put(calbell.Href(fmt.Sprintf("/%d.ics", i)), event(fmt.Sprint(i), "A", time.Hour+time.Duration(i)*time.Second, "PT0S"))
		}
		w.sync()
		w.keepFresh()
		w.pass(3 * time.Hour)
		at := w.server.looked()[1:]
		for i := 1; i < len(at); i++ {
			if at[i]-at[i-1] < 25*time.Second {
				t.Errorf("looked at %v", at)
			}
		}
		if len(at) < 2 || len(at) > 4 {
			t.Errorf("looked %d times at a minute of reminders: %v", len(at), at)
		}
	})
}

func TestFreshObeysBackOff(t *testing.T) {
	inWorld(t, func(w *world) {
		for i := range 20 {
			w.server.put(calbell.Href(fmt.Sprintf("/%d.ics", i)), event(fmt.Sprint(i), "A", time.Hour+time.Duration(i)*time.Minute, "PT0S"))
		}
		w.sync()
		w.keepFresh()
		w.server.set(func(s *server) {
			s.only = &calbell.Error{Kind: calbell.KindRefused, Account: true, What: calbell.Plain("sign-in refused (401)")}
		})
		w.pass(2 * time.Hour)
		at := w.server.looked()[1:]
		for i := 1; i < len(at); i++ {
			if at[i]-at[i-1] < 5*time.Minute {
				t.Errorf("a refused sign-in was tried at %v", at)
			}
		}
		if len(w.chat.posts()) != 20 {
			t.Errorf("%d of 20 reminders", len(w.chat.posts()))
		}
	})
}

// At nine o'clock five hundred calendars have a reminder. All are looked at in time, and not
// all in the same second.
func TestFreshHerd(t *testing.T) {
	const many = 500
	inWorld(t, func(w *world) {
		w.account.Calendars = nil
		for i := range many {
			name := fmt.Sprintf("C%03d", i)
			w.server.putIn(name, "/1.ics", event(name, "A", 9*time.Hour, "PT0S"))
		}
		w.account.Calendars = append(w.account.Calendars, calbell.CalendarSettings{Name: "Team", Webhook: "team"})
		for i := range many {
			w.account.Calendars = append(w.account.Calendars, calbell.CalendarSettings{Name: fmt.Sprintf("C%03d", i), Webhook: "team"})
		}
		w.configure()
		w.sync()
		w.server.set(func(s *server) { s.slow = 10 * time.Millisecond; s.synced = nil })
		w.keepFresh()
		w.pass(10 * time.Hour)
		at := w.server.looked()
		if len(at) != many || slices.Max(at) > 9*time.Hour || slices.Min(at) < 9*time.Hour-30*time.Second {
			t.Errorf("%d looks from %v to %v", len(at), slices.Min(at), slices.Max(at))
		}
		if n := len(w.chat.posts()); n != many {
			t.Errorf("%d posts", n)
		}
	})
}

// A subscription is asked for before its publisher's time when a person or a reminder wants
// it, and not otherwise.
func TestRefreshAtIsClearedOnDemand(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sync()
		later := time.Now().Add(12 * time.Hour).UTC()
		for _, tt := range []struct {
			request calbell.SyncRequest
			kept    bool
		}{
			{calbell.SyncRequest{Account: w.account}, true},
			{calbell.SyncRequest{Account: w.account, Now: true}, false},
			{calbell.SyncRequest{Account: w.account, Fresh: true}, false},
		} {
			c := w.calendar()
			c.RefreshAt = later
			w.ok(w.store.SaveCalendar(w.Context(), c))
			w.ok(w.syncer.Sync(w.Context(), tt.request))
			if got := w.server.last.RefreshAt; got.IsZero() == tt.kept {
				t.Errorf("%+v: asked with %v", tt.request, got)
			}
		}
	})
}

// What the brake of one calendar holds back keeps no other from being synced, and goes when
// a person says so.
func TestApplyTheBrake(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sync()
		c := w.calendar()
		c.Brake = calbell.Brake{Absent: 12, Known: 14, Since: time.Now().UTC(), Seen: 1, Digest: "d"}
		w.ok(w.store.SaveCalendar(w.Context(), c))
		w.server.set(func(s *server) {
			s.only = &calbell.Error{Kind: calbell.KindFailed, What: calbell.Plain("calendar \"Team\": 12 of 14 are absent")}
		})
		if err := w.trySync(false); err == nil {
			t.Error("a braked calendar does not fail")
		}
		asked := len(w.server.looked())
		w.ok(w.trySync(false))
		if len(w.server.looked()) != asked {
			t.Error("a calendar that failed was asked again at once")
		}
		w.server.set(func(s *server) { s.only = nil })
		w.ok(w.syncer.Sync(w.Context(), calbell.SyncRequest{Account: w.account, Now: true, Apply: true, Only: []calbell.CalendarID{c.ID}}))
		if !w.server.last.Brake.Apply {
			t.Errorf("asked with %+v", w.server.last.Brake)
		}
	})
}

// A failure of one calendar leaves the others alone; one of the account ends the round.
func TestWhoseFailure(t *testing.T) {
	for _, account := range []bool{false, true} {
		inWorld(t, func(w *world) {
			w.account.Calendars = nil
			w.server.putIn("A", "/1.ics", event("a", "A", time.Hour, "PT0S"))
			w.server.putIn("B", "/1.ics", event("b", "B", time.Hour, "PT0S"))
			w.configure()
			w.server.set(func(s *server) {
				s.only = &calbell.Error{Kind: calbell.KindRefused, Account: account, What: calbell.Plain("calendar \"A\": sign-in refused (401)")}
			})
			if err := w.trySync(true); calbell.KindOf(err) != calbell.KindRefused {
				t.Errorf("account %v: %v", account, err)
			}
			want := 3 // A, B and Team
			if account {
				want = 1
			}
			if at := w.server.looked(); len(at) != want {
				t.Errorf("account %v: asked %d times", account, len(at))
			}
			err := w.trySync(true) // a person tries again
			if at := w.server.looked(); account && (len(at) != 1 || calbell.HintOf(err).IsZero()) {
				t.Errorf("a refused sign-in was tried again at once: %d, %v", len(at), err)
			}
			all, err := w.store.Calendars(w.Context())
			w.ok(err)
			for _, c := range all {
				if c.FailingSince.IsZero() || account && c.Name != "A" && c.LastError.English != "sign-in refused (401)" {
					t.Errorf("%s: %q", c.Name, c.LastError)
				}
			}
		})
	}
}

func TestProgress(t *testing.T) {
	inWorld(t, func(w *world) {
		if p := w.syncer.Progress(); len(p) != 0 {
			t.Errorf("idle: %+v", p)
		}
		w.server.set(func(s *server) { s.slow = time.Minute })
		done := make(chan error)
		go func() { done <- w.trySync(true) }()
		w.pass(time.Second)
		if p := w.syncer.Progress(); len(p) != 1 || p[0] != (calbell.SyncProgress{Account: "home", Calendar: "Team", Since: epoch}) {
			t.Errorf("under way: %+v", p)
		}
		w.ok(<-done)
		if p := w.syncer.Progress(); len(p) != 0 {
			t.Errorf("afterwards: %+v", p)
		}
	})
}

// Reloads are no way around the wait after a refused sign-in, unless they change it.
func TestReloadKeepsTheWait(t *testing.T) {
	inWorld(t, func(w *world) {
		w.account.Username, w.account.Password = "anna", "wrong"
		w.configure()
		w.server.fail(&calbell.Error{Kind: calbell.KindRefused, What: calbell.Plain("sign-in refused (401)")})
		for range 50 {
			_ = w.trySync(true) // fails, as it should
			w.syncer.Forget()
			w.pass(time.Second)
		}
		if n := w.server.requests(); n != 1 {
			t.Errorf("a refused sign-in was tried %d times in a minute", n)
		}
		w.account.Password = "another"
		w.configure()
		w.syncer.Forget()
		w.server.fail(nil)
		w.ok(w.trySync(true))
	})
}

// What is attached to an event shortly before it is due is noticed in time for a look.
func TestFreshAfterAttaching(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/1.ics", event("a", "A", time.Hour))
		w.sync()
		w.keepFresh()
		w.pass(time.Hour - 12*time.Second)
		w.attach("x", "a", "0m", "other", "")
		w.pass(30 * time.Minute)
		if at := w.server.looked(); len(at) < 2 || at[1] != time.Hour-5*time.Second {
			t.Errorf("looked at %v", at)
		}
	})
}
