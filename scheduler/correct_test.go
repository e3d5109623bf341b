package scheduler_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/store"
	"calbell/store/storetest"
)

// correcting begins a world in Zurich on a Tuesday at noon, with a webhook that corrects, in
// which each event is announced two hours before it starts.
func correcting(t *testing.T, test func(w *world)) {
	inWorld(t, func(w *world) {
		w.webhooks[0].Corrections = true
		w.account.Calendars = []calbell.CalendarSettings{{Name: "Team", Webhook: "team"}, {Name: "Mine", Webhook: "team"}}
		w.server.putIn("Mine", "/other.ics", event("other", "Other", 0))
		w.zurichAt("2026-11-24 12:00")
		test(w)
	})
}

// at is an event of an hour that starts at a time of the day.
func at(uid, clock string, more ...string) string {
	return text(uid, strings.Join(append([]string{"DTSTART;TZID=Europe/Zurich:20261124T" + clock + "00\nDURATION:PT1H\nSUMMARY:" + uid}, more...), "\n"), "-PT2H")
}

// news are the corrections that were posted, as "time text".
func (w *world) news() (lines []string) {
	w.pass(0)
	for _, p := range w.chat.posts() {
		for _, word := range []string{"Moved: ", "Cancelled: "} {
			if strings.HasPrefix(p.msg.Text, word) {
				lines = append(lines, p.at.In(w.zone).Format("15:04 ")+strings.NewReplacer("**", "", "Tuesday 24 November 2026, ", "").Replace(p.msg.Text))
			}
		}
	}
	return lines
}

