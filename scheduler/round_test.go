package scheduler_test

import (
	"fmt"
	"testing"
	"time"

	"calbell"
)

// unanswered is what the client says of a calendar of which no answer comes.
var unanswered = &calbell.Error{Kind: calbell.KindUnreachable, Account: true, What: calbell.Plain("reach dav.example.org"), Err: errDown.Err}

// TestSilentCalendar: calendars of which the server never answers do not keep the others of
// the account from being synced, be they the first ones.
func TestSilentCalendar(t *testing.T) {
	for silent := range 3 {
		t.Run(fmt.Sprint(silent), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.account.Calendars = append(w.account.Calendars, calbell.CalendarSettings{Name: "Alpha", Webhook: "team"}, calbell.CalendarSettings{Name: "Beta", Webhook: "team"})
				w.replan()
				w.server.putIn("Alpha", "/a.ics", event("a", "A", 5*time.Hour, "PT0S"))
				w.server.putIn("Beta", "/b.ics", event("b", "B", 5*time.Hour+time.Minute, "PT0S"))
				w.sync()
				w.server.set(func(s *server) { s.silent = map[string]bool{"Alpha": silent > 0, "Beta": silent > 1} })
				w.server.put("/1.ics", event("c", "New", 2*time.Hour, "PT0S"))
				w.poll(time.Minute, 6*time.Hour)
				w.posts("2h0m0s New", "5h0m0s A", "5h1m0s B")
				list, err := w.store.Calendars(t.Context())
				w.ok(err)
				for _, c := range list {
					if bad := w.server.silent[c.Name]; bad == c.LastError.IsZero() || bad == c.FailingSince.IsZero() {
						t.Errorf("%s: error %q since %v", c.Name, c.LastError, c.FailingSince)
					}
				}
				if len(w.syncer.Failing()) > 0 {
					t.Errorf("the account counts as failing: %v", w.syncer.Failing())
				}
			})
		})
	}
}

// TestServerDownIsAskedTwice: a server that answers of no calendar is not asked of each.
func TestServerDownIsAskedTwice(t *testing.T) {
	inWorld(t, func(w *world) {
		w.account.Calendars = nil
		for _, name := range []string{"Alpha", "Beta", "Gamma", "Delta"} {
			w.server.putIn(name, "/a.ics", event("a", "A", 5*time.Hour, "PT0S"))
		}
		w.replan()
		w.sync()
		before := len(w.server.looked())
		w.server.set(func(s *server) { s.only = unanswered })
		if err := w.trySync(false); calbell.KindOf(err) != calbell.KindUnreachable {
			t.Errorf("error %v", err)
		}
		if n := len(w.server.looked()) - before; n != 2 {
			t.Errorf("asked of %d calendars", n)
		}
		if len(w.syncer.Failing()) != 1 {
			t.Errorf("failing: %v", w.syncer.Failing())
		}
	})
}

// TestMovedJustBefore: an event goes to another calendar seconds before its reminder, and the
// look at the old calendar is the one that sees it go.
func TestMovedJustBefore(t *testing.T) {
	for _, tt := range []struct {
		name string
		slow time.Duration // how long the server thinks about the new calendar
		want string
	}{
		{"in time", 0, "1h0m0s A"},
		{"while it falls due", 7 * time.Second, "1h0m2s A"},
		{"late", 100 * time.Second, "1h1m35s A / (1 min late)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.account.Calendars = append(w.account.Calendars, calbell.CalendarSettings{Name: "Zulu", Webhook: "team"})
				w.replan()
				w.server.putIn("Zulu", "/other.ics", event("z", "Z", 9*time.Hour, "PT0S"))
				w.server.put("/1.ics", event("a", "A", time.Hour, "PT0S"))
				w.sync()
				w.keepFresh()
				w.pass(59 * time.Minute)
				w.server.set(func(s *server) { s.slow, s.slowIn = tt.slow, "Zulu" })
				w.server.remove("/1.ics")
				w.server.putIn("Zulu", "/2.ics", event("a", "A", time.Hour, "PT0S"))
				w.pass(5 * time.Minute)
				w.posts(tt.want)
			})
		})
	}
}

// replan puts the account's settings in force: the program is started with them.
func (w *world) replan() {
	w.Helper()
	w.end()
	w.start()
}

// TestUnlistedCalendarIsRemoved: only when a person says so, and the server still does.
func TestUnlistedCalendarIsRemoved(t *testing.T) {
	inWorld(t, func(w *world) {
		w.account.Calendars = nil
		w.replan()
		w.server.put("/a.ics", event("a", "A", 5*time.Hour, "PT0S"))
		w.sync()
		c := w.calendar()
		apply := func() {
			w.ok(w.syncer.Sync(w.Context(), calbell.SyncRequest{Account: w.account, Now: true, Apply: true, Only: []calbell.CalendarID{c.ID}}))
		}
		apply() // nothing is wrong with it
		w.server.rename("Team", "Elsewhere")
		apply() // nobody was shown yet that it is gone
		list, err := w.store.Calendars(w.Context())
		w.ok(err)
		if len(list) != 2 || !list[1].Unlisted || list[1].LastError.IsZero() || list[0].Unlisted {
			t.Fatalf("calendars %+v", list)
		}
		w.server.rename("Elsewhere", "Team")
		apply() // it is back
		if c, err := w.store.Calendar(w.Context(), c.ID); err != nil || c.Unlisted || !c.LastError.IsZero() {
			t.Errorf("%+v, %v", c, err)
		}
		w.server.rename("Team", "Elsewhere")
		w.sync()
		apply()
		if _, err := w.store.Calendar(w.Context(), c.ID); calbell.KindOf(err) != calbell.KindNotFound {
			t.Errorf("it is still there: %v", err)
		}
	})
}

// TestFreshAsksForChangesAlone: the last seconds before a reminder are not spent on the list
// of calendars, however old it is.
func TestFreshAsksForChangesAlone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/1.ics", event("a", "A", time.Hour, "PT0S"))
		w.sync()
		w.keepFresh()
		before := w.server.requests()
		w.pass(2 * time.Hour)
		w.posts("1h0m0s A")
		if n := w.server.requests() - before; n != 0 || len(w.server.looked()) != 2 {
			t.Errorf("the list was asked for %d times, changes at %v", n, w.server.looked())
		}
	})
}
