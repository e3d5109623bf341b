package storetest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"calbell"
	"calbell/store"
)

func queueTests() []test {
	return slices.Concat(claimTests(), finishTests(), outcomeTests(), finishWholeTests(), recoverTests())
}

func claimTests() []test {
	return []test{
		{"next due", func(k *kit) {
			for _, d := range []time.Duration{time.Hour, time.Minute, 2 * time.Hour} {
				k.put(0, "team", obj(fmt.Sprintf("/%s.ics", d), "1", rem(d.String(), "chat", d)))
			}
			for _, tt := range []struct{ after, want time.Duration }{
				{-time.Hour, time.Minute},
				{time.Minute - 1, time.Minute},
				{time.Minute, time.Hour},
				{time.Hour, 2 * time.Hour},
				{2 * time.Hour, -1},
			} {
				due, ok, err := k.NextDue(k.Context(), at(tt.after))
				k.ok(err)
				if ok != (tt.want >= 0) || ok && !due.Equal(at(tt.want)) {
					k.Errorf("after %s: %s (%v), want %s", tt.after, due, ok, tt.want)
				}
			}
		}},
		{"never early, in order", func(k *kit) {
			a, b, c := rem("a", "chat", 2*time.Minute), rem("b", "chat", time.Minute), rem("c", "chat", 3*time.Minute)
			k.put(0, "team", obj("/1.ics", "1", a), obj("/2.ics", "1", b), obj("/3.ics", "1", c))
			equal(k, "1 ns early", claimIDs(k.claim(time.Minute-1)), nil)
			equal(k, "two due", claimIDs(k.claim(2*time.Minute)), plannedIDs(b, a))
			equal(k, "once", claimIDs(k.claim(2*time.Minute)), nil)
			equal(k, "the last", claimIDs(k.claim(3*time.Minute)), plannedIDs(c))
		}},
		{"a fraction of a second counts", func(k *kit) {
			r := rem("a", "chat", 0)
			k.put(0, "team", obj("/1.ics", "1", r))
			k.claim(0)
			k.finish(0, retry(r.ID, time.Second+1))
			equal(k, "1 ns early", claimIDs(k.claim(time.Second)), nil)
			equal(k, "in time", claimIDs(k.claim(time.Second+1)), plannedIDs(r))
		}},
		{"carries everything", claimCarries},
		{"limit and bounds", limitAndBounds},
		{"fresh ones first", freshFirst},
		{"no limit, no lease", func(k *kit) {
			for _, r := range []store.ClaimRequest{{Worker: "w", Lease: 1}, {Worker: "w", Limit: 1}} {
				_, err := k.Claim(k.Context(), r)
				k.kind(err, calbell.KindUsage)
			}
		}},
	}
}

func claimCarries(k *kit) {
	r := rem("a", "chat", 0)
	k.put(0, "team", obj("/1.ics", "1", r))
	k.put(0, "team", obj("/1.ics", "2", about(r, "newest")))
	k.reopen()
	cs := k.claim(time.Second)
	if len(cs) != 1 || cs[0].Object == nil {
		k.Fatalf("%d claims", len(cs))
	}
	d := k.delivery(r.ID)
	equal(k, "delivery", cs[0].Delivery, d)
	equal(k, "calendar", cs[0].Calendar, cal("team"))
	equal(k, "object", *cs[0].Object, stored("team", obj("/1.ics", "2")))
	if d.Status != inFlight || d.Worker != "w" || !d.LeaseEnd.Equal(at(time.Second+calbell.Lease)) || d.Subject != "newest" {
		k.Errorf("%s, held by %q until %s, subject %q", d.Status, d.Worker, d.LeaseEnd, d.Subject)
	}
}

// freshFirst: late ones do not keep back what is due now, and lose nothing by it.
func freshFirst(k *kit) {
	var all []store.PlannedReminder
	for i, due := range []time.Duration{0, time.Minute, 59 * time.Minute, time.Hour, time.Hour} {
		r := rem(fmt.Sprint(i), "a", due)
		all = append(all, r)
		k.put(0, "team", obj(fmt.Sprintf("/%d.ics", i), "1", r))
	}
	claim := func(limit int) []calbell.ReminderID {
		cs, err := k.Claim(k.Context(), store.ClaimRequest{Worker: "w", Lease: calbell.Lease, Now: at(time.Hour), Limit: limit, Fresh: time.Minute})
		k.ok(err)
		return claimIDs(cs)
	}
	last := plannedIDs(all[3], all[4])
	slices.Sort(last) // at one instant by ID
	equal(k, "exactly as old as may be, then the newest", claim(2), append(plannedIDs(all[2]), last[0]))
	equal(k, "the fresh one, then the oldest", claim(2), append([]calbell.ReminderID{last[1]}, plannedIDs(all[0])...))
	equal(k, "the rest", claim(9), plannedIDs(all[1]))
}

