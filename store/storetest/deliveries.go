package storetest

import (
	"fmt"
	"slices"
	"time"

	"calbell"
	"calbell/store"
)

func deliveryTests() []test {
	return []test{
		{"unknown", func(k *kit) {
			k.gone(rem("a", "chat", 0))
			_, err := k.Delivery(k.Context(), "")
			k.kind(err, calbell.KindNotFound)
		}},
		{"upcoming", func(k *kit) {
			a, b, c := rem("a", "chat", 0), rem("b", "chat", time.Hour), rem("c", "chat", time.Minute)
			k.put(0, "team", obj("/1.ics", "1", a, b, c))
			k.claim(0)
			for limit, want := range [][]calbell.ReminderID{{}, plannedIDs(a), plannedIDs(a, c), plannedIDs(a, c, b), plannedIDs(a, c, b)} {
				ds, err := k.Upcoming(k.Context(), store.UpcomingQuery{Limit: limit})
				k.ok(err)
				equal(k, fmt.Sprint("limit ", limit), deliveryIDs(ds), want)
			}
			k.finish(0, sent(a.ID, 0))
			ds, err := k.Upcoming(k.Context(), store.UpcomingQuery{Limit: 9})
			k.ok(err)
			equal(k, "after it was sent", deliveryIDs(ds), plannedIDs(c, b))
		}},
		{"upcoming in parts", upcomingInParts},
		{"upcoming of some calendars", upcomingOfCalendars},
		{"upcoming of one event", upcomingOfEvent},
		{"upcoming and claims at one instant go by ID", func(k *kit) {
			var rs []store.PlannedReminder
			for i := range 20 {
				rs = append(rs, rem(fmt.Sprint(i), "chat", 0))
			}
			k.put(0, "team", obj("/1.ics", "1", rs...))
			want := plannedIDs(rs...)
			slices.Sort(want)
			equal(k, "claimed", claimIDs(k.claimAs("w", 0, 7, nil)), want[:7])
			ds, err := k.Upcoming(k.Context(), store.UpcomingQuery{Limit: 9})
			k.ok(err)
			equal(k, "upcoming", deliveryIDs(ds), want[:9])
		}},
		{"history", history},
	}
}

func upcomingInParts(k *kit) {
	var rs []store.PlannedReminder
	for i := range 20 {
		rs = append(rs, rem(fmt.Sprint(i), "chat", time.Duration(i/4)*time.Minute))
	}
	k.put(0, "team", obj("/1.ics", "1", rs...))
	k.claimAs("w", 0, 3, nil)
	whole, err := k.Upcoming(k.Context(), store.UpcomingQuery{Limit: 99})
	k.ok(err)
	var parts []calbell.Delivery
	q := store.UpcomingQuery{Limit: 3}
	for range 20 {
		part, err := k.Upcoming(k.Context(), q)
		k.ok(err)
		if len(part) == 0 {
			break
		}
		last := part[len(part)-1]
		parts, q.After = append(parts, part...), &store.UpcomingMark{NextAt: last.NextAt, ID: last.ID}
	}
	equal(k, "parts", deliveryIDs(parts), deliveryIDs(whole))
	equal(k, "length", len(whole), 20)
}

func upcomingOfCalendars(k *kit) {
	shared, a, b, c := rem("shared", "chat", time.Minute), rem("a", "chat", time.Hour), rem("b", "chat", 0), rem("c", "chat", 2*time.Hour)
	k.put(0, "team", obj("/1.ics", "1", a, shared))
	k.put(0, "other", obj("/1.ics", "1", b, shared), obj("/2.ics", "1", c))
	k.ok(k.Notify(k.Context(), []calbell.Reminder{calbell.NewNotice("chat", calbell.Notice{Kind: calbell.NoticeTrouble, Subject: "x"}, at(0))}, at(0)))
	of := func(limit int, after *store.UpcomingMark, ids ...calbell.CalendarID) []calbell.ReminderID {
		ds, err := k.Upcoming(k.Context(), store.UpcomingQuery{Limit: limit, After: after, Calendars: ids})
		k.ok(err)
		return deliveryIDs(ds)
	}
	equal(k, "one", of(9, nil, "team"), plannedIDs(shared, a))
	equal(k, "the other", of(9, nil, "other"), plannedIDs(b, shared, c))
	equal(k, "both, once each", of(9, nil, "team", "other"), plannedIDs(b, shared, a, c))
	equal(k, "a part", of(2, nil, "team", "other"), plannedIDs(b, shared))
	equal(k, "the rest", of(9, &store.UpcomingMark{NextAt: shared.Due, ID: shared.ID}, "team", "other"), plannedIDs(a, c))
	equal(k, "none", len(of(9, nil, []calbell.CalendarID{}...)), 0)
	equal(k, "an unknown one", len(of(9, nil, "unknown")), 0)
	k.claim(2 * time.Minute) // b, shared and the notice
	equal(k, "in flight", of(9, nil, "team"), plannedIDs(shared, a))
	retry := calbell.Outcome{ID: shared.ID, Try: &calbell.Try{At: at(2 * time.Minute)}, Status: calbell.StatusWaiting, NextAt: at(3 * time.Hour)}
	k.finish(2*time.Minute, retry, sent(b.ID, 2*time.Minute))
	equal(k, "tried again later", of(9, nil, "team"), plannedIDs(a, shared))
	equal(k, "what was sent is gone", of(9, nil, "other"), plannedIDs(c, shared))
}