func (w *world) expectNews(want ...string) {
	w.Helper()
	if got := w.news(); !slices.Equal(got, want) {
		w.Errorf("news:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func TestCorrections(t *testing.T) {
	weekly := func(more string) string {
		return text("A", "DTSTART;TZID=Europe/Zurich:20261117T150000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\nSUMMARY:A"+more, "-PT2H")
	}
	override := strings.Replace(weekly(""), "END:VCALENDAR", "BEGIN:VEVENT\r\nUID:A\r\nRECURRENCE-ID;TZID=Europe/Zurich:20261124T150000\r\nDTSTART;TZID=Europe/Zurich:20261124T163000\r\nDURATION:PT1H\r\nSUMMARY:A\r\nEND:VEVENT\r\nEND:VCALENDAR", 1)
	daily := func(clock, more string) string {
		return text("A", "DTSTART;TZID=Europe/Zurich:20261117T"+clock+"\nDURATION:PT1H\nRRULE:FREQ=DAILY\nSUMMARY:A"+more, "-PT2H")
	}
	for name, tt := range map[string]struct {
		first, then string // "" = deleted
		want        []string
	}{
		"nothing changed":       {at("A", "1500"), at("A", "1500"), nil},
		"another title":         {at("A", "1500"), at("A", "1500", "DESCRIPTION:x"), nil},
		"moved":                 {at("A", "1500"), at("A", "1630"), []string{"13:30 Moved: A, from 15:00 to 16:30"}},
		"moved to before":       {at("A", "1500"), at("A", "1400"), []string{"13:30 Moved: A, from 15:00 to 14:00"}},
		"deleted":               {at("A", "1500"), "", []string{"13:30 Cancelled: A, 15:00"}},
		"cancelled":             {at("A", "1500"), at("A", "1500", "STATUS:CANCELLED"), []string{"13:30 Cancelled: A, 15:00"}},
		"declined":              {at("A", "1500"), at("A", "1500", "ATTENDEE;PARTSTAT=DECLINED:mailto:anna@example.org"), []string{"13:30 Cancelled: A, 15:00"}},
		"declined by another":   {at("A", "1500"), at("A", "1500", "ATTENDEE;PARTSTAT=DECLINED:mailto:eve@example.org"), nil},
		"not announced":         {at("A", "1700"), at("A", "1800"), nil},
		"one moved":             {weekly(""), override, []string{"13:30 Moved: A, from 15:00 to 16:30"}},
		"one taken out":         {weekly(""), weekly("\nEXDATE;TZID=Europe/Zurich:20261124T150000"), []string{"13:30 Cancelled: A, 15:00"}},
		"another one taken out": {weekly(""), weekly("\nEXDATE;TZID=Europe/Zurich:20261201T150000"), nil},
		"a whole series moved":  {daily("150000", ""), daily("163000", ""), []string{"13:30 Moved: A, from 15:00 to 16:30"}},
		"one of a day":          {daily("150000", ""), daily("150000", "\nEXDATE;TZID=Europe/Zurich:20261124T150000"), []string{"13:30 Cancelled: A, 15:00"}},
		"one of two on a day": {
			strings.Replace(daily("090000", ""), "FREQ=DAILY", "FREQ=DAILY;BYHOUR=9,15", 1),
			strings.Replace(daily("090000", "\nEXDATE;TZID=Europe/Zurich:20261124T150000"), "FREQ=DAILY", "FREQ=DAILY;BYHOUR=9,15", 1),
			[]string{"13:30 Cancelled: A, 15:00"},
		},
		"the series ended": {daily("150000", ""), strings.Replace(daily("150000", ""), "FREQ=DAILY", "FREQ=DAILY;COUNT=3", 1), []string{"13:30 Cancelled: A, 15:00"}},
		"unreadable":       {at("A", "1500"), "BEGIN:VCALENDAR\r\nrubbish", nil},
	} {
		t.Run(name, func(t *testing.T) {
			correcting(t, func(w *world) {
				w.server.put("/a.ics", tt.first)
				w.sync()
				w.pass(90 * time.Minute)
				if tt.then == "" {
					w.server.remove("/a.ics")
				} else {
					w.server.put("/a.ics", tt.then)
				}
				w.sync()
				w.expectNews(tt.want...)
				w.sync()
				w.pass(time.Minute)
				w.restart(time.Minute)
				w.sync()
				w.pass(10 * time.Minute)
				w.expectNews(tt.want...)
			})
		})
	}
}

// Each move is told from what was told last, there and back again; an event that has begun is
// corrected no more.
func TestCorrectionsFollowEachOther(t *testing.T) {
	correcting(t, func(w *world) {
		w.server.put("/a.ics", at("A", "1500"))
		w.sync()
		w.pass(65 * time.Minute)
		for _, clock := range []string{"1600", "1500", "1600", "1500", "1730"} {
			w.server.put("/a.ics", at("A", clock))
			w.sync()
			w.sync()
			w.pass(time.Minute)
		}
		w.server.remove("/a.ics")
		w.sync()
		w.pass(time.Minute)
		w.server.put("/a.ics", at("A", "1730"))
		w.sync()
		w.pass(time.Minute)
		w.server.put("/a.ics", at("A", "1800"))
		w.sync()
		want := []string{
			"13:05 Moved: A, from 15:00 to 16:00", "13:06 Moved: A, from 16:00 to 15:00", "13:07 Moved: A, from 15:00 to 16:00",
			"13:08 Moved: A, from 16:00 to 15:00", "13:09 Moved: A, from 15:00 to 17:30", "13:10 Cancelled: A, 17:30", "13:12 Moved: A, from 17:30 to 18:00",
		}
		w.expectNews(want...)
		w.pass(5*time.Hour + time.Minute)
		w.server.remove("/a.ics")
		w.sync()
		w.restart(time.Minute)
		w.sync()
		w.expectNews(want...)
	})
}

// A series that is moved as a whole twice is told twice, not once more for each of its names.
func TestCorrectionsOfASeries(t *testing.T) {
	correcting(t, func(w *world) {
		put := func(clock string) {
			w.server.put("/a.ics", text("A", "DTSTART;TZID=Europe/Zurich:20261117T"+clock+"\nDURATION:PT1H\nRRULE:FREQ=DAILY\nSUMMARY:A", "-PT2H"))
			w.sync()
			w.pass(time.Minute)
		}
		put("150000")
		w.pass(65 * time.Minute)
		put("153000")
		w.pass(30 * time.Minute) // it is announced anew, under its new name
		put("163000")
		put("163000")
		w.restart(time.Minute)
		w.sync()
		w.expectNews("13:06 Moved: A, from 15:00 to 15:30", "13:37 Moved: A, from 15:30 to 16:30")
	})
}

// An event that only moved between calendars is not cancelled, also when the other one cannot
// be synced at that moment; nor is one that comes back. One that stays away is, after a while.
func TestCorrectionsBetweenCalendars(t *testing.T) {
	for name, tt := range map[string]struct {
		fails time.Duration // for how long the other calendar cannot be synced
		moves bool
		want  []string
	}{
		"at once":           {moves: true},
		"a little later":    {moves: true, fails: 5 * time.Minute},
		"it stays away":     {fails: time.Hour, want: []string{"13:45 Cancelled: A, 15:00"}},
		"for want of fails": {want: []string{"13:30 Cancelled: A, 15:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			correcting(t, func(w *world) {
				w.server.put("/a.ics", at("A", "1500"))
				w.sync()
				w.pass(90 * time.Minute)
				w.server.remove("/a.ics")
				if tt.moves {
					w.server.putIn("Mine", "/a.ics", at("A", "1500"))
				}
				for end := time.Now().Add(30 * time.Minute); time.Now().Before(end); w.pass(time.Minute) {
					failing := tt.fails > 0 && time.Until(end) > 30*time.Minute-tt.fails
					w.server.set(func(s *server) { s.broken = map[string]bool{"Mine": failing} })
					_ = w.trySync(true)
				}
				w.expectNews(tt.want...)
			})
		})
	}
}