func limitAndBounds(k *kit) {
	var all []store.PlannedReminder
	for i, w := range []string{"a", "b", "a", "b", "a", "c", "c"} {
		r := rem(fmt.Sprint(i), w, time.Duration(i)*time.Second)
		all = append(all, r)
		k.put(0, "team", obj(fmt.Sprintf("/%d.ics", i), "1", r))
	}
	type bounds = func(calbell.WebhookID) []store.Bound
	room := func(of map[calbell.WebhookID]int) bounds {
		return func(w calbell.WebhookID) []store.Bound { return []store.Bound{{Name: string(w), Room: of[w]}} }
	}
	shared := func(w calbell.WebhookID) []store.Bound {
		return []store.Bound{{Name: string(w), Room: 2}, {Name: "host", Room: 1}}
	}
	claim := func(limit int, b bounds) []calbell.ReminderID {
		return claimIDs(k.claimAs("w", time.Minute, limit, b))
	}
	after := func(calbell.WebhookID) []store.Bound {
		return []store.Bound{{Name: "late", Room: 9, Due: at(6 * time.Second).Before}}
	}
	equal(k, "no room", claim(9, room(nil)), nil)
	equal(k, "none due after an instant", claim(9, after), nil)
	equal(k, "room for one of a", claim(9, room(map[calbell.WebhookID]int{"a": 1})), plannedIDs(all[0]))
	equal(k, "one of a, two of b", claim(9, room(map[calbell.WebhookID]int{"a": 1, "b": 2})), plannedIDs(all[1], all[2], all[3]))
	equal(k, "limit", claim(1, nil), plannedIDs(all[4]))
	equal(k, "one of both", claim(9, shared), plannedIDs(all[5]))
	equal(k, "no bound named", claim(9, func(calbell.WebhookID) []store.Bound { return nil }), plannedIDs(all[6]))
}

func finishTests() []test {
	return []test{
		{"sent", func(k *kit) {
			r := rem("a", "chat", 0)
			k.put(0, "team", obj("/1.ics", "1", r))
			k.claim(0)
			o := sent(r.ID, time.Second)
			k.finish(2*time.Second, o)
			k.reopen()
			d := k.delivery(r.ID)
			want := calbell.Delivery{
				Reminder: r.Reminder, Status: calbell.StatusSent, Attempts: 1, Tries: []calbell.Try{*o.Try},
				FinishedAt: at(time.Second + 30*time.Millisecond),
			}
			want.Sources = []calbell.Source{{Calendar: "team", Href: "/1.ics"}}
			equal(k, "delivery", d, want)
		}},
		{"tried again", func(k *kit) {
			r := rem("a", "chat", 0)
			k.put(0, "team", obj("/1.ics", "1", r))
			n := calbell.MaxTries + 5
			for i := range n {
				now := time.Duration(i) * time.Minute
				equal(k, "claimed", claimIDs(k.claim(now)), plannedIDs(r))
				o := retry(r.ID, now+time.Minute)
				o.PossibleRepeat = i == 3
				k.finish(now, o)
			}
			d := k.delivery(r.ID)
			if d.Attempts != n || len(d.Tries) != calbell.MaxTries || !d.PossibleRepeat {
				k.Errorf("%d attempts, %d tries, repeat %v", d.Attempts, len(d.Tries), d.PossibleRepeat)
			}
			if last := d.Tries[len(d.Tries)-1]; !last.At.Equal(at(time.Duration(n)*time.Minute - time.Second)) {
				k.Errorf("the latest try kept is of %s", last.At)
			}
			if d.Worker != "" || !d.LeaseEnd.IsZero() {
				k.Errorf("held by %q until %s while it waits", d.Worker, d.LeaseEnd)
			}
		}},
	}
}

