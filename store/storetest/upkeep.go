package storetest

import (
	"fmt"
	"slices"
	"time"

	"calbell"
	"calbell/store"
)

func noticeTests() []test {
	return []test{
		{"a notice takes the way of a reminder", noticeLives},
		{"a notice is told once", func(k *kit) {
			n := notice("chat", 0)
			k.ok(k.Notify(k.Context(), []calbell.Reminder{n, n}, at(0)))
			k.ok(k.Notify(k.Context(), []calbell.Reminder{n}, at(time.Minute)))
			equal(k, "claimed", claimIDs(k.claim(time.Minute)), []calbell.ReminderID{n.ID})
			k.finish(time.Minute, sent(n.ID, time.Minute))
			k.ok(k.Notify(k.Context(), []calbell.Reminder{n}, at(time.Hour)))
			equal(k, "claimed after it ended", claimIDs(k.claim(time.Hour)), nil)
		}},
		{"a reminder is no notice", func(k *kit) {
			k.kind(k.Notify(k.Context(), []calbell.Reminder{notice("chat", 0), rem("a", "chat", 0).Reminder}, at(0)), calbell.KindUsage)
			equal(k, "claimed", claimIDs(k.claim(time.Minute)), nil)
		}},
		{"a notice about an event is found by its UID", noticeOfEvent},
		{"what ended before it was stored is history", recorded},
		{"missed ones are told once, by webhook", missedAreTold},
		{"many missed ones are counted", func(k *kit) {
			n := calbell.MaxNoticeItems + 5
			rs := k.manyMissed(n)
			told, err := k.TellMissed(k.Context(), "chat", at(time.Hour))
			k.ok(err)
			equal(k, "told", told, n)
			got := k.claim(time.Hour)[0].Notice
			equal(k, "listed", len(got.Items), calbell.MaxNoticeItems)
			equal(k, "more", got.More, 5)
			equal(k, "first", got.Items[0].Due, rs[0].Due)
		}},
		{"told twice at one instant", func(k *kit) {
			for i := range 2 {
				r := rem(fmt.Sprint(i), "chat", 0)
				k.put(0, "team", obj(fmt.Sprintf("/%d.ics", i), "1", r))
				k.claim(0)
				k.finish(0, calbell.Outcome{ID: r.ID, Status: calbell.StatusMissed, Tell: true})
				n, err := k.TellMissed(k.Context(), "chat", at(time.Hour))
				k.ok(err)
				equal(k, "told", n, 1)
			}
			cs := k.claim(time.Hour)
			if len(cs) != 2 || cs[0].Notice.Items[0].Subject == cs[1].Notice.Items[0].Subject {
				k.Errorf("claims: %+v", cs)
			}
		}},
		{"a forgotten one is not told", func(k *kit) {
			k.manyMissed(3)
			_, err := k.Prune(k.Context(), at(time.Hour), 2)
			k.ok(err)
			equal(k, "untold", k.untold(), map[calbell.WebhookID]int{"chat": 1})
		}},
	}
}

func noticeOfEvent(k *kit) {
	r := rem("a", "chat", 0)
	k.put(0, "team", obj("/1.ics", "1", r))
	n := notice("chat", time.Minute)
	n.UID, n.RecurrenceID, n.Start = "a", "2026-11-23", at(time.Hour)
	k.ok(k.Notify(k.Context(), []calbell.Reminder{n}, at(time.Minute)))
	k.drop(time.Minute, "team", "/1.ics") // it has no source that it could lose
	k.claim(time.Minute)
	k.finish(time.Minute, sent(n.ID, time.Minute))
	k.reopen()
	ds, err := k.History(k.Context(), store.HistoryQuery{UID: "a", Statuses: []calbell.Status{calbell.StatusSent}})
	k.ok(err)
	if len(ds) != 1 || ds[0].ID != n.ID || ds[0].RecurrenceID != "2026-11-23" || !ds[0].Start.Equal(at(time.Hour)) || ds[0].Notice == nil {
		k.Errorf("found %+v", ds)
	}
}

