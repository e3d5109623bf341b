package scheduler_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"calbell"
	"calbell/scheduler/notices"
	"calbell/store"
	"calbell/store/storetest"
)

// daily is a digest of the day at a time of each day.
func daily(cron string) calbell.Digest {
	return calbell.Digest{Name: "day", Cron: cron, Webhook: "team", Days: 1, TimeZone: "Europe/Zurich"}
}

// digest puts digests in force.
func (w *world) digest(list ...calbell.Digest) {
	w.digests.Store(&list)
	w.digester.Kick()
	w.pass(0)
}

// agendas are the posts that are agendas, as "weekday time first line".
func (w *world) agendas() (lines []string) {
	for _, p := range w.chat.posts() {
		if first, _, _ := strings.Cut(p.msg.Text, "\n"); strings.HasPrefix(first, "Agenda") {
			lines = append(lines, p.at.In(w.zone).Format("Mon 15:04:05 MST")+" "+first)
		}
	}
	return lines
}

func (w *world) expectAgendas(want ...string) {
	w.Helper()
	w.pass(0)
	if got := w.agendas(); !slices.Equal(got, want) {
		w.Errorf("agendas:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// A reload that adds a digest, or gives it another time, tells nothing of before.
func TestDigestsOfAReload(t *testing.T) {
	inWorld(t, func(w *world) {
		w.zurichAt("2026-11-24 07:20")
		w.digest(daily("0 7 * * *"))
		w.pass(10 * time.Minute)
		w.expectAgendas()
		w.digest(daily("40 7 * * *"))
		w.pass(20 * time.Minute)
		w.digest(daily("45 7 * * *"))
		w.pass(20 * time.Minute)
		same := daily("45 7 * * *")
		same.Calendars = []string{"Team"} // what it tells is no matter of when
		w.digest(same)
		w.pass(23 * time.Hour)
		w.expectAgendas("Tue 07:40:00 CET Agenda: **Tuesday 24 November 2026**")
	})
}

// A store that refuses is asked again, until it is too late.
func TestDigestsOverFaults(t *testing.T) {
	for _, happened := range []bool{false, true} {
		inWorld(t, func(w *world) {
			faulty := &refusesNotices{happened: happened}
			w.wrap = func(s storeOfAll) storeOfAll { faulty.Store = s; return faulty }
			w.digest(daily("0 7 * * *"))
			w.zurichAt("2026-11-24 06:59")
			faulty.broken.Store(true)
			w.pass(30 * time.Minute)
			faulty.broken.Store(false)
			w.pass(time.Minute)
			if got := w.agendas(); len(got) != 1 {
				t.Errorf("%q", got)
			}
			w.pass(23 * time.Hour)
			faulty.broken.Store(true)
			w.pass(2 * time.Hour)
			faulty.broken.Store(false)
			w.pass(time.Hour)
			if got, want := len(w.agendas()), 1; got != want && !happened {
				t.Errorf("%d agendas, want %d", got, want)
			}
		})
	}
}

// refusesNotices is a store that fails to take notices, or says so although it took them.
type refusesNotices struct {
	storetest.Store
	broken   atomic.Bool
	happened bool
}

func (s *refusesNotices) Notify(ctx context.Context, ns []calbell.Reminder, now time.Time) error {
	if s.broken.Load() {
		if s.happened {
			if err := s.Store.Notify(ctx, ns, now); err != nil {
				return err
			}
		}
		return errors.New("disk full")
	}
	return s.Store.Notify(ctx, ns, now)
}

// What an agenda holds: what takes place on its days in its calendars, once each, without what
// no reminder would tell.
func TestAgendaHolds(t *testing.T) {
	inWorld(t, func(w *world) {
		w.account.Calendars = []calbell.CalendarSettings{
			{Name: "Team", Webhook: "team"}, {Name: "Mine", Private: "full"}, {Name: "Busy", Private: "busy"},
		}
		put := func(calendar, uid, lines string) {
			w.server.putIn(calendar, calbell.Href("/"+uid+".ics"), text(uid, lines+"\nSUMMARY:"+uid))
		}
		at := func(t string) string { return "DTSTART;TZID=Europe/Zurich:" + t + "\nDURATION:PT1H" }
		w.zurichAt("2026-11-24 12:00")
		put("Team", "today", at("20261124T150000"))
		put("Team", "early", at("20261125T000000"))
		put("Team", "over midnight", "DTSTART;TZID=Europe/Zurich:20261124T230000\nDURATION:PT2H")
		put("Team", "until midnight", "DTSTART;TZID=Europe/Zurich:20261124T230000\nDURATION:PT1H")
		put("Team", "whole day", "DTSTART;VALUE=DATE:20261125")
		put("Team", "weekly", at("20261118T090000")+"\nRRULE:FREQ=WEEKLY\nLOCATION:Room 1")
		put("Team", "late", at("20261125T233000"))
		put("Team", "next day", at("20261126T000000"))
		put("Team", "cancelled", at("20261125T100000")+"\nSTATUS:CANCELLED")
		put("Team", "declined", at("20261125T100000")+"\nATTENDEE;PARTSTAT=DECLINED:mailto:anna@example.org")
		put("Team", "secret", at("20261125T100000")+"\nCLASS:PRIVATE")
		put("Mine", "secret mine", at("20261125T110000")+"\nCLASS:PRIVATE")
		put("Busy", "secret busy", at("20261125T120000")+"\nCLASS:CONFIDENTIAL\nLOCATION:Hideout")
		put("Mine", "weekly", at("20261118T090000")+"\nRRULE:FREQ=WEEKLY\nLOCATION:Room 1")
		put("Other", "elsewhere", at("20261125T100000"))
		w.sync()
		w.digest([]calbell.Digest{
			{Name: "evening", Cron: "0 18 * * *", Webhook: "team", From: 1, Days: 1},
			{Name: "busy", Cron: "0 19 * * *", Webhook: "team", From: 1, Days: 1, Calendars: []string{"home/Busy"}, Line: "%start% – %end% %subject%[[ in %location%]]"},
			{Name: "empty", Cron: "0 20 * * *", Webhook: "team", From: 3, Days: 1, Calendars: []string{"Busy"}},
			{Name: "none", Cron: "0 21 * * *", Webhook: "team", From: 3, Days: 1, Calendars: []string{"Busy"}, SkipEmpty: true},
		}...)
		w.pass(11 * time.Hour)
		var texts []string
		for _, p := range w.chat.posts() {
			texts = append(texts, p.msg.Text)
		}
		if len(texts) != 3 {
			t.Fatalf("%d messages: %q", len(texts), texts)
		}
		for _, want := range []string{"early", "over midnight", "whole day", "weekly", "Room 1", "late", "secret mine"} {
			if n := strings.Count(texts[0], want); n != 1 {
				t.Errorf("%q is in it %d times: %s", want, n, texts[0])
			}
		}
		for _, word := range []string{"today", "until midnight", "next day", "cancelled", "declined", "elsewhere", "secret busy", "Hideout"} {
			if strings.Contains(texts[0], word) {
				t.Errorf("%q is in it: %s", word, texts[0])
			}
		}
		if strings.Contains(texts[1], "secret") || strings.Contains(texts[1], "Hideout") || !strings.Contains(texts[1], "13:00 Busy") {
			t.Errorf("what is private: %s", texts[1])
		}
		if !strings.Contains(texts[2], "No events") {
			t.Errorf("an empty one: %s", texts[2])
		}
	})
}

// Whoever fills a calendar makes no message without end.
func TestAgendaIsBounded(t *testing.T) {
	inWorld(t, func(w *world) {
		w.zurichAt("2026-11-24 12:00")
		w.server.put("/0.ics", strings.Replace(local("each second", "20261125T000000", "PT1S"), "SUMMARY", "RRULE:FREQ=SECONDLY\r\nSUMMARY", 1))
		for i := range calbell.MaxAgendaRows {
			w.server.put(calbell.Href(fmt.Sprintf("/%d.ics", i+1)), local(fmt.Sprintf("event %d", i), "20261125T080000", "PT1H"))
		}
		w.sync()
		w.digest(calbell.Digest{Name: "evening", Cron: "0 18 * * *", Webhook: "team", From: 1, Days: 1})
		w.pass(7 * time.Hour)
		list, err := w.store.History(w.Context(), store.HistoryQuery{})
		w.ok(err)
		if len(list) != 1 || len(list[0].Notice.Agenda.Rows) != calbell.MaxAgendaRows || list[0].Notice.Agenda.More < calbell.MaxAgendaRows {
			t.Fatalf("%d agendas", len(list))
		}
		if text := w.chat.posts()[0].msg.Text; !strings.Contains(text, " more") {
			t.Errorf("it says nothing of more: %s", text)
		}
	})
}

// The clock is set forward by mistake and back again: the digests go on.
func TestDigestsOverAClockSetBack(t *testing.T) {
	inWorld(t, func(w *world) {
		w.zurichAt("2026-11-24 06:00")
		d := notices.NewDigests(w.store, time.Time{}, notices.DigestOptions{
			Digests: func() []calbell.Digest { return []calbell.Digest{daily("0 7 * * *")} },
			Policy:  w.policy.Load, Changed: w.loop.Kick,
			Log: slog.New(slog.DiscardHandler),
		})
		now := time.Now()
		d.Turn(w.Context(), now)
		d.Turn(w.Context(), now.AddDate(4, 0, 0))
		if next := d.Turn(w.Context(), now); next.Sub(now) > calbell.MaxSleep {
			t.Errorf("looks again at %v", next)
		}
		d.Turn(w.Context(), now.Add(time.Hour))
		d.Turn(w.Context(), now.Add(time.Hour+time.Second))
		w.pass(2 * time.Hour)
		w.expectAgendas("Tue 07:00:00 CET Agenda: **Tuesday 24 November 2026**")
	})
}
