package storetest

import (
	"slices"
	"time"

	"calbell"
	"calbell/store"
)

const (
	planned   = calbell.StatusPlanned
	waiting   = calbell.StatusWaiting
	inFlight  = calbell.StatusInFlight
	held      = calbell.StatusHeld
	cancelled = calbell.StatusCancelled
)

func planTests() []test {
	return slices.Concat(
		planBasics(), planOdd(), planSources(), planShared(), planEnds(), planFlight(), planExtend(), planExtendLong(),
	)
}

func planBasics() []test {
	return []test{
		{"planned as asked", func(k *kit) {
			r := rem("a", "chat", time.Hour)
			r.RecurrenceID = "2026-11-23"
			zone := time.FixedZone("", 3600)
			r.Due, r.Start, r.End = r.Due.In(zone), r.Start.In(zone), r.End.In(zone)
			k.put(0, "team", obj("/1.ics", "1", alarm(r, 3)))
			k.reopen()
			want := calbell.Delivery{Reminder: r.Reminder, Status: planned, NextAt: at(time.Hour)}
			want.Sources = []calbell.Source{{Calendar: "team", Href: "/1.ics", Alarm: 3}}
			got := k.delivery(r.ID)
			equal(k, "delivery", got, want)
			if got.Due.Location() != time.UTC || got.Start.Location() != time.UTC {
				k.Errorf("due in %s, starts in %s, want UTC", got.Due.Location(), got.Start.Location())
			}
		}},
		{"planning twice is planning once", func(k *kit) {
			r := rem("a", "chat", time.Hour)
			k.put(0, "team", obj("/1.ics", "1", r))
			before := k.delivery(r.ID)
			k.put(time.Minute, "team", obj("/1.ics", "1", r))
			equal(k, "delivery", k.delivery(r.ID), before)
		}},
		{"the newest text wins", func(k *kit) {
			r := rem("a", "chat", time.Hour)
			k.put(0, "team", obj("/1.ics", "1", r))
			r2 := about(r, "new subject")
			r2.Start, r2.End = at(3*time.Hour), at(4*time.Hour)
			k.put(0, "team", obj("/1.ics", "2", r2))
			d := k.delivery(r.ID)
			if d.Subject != "new subject" || !d.Start.Equal(r2.Start) || !d.End.Equal(r2.End) {
				k.Errorf("subject %q, %s to %s", d.Subject, d.Start, d.End)
			}
			k.expect(r, want{planned, time.Hour, []string{"team/1.ics"}})
		}},
	}
}

func planOdd() []test {
	return []test{
		{"one ID twice in one object", func(k *kit) {
			r := rem("a", "chat", time.Hour)
			k.put(0, "team", obj("/1.ics", "1", alarm(r, 0), alarm(r, 2)))
			equal(k, "sources", k.delivery(r.ID).Sources, []calbell.Source{
				{Calendar: "team", Href: "/1.ics", Alarm: 0}, {Calendar: "team", Href: "/1.ics", Alarm: 2},
			})
			k.put(0, "team", obj("/1.ics", "2", alarm(r, 1)))
			equal(k, "sources", k.delivery(r.ID).Sources, []calbell.Source{
				{Calendar: "team", Href: "/1.ics", Alarm: 1},
			})
			k.drop(0, "team", "/1.ics")
			k.expect(r, want{status: cancelled})
		}},
		{"what is past is not made for keeping", func(k *kit) {
			past, known := rem("a", "chat", -time.Minute), rem("b", "chat", time.Minute)
			k.put(0, "team", obj("/1.ics", "1", known))
			k.put(2*time.Minute, "team", obj("/1.ics", "2", keepOnly(past), keepOnly(known)))
			k.gone(past)
			k.expect(known, want{planned, time.Minute, []string{"team/1.ics"}})
		}},
		{"what is past is made when asked for", func(k *kit) {
			r := rem("a", "chat", -5*time.Minute)
			k.put(0, "team", obj("/1.ics", "1", r))
			equal(k, "claimed", claimIDs(k.claim(0)), plannedIDs(r))
		}},
		{"far away and long ago", func(k *kit) {
			far := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).Sub(t0)
			for y := range 3 { // a Duration holds 292 years; some instants need more
				r := rem("a", "chat", 0)
				r.Due = t0.AddDate(300*(y+1), 0, 0)
				r.ID = calbell.NewReminderID(r.Webhook, r.UID, "", r.Due)
				k.put(0, "team", obj("/1.ics", "1", r))
				due, ok, err := k.NextDue(k.Context(), at(far))
				k.ok(err)
				if !ok || !due.Equal(r.Due) {
					k.Errorf("next due %s (%v), want %s", due, ok, r.Due)
				}
			}
		}},
	}
}

