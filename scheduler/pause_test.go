package scheduler_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"calbell"
	"calbell/store"
	"calbell/store/storetest"
)

// pause pauses as a person does, from now on for so long.
func (w *world) pause(calendar calbell.CalendarID, webhook calbell.WebhookID, d time.Duration) {
	w.Helper()
	now := time.Now()
	w.ok(w.store.SetPause(w.Context(), calbell.Pause{Calendar: calendar, Webhook: webhook, Until: now.Add(d), MadeAt: now}, now))
	w.loop.PausesChanged()
}

// ended returns how deliveries ended, as "title status: reason", latest first.
func (w *world) ended() (lines []string) {
	w.Helper()
	list, err := w.store.History(w.Context(), store.HistoryQuery{})
	w.ok(err)
	for _, d := range list {
		line := d.Subject + " " + string(d.Status)
		if !d.Reason.IsZero() {
			line += ": " + d.Reason.English
		}
		if d.Untold {
			line += " (untold)"
		}
		lines = append(lines, line)
	}
	return lines
}

func (w *world) expectEnded(want ...string) {
	w.Helper()
	if got := w.ended(); fmt.Sprint(got) != fmt.Sprint(want) {
		w.Errorf("ended:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// hourly puts an event that rings each hour from 01:00 on.
func (w *world) hourly() {
	w.server.put("/bell.ics", text("bell", "DTSTART:20000101T010000Z\nDURATION:PT5M\nRRULE:FREQ=HOURLY\nSUMMARY:Bell", "PT0S"))
	w.sync()
}

// id is the calendar's on the test's server.
func (w *world) id(calendar string) calbell.CalendarID {
	return calbell.NewCalendarID("home", "https://dav.example.org/anna/"+strings.ToLower(calendar)+"/")
}

func TestPauses(t *testing.T) {
	for name, tt := range map[string]struct {
		calendar string
		webhook  calbell.WebhookID
		paused   bool
	}{
		"everything":                      {paused: true},
		"the calendar":                    {calendar: "Team", paused: true},
		"another calendar":                {calendar: "Other"},
		"the webhook":                     {webhook: "team", paused: true},
		"another webhook":                 {webhook: "other"},
		"the calendar to the webhook":     {calendar: "Team", webhook: "team", paused: true},
		"the calendar to another webhook": {calendar: "Team", webhook: "other"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.hourly()
				w.pass(90 * time.Minute)
				var id calbell.CalendarID
				if tt.calendar != "" {
					id = w.id(tt.calendar)
				}
				w.pause(id, tt.webhook, 2*time.Hour) // until 3:30
				w.pass(150 * time.Minute)
				want := []string{"Bell sent", "Bell missed: paused until 2000-01-01 03:30 UTC", "Bell missed: paused until 2000-01-01 03:30 UTC", "Bell sent"}
				if !tt.paused {
					want = []string{"Bell sent", "Bell sent", "Bell sent", "Bell sent"}
				}
				w.expectEnded(want...)
			})
		})
	}
}

// A pause holds from the moment it is stored, also over a restart, and ends when a person
// says so; what fell due in it while nobody was there to see is not sent, nor told.
func TestPausesOutliveTheProgram(t *testing.T) {
	inWorld(t, func(w *world) {
		w.hourly()
		w.pass(59*time.Minute + 59*time.Second)
		w.pause("", "team", 70*time.Minute) // until 2:09:59
		w.pass(time.Second)                 // 1:00
		w.posts()
		w.restart(75 * time.Minute) // 2:00 fell due meanwhile; it is 2:15
		w.pass(50 * time.Minute)    // 3:00
		w.posts("3h0m0s Bell")
		w.pause("", "", 3*time.Hour)
		w.pass(60 * time.Minute) // 4:00
		w.pause("", "", 0)       // resumed
		w.pass(60 * time.Minute) // 5:00
		w.posts("3h0m0s Bell", "5h0m0s Bell")
		w.expectEnded("Bell sent", "Bell missed: paused until 2000-01-01 06:05 UTC", "Bell sent",
			"Bell missed: paused until 2000-01-01 02:09 UTC", "Bell missed: paused until 2000-01-01 02:09 UTC")
		w.expectTold("team", "not sent in time")
	})
}

// What fell due in a pause and is looked at long after it is ended by what is too late, and
// is not told all the same.
func TestPausedIsNotTooLate(t *testing.T) {
	inWorld(t, func(w *world) {
		w.hourly()
		w.pass(30 * time.Minute)
		w.pause("", "", 4*time.Hour) // until 4:30
		w.restart(7 * time.Hour)     // 7:30: 5:00 and 6:00 were missed, 7:00 is late
		w.pass(20 * time.Minute)
		w.expectTold("team", "not sent in time", "2 reminders")
	})
}

// An event from two calendars is paused when both are.
func TestPauseOfOneSource(t *testing.T) {
	inWorld(t, func(w *world) {
		w.account.Calendars = append(w.account.Calendars, calbell.CalendarSettings{Name: "Mine", Webhook: "team"})
		w.end()
		w.start()
		for _, calendar := range []string{"Team", "Mine"} {
			w.server.putIn(calendar, "/a.ics", event("a", "A", time.Hour, "PT0S"))
			w.server.putIn(calendar, "/b.ics", event("b", "B", 2*time.Hour, "PT0S"))
		}
		w.sync()
		w.pause(w.id("Mine"), "", 5*time.Hour)
		w.pass(90 * time.Minute)
		w.pause(w.id("Team"), "", time.Hour)
		w.pass(2 * time.Hour)
		w.expectEnded("B missed: paused until 2000-01-01 02:30 UTC", "A sent")
	})
}

func TestPersonIsNotPaused(t *testing.T) {
	inWorld(t, func(w *world) {
		w.hourly()
		w.pause("", "", 90*time.Minute)
		w.pass(time.Hour + time.Minute)
		list, err := w.store.History(w.Context(), store.HistoryQuery{})
		w.ok(err)
		_, err = w.store.Resend(w.Context(), []calbell.ReminderID{list[0].ID}, time.Now())
		w.ok(err)
		w.loop.Kick()
		w.posts("1h1m0s Bell / (1 min late)")
	})
}

// A store that cannot say what is paused lets nothing out that may be.
func TestPausesUnread(t *testing.T) {
	inWorld(t, func(w *world) {
		faulty := &unreadPauses{}
		w.wrap = func(s storeOfAll) storeOfAll { faulty.Store = s; return faulty }
		w.restart(time.Minute)
		w.hourly()
		w.pass(30 * time.Minute)
		faulty.broken.Store(true)
		now := time.Now()
		w.ok(w.store.SetPause(w.Context(), calbell.Pause{Until: now.Add(time.Hour), MadeAt: now}, now))
		w.loop.PausesChanged()
		w.pass(45 * time.Minute)
		w.posts()
		faulty.broken.Store(false)
		w.pass(time.Minute)
		w.expectEnded("Bell missed: paused until 2000-01-01 01:31 UTC")
	})
}

// unreadPauses is a store whose pauses cannot be read at times.
type unreadPauses struct {
	storetest.Store
	broken atomic.Bool
}

func (s *unreadPauses) Pauses(ctx context.Context, now time.Time) ([]calbell.Pause, error) {
	if s.broken.Load() {
		return nil, errors.New("disk on fire")
	}
	return s.Store.Pauses(ctx, now)
}