func upcomingOfEvent(k *kit) {
	a, b, other := rem("a", "chat", time.Minute), rem("a", "chat", time.Hour), rem("b", "chat", 0)
	whole, copied := obj("/1.ics", "1", a, b, other), obj("/1.ics", "1", a)
	whole.Object.UIDs, copied.Object.UIDs = []calbell.UID{a.UID, other.UID}, []calbell.UID{a.UID}
	k.put(0, "team", whole)
	k.put(0, "copy", copied)
	of := func(limit int, after *store.UpcomingMark, uid calbell.UID) []calbell.ReminderID {
		ds, err := k.Upcoming(k.Context(), store.UpcomingQuery{Limit: limit, After: after, UID: uid})
		k.ok(err)
		return deliveryIDs(ds)
	}
	equal(k, "all, once each", of(9, nil, a.UID), plannedIDs(a, b))
	equal(k, "the other", of(9, nil, other.UID), plannedIDs(other))
	equal(k, "a part", of(1, nil, a.UID), plannedIDs(a))
	equal(k, "the rest", of(9, &store.UpcomingMark{NextAt: a.Due, ID: a.ID}, a.UID), plannedIDs(b))
	equal(k, "an unknown one", len(of(9, nil, "unknown@example.org")), 0)
	k.claim(time.Minute)
	equal(k, "in flight", of(9, nil, a.UID), plannedIDs(a, b))
	retry := calbell.Outcome{ID: a.ID, Try: &calbell.Try{At: at(time.Minute)}, Status: calbell.StatusWaiting, NextAt: at(2 * time.Hour)}
	k.finish(time.Minute, retry, sent(other.ID, time.Minute))
	equal(k, "tried again later", of(9, nil, a.UID), plannedIDs(b, a))
	equal(k, "what was sent is gone", len(of(9, nil, other.UID)), 0)
}

func countTests() []test {
	return []test{
		{"counts", func(k *kit) {
			a, b, c := rem("a", "chat", 0), rem("b", "chat", 0), rem("c", "chat", time.Hour)
			count := func(what string, want map[calbell.Status]int) {
				got, err := k.Counts(k.Context())
				k.ok(err)
				for s, n := range got {
					if n == 0 {
						delete(got, s)
					}
				}
				equal(k, what, got, want)
			}
			count("empty", nil)
			k.put(0, "team", obj("/1.ics", "1", a, b, c))
			count("planned", map[calbell.Status]int{planned: 3})
			k.claim(0)
			count("claimed", map[calbell.Status]int{planned: 1, inFlight: 2})
			k.finish(0, sent(a.ID, 0), retry(b.ID, time.Minute))
			k.reopen()
			count("finished", map[calbell.Status]int{planned: 1, waiting: 1, calbell.StatusSent: 1})
			k.drop(0, "team", "/1.ics")
			count("cancelled", map[calbell.Status]int{cancelled: 2, calbell.StatusSent: 1})
			k.put(0, "team", obj("/1.ics", "2", c))
			count("planned again", map[calbell.Status]int{planned: 1, cancelled: 1, calbell.StatusSent: 1})
			_, err := k.Prune(k.Context(), at(24*time.Hour), 10)
			k.ok(err)
			count("pruned", map[calbell.Status]int{planned: 1})
		}},
		{"prune", func(k *kit) {
			var rs []store.PlannedReminder
			for i := range 5 {
				d := time.Duration(i) * time.Minute
				r := rem(fmt.Sprint(i), "chat", d)
				rs = append(rs, r)
				k.put(0, "team", obj(fmt.Sprintf("/%d.ics", i), "1", r))
				k.claim(d)
				if i < 4 {
					k.finish(d, calbell.Outcome{ID: r.ID, Status: calbell.StatusMissed})
				}
			}
			for _, tt := range []struct {
				before time.Duration
				limit  int
				want   int
			}{{0, 9, 0}, {3 * time.Minute, 0, 0}, {3 * time.Minute, 2, 2}, {3 * time.Minute, 9, 1}, {time.Hour, 9, 1}, {time.Hour, 9, 0}} {
				n, err := k.Prune(k.Context(), at(tt.before), tt.limit)
				k.ok(err)
				equal(k, "pruned", n, tt.want)
			}
			for _, r := range rs[:4] {
				k.gone(r)
			}
			k.expect(rs[4], want{status: inFlight, next: 4 * time.Minute})
			k.put(time.Hour, "team", obj("/1.ics", "2", keepOnly(rs[1]))) // what was forgotten is not made again
			k.gone(rs[1])
		}},
	}
}

