package scheduler_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/scheduler/syncer"
)

// health is how the world's account is.
func (w *world) health() calbell.AccountHealth {
	w.Helper()
	calendars, err := w.store.Calendars(w.Context())
	w.ok(err)
	return w.syncer.Health("home", calendars)
}

// An account that was never let in is known as such from its first attempt on, also after a
// restart, however that fails; until it is let in.
func TestNeverLetIn(t *testing.T) {
	for name, err := range map[string]error{
		"wrong password": &calbell.Error{Kind: calbell.KindRefused, What: calbell.Plain("sign-in refused (401)"), Hint: calbell.Plain("Look at the password.")},
		"unreachable":    errDown,
		"certificate":    &calbell.Error{Kind: calbell.KindUnreachable, Account: true, What: calbell.Plain("cannot trust dav.example.org"), Hint: calbell.Plain("Name its authority.")},
		"no calendars":   &calbell.Error{Kind: calbell.KindFailed, What: calbell.Plain("dav.example.org names no calendars"), Hint: calbell.Plain("Make one.")},
		"of whatever":    errors.New("nobody knows"),
	} {
		inWorld(t, func(w *world) {
			if h := w.health(); h.State != calbell.SyncNew || !h.Whole {
				t.Errorf("%s, at first: %+v", name, h)
			}
			w.server.fail(err)
			failed := func() {
				t.Helper()
				if h := w.health(); h.State != calbell.SyncFailing || !h.Whole || !h.FailingSince.Equal(time.Now()) ||
					!strings.Contains(h.LastError.English, err.Error()) || h.Hint != calbell.HintOf(err) {
					t.Errorf("%s: %+v", name, h)
				}
			}
			_ = w.trySync(false)
			failed()
			w.restart(time.Minute)
			_ = w.trySync(false)
			failed()
			w.errors = "other"
			w.restart(time.Minute)
			w.poll(15*time.Minute, 2*time.Hour)
			w.expectTold("other", "home", strings.Split(err.Error(), ":")[0])
			w.server.fail(nil)
			w.poll(15*time.Minute, time.Hour)
			w.expectTold("other", "home", "has not been synced", "is synced again")
			if h := w.health(); h.State != calbell.SyncOK || !h.LastError.IsZero() {
				t.Errorf("%s, at last: %+v", name, h)
			}
		})
	}
}

// An account that lists calendars of which its server has none is not well.
func TestNoneOfTheListedCalendars(t *testing.T) {
	inWorld(t, func(w *world) {
		w.account.Calendars = []calbell.CalendarSettings{{Name: "Tema", Webhook: "team"}}
		w.configure()
		_ = w.trySync(false)
		if h := w.health(); h.State != calbell.SyncFailing || !strings.Contains(h.LastError.English, "none of the calendars that are listed: Tema") {
			t.Errorf("%+v", h)
		}
		w.account.Calendars = []calbell.CalendarSettings{}
		w.configure()
		w.syncer.Forget()
		w.ok(w.trySync(false))
		if h := w.health(); h.State != calbell.SyncOK || h.SyncedAt.IsZero() { // none is wanted
			t.Errorf("%+v", h)
		}
	})
}

// A sync that does not end makes its calendar overdue, and an account of which none is known, too;
// after a start there is time anew.
func TestOverdue(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sync()
		w.server.set(func(s *server) { s.slow = 5 * time.Hour })
		go func() { _ = w.trySync(false) }()
		const allowed = 16 * time.Minute // three intervals, and a minute
		look := func(want calbell.SyncState, since time.Duration) {
			t.Helper()
			overdue := w.syncer.Overdue(w.calendar())
			h := w.health()
			if h.State != want || w.calendar().SyncState(overdue) != want || !h.OverdueSince.Equal(overdue) {
				t.Errorf("%+v, want %s", h, want)
			}
			if want == calbell.SyncOverdue && !overdue.Equal(epoch.Add(since)) {
				t.Errorf("overdue since %v", overdue)
			}
		}
		w.pass(allowed - time.Second)
		look(calbell.SyncOK, 0)
		w.pass(time.Second)
		look(calbell.SyncOverdue, allowed)
		w.pass(5 * time.Hour)
		w.sync()
		look(calbell.SyncOK, 0)
		w.server.set(func(s *server) { s.slow = 0 })
		w.restart(10 * time.Hour)
		look(calbell.SyncOK, 0)
		w.pass(allowed)
		look(calbell.SyncOverdue, time.Since(epoch))
		w.sync()
		look(calbell.SyncOK, 0)
	})
}

// An account whose first sync does not end is overdue, and so told of.
func TestOverdueFromTheBeginning(t *testing.T) {
	inWorld(t, func(w *world) {
		w.end()
		w.connect = func(calbell.Account) (syncer.Remote, error) { return sleeper(20 * time.Hour), nil }
		w.errors = "other"
		w.start()
		go func() { _ = w.trySync(false) }()
		w.pass(17 * time.Minute)
		if h := w.health(); h.State != calbell.SyncOverdue || !h.Whole {
			t.Errorf("%+v", h)
		}
		w.pass(10 * time.Hour)
		w.expectTold("other", "home", "does not answer")
		w.pass(10 * time.Hour) // until it ends
		w.expectTold("other", "home", "does not answer")
	})
}

// What is overdue is told of after an hour, once: also when it is refused in the end.
func TestOverdueIsTold(t *testing.T) {
	for _, refused := range []bool{false, true} {
		inWorld(t, func(w *world) {
			w.errors = "other"
			w.sync()
			w.server.set(func(s *server) { s.slow = 5 * time.Hour })
			go func() { _ = w.trySync(false) }()
			w.pass(30 * time.Minute)
			w.expectTold("other", "home")
			w.pass(2 * time.Hour)
			w.expectTold("other", "home", "does not answer")
			if refused {
				w.server.fail(&calbell.Error{Kind: calbell.KindRefused, Account: true, What: calbell.Plain("sign-in refused (401)")})
			}
			w.pass(3 * time.Hour)
			w.server.set(func(s *server) { s.slow = 0 })
			w.poll(15*time.Minute, 3*time.Hour)
			if refused {
				w.expectTold("other", "home", "does not answer")
				w.server.fail(nil)
				w.poll(15*time.Minute, time.Hour)
			}
			w.expectTold("other", "home", "does not answer", "synced again")
		})
	}
}

// A reload makes nothing look well that is not, and another sign-in gets time anew.
func TestHealthAfterAReload(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sync()
		w.pass(time.Hour)
		w.syncer.Forget()
		if h := w.health(); h.State != calbell.SyncOverdue {
			t.Errorf("after a reload: %+v", h)
		}
		w.server.fail(&calbell.Error{Kind: calbell.KindRefused, What: calbell.Plain("sign-in refused (401)")})
		_ = w.trySync(false)
		w.syncer.Forget()
		if h := w.health(); h.State != calbell.SyncFailing {
			t.Errorf("after a reload: %+v", h)
		}
		w.account.Password = "another"
		w.configure()
		w.server.fail(nil)
		w.syncer.Forget("home")
		w.ok(w.trySync(false))
		if h := w.health(); h.State != calbell.SyncOK {
			t.Errorf("with another password: %+v", h)
		}
	})
}