func outcomeTests() []test {
	return []test{
		{"given back unused", func(k *kit) {
			r := rem("a", "chat", 0)
			k.put(0, "team", obj("/1.ics", "1", r))
			k.claim(0)
			k.finish(0, calbell.Outcome{ID: r.ID, Status: planned, NextAt: at(time.Second)})
			k.expect(r, want{planned, time.Second, []string{"team/1.ics"}})
			if d := k.delivery(r.ID); d.Attempts != 0 || d.PossibleRepeat {
				k.Errorf("%d attempts, repeat %v", d.Attempts, d.PossibleRepeat)
			}
		}},
		{"held back", func(k *kit) {
			r := rem("a", "chat", 0)
			k.put(0, "team", obj("/1.ics", "1", r))
			k.claim(0)
			k.finish(0, calbell.Outcome{ID: r.ID, Status: planned, NextAt: at(time.Hour), HeldUntil: at(time.Hour)})
			k.put(time.Minute, "team", obj("/1.ics", "2", r)) // a new plan does not let it go
			k.reopen()
			k.expect(r, want{planned, time.Hour, []string{"team/1.ics"}})
			k.claim(time.Hour)
			k.finish(time.Hour, retry(r.ID, 2*time.Hour))
			if d := k.delivery(r.ID); !d.HeldUntil.Equal(at(time.Hour)) || !d.Counts().Equal(at(time.Hour)) {
				k.Errorf("held until %s, counts from %s", d.HeldUntil, d.Counts())
			}
		}},
		{"held", func(k *kit) {
			r := rem("a", "chat", 0)
			k.put(0, "team", obj("/1.ics", "1", r))
			k.claim(0)
			k.finish(0, calbell.Outcome{ID: r.ID, Status: held, NextAt: at(time.Hour)})
			k.expect(r, want{held, time.Hour, []string{"team/1.ics"}})
			equal(k, "claimed", claimIDs(k.claim(time.Hour)), plannedIDs(r))
		}},
		{"only what this worker holds", func(k *kit) {
			a, b := rem("a", "chat", 0), rem("b", "chat", time.Second)
			k.put(0, "team", obj("/1.ics", "1", a, b))
			k.claimAs("other", 0, 9, nil)
			dead := calbell.Outcome{Status: calbell.StatusDead, Reason: calbell.Plain("no")}
			for _, id := range []calbell.ReminderID{a.ID, b.ID, "unknown", ""} {
				dead.ID = id
				k.finish(0, dead)
			}
			k.expect(a, want{status: inFlight})
			k.expect(b, want{status: planned, next: time.Second})
		}},
		{"the first outcome counts", func(k *kit) {
			r := rem("a", "chat", 0)
			k.put(0, "team", obj("/1.ics", "1", r))
			k.claim(0)
			k.finish(0, sent(r.ID, 0), calbell.Outcome{ID: r.ID, Status: calbell.StatusDead})
			k.finish(0, retry(r.ID, time.Minute))
			k.expect(r, want{status: calbell.StatusSent})
		}},
	}
}

func finishWholeTests() []test {
	return []test{
		{"with the states of webhooks", func(k *kit) {
			r := rem("a", "chat", 0)
			k.put(0, "team", obj("/1.ics", "1", r))
			k.claim(0)
			bad := calbell.WebhookState{SuspendedAt: at(0), ProbeAt: at(time.Hour), Reason: calbell.Plain("gone")}
			k.ok(k.WebhookStates().Put(k.Context(), store.WebhookState{ID: "well", WebhookState: bad}))
			k.ok(k.Finish(k.Context(), "w", []calbell.Outcome{{ID: r.ID, Status: held, NextAt: at(time.Hour)}},
				map[calbell.WebhookID]calbell.WebhookState{"chat": bad, "well": {}}, t0))
			k.reopen()
			states, err := store.StatesByWebhook(k.Context(), k.WebhookStates())
			k.ok(err)
			equal(k, "states", states, map[calbell.WebhookID]calbell.WebhookState{"chat": bad})
			k.expect(r, want{status: held, next: time.Hour})
		}},
		{"no outcome: nothing is recorded", func(k *kit) {
			a, b := rem("a", "chat", 0), rem("b", "chat", 0)
			k.put(0, "team", obj("/1.ics", "1", a, b))
			k.claim(0)
			for _, s := range []calbell.Status{"", inFlight, "lost"} {
				err := k.Finish(k.Context(), "w", []calbell.Outcome{sent(a.ID, 0), {ID: b.ID, Status: s}}, nil, t0)
				k.kind(err, calbell.KindUsage)
				k.expect(a, want{status: inFlight})
			}
		}},
	}
}