// One of several calendars lets go of an event: it takes place all the same.
func TestCorrectionsOfSharedEvents(t *testing.T) {
	correcting(t, func(w *world) {
		w.server.put("/a.ics", at("A", "1500"))
		w.server.putIn("Mine", "/a.ics", at("A", "1500"))
		w.sync()
		w.pass(90 * time.Minute)
		w.server.remove("/a.ics")
		w.sync()
		w.expectNews()
		w.server.putIn("Mine", "/a.ics", at("A", "1600"))
		w.sync()
		w.expectNews("13:30 Moved: A, from 15:00 to 16:00")
	})
}

// A calendar that the configuration lists no more is no news about its events.
func TestNoCorrectionsOfRemovedCalendars(t *testing.T) {
	correcting(t, func(w *world) {
		w.server.putIn("Mine", "/a.ics", at("A", "1500"))
		w.sync()
		w.pass(90 * time.Minute)
		w.account.Calendars = w.account.Calendars[:1]
		w.restart(time.Minute)
		w.sync()
		w.pass(time.Minute)
		w.expectNews()
	})
}

// Only a webhook that wants corrections gets them.
func TestNoCorrectionsUnasked(t *testing.T) {
	correcting(t, func(w *world) {
		w.webhooks[0].Corrections = false
		w.restart(time.Minute)
		w.server.put("/a.ics", at("A", "1500"))
		w.sync()
		w.pass(90 * time.Minute)
		w.server.remove("/a.ics")
		w.sync()
		w.expectNews()
	})
}

// A crash between the sync and the look for corrections, or a store that refuses, loses none
// and tells none twice.
func TestCorrectionsOverFaults(t *testing.T) {
	for name, tt := range map[string]struct{ happened, crash bool }{
		"refused": {}, "taken, but said to be refused": {happened: true}, "crash": {crash: true}, "crash after it was taken": {true, true},
	} {
		t.Run(name, func(t *testing.T) {
			correcting(t, func(w *world) {
				faulty := &refusesNotices{happened: tt.happened}
				w.wrap = func(s storeOfAll) storeOfAll { faulty.Store = s; return faulty }
				w.restart(time.Minute)
				w.server.put("/a.ics", at("A", "1500"))
				w.server.put("/b.ics", at("B", "1500"))
				w.sync()
				w.pass(90 * time.Minute)
				faulty.broken.Store(true)
				w.server.put("/a.ics", at("A", "1600"))
				w.server.remove("/b.ics")
				w.sync()
				if tt.crash {
					faulty = &refusesNotices{}
					w.restart(time.Minute)
				}
				faulty.broken.Store(false)
				w.pass(time.Minute)
				w.sync()
				w.pass(time.Minute)
				news := w.news()
				slices.SortFunc(news, func(a, b string) int { return strings.Compare(a[6:], b[6:]) })
				if len(news) != 2 || !strings.Contains(news[0], "Cancelled: B, 15:00") || !strings.Contains(news[1], "Moved: A, from 15:00 to 16:00") {
					t.Errorf("%q", news)
				}
			})
		})
	}
}

