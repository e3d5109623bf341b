package scheduler_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"calbell"
	"calbell/store"
	"calbell/store/storetest"
)

// night are quiet hours from 22:00 to 07:00.
func night() *calbell.Quiet { return &calbell.Quiet{From: 22 * time.Hour, To: 7 * time.Hour} }

// zurichAt ends the program and starts it again in Zurich at a time there.
func (w *world) zurichAt(at string) {
	w.Helper()
	zone, err := time.LoadLocation("Europe/Zurich")
	w.ok(err)
	t, err := time.ParseInLocation("2006-01-02 15:04", at, zone)
	w.ok(err)
	w.zone = zone
	w.restart(time.Until(t))
}

// at returns the posts as "weekday time text" in the world's zone.
func (w *world) at(want ...string) {
	w.Helper()
	synctest.Wait()
	var got []string
	for _, p := range w.chat.posts() {
		line := p.at.In(w.zone).Format("Mon 15:04:05") + " " + strings.ReplaceAll(p.msg.Text, "\n", " / ")
		if p.try.Verdict != calbell.Accepted {
			line += " [" + string(p.try.Verdict) + "]"
		}
		got = append(got, line)
	}
	if !slices.Equal(got, want) {
		w.Errorf("posted:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// local is an event at a time in Zurich.
func local(uid, start, length string, alarms ...string) string {
	return text(uid, "DTSTART;TZID=Europe/Zurich:"+start+"\nDURATION:"+length+"\nSUMMARY:"+uid, alarms...)
}

// A reminder of the night comes in the morning, unless its event is over; what came before
// and comes after is on time, and nothing is tried in between.
func TestQuietHours(t *testing.T) {
	for name, tt := range map[string]struct {
		start string // of the program
		drop  bool
		want  []string
		ended []string
	}{
		"a night":         {start: "2026-11-24 20:00", want: []string{"Tue 21:59:59 evening", "Wed 07:00:00 breakfast", "Wed 07:00:01 morning"}},
		"the short night": {start: "2026-03-28 20:00", want: []string{"Sat 21:59:59 evening", "Sun 07:00:00 breakfast", "Sun 07:00:01 morning"}},
		"the long night":  {start: "2026-10-24 20:00", want: []string{"Sat 21:59:59 evening", "Sun 07:00:00 breakfast", "Sun 07:00:01 morning"}},
		"drop":            {start: "2026-11-24 20:00", drop: true, want: []string{"Tue 21:59:59 evening", "Wed 07:00:01 morning"}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.webhooks[0].Quiet = night()
				w.webhooks[0].Quiet.Drop = tt.drop
				w.zurichAt(tt.start)
				day := time.Now().In(w.zone)
				tonight, tomorrow := day.Format("20060102"), day.AddDate(0, 0, 1).Format("20060102")
				w.server.put("/1.ics", local("evening", tonight+"T215959", "PT1H", "PT0S"))
				w.server.put("/2.ics", local("film", tonight+"T220000", "PT3H", "PT0S"))
				w.server.put("/3.ics", local("breakfast", tomorrow+"T080000", "PT1H", "-PT5H"))
				w.server.put("/4.ics", local("morning", tomorrow+"T070001", "PT1H", "PT0S"))
				w.sync()
				w.pass(15 * time.Hour)
				w.at(tt.want...)
				if left := w.count(calbell.StatusPlanned) + w.count(calbell.StatusWaiting); left != 0 {
					t.Errorf("%d are left", left)
				}
				reason := "film missed: its event was over when the quiet hours ended"
				if tt.drop {
					reason = "film missed: fell due in quiet hours, which end "
				}
				if !slices.ContainsFunc(w.ended(), func(l string) bool { return strings.HasPrefix(l, reason) && !strings.Contains(l, "untold") }) {
					t.Errorf("ended: %q", w.ended())
				}
				w.expectTold("team", "not sent in time")
			})
		})
	}
}

// What a weekend holds back is worth as much on Monday as a reminder is that falls due then:
// it is tried again when the chat is down, whatever was restarted in between.
func TestQuietWeekend(t *testing.T) {
	inWorld(t, func(w *world) {
		w.webhooks[0].Quiet = night()
		w.webhooks[0].Quiet.WorkingDays = true
		w.zurichAt("2026-11-27 18:00")                                                // a Friday
		w.server.put("/1.ics", local("fair", "20261130T090000", "PT10H", "-P2DT11H")) // Friday 22:00
		w.server.put("/2.ics", local("trip", "20261128T090000", "P3D", "PT0S"))
		w.sync()
		w.pass(20 * time.Hour)
		w.restart(10 * time.Hour) // Sunday, midnight
		w.pass(23 * time.Hour)
		w.at()
		if tries := w.delivery(calbell.StatusPlanned); tries.Attempts != 0 || tries.NextAt.Format(time.RFC3339) != "2026-11-30T06:00:00Z" {
			t.Errorf("it waits until %v after %d tries", tries.NextAt, tries.Attempts)
		}
		w.chat.answer(calbell.Try{Verdict: calbell.NotSent, Error: calbell.Plain("connection refused")}, calbell.Try{Verdict: calbell.NotSent, Error: calbell.Plain("connection refused")})
		w.pass(10 * time.Hour)
		posts := w.chat.posts()
		if len(posts) != 4 || posts[3].at.Sub(posts[0].at) > 30*time.Second {
			t.Errorf("posted: %q", w.chat.lines())
		}
		if sent := w.count(calbell.StatusSent); sent != 2 {
			t.Errorf("%d sent: %q", sent, w.ended())
		}
	})
}

