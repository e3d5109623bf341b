package scheduler_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"calbell"
	"calbell/scheduler/syncer"
)

func TestFirstSyncIsQuiet(t *testing.T) {
	inWorld(t, func(w *world) {
		w.pass(time.Hour)
		w.server.put("/a.ics", event("a", "Rang already", 90*time.Minute, "-PT45M"))
		w.server.put("/b.ics", event("b", "Over", 0, "-PT15M"))
		w.server.put("/c.ics", text("c", "DTSTART:19990101T120000Z\nRRULE:FREQ=DAILY\nSUMMARY:Lunch", "PT0S"))
		w.sync()
		w.pass(12 * time.Hour)
		w.posts("12h0m0s Lunch")
	})
}

func TestNewAlarmInThePast(t *testing.T) {
	inWorld(t, func(w *world) {
		w.pass(50 * time.Minute)
		w.sync()
		w.pass(10 * time.Minute)
		// Ten minutes before, made five minutes before: it fires at once.
		w.server.put("/a.ics", event("a", "Soon", 65*time.Minute, "-PT10M"))
		// Its time to remind had passed at the latest sync, and it has begun.
		w.server.put("/b.ics", event("b", "Begun", 55*time.Minute, "-PT10M"))
		w.sync()
		w.sync()
		w.pass(2 * time.Hour)
		w.posts("1h0m0s Soon / (5 min late)")
	})
}

func TestCalendarDown(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", text("a", "DTSTART:20000101T120000Z\nDURATION:PT30M\nRRULE:FREQ=DAILY\nSUMMARY:Lunch", "-PT10M"))
		w.sync()
		w.server.fail(errDown)
		for range 14 * 24 {
			w.pass(time.Hour)
			if err := w.trySync(false); err != nil && !errors.Is(err, errDown) {
				t.Fatal(err)
			}
		}
		var want []string
		for day := range 14 {
			want = append(want, fmt.Sprintf("%v Lunch", time.Duration(day)*24*time.Hour+11*time.Hour+50*time.Minute))
		}
		w.posts(want...)
		c := w.calendar()
		if c.LastError.IsZero() || c.FailingSince.IsZero() {
			t.Errorf("the failure is not told: %+v", c)
		}
		w.server.fail(nil)
		w.sync()
		if c := w.calendar(); !c.LastError.IsZero() || !c.FailingSince.IsZero() {
			t.Errorf("the recovery is not told: %+v", c)
		}
	})
}

// calendar returns the only calendar.
func (w *world) calendar() calbell.Calendar {
	w.Helper()
	list, err := w.store.Calendars(w.Context())
	w.ok(err)
	if len(list) != 1 {
		w.Fatalf("%d calendars: %+v", len(list), list)
	}
	return list[0]
}

func TestBackOff(t *testing.T) {
	for _, tt := range []struct {
		name    string
		err     error
		minWait time.Duration
		maxAsks int // in two hours, asked every second
	}{
		{"unreachable", errDown, 20 * time.Second, 16},
		{"sign-in refused", &calbell.Error{Kind: calbell.KindRefused, What: calbell.Plain("sign-in refused (401)")}, 5 * time.Minute, 14},
		{"told to wait", &calbell.Error{Kind: calbell.KindFailed, What: calbell.Plain("answer 503"), RetryAfter: 10 * time.Minute}, 10 * time.Minute, 12},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.server.fail(tt.err)
				var asks []time.Time
				for n := 0; time.Since(epoch) < 2*time.Hour; w.pass(time.Second) {
					_ = w.trySync(false) // fails, as it should
					if r := w.server.requests(); r > n {
						n = r
						asks = append(asks, time.Now())
					}
				}
				if len(asks) > tt.maxAsks || len(asks) < 5 {
					t.Errorf("asked %d times", len(asks))
				}
				for i := 1; i < len(asks); i++ {
					if wait := asks[i].Sub(asks[i-1]); wait < tt.minWait || wait > 20*time.Minute {
						t.Errorf("asked again after %v", wait)
					}
				}
			})
		})
	}
}