func notice(webhook calbell.WebhookID, d time.Duration) calbell.Reminder {
	return calbell.NewNotice(webhook, calbell.Notice{Kind: calbell.NoticeFailing, Subject: "home", Reason: calbell.Plain("401"), Since: at(d)}, at(d))
}

// tested is the record of a test that was sent.
func tested(webhook calbell.WebhookID, d time.Duration) calbell.Delivery {
	n := calbell.Notice{Kind: calbell.NoticeTest, Subject: "standup", Since: at(d), By: "alice"}
	return calbell.Delivery{
		Reminder: calbell.NewNotice(webhook, n, at(d)), Status: calbell.StatusSent, FinishedAt: at(d + time.Second), Attempts: 1,
		Tries: []calbell.Try{{At: at(d), Took: time.Second, Verdict: calbell.Accepted, Status: 200}},
	}
}

func recorded(k *kit) {
	d := tested("chat", 0)
	bad := calbell.WebhookState{SuspendedAt: at(0), Reason: calbell.Plain("gone")}
	k.ok(k.WebhookStates().Put(k.Context(), store.WebhookState{ID: "chat", WebhookState: bad}))
	k.ok(k.Record(k.Context(), d))
	states, err := store.StatesByWebhook(k.Context(), k.WebhookStates())
	k.ok(err)
	bad.Last = calbell.LastTry(d.Tries[0], true)
	equal(k, "the latest attempt", states, map[calbell.WebhookID]calbell.WebhookState{"chat": bad})
	k.kind(k.Record(k.Context(), d), calbell.KindUsage)
	waits := tested("chat", time.Hour)
	waits.Status = planned
	k.kind(k.Record(k.Context(), waits), calbell.KindUsage)
	bare := tested("chat", time.Hour)
	bare.Notice = nil
	k.kind(k.Record(k.Context(), bare), calbell.KindUsage)
	k.reopen()
	equal(k, "claimed", claimIDs(k.claim(time.Hour)), nil)
	got, err := k.History(k.Context(), store.HistoryQuery{})
	k.ok(err)
	if len(got) != 1 {
		k.Fatalf("%d ended, want 1", len(got))
	}
	equal(k, "recorded", got[0], d)
	counts, err := k.Counts(k.Context())
	k.ok(err)
	equal(k, "counted", counts[calbell.StatusSent], 1)
	n, err := k.Prune(k.Context(), at(time.Hour), 10)
	k.ok(err)
	equal(k, "forgotten", n, 1)
}

func (k *kit) untold() map[calbell.WebhookID]int {
	k.Helper()
	m, err := k.Untold(k.Context())
	k.ok(err)
	return m
}

// manyMissed makes n deliveries, a second apart, and ends them as missed and to be told.
func (k *kit) manyMissed(n int) []store.PlannedReminder {
	var rs []store.PlannedReminder
	var os []calbell.Outcome
	for i := range n {
		r := rem(fmt.Sprint(i), "chat", time.Duration(i)*time.Second)
		rs = append(rs, r)
		os = append(os, calbell.Outcome{ID: r.ID, Status: calbell.StatusMissed, Reason: calbell.English("too late"), Tell: true})
	}
	k.put(0, "team", obj("/1.ics", "1", rs...))
	k.claim(time.Minute)
	k.finish(time.Minute, os...)
	return rs
}