// Nobody is there at night: what fell due is held all the same, and nothing is too late.
func TestQuietNightOff(t *testing.T) {
	for name, tt := range map[string]struct {
		back string // when the program is back
		want []string
	}{
		"back in the night":          {"2026-11-25 05:00", []string{"Wed 07:00:00 fair"}},
		"back in the late window":    {"2026-11-25 07:30", []string{"Wed 07:30:00 fair / (30 min late)"}},
		"back while the event lasts": {"2026-11-25 12:00", []string{"Wed 12:00:00 fair / (5 h late)"}},
		"back when it is over":       {"2026-11-25 20:00", []string{"Wed 20:00:37 1 reminder was not sent in time: / • 24 Nov 2026, 23:00: fair"}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.webhooks[0].Quiet = night()
				w.zurichAt("2026-11-24 20:00")
				w.server.put("/1.ics", local("fair", "20261125T090000", "PT10H", "-PT10H"))
				w.sync()
				w.zurichAt(tt.back)
				w.pass(3 * time.Hour)
				w.at(tt.want...)
				if sent := w.count(calbell.StatusSent); sent != len(tt.want) {
					t.Errorf("%d sent: %q", sent, w.ended())
				}
			})
		})
	}
}

// A retry falls into the quiet hours and waits for their end as well.
func TestRetryInQuietHours(t *testing.T) {
	inWorld(t, func(w *world) {
		w.webhooks[0].Quiet = night()
		w.zurichAt("2026-11-24 20:00")
		w.server.put("/1.ics", local("fair", "20261124T215950", "PT12H", "PT0S"))
		w.server.put("/2.ics", local("film", "20261124T215950", "PT1H", "PT0S"))
		w.sync()
		for range 8 {
			w.chat.answer(calbell.Try{Verdict: calbell.RefusedForNow, Status: 503})
		}
		w.pass(13 * time.Hour)
		for _, p := range w.chat.posts() {
			if end, in := night().End(p.at.In(w.zone)); in {
				t.Errorf("posted at %v, in quiet hours until %v", p.at, end)
			}
		}
		// The film was tried in the evening and is over: nobody could send it, and that is told.
		if told := w.told("team", "not sent in time"); len(told) == 0 || !strings.Contains(told[0], "1 reminder") || !strings.Contains(told[0], "film") {
			t.Errorf("told: %q", told)
		}
		if got := w.ended(); !slices.Contains(got, "fair sent") || !slices.Contains(got, "film missed: its event was over when the quiet hours ended") {
			t.Errorf("ended: %q", got)
		}
	})
}

// Many at once are held without being claimed again and again.
func TestQuietHoursDoNotSpin(t *testing.T) {
	inWorld(t, func(w *world) {
		counting := &countingClaims{}
		w.wrap = func(s storeOfAll) storeOfAll { counting.Store = s; return counting }
		w.webhooks[0].Quiet = night()
		w.zurichAt("2026-11-24 20:00")
		for i := range 50 {
			w.server.put(calbell.Href(fmt.Sprintf("/%d.ics", i)), local(fmt.Sprint(i), "20261125T090000", "PT1H", "-PT10H"))
		}
		w.sync()
		w.pass(10 * time.Hour)
		if n := counting.claimed.Load(); n != 50 {
			t.Errorf("%d claims in the night, want 50", n)
		}
		w.pass(2 * time.Hour)
		if sent := w.count(calbell.StatusSent); sent != 50 {
			t.Errorf("%d sent", sent)
		}
	})
}

// Quiet hours hold notices too, and never drop them.
func TestQuietHoursHoldNotices(t *testing.T) {
	inWorld(t, func(w *world) {
		w.webhooks[1].Quiet = night()
		w.webhooks[1].Quiet.Drop = true
		w.zurichAt("2026-11-24 23:00")
		n := calbell.NewNotice("other", calbell.Notice{Kind: calbell.NoticeTrouble, Subject: "the database", Reason: calbell.Plain("full"), Since: time.Now()}, time.Now())
		w.ok(w.store.Notify(w.Context(), []calbell.Reminder{n}, time.Now()))
		w.pass(10 * time.Hour)
		if posts := w.chat.posts(); len(posts) != 1 || posts[0].at.In(w.zone).Format("15:04:05") != "07:00:00" {
			t.Errorf("posts: %q", w.chat.lines())
		}
	})
}

// A person who asks at night is answered at night.
func TestPersonAsksInQuietHours(t *testing.T) {
	inWorld(t, func(w *world) {
		w.webhooks[0].Quiet = night()
		w.zurichAt("2026-11-24 20:00")
		w.server.put("/1.ics", local("film", "20261124T210000", "PT1H", "PT0S"))
		w.sync()
		w.pass(3 * time.Hour)
		list, err := w.store.History(w.Context(), store.HistoryQuery{})
		w.ok(err)
		_, err = w.store.Resend(w.Context(), []calbell.ReminderID{list[0].ID}, time.Now())
		w.ok(err)
		w.loop.Kick()
		w.at("Tue 21:00:00 film", "Tue 23:00:00 film / (2 h late)")
	})
}

// countingClaims is a store that counts what is claimed.
type countingClaims struct {
	storetest.Store
	claimed atomic.Int64
}

func (s *countingClaims) Claim(ctx context.Context, r store.ClaimRequest) ([]calbell.Claim, error) {
	list, err := s.Store.Claim(ctx, r)
	s.claimed.Add(int64(len(list)))
	return list, err
}