func recoverTests() []test {
	return []test{
		{"recover", func(k *kit) {
			mine, late, live := rem("a", "chat", 0), rem("b", "chat", time.Second), rem("c", "chat", time.Minute)
			k.put(0, "team", obj("/1.ics", "1", mine, late, live))
			k.claimAs("w", 0, 1, nil)
			k.claimAs("dead", time.Second, 1, nil)
			k.claimAs("live", time.Minute, 1, nil)
			k.reopen()
			now := time.Second + calbell.Lease
			n, err := k.Recover(k.Context(), "w", at(now))
			k.ok(err)
			equal(k, "recovered", n, 2)
			k.expect(mine, want{waiting, now, []string{"team/1.ics"}})
			k.expect(late, want{waiting, now, nil})
			k.expect(live, want{status: inFlight, next: time.Minute})
			if a, b := k.delivery(mine.ID), k.delivery(live.ID); !a.PossibleRepeat || b.PossibleRepeat || a.Attempts != 0 {
				k.Errorf("repeat %v and %v, %d attempts", a.PossibleRepeat, b.PossibleRepeat, a.Attempts)
			}
			k.finish(now, sent(mine.ID, 0))
			k.expect(mine, want{status: waiting, next: now})
			equal(k, "claimed", len(k.claim(now)), 2)
		}},
		{"a lease that has not ended", func(k *kit) {
			r := rem("a", "chat", 0)
			k.put(0, "team", obj("/1.ics", "1", r))
			k.claimAs("other", 0, 1, nil)
			n, err := k.Recover(k.Context(), "w", at(calbell.Lease-1))
			k.ok(err)
			equal(k, "recovered", n, 0)
			k.expect(r, want{status: inFlight})
		}},
		{"recover what nobody wants", func(k *kit) {
			r := rem("a", "chat", 0)
			k.put(0, "team", obj("/1.ics", "1", r))
			k.claim(0)
			k.drop(0, "team", "/1.ics")
			n, err := k.Recover(k.Context(), "w", at(time.Minute))
			k.ok(err)
			equal(k, "recovered", n, 1)
			k.expect(r, want{status: cancelled})
			if d := k.delivery(r.ID); !d.PossibleRepeat || d.Reason.IsZero() {
				k.Errorf("repeat %v, reason %q", d.PossibleRepeat, d.Reason)
			}
		}},
		{"many workers, each reminder once", manyWorkers},
	}
}

// manyWorkers lets several workers claim and finish at the same time, while a sync goes on.
func manyWorkers(k *kit) {
	const n, workers = 300, 4
	var ps []store.Planned
	for i := range n {
		ps = append(ps, obj(fmt.Sprintf("/%d.ics", i), "1", rem(fmt.Sprint(i), "chat", time.Duration(i%7)*time.Second)))
	}
	k.put(0, "team", ps...)
	var mu sync.Mutex
	seen := make(map[calbell.ReminderID]int)
	var wg sync.WaitGroup
	work := func(w int) error {
		worker := fmt.Sprint("w", w)
		for {
			cs, err := k.Claim(k.Context(), store.ClaimRequest{Worker: worker, Lease: calbell.Lease, Now: at(time.Minute), Limit: 9})
			if err != nil || len(cs) == 0 {
				return err
			}
			var os []calbell.Outcome
			mu.Lock()
			for _, c := range cs {
				seen[c.ID]++
				os = append(os, sent(c.ID, 0))
			}
			mu.Unlock()
			if err := k.Finish(k.Context(), worker, os, nil, at(time.Minute)); err != nil {
				return err
			}
		}
	}
	for w := range workers {
		wg.Go(func() {
			if err := work(w); err != nil {
				k.Error(err)
			}
		})
	}
	for i := range 20 {
		k.put(0, "team", obj("/other.ics", fmt.Sprint(i)))
	}
	wg.Wait()
	counts, err := k.Counts(k.Context())
	k.ok(err)
	equal(k, "counts", counts, map[calbell.Status]int{calbell.StatusSent: n})
	equal(k, "claimed", len(seen), n)
	for id, times := range seen {
		if times != 1 {
			k.Errorf("%s was claimed %d times", id, times)
		}
	}
}