func planSources() []test {
	return []test{
		{"moved: the old one goes, the new one comes", func(k *kit) {
			old, moved := rem("a", "chat", time.Hour), rem("a", "chat", 2*time.Hour)
			k.put(0, "team", obj("/1.ics", "1", old))
			k.put(time.Minute, "team", obj("/1.ics", "2", moved))
			k.expect(old, want{status: cancelled})
			k.expect(moved, want{planned, 2 * time.Hour, []string{"team/1.ics"}})
			if d := k.delivery(old.ID); !d.FinishedAt.Equal(at(time.Minute)) || d.Reason.IsZero() {
				k.Errorf("cancelled at %s because of %q", d.FinishedAt, d.Reason)
			}
		}},
		{"moved away and back", func(k *kit) {
			r, away := rem("a", "chat", time.Hour), rem("a", "chat", 2*time.Hour)
			k.put(0, "team", obj("/1.ics", "1", r))
			k.put(time.Minute, "team", obj("/1.ics", "2", away))
			k.put(time.Hour, "team", obj("/1.ics", "3", about(r, "back")))
			k.expect(r, want{planned, time.Hour, []string{"team/1.ics"}})
			k.expect(away, want{status: cancelled})
			if d := k.delivery(r.ID); d.Subject != "back" || !d.Reason.IsZero() {
				k.Errorf("subject %q, reason %q", d.Subject, d.Reason)
			}
			equal(k, "claimed", claimIDs(k.claim(time.Hour)), plannedIDs(r))
		}},
		{"moved back too late", func(k *kit) {
			r := rem("a", "chat", time.Hour)
			k.put(0, "team", obj("/1.ics", "1", r))
			k.put(time.Minute, "team", obj("/1.ics", "2"))
			k.put(time.Hour+1, "team", obj("/1.ics", "3", r))
			k.expect(r, want{status: cancelled})
		}},
	}
}

func planShared() []test {
	return []test{
		{"one meeting in two calendars", func(k *kit) {
			r := rem("a", "chat", time.Hour)
			k.put(0, "team", obj("/1.ics", "1", r))
			k.put(0, "mine", obj("/9.ics", "1", r))
			k.expect(r, want{planned, time.Hour, []string{"team/1.ics", "mine/9.ics"}})
			k.drop(0, "team", "/1.ics")
			k.expect(r, want{planned, time.Hour, []string{"mine/9.ics"}})
			k.put(0, "mine", obj("/9.ics", "2"))
			k.expect(r, want{status: cancelled})
		}},
		{"moved between objects of one change", func(k *kit) {
			r := rem("a", "chat", -time.Minute)
			k.put(0, "team", obj("/1.ics", "1", r))
			k.claim(0)
			k.finish(0, retry(r.ID, time.Minute))
			k.put(0, "team", obj("/1.ics", "2"), obj("/2.ics", "1", r))
			k.expect(r, want{waiting, time.Minute, []string{"team/2.ics"}})
			k.ok(k.Apply(k.Context(), store.Change{
				Calendar: cal("team"), Delete: []calbell.Href{"/2.ics"},
				Put: []store.Planned{obj("/3.ics", "1", r)},
			}, t0))
			k.expect(r, want{waiting, time.Minute, []string{"team/3.ics"}})
		}},
		{"moved between calendars while it fell due", movedWhileDue},
		{"known late", madeKnownLate},
		{"two objects of one calendar", func(k *kit) {
			r := rem("a", "chat", time.Hour)
			k.put(0, "team", obj("/1.ics", "1", r), obj("/2.ics", "1", r))
			k.put(0, "team", obj("/1.ics", "2"))
			k.expect(r, want{planned, time.Hour, []string{"team/2.ics"}})
		}},
		{"the same object twice in one change", func(k *kit) {
			first, second := rem("a", "chat", time.Hour), rem("a", "chat", 2*time.Hour)
			k.put(0, "team", obj("/1.ics", "1", first), obj("/1.ics", "2", second))
			k.expect(first, want{status: cancelled})
			k.expect(second, want{planned, 2 * time.Hour, []string{"team/1.ics"}})
		}},
		{"planned again, only by those that still want it", func(k *kit) {
			r := rem("a", "chat", time.Hour)
			k.put(0, "team", obj("/1.ics", "1", r), obj("/2.ics", "1", r))
			k.claim(time.Hour)
			k.finish(time.Hour, calbell.Outcome{ID: r.ID, Status: cancelled, Reason: calbell.Plain("declined")})
			k.put(time.Hour, "team", obj("/1.ics", "2"))
			k.put(time.Hour, "mine", obj("/1.ics", "1", r))
			k.expect(r, want{planned, time.Hour, []string{"team/2.ics", "mine/1.ics"}})
			k.drop(time.Hour, "team", "/2.ics")
			k.drop(time.Hour, "mine", "/1.ics")
			k.expect(r, want{status: cancelled})
		}},
	}
}