func history(k *kit) {
	end := func(uid, webhook string, d time.Duration, s calbell.Status) calbell.ReminderID {
		r := rem(uid, webhook, d)
		k.put(d, "team", obj("/"+uid+webhook+".ics", "1", r))
		k.claim(d)
		k.finish(d, calbell.Outcome{ID: r.ID, Status: s})
		return r.ID
	}
	sentA := end("a", "chat", 0, calbell.StatusSent)
	deadA := end("a", "ops", time.Minute, calbell.StatusDead)
	sentB := end("b", "chat", 2*time.Minute, calbell.StatusSent)
	missed := end("c", "ops", 3*time.Minute, calbell.StatusMissed)
	k.put(0, "team", obj("/live.ics", "1", rem("a", "chat", time.Hour)))
	k.reopen()
	start := func(d time.Duration) time.Time { return rem("a", "chat", d).Start }
	for _, tt := range []struct {
		name string
		q    store.HistoryQuery
		want []calbell.ReminderID
	}{
		{"all", store.HistoryQuery{}, []calbell.ReminderID{missed, sentB, deadA, sentA}},
		{"limit", store.HistoryQuery{Limit: 2}, []calbell.ReminderID{missed, sentB}},
		{"since", store.HistoryQuery{Since: at(2 * time.Minute)}, []calbell.ReminderID{missed, sentB}},
		{"since, a little later", store.HistoryQuery{Since: at(2*time.Minute + 1)}, []calbell.ReminderID{missed}},
		{"webhook", store.HistoryQuery{Webhook: "ops"}, []calbell.ReminderID{missed, deadA}},
		{"UID", store.HistoryQuery{UID: "a"}, []calbell.ReminderID{deadA, sentA}},
		{"UIDs", store.HistoryQuery{UIDs: []calbell.UID{"a", "c", "z"}}, []calbell.ReminderID{missed, deadA, sentA}},
		{"one of the UIDs", store.HistoryQuery{UID: "a", UIDs: []calbell.UID{"a", "c"}}, []calbell.ReminderID{deadA, sentA}},
		{"none of the UIDs", store.HistoryQuery{UID: "b", UIDs: []calbell.UID{"a", "c"}}, nil},
		{"starts after", store.HistoryQuery{StartsAfter: start(time.Minute)}, []calbell.ReminderID{missed, sentB}},
		{"starts after, up to a limit", store.HistoryQuery{StartsAfter: start(-time.Second), Limit: 3}, []calbell.ReminderID{missed, sentB, deadA}},
		{"unknown UID", store.HistoryQuery{UID: "z"}, nil},
		{"status", store.HistoryQuery{Statuses: []calbell.Status{calbell.StatusSent}}, []calbell.ReminderID{sentB, sentA}},
		{"statuses", store.HistoryQuery{Statuses: []calbell.Status{calbell.StatusDead, calbell.StatusMissed}}, []calbell.ReminderID{missed, deadA}},
		{"a state that is not final", store.HistoryQuery{Statuses: []calbell.Status{planned}}, nil},
		{"after one", store.HistoryQuery{After: &store.HistoryMark{FinishedAt: at(3 * time.Minute), ID: missed}}, []calbell.ReminderID{sentB, deadA, sentA}},
		{"after one of the same instant", store.HistoryQuery{After: &store.HistoryMark{FinishedAt: at(2 * time.Minute), ID: "ffffffffffffffffffffffffffffffff"}, Limit: 1}, []calbell.ReminderID{sentB}},
		{"after all", store.HistoryQuery{After: &store.HistoryMark{FinishedAt: at(-time.Hour), ID: missed}}, nil},
		{"after one that is to come", store.HistoryQuery{After: &store.HistoryMark{FinishedAt: at(time.Hour), ID: missed}, Limit: 1}, []calbell.ReminderID{missed}},
		{"all at once", store.HistoryQuery{Since: at(0), Statuses: []calbell.Status{calbell.StatusSent}, Webhook: "chat", UID: "b", Limit: 1}, []calbell.ReminderID{sentB}},
	} {
		ds, err := k.History(k.Context(), tt.q)
		k.ok(err)
		equal(k, tt.name, deliveryIDs(ds), tt.want)
	}
}