func noticeLives(k *kit) {
	n := notice("chat", time.Minute)
	k.ok(k.Notify(k.Context(), []calbell.Reminder{n}, at(0)))
	k.reopen()
	equal(k, "before it is due", claimIDs(k.claim(0)), nil)
	cs := k.claim(time.Minute)
	if len(cs) != 1 || cs[0].Object != nil || cs[0].Notice == nil {
		k.Fatalf("claimed %+v", cs)
	}
	equal(k, "the notice", *cs[0].Notice, *n.Notice)
	k.finish(time.Minute, retry(n.ID, 2*time.Minute))
	k.drop(time.Minute, "team", "/1.ics") // nothing that a calendar does touches it
	k.claim(2 * time.Minute)
	_, err := k.Recover(k.Context(), "w", at(3*time.Minute))
	k.ok(err)
	d := k.delivery(n.ID)
	if d.Status != calbell.StatusWaiting || !d.PossibleRepeat {
		k.Errorf("after a crash it is %s", d.Status)
	}
	k.claim(3 * time.Minute)
	k.finish(3*time.Minute, sent(n.ID, 3*time.Minute))
	equal(k, "status", k.delivery(n.ID).Status, calbell.StatusSent)
}

func missedAreTold(k *kit) {
	a, b, c := rem("a", "chat", 0), rem("b", "chat", time.Second), rem("c", "ops", 0)
	quiet := rem("d", "chat", 2*time.Second)
	k.put(0, "team", obj("/1.ics", "1", b, a, c, quiet))
	k.claim(time.Minute)
	tell := func(r store.PlannedReminder, s calbell.Status) calbell.Outcome {
		return calbell.Outcome{ID: r.ID, Status: s, Reason: calbell.Plain("why"), Tell: true}
	}
	k.finish(time.Minute, tell(b, calbell.StatusDead), tell(a, calbell.StatusMissed), tell(c, calbell.StatusDead),
		calbell.Outcome{ID: quiet.ID, Status: calbell.StatusMissed})
	k.reopen()
	equal(k, "untold", k.untold(), map[calbell.WebhookID]int{"chat": 2, "ops": 1})
	n, err := k.TellMissed(k.Context(), "chat", at(time.Hour))
	k.ok(err)
	equal(k, "told", n, 2)
	equal(k, "untold afterwards", k.untold(), map[calbell.WebhookID]int{"ops": 1})
	n, err = k.TellMissed(k.Context(), "chat", at(time.Hour+time.Second))
	k.ok(err)
	equal(k, "told again", n, 0)
	cs := k.claim(2 * time.Hour)
	if len(cs) != 1 || cs[0].Notice == nil {
		k.Fatalf("claimed %+v", cs)
	}
	item := func(r store.PlannedReminder, s calbell.Status) calbell.NoticeItem {
		return calbell.NoticeItem{Subject: r.Subject, Due: r.Due, Start: r.Start, Status: s, Reason: calbell.Plain("why")}
	}
	equal(k, "the notice", *cs[0].Notice, calbell.Notice{
		Kind: calbell.NoticeMissed, Since: at(time.Hour),
		Items: []calbell.NoticeItem{item(a, calbell.StatusMissed), item(b, calbell.StatusDead)},
	})
	k.finish(2*time.Hour, calbell.Outcome{ID: cs[0].ID, Status: calbell.StatusDead, Tell: true})
	equal(k, "a notice that failed is not told", k.untold(), map[calbell.WebhookID]int{"ops": 1})
}

func upkeepTests() []test {
	return []test{
		{"expire", expires},
		{"expire goes on where it stopped", func(k *kit) {
			var rs []store.PlannedReminder
			for i := range 10 {
				rs = append(rs, rem(fmt.Sprint(i), "chat", time.Duration(i/2)*time.Minute))
			}
			k.put(0, "team", obj("/1.ics", "1", rs...))
			r := store.ExpireRequest{Now: at(time.Hour), Before: at(time.Hour), Limit: 3, Missed: func(d calbell.Delivery) (bool, calbell.Text, bool) {
				return d.Due.Minute()%2 == 0, calbell.English("too late"), false
			}}
			steps := 0
			for ended := 0; ; steps++ {
				got, err := k.Expire(k.Context(), r)
				k.ok(err)
				ended += got.Ended["chat"]
				if r.From = got.Next; r.From.IsZero() {
					equal(k, "ended", ended, 6)
					break
				}
			}
			if steps < 2 {
				k.Errorf("%d steps for 10 of 3", steps)
			}
		}},
		{"resend", resends},
		{"resending an unknown one resends none", func(k *kit) {
			rs := k.manyMissed(1)
			_, err := k.Resend(k.Context(), []calbell.ReminderID{rs[0].ID, "none"}, at(0))
			k.kind(err, calbell.KindNotFound)
			equal(k, "status", k.delivery(rs[0].ID).Status, calbell.StatusMissed)
		}},
		{"beats only go on", func(k *kit) {
			last := func() time.Time {
				t, err := k.LastBeat(k.Context())
				k.ok(err)
				return t
			}
			equal(k, "before the first", last(), time.Time{})
			k.ok(k.Beat(k.Context(), at(time.Hour)))
			k.ok(k.Beat(k.Context(), at(0)))
			k.reopen()
			equal(k, "the latest", last(), at(time.Hour))
		}},
	}
}