func movedWhileDue(k *kit) {
	r, tried, old := rem("a", "chat", time.Minute), rem("b", "chat", -time.Minute), rem("c", "chat", time.Minute)
	k.put(0, "team", obj("/1.ics", "1", r), obj("/2.ics", "1", tried), obj("/3.ics", "1", old))
	k.claim(0)
	k.finish(0, retry(tried.ID, time.Minute))
	k.drop(0, "team", "/3.ics")
	k.drop(time.Minute-time.Second, "team", "/1.ics", "/2.ics")
	k.expect(r, want{status: cancelled})
	late := calbell.MoveWindow + time.Second // for the one that went at 0, and in time for the others
	k.put(late, "mine", obj("/1.ics", "1", keepOnly(r)), obj("/2.ics", "1", tried), obj("/3.ics", "1", keepOnly(old)))
	k.expect(r, want{planned, time.Minute, []string{"mine/1.ics"}})
	k.expect(tried, want{planned, -time.Minute, []string{"mine/2.ics"}})
	k.expect(old, want{status: cancelled})
}

func madeKnownLate(k *kit) {
	knownLate := func(r store.PlannedReminder) store.PlannedReminder {
		r.KnownLate = true
		return r
	}
	made, again, there := rem("a", "chat", -time.Minute), rem("b", "chat", time.Minute), rem("c", "chat", time.Minute)
	k.put(0, "team", obj("/1.ics", "1", again), obj("/2.ics", "1", there))
	k.drop(0, "team", "/1.ics")
	late := calbell.MoveWindow + time.Hour
	k.put(late, "team", obj("/1.ics", "2", knownLate(made), knownLate(again)), obj("/2.ics", "2", knownLate(there)))
	k.expect(made, want{planned, -time.Minute, []string{"team/1.ics"}})
	k.expect(again, want{planned, time.Minute, []string{"team/1.ics"}})
	for r, want := range map[calbell.ReminderID]time.Time{made.ID: at(late), again.ID: at(late), there.ID: {}} {
		d, err := k.Delivery(k.Context(), r)
		k.ok(err)
		equal(k, "known at", d.KnownAt, want)
	}
}

func planEnds() []test {
	return []test{
		{"an ended one stays as it ended", func(k *kit) {
			for _, s := range []calbell.Status{
				calbell.StatusSent, calbell.StatusDead, calbell.StatusMissed, calbell.StatusDropped,
			} {
				r := rem("uid "+string(s), "chat", time.Hour)
				k.put(0, "team", obj("/1.ics", "1", r))
				k.claim(time.Hour)
				k.finish(time.Hour, calbell.Outcome{ID: r.ID, Status: s, Reason: calbell.English("so it was")})
				before := k.delivery(r.ID)
				k.put(0, "team", obj("/1.ics", "2", about(r, "edited")))
				k.put(0, "mine", obj("/1.ics", "1", about(r, "edited")))
				k.put(0, "team", obj("/1.ics", "3"))
				k.drop(0, "mine", "/1.ics")
				equal(k, string(s), k.delivery(r.ID), before)
			}
			equal(k, "claimed", claimIDs(k.claim(2*time.Hour)), nil)
		}},
		{"cancelled while in flight, then", func(k *kit) {
			for _, tt := range []struct {
				outcome calbell.Outcome
				want    calbell.Status
			}{
				{sent("", 0), calbell.StatusSent},
				{calbell.Outcome{Status: calbell.StatusDead, Reason: calbell.Plain("no")}, calbell.StatusDead},
				{calbell.Outcome{Status: waiting, NextAt: at(time.Hour)}, cancelled},
				{calbell.Outcome{Status: held, NextAt: at(time.Hour)}, cancelled},
				{calbell.Outcome{Status: planned, NextAt: at(time.Hour)}, cancelled},
			} {
				r := rem("uid "+string(tt.outcome.Status), "chat", 0)
				k.put(0, "team", obj("/1.ics", "1", r))
				k.claim(0)
				k.drop(0, "team", "/1.ics")
				k.expect(r, want{status: inFlight})
				tt.outcome.ID = r.ID
				k.finish(0, tt.outcome)
				k.expect(r, want{status: tt.want})
			}
			equal(k, "claimed", claimIDs(k.claim(2*time.Hour)), nil)
		}},
	}
}

