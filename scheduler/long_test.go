//go:build !race

package scheduler_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
)

// These tests let weeks pass, or plan thousands of reminders: minutes under the race detector,
// which finds no race in them that the simulation does not show within days.

// What is attached survives edits of the event, restarts, a move to another calendar, and that
// the event is gone for a while.
func TestAttachedStays(t *testing.T) {
	if testing.Short() {
		t.Skip("takes its time: left out of make quick")
	}
	inWorld(t, func(w *world) {
		w.account.Calendars = append(w.account.Calendars, calbell.CalendarSettings{Name: "Other"})
		w.server.put("/a.ics", event("a", "Talk", 24*time.Hour))
		w.server.putIn("Other", "/x.ics", event("x", "Else", 1000*time.Hour))
		w.restart(0)
		w.sync()
		w.attach("1", "a", "1h", "other", "")
		w.server.put("/a.ics", event("a", "Talk, later", 25*time.Hour))
		w.sync()
		w.restart(time.Hour)
		w.server.remove("/a.ics")
		w.server.putIn("Other", "/a.ics", event("a", "Talk, moved", 26*time.Hour))
		w.sync()
		w.pass(30 * time.Hour)
		w.posts("25h0m0s Talk, moved")

		w.server.mu.Lock()
		delete(w.server.calendars["Other"], "/a.ics")
		w.server.mu.Unlock()
		w.sync()
		w.ok(w.syncer.TendBindings(w.Context()))
		w.pass(29 * 24 * time.Hour)
		w.server.put("/a.ics", event("a", "Talk, again", time.Since(epoch)+5*time.Hour))
		w.sync()
		w.ok(w.syncer.TendBindings(w.Context()))
		w.pass(10 * time.Hour)
		if n := len(w.chat.posts()); n != 2 {
			t.Errorf("%d posts, want 2: %v", n, w.chat.lines())
		}
		w.server.remove("/a.ics")
		w.sync()
		for range 2 { // gone, and forgotten
			w.ok(w.syncer.TendBindings(w.Context()))
			w.pass(31 * 24 * time.Hour)
		}
		w.ok(w.syncer.TendBindings(w.Context()))
		if left, err := w.store.AllBindings(w.Context()); err != nil || len(left) != 0 {
			t.Errorf("bindings %v are left, %v", left, err)
		}
	})
}

func TestHorizon(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/yearly.ics", text("yearly", "DTSTART:19800326T090000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY\nSUMMARY:Anniversary", "-P8W"))
		w.server.put("/far.ics", event("far", "Far away", 40*24*time.Hour, "-P1D"))
		w.server.put("/after.ics", event("after", "Afterwards", time.Hour, "PT30H"))
		w.server.put("/absolute.ics", event("absolute", "Absolute", 100*24*time.Hour, ";VALUE=DATE-TIME:20000201T000000Z"))
		weekly := text("weekly", "DTSTART:20000105T090000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=4\nSUMMARY:Weekly", "PT0S")
		w.server.put("/weekly.ics", weekly)
		w.sync()
		w.pass(6 * 24 * time.Hour)
		// The instance of 19 January moves into the horizon: to tomorrow.
		moved := strings.Replace(weekly, "END:VCALENDAR", "BEGIN:VEVENT\r\nUID:weekly\r\nDTSTAMP:20000101T000000Z\r\nRECURRENCE-ID:20000119T090000Z\r\n"+
			"DTSTART:20000108T070000Z\r\nDURATION:PT1H\r\nSUMMARY:Weekly, moved\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:PT0S\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR", 1)
		w.server.put("/weekly.ics", moved)
		w.sync()
		w.pass(42 * 24 * time.Hour)
		day := func(d int, clock string) time.Duration {
			c, err := time.ParseDuration(clock)
			w.ok(err)
			return time.Duration(d)*24*time.Hour + c
		}
		var want []string
		for _, p := range []struct {
			at   time.Duration
			text string
		}{
			{day(1, "7h"), "Afterwards"},
			{day(4, "9h"), "Weekly"},
			{day(7, "7h"), "Weekly, moved"},
			{day(11, "9h"), "Weekly"},
			{day(25, "9h"), "Weekly"},
			{day(29, "9h"), "Anniversary"}, // 30 January 2000, 8 weeks before 26 March
			{day(31, "0h"), "Absolute"},
			{day(39, "0h"), "Far away"},
		} {
			want = append(want, fmt.Sprintf("%v %s", p.at, p.text))
		}
		w.posts(want...)
	})
}

func TestManyAlarmsInOneObject(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", text("a", "DTSTART:20000101T000010Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY;COUNT=2500\nSUMMARY:Tick", "PT0S"))
		w.sync()
		w.pass(3 * time.Hour)
		posts := w.chat.posts()
		if len(posts) != 2500 {
			t.Fatalf("%d posts, want 2500: a layout's limit must not lose the rest", len(posts))
		}
		for i, p := range posts {
			if want := epoch.Add(10*time.Second + time.Duration(i)*time.Second); !p.at.Equal(want) {
				t.Fatalf("post %d at %v, want %v", i, p.at, want)
			}
		}
	})
}