func TestBadObjectKeepsItsPlan(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/good.ics", event("good", "Sibling", time.Hour, "-PT5M"))
		w.server.put("/new.ics", "BEGIN:VCALENDAR\r\nnonsense")
		recurring := text("was", "DTSTART:20000101T010000Z\nDURATION:PT10M\nRRULE:FREQ=DAILY\nSUMMARY:Was good", "PT0S")
		w.server.put("/was.ics", recurring)
		w.sync()
		w.server.put("/was.ics", text("was", "DTSTART:garbage\nSUMMARY:x", "PT0S")) // its UID can be read, and no more
		w.sync()
		w.server.put("/was.ics", "<html>not found</html>")
		w.sync()
		o, err := w.store.Object(w.Context(), w.calendar().ID, "/was.ics")
		w.ok(err)
		if o.Problem.IsZero() || string(o.Raw) != recurring {
			t.Errorf("problem %q, text %q", o.Problem, o.Raw)
		}
		if o, err = w.store.Object(w.Context(), w.calendar().ID, "/new.ics"); err != nil || o.Problem.IsZero() {
			t.Errorf("problem %q, %v", o.Problem, err)
		}
		// A copy that could not be fetched at all: the calendar client says why.
		c := w.calendar()
		w.server.give(syncer.Batch{Calendar: c, Objects: []calbell.Object{{Calendar: c.ID, Href: "/was.ics", Problem: calbell.Plain("larger than 4 MiB")}}, Last: true})
		w.sync()
		if o, err = w.store.Object(w.Context(), c.ID, "/was.ics"); err != nil || o.Problem.English != "larger than 4 MiB" || string(o.Raw) != recurring {
			t.Errorf("problem %q, text %q, %v", o.Problem, o.Raw, err)
		}
		w.pass(5 * 24 * time.Hour) // far beyond the layout that was there when it broke
		if got := w.chat.lines(); len(got) != 6 || got[0] != "55m0s Sibling" || got[5] != "97h0m0s Was good" {
			t.Errorf("posted %q", got)
		}
		w.server.put("/was.ics", event("was", "Mended", 130*time.Hour, "PT0S"))
		w.sync()
		if o, err = w.store.Object(w.Context(), w.calendar().ID, "/was.ics"); err != nil || !o.Problem.IsZero() {
			t.Errorf("problem %q after it was mended, %v", o.Problem, err)
		}
		w.pass(48 * time.Hour)
		if got := w.chat.lines(); len(got) != 7 || got[6] != "130h0m0s Mended" {
			t.Errorf("posted %q", got)
		}
	})
}

func TestConfigurationChanges(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", event("a", "Timed", time.Hour, "-PT10M"))
		w.server.put("/f.ics", text("f", "DTSTART:20000101T030000\nDURATION:PT1H\nSUMMARY:Floating", "PT0S"))
		w.sync()
		w.end()
		w.account.Calendars[0].Webhook = "other" // another webhook, and another zone
		w.zone = time.FixedZone("two hours east", 2*3600)
		w.start()
		w.pass(30 * time.Minute)
		w.server.put("/a.ics", event("a", "Timed", time.Hour, "-PT10M"))
		w.sync()
		w.pass(4 * time.Hour)
		w.posts("50m0s Timed", "1h0m0s Floating")
		for _, p := range w.chat.posts() {
			if p.hook != "other" {
				t.Errorf("%q went to %s", p.msg.Text, p.hook)
			}
		}
	})
}

func TestNewWebhookIsQuietAboutThePast(t *testing.T) {
	inWorld(t, func(w *world) {
		w.end()
		w.account.Calendars = nil // all are synced, and silent
		w.start()
		w.server.put("/a.ics", event("a", "Soon", time.Hour, "-PT45M", "-PT5M"))
		w.sync()
		w.pass(30 * time.Minute)
		w.posts()
		w.end()
		w.account.Calendars = []calbell.CalendarSettings{{Name: "team", Webhook: "team"}}
		w.start()
		w.sync()
		w.pass(time.Hour)
		w.posts("55m0s Soon")
	})
}

// A first sync that is broken off leaves objects behind that are planned already: they
// follow a configuration that changes before the next one.
func TestBrokenFirstSyncThenAnotherWebhook(t *testing.T) {
	inWorld(t, func(w *world) {
		for i := range 6 {
			w.server.put(calbell.Href(fmt.Sprintf("/%d.ics", i)), event(fmt.Sprint("e", i), "x", time.Hour, "PT0S"))
		}
		w.server.breakAfter(2)
		if err := w.trySync(true); !errors.Is(err, errDown) {
			t.Fatalf("the sync is not broken off: %v", err)
		}
		w.end()
		w.account.Calendars[0].Webhook = "other"
		w.start()
		w.sync()
		w.pass(2 * time.Hour)
		posts := w.chat.posts()
		for _, p := range posts {
			if p.hook != "other" {
				t.Errorf("posted to %s", p.hook)
			}
		}
		if len(posts) != 6 {
			t.Errorf("%d posts, want 6", len(posts))
		}
	})
}