func planFlight() []test {
	return []test{
		{"cancelled while in flight, and wanted again", func(k *kit) {
			r := rem("a", "chat", 0)
			k.put(0, "team", obj("/1.ics", "1", r))
			k.claim(0)
			k.drop(0, "team", "/1.ics")
			k.put(0, "mine", obj("/2.ics", "1", r))
			k.finish(0, retry(r.ID, time.Minute))
			k.expect(r, want{waiting, time.Minute, []string{"mine/2.ics"}})
		}},
		{"edited while in flight", func(k *kit) {
			r := rem("a", "chat", 0)
			k.put(0, "team", obj("/1.ics", "1", r))
			k.claim(0)
			k.put(0, "team", obj("/1.ics", "2", about(r, "edited")))
			d := k.delivery(r.ID)
			if d.Status != inFlight || d.Worker != "w" || d.Subject != "edited" {
				k.Errorf("%s, held by %q, subject %q", d.Status, d.Worker, d.Subject)
			}
			equal(k, "claimed", claimIDs(k.claim(0)), nil)
			k.finish(0, sent(r.ID, 0))
			k.expect(r, want{status: calbell.StatusSent})
		}},
		{"a waiting one is cancelled", func(k *kit) {
			r := rem("a", "chat", 0)
			k.put(0, "team", obj("/1.ics", "1", r))
			k.claim(0)
			k.finish(0, retry(r.ID, time.Minute))
			k.put(0, "team", obj("/1.ics", "2"))
			k.expect(r, want{status: cancelled})
			if d := k.delivery(r.ID); d.Attempts != 1 || len(d.Tries) != 1 {
				k.Errorf("%d attempts, %d tries kept", d.Attempts, len(d.Tries))
			}
		}},
	}
}

// extend continues the layout of an object of the calendar "team" at t0 + d.
func (k *kit) extend(d time.Duration, p store.Planned) {
	k.Helper()
	p.Object.Calendar = "team"
	k.ok(k.Extend(k.Context(), []store.Planned{p}, at(d)))
}

func planExtend() []test {
	return []test{
		{"extended: added, nothing removed", func(k *kit) {
			a, b := rem("a", "chat", time.Hour), rem("a", "chat", 25*time.Hour)
			k.put(0, "team", obj("/1.ics", "1", a))
			more := obj("/1.ics", "1", b)
			more.Object.Raw, more.Object.Until, more.Object.Replan = nil, at(48*time.Hour), at(24*time.Hour)
			k.extend(0, more)
			k.reopen()
			k.expect(a, want{planned, time.Hour, []string{"team/1.ics"}})
			k.expect(b, want{planned, 25 * time.Hour, []string{"team/1.ics"}})
			equal(k, "to continue", k.duePlans(24*time.Hour, 9), []calbell.Href{"/1.ics"})
			o, err := k.Object(k.Context(), "team", "/1.ics")
			k.ok(err)
			equal(k, "text", string(o.Raw), "BEGIN:VCALENDAR /1.ics 1")
			if !o.Until.Equal(at(48 * time.Hour)) {
				k.Errorf("laid out until %s", o.Until)
			}
			k.put(0, "team", obj("/1.ics", "2"))
			k.expect(a, want{status: cancelled})
			k.expect(b, want{status: cancelled})
		}},
		{"extended from an older copy: skipped", func(k *kit) {
			r := rem("a", "chat", time.Hour)
			k.put(0, "team", obj("/1.ics", "2"))
			k.extend(0, obj("/1.ics", "1", r))
			k.extend(0, obj("/2.ics", "1", r))
			k.gone(r)
		}},
		{"extended from an older copy without ETags: skipped", func(k *kit) {
			old, cur := rem("a", "chat", time.Hour), rem("a", "chat", 2*time.Hour)
			p, q := obj("/1.ics", "1", old), obj("/1.ics", "2", cur)
			p.Object.ETag, q.Object.ETag = "", ""
			now := q
			now.Reminders = nil
			k.put(0, "team", now)
			k.extend(0, p)
			k.gone(old)
			k.extend(0, q)
			k.expect(cur, want{planned, 2 * time.Hour, []string{"team/1.ics"}})
		}},
	}
}

func planExtendLong() []test {
	return []test{
		{"extended for a year", func(k *kit) {
			day := 24 * time.Hour
			k.put(0, "team", obj("/1.ics", "1", rem("a", "chat", day)))
			for n := time.Duration(2); n <= 365; n++ {
				now := (n - 1) * day
				for _, c := range k.claim(now) {
					k.finish(now, sent(c.ID, now))
				}
				k.extend(now, obj("/1.ics", "1", rem("a", "chat", n*day), keepOnly(rem("a", "chat", now))))
			}
			counts, err := k.Counts(k.Context())
			k.ok(err)
			equal(k, "counts", counts, map[calbell.Status]int{calbell.StatusSent: 364, planned: 1})
			k.drop(364*day, "team", "/1.ics")
			k.expect(rem("a", "chat", 365*day), want{status: cancelled})
			k.expect(rem("a", "chat", 364*day), want{status: calbell.StatusSent})
		}},
	}
}