// An agenda is told once on each day, also on the days on which the clocks change: at a time
// that they skip it is told when it would have been, at one that comes twice the first time.
func TestDigestsAndTheClocks(t *testing.T) {
	for name, tt := range map[string]struct {
		start, cron string
		want        []string
	}{
		"every day": {"2026-11-23 12:00", "0 7 * * *", []string{
			"Tue 07:00:00 CET Agenda: **Tuesday 24 November 2026**", "Wed 07:00:00 CET Agenda: **Wednesday 25 November 2026**",
		}},
		"a time that is skipped": {"2026-03-28 12:00", "30 2 * * *", []string{
			"Sun 03:30:00 CEST Agenda: **Sunday 29 March 2026**", "Mon 02:30:00 CEST Agenda: **Monday 30 March 2026**",
		}},
		"a time that comes twice": {"2026-10-24 12:00", "30 2 * * *", []string{
			"Sun 02:30:00 CEST Agenda: **Sunday 25 October 2026**", "Mon 02:30:00 CET Agenda: **Monday 26 October 2026**",
		}},
		"midnight before the change": {"2026-10-24 12:00", "0 0 * * *", []string{
			"Sun 00:00:00 CEST Agenda: **Sunday 25 October 2026**", "Mon 00:00:00 CET Agenda: **Monday 26 October 2026**",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, restarts := range []bool{false, true} {
				inWorld(t, func(w *world) {
					w.zurichAt(tt.start)
					w.digest(daily(tt.cron))
					for range 2 * 48 {
						w.pass(29 * time.Minute)
						if restarts {
							w.restart(time.Minute)
						} else {
							w.digester.Kick()
							w.pass(time.Minute)
						}
					}
					if restarts { // told within the minute in which nobody was there
						for i, got := range w.agendas() {
							if _, what, _ := strings.Cut(got, " Agenda"); i >= len(tt.want) || !strings.HasSuffix(tt.want[i], what) {
								t.Errorf("%d: %s", i, got)
							}
						}
						return
					}
					w.expectAgendas(tt.want...)
				})
			}
		})
	}
}

// What fell due while nobody was there is told when it is at most the late window late; a
// digest that was not there before is no loss.
func TestDigestsCatchUp(t *testing.T) {
	for name, tt := range map[string]struct {
		down, up string
		added    bool // with the restart
		want     []string
	}{
		"half an hour":           {"2026-11-24 06:50", "2026-11-24 07:30", false, []string{"Tue 07:30:00 CET Agenda: **Tuesday 24 November 2026**"}},
		"over an hour":           {"2026-11-24 06:50", "2026-11-24 08:01", false, nil},
		"days":                   {"2026-11-20 06:50", "2026-11-24 07:59", false, []string{"Tue 07:59:00 CET Agenda: **Tuesday 24 November 2026**"}},
		"it was told before":     {"2026-11-24 07:03", "2026-11-24 07:05", false, []string{"Tue 07:00:00 CET Agenda: **Tuesday 24 November 2026**"}},
		"it is new":              {"2026-11-24 07:20", "2026-11-24 07:21", true, nil},
		"it is new, after a day": {"2026-11-23 07:20", "2026-11-24 07:21", true, []string{"Tue 07:21:00 CET Agenda: **Tuesday 24 November 2026**"}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.zurichAt("2026-11-20 06:00")
				if !tt.added {
					w.digest(daily("0 7 * * *"))
				}
				down, err := time.ParseInLocation("2006-01-02 15:04", tt.down, w.zone)
				w.ok(err)
				w.pass(time.Until(down))
				before := len(w.agendas())
				if name == "it was told before" {
					before--
				}
				w.digest(daily("0 7 * * *"))
				w.zurichAt(tt.up)
				w.pass(time.Hour)
				if got := w.agendas()[before:]; !slices.Equal(got, tt.want) {
					t.Errorf("%q, want %q", got, tt.want)
				}
			})
		})
	}
}

// Notices of trouble are held by a pause of their webhook or of everything, and told when it
// ends, however long it was; one that is ended early lets them go within minutes.
func TestPauseHoldsNotices(t *testing.T) {
	for name, tt := range map[string]struct {
		calendar, webhook string
		resume            time.Duration // after which it is ended; 0: it is not
		want              time.Duration // when the notice is posted
	}{
		"everything":  {want: 96 * time.Hour},
		"the webhook": {webhook: "other", want: 96 * time.Hour},
		"a calendar":  {calendar: "Team", want: 0},
		"ended early": {resume: 2*time.Hour + 7*time.Minute, want: 2*time.Hour + 10*time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				var id calbell.CalendarID
				if tt.calendar != "" {
					id = w.id(tt.calendar)
				}
				w.pause(id, calbell.WebhookID(tt.webhook), 96*time.Hour)
				n := calbell.NewNotice("other", calbell.Notice{Kind: calbell.NoticeTrouble, Subject: "the database", Reason: calbell.Plain("full"), Since: epoch}, epoch)
				w.ok(w.store.Notify(w.Context(), []calbell.Reminder{n}, epoch))
				w.loop.Kick()
				w.pass(time.Second)
				if tt.resume > 0 {
					w.pass(tt.resume)
					w.pause(id, calbell.WebhookID(tt.webhook), 0)
				}
				w.restart(time.Minute)
				w.pass(97 * time.Hour)
				posts := w.chat.posts()
				if len(posts) != 1 {
					t.Fatalf("%d posts", len(posts))
				}
				at := posts[0].at.Sub(epoch)
				if tt.resume == 0 && at != tt.want {
					t.Errorf("posted at %v, want %v", at, tt.want)
				}
				if tt.resume > 0 && (at < tt.resume || at > tt.resume+5*time.Minute) {
					t.Errorf("posted at %v", at)
				}
			})
		})
	}
}