// A store that cannot say what was announced is asked again.
func TestCorrectionsUnread(t *testing.T) {
	correcting(t, func(w *world) {
		faulty := &unreadHistory{}
		w.wrap = func(s storeOfAll) storeOfAll { faulty.Store = s; return faulty }
		w.restart(time.Minute)
		w.server.put("/a.ics", at("A", "1500"))
		w.sync()
		w.pass(90 * time.Minute)
		faulty.broken = true
		w.server.remove("/a.ics")
		w.sync()
		w.expectNews()
		faulty.broken = false
		w.sync()
		w.expectNews("13:31 Cancelled: A, 15:00")
	})
}

// unreadHistory is a store whose history cannot be read at times.
type unreadHistory struct {
	storetest.Store
	broken bool
}

func (s *unreadHistory) History(ctx context.Context, q store.HistoryQuery) ([]calbell.Delivery, error) {
	if s.broken {
		return nil, errors.New("disk on fire")
	}
	return s.Store.History(ctx, q)
}

// Many at once come in portions, and all of them.
func TestManyCorrections(t *testing.T) {
	correcting(t, func(w *world) {
		for i := range 60 {
			w.server.put(calbell.Href(fmt.Sprintf("/%d.ics", i)), at(fmt.Sprint("E", i), "1500"))
		}
		w.sync()
		w.pass(90 * time.Minute)
		for i := range 60 {
			w.server.remove(calbell.Href(fmt.Sprintf("/%d.ics", i)))
		}
		for _, want := range []int{25, 50, 60, 60} {
			w.sync()
			w.pass(time.Minute)
			if got := len(w.news()); got != want {
				t.Errorf("%d lines, want %d", got, want)
			}
		}
	})
}

// Nothing of a private event's words is told, and a day is told as a day.
func TestCorrectionsOfPrivateAndWholeDays(t *testing.T) {
	correcting(t, func(w *world) {
		w.account.Calendars[0].Private = "busy"
		w.restart(time.Minute)
		day := func(d string) string {
			return text("fair", "DTSTART;VALUE=DATE:"+d+"\nSUMMARY:fair", "-PT11H")
		}
		w.server.put("/a.ics", at("A", "1500", "CLASS:PRIVATE"))
		w.server.putIn("Mine", "/b.ics", day("20261125"))
		w.sync()
		w.pass(90 * time.Minute)
		w.server.put("/a.ics", at("A", "1600", "CLASS:PRIVATE"))
		w.server.putIn("Mine", "/b.ics", day("20261127"))
		w.sync()
		w.pass(time.Minute)
		news := w.news()
		slices.Sort(news)
		if want := []string{"13:31 Moved: Busy, from 15:00 to 16:00", "13:31 Moved: fair, from Wednesday 25 November 2026 to Friday 27 November 2026"}; !slices.Equal(news, want) {
			t.Errorf("%q", news)
		}
	})
}

// A reminder that has the new time, and comes before the move was told, does not tell it.
func TestCorrectionAfterTheNewReminder(t *testing.T) {
	correcting(t, func(w *world) {
		faulty := &refusesNotices{}
		w.wrap = func(s storeOfAll) storeOfAll { faulty.Store = s; return faulty }
		w.restart(time.Minute)
		w.server.put("/a.ics", at("A", "1500"))
		w.sync()
		w.pass(89 * time.Minute)
		faulty.broken.Store(true)
		w.server.put("/a.ics", at("A", "1400")) // it is announced at once
		w.sync()
		w.pass(time.Second)
		w.restart(time.Minute)
		if n := len(w.chat.posts()); n != 2 {
			t.Fatalf("%d posts: %q", n, w.chat.lines())
		}
		faulty.broken.Store(false)
		w.sync()
		w.sync()
		w.expectNews("13:31 Moved: A, from 15:00 to 14:00")
	})
}