func expires(k *kit) {
	late, kept, soon, flying := rem("a", "chat", 0), rem("b", "chat", time.Second), rem("c", "chat", time.Hour), rem("d", "ops", 0)
	k.put(0, "team", obj("/1.ics", "1", flying))
	k.claim(0)
	k.put(0, "team", obj("/2.ics", "1", late, kept, soon))
	seen := 0
	got, err := k.Expire(k.Context(), store.ExpireRequest{
		Now: at(2 * time.Hour), Before: at(30 * time.Minute), Limit: 100,
		Missed: func(d calbell.Delivery) (bool, calbell.Text, bool) {
			seen++
			return d.ID == late.ID, calbell.English("too late"), true
		},
	})
	k.ok(err)
	equal(k, "result", got, store.ExpireResult{Ended: map[calbell.WebhookID]int{"chat": 1}})
	k.expect(late, want{status: calbell.StatusMissed})
	k.expect(kept, want{status: planned, next: time.Second})
	k.expect(soon, want{status: planned, next: time.Hour})
	equal(k, "in flight", k.delivery(flying.ID).Status, inFlight)
	equal(k, "untold", k.untold(), map[calbell.WebhookID]int{"chat": 1})
	d := k.delivery(late.ID)
	equal(k, "reason", d.Reason, calbell.English("too late"))
	equal(k, "ended at", d.FinishedAt, at(2*time.Hour))
}

func resends(k *kit) {
	rs := k.manyMissed(2)
	n, err := k.Resend(k.Context(), slices.Concat(plannedIDs(rs[0]), plannedIDs(rs[0])), at(time.Hour))
	k.ok(err)
	equal(k, "planned again", n, 1)
	equal(k, "untold", k.untold(), map[calbell.WebhookID]int{"chat": 1})
	d := k.delivery(rs[0].ID)
	if d.Status != planned || !d.NextAt.Equal(at(time.Hour)) || !d.AskedAt.Equal(at(time.Hour)) || !d.FinishedAt.IsZero() {
		k.Errorf("planned again: %+v", d)
	}
	k.drop(time.Hour, "team", "/1.ics") // its event is gone, the person's wish is not
	cs := k.claim(time.Hour)
	if len(cs) != 1 || cs[0].Object != nil {
		k.Fatalf("claimed %+v", cs)
	}
	k.finish(time.Hour, retry(rs[0].ID, 2*time.Hour))
	equal(k, "retried", k.delivery(rs[0].ID).Status, waiting)
	n, err = k.Resend(k.Context(), plannedIDs(rs[0]), at(90*time.Minute))
	k.ok(err)
	equal(k, "its next try at once", n, 1)
	k.expect(rs[0], want{status: waiting, next: 90 * time.Minute})
	k.claim(2 * time.Hour)
	k.finish(2*time.Hour, sent(rs[0].ID, 2*time.Hour))
	n, err = k.Resend(k.Context(), plannedIDs(rs[0]), at(3*time.Hour))
	k.ok(err)
	equal(k, "a sent one too", n, 1)
}