func TestDenseEvent(t *testing.T) {
	inWorld(t, func(w *world) {
		w.pass(3 * 24 * time.Hour)
		w.server.put("/a.ics", text("a", "DTSTART:20000101T000000Z\nDURATION:PT1S\nRRULE:FREQ=MINUTELY\nSUMMARY:Tick", "PT0S", "PT20S"))
		w.sync()
		w.pass(10*time.Minute + time.Second)
		var want []string
		for i := range 10 {
			at := 3*24*time.Hour + time.Duration(i)*time.Minute
			if i > 0 {
				want = append(want, fmt.Sprintf("%v Tick", at))
			}
			want = append(want, fmt.Sprintf("%v Tick", at+20*time.Second))
		}
		want = append(want, fmt.Sprintf("%v Tick", 3*24*time.Hour+10*time.Minute))
		if got := w.chat.lines(); len(got) > 0 && got[0] == fmt.Sprintf("%v Tick", 3*24*time.Hour) {
			want = append([]string{got[0]}, want...) // it rings at the very instant of the sync
		}
		w.posts(want...)
	})
}

// A calendar that the server stops naming keeps its plan, says so, and is not asked: the
// account may have moved, and its password is not for the old server.
func TestUnnamedCalendarIsNotAsked(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", event("a", "Meeting", time.Hour, "PT0S"))
		w.sync()
		w.server.rename("Team", "Elsewhere")
		w.sync()
		if c := w.calendar(); c.LastError.IsZero() {
			t.Error("nobody is told")
		}
		w.pass(2 * time.Hour)
		w.posts("1h0m0s Meeting")
		w.server.rename("Elsewhere", "Team")
		w.sync()
		if c := w.calendar(); !c.LastError.IsZero() {
			t.Errorf("it is back, and still: %s", c.LastError)
		}
	})
}

func TestUnlistedCalendarGoes(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", event("a", "Meeting", time.Hour, "-PT10M"))
		w.sync()
		w.end()
		w.account.Calendars[0].Name = "Somewhere else"
		w.start()
		if err := w.trySync(true); calbell.KindOf(err) != calbell.KindNotFound {
			t.Errorf("nobody is told that the server has no such calendar: %v", err)
		}
		w.pass(2 * time.Hour)
		w.posts()
		if list, err := w.store.Calendars(w.Context()); err != nil || len(list) != 0 {
			t.Errorf("calendars %+v, %v", list, err)
		}
	})
}

func TestRenamedCalendarStays(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.put("/a.ics", event("a", "Meeting", time.Hour, "-PT10M"))
		w.sync()
		c := w.calendar()
		c.Name = "Renamed at the server"
		c.URL = "https://dav.example.org/anna/8f1c/"
		w.ok(w.store.SaveCalendar(w.Context(), c))
		w.restart(0)
		w.pass(2 * time.Hour)
		w.posts("50m0s Meeting")
	})
}

func TestSkipped(t *testing.T) {
	inWorld(t, func(w *world) {
		for uid, line := range map[string]string{
			"private":      "CLASS:PRIVATE",
			"confidential": "CLASS:CONFIDENTIAL",
			"declined":     "ATTENDEE;PARTSTAT=DECLINED:mailto:Anna@Example.org",
			"cancelled":    "STATUS:CANCELLED",
			"other":        "ATTENDEE;PARTSTAT=DECLINED:mailto:luc@example.org",
			"public":       "CLASS:PUBLIC",
			"free":         "TRANSP:TRANSPARENT",
		} {
			w.server.put(calbell.Href("/"+uid+".ics"), text(uid, "DTSTART:20000101T010000Z\nDURATION:PT1H\nSUMMARY:"+uid+"\n"+line, "PT0S"))
		}
		w.sync()
		w.pass(2 * time.Hour)
		got := map[string]bool{}
		for _, p := range w.chat.posts() {
			got[p.msg.Text] = true
		}
		if len(got) != 3 || !got["other"] || !got["public"] || !got["free"] {
			t.Errorf("posted %v, want other, public, free", got)
		}
	})
}

func TestSameMeetingInTwoCalendars(t *testing.T) {
	inWorld(t, func(w *world) {
		w.end()
		w.account.Calendars = append(w.account.Calendars, calbell.CalendarSettings{Name: "Second", Webhook: "team"})
		w.start()
		w.server.put("/a.ics", event("a", "Meeting", time.Hour, "-PT10M"))
		w.server.putIn("Second", "/a.ics", event("a", "Meeting", time.Hour, "-PT10M"))
		w.sync()
		w.server.remove("/a.ics") // one of the two is deleted: the other still wants it
		w.sync()
		w.pass(2 * time.Hour)
		w.posts("50m0s Meeting")
	})
}

func TestOneCalendarFailsAlone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sync()
		id := w.calendar().ID
		if err := w.syncer.Sync(w.Context(), syncOnly(w.account, "none")); err != nil {
			t.Errorf("syncing no calendar: %v", err)
		}
		w.ok(w.syncer.Sync(w.Context(), syncOnly(w.account, id)))
	})
}
