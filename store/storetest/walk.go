package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"calbell"
	"calbell/store"
)

// sortSources gives sources an order. Which of them an ended delivery keeps is open, and so
// is what one that a person asked for again has.
func sortSources(d *calbell.Delivery) {
	if !d.AskedAt.IsZero() {
		d.Sources = nil
	}
	slices.SortFunc(d.Sources, func(a, b calbell.Source) int {
		return cmp.Or(cmp.Compare(a.Calendar, b.Calendar), cmp.Compare(a.Href, b.Href), cmp.Compare(a.Alarm, b.Alarm))
	})
}

// The operations of a walk. Few calendars, hrefs, UIDs and instants, so that they meet.

func (w *walk) pick(words ...string) string { return words[w.r.IntN(len(words))] }

func (w *walk) chance(percent int) bool { return w.r.IntN(100) < percent }

func (w *walk) calendar() string { return w.pick("team", "mine", "feed") }

func (w *walk) href() string { return fmt.Sprintf("/%d.ics", w.r.IntN(5)) }

// reminder returns one that falls due within some minutes, at a whole minute.
func (w *walk) reminder() store.PlannedReminder {
	due := w.now.Truncate(time.Minute) + time.Duration(w.r.IntN(6)-1)*time.Minute
	r := rem(w.pick("a", "b", "c"), w.pick("chat", "ops"), due)
	r.Subject = w.pick("one", "two")
	r.Sources[0].Alarm = w.r.IntN(5) - 2 // below zero: one that Calbell adds
	r.KeepOnly = due < w.now && w.chance(70)
	r.KnownLate = due < w.now && !r.KeepOnly && w.chance(50)
	return r
}

func (w *walk) object() store.Planned {
	w.rev++
	var rs []store.PlannedReminder
	for range w.r.IntN(5) {
		rs = append(rs, w.reminder())
	}
	p := obj(w.href(), fmt.Sprint(w.rev), rs...)
	for range w.r.IntN(3) {
		p.Object.UIDs = append(p.Object.UIDs, calbell.UID(w.pick("a", "b", "c")))
	}
	if w.chance(30) {
		p.Object.ETag = ""
	}
	if w.chance(60) {
		p.Object.Replan, p.Object.Until = at(w.now+time.Minute), at(w.now+time.Hour)
	}
	return p
}

func (w *walk) apply() error {
	c := store.Change{Calendar: cal(w.calendar())}
	c.Calendar.SyncToken = fmt.Sprint(w.rev)
	for range w.r.IntN(4) {
		c.Put = append(c.Put, w.object())
	}
	for range w.r.IntN(3) {
		c.Delete = append(c.Delete, calbell.Href(w.href()))
	}
	if w.chance(10) {
		c.Notices = []calbell.Reminder{w.notice()}
	}
	rests, stale := w.chance(50), w.chance(10)
	return w.both(fmt.Sprintf("apply %d, delete %v of %s", len(c.Put), c.Delete, c.Calendar.ID), func(s Store) error {
		if rests {
			state := w.state(s, c.Calendar.Account, stale)
			c.Bound = &state
		}
		return s.Apply(w.k.Context(), c, at(w.now))
	})
}

func (w *walk) extend() error {
	var ext []store.Planned
	for range 1 + w.r.IntN(2) {
		p := w.object()
		p.Object.Calendar = calbell.CalendarID(w.calendar())
		if cur, err := w.m.Object(w.k.Context(), p.Object.Calendar, p.Object.Href); err == nil && w.chance(80) {
			p.Object.ETag, p.Object.Raw = cur.ETag, cur.Raw
		}
		ext = append(ext, p)
	}
	return w.both("extend", func(s Store) error { return s.Extend(w.k.Context(), ext, at(w.now)) })
}

func (w *walk) claim() error {
	r := store.ClaimRequest{
		Worker: w.pick("w1", "w2"), Lease: time.Duration(1+w.r.IntN(4)) * time.Minute,
		Now: at(w.now), Limit: 1 + w.r.IntN(6),
	}
	if w.chance(50) {
		r.Fresh = time.Duration(w.r.IntN(3)) * time.Minute
	}
	if w.chance(50) {
		chat, ops, both := w.r.IntN(4), w.r.IntN(4), w.r.IntN(6)
		var due func(time.Time) bool
		if w.chance(20) {
			after := at(w.now - time.Duration(w.r.IntN(5))*time.Minute)
			due = after.Before
		}
		r.Bounds = func(id calbell.WebhookID) []store.Bound {
			own := store.Bound{Name: "ops", Room: ops}
			if id == "chat" {
				own = store.Bound{Name: "chat", Room: chat}
			}
			return []store.Bound{own, {Name: "both", Room: both, Due: due}}
		}
	}
	var both [][]calbell.Claim
	err := w.both(fmt.Sprintf("claim %d for %s", r.Limit, r.Worker), func(s Store) error {
		cs, err := s.Claim(w.k.Context(), r)
		for i := range cs {
			cs[i].Sources = slices.Clone(cs[i].Sources)
			cs[i].Object, cs[i].Calendar = nil, calbell.Calendar{} // of the first source; which that is, is open
			sortSources(&cs[i].Delivery)
		}
		both = append(both, cs)
		return err
	})
	if d := cmpDiff(both); d != "" {
		return fmt.Errorf("claims (-model +store): %s", d)
	}
	return err
}

func (w *walk) finish() error {
	live, err := w.m.Upcoming(w.k.Context(), store.UpcomingQuery{Limit: 1000})
	if err != nil {
		return err
	}
	worker := w.pick("w1", "w2")
	var os []calbell.Outcome
	for _, d := range live {
		if d.Status == inFlight && w.chance(60) {
			os = append(os, w.outcome(d.ID))
		}
	}
	states := map[calbell.WebhookID]calbell.WebhookState{}
	if w.chance(20) {
		states["chat"] = w.someState()
	}
	return w.both(fmt.Sprintf("finish %d of %s", len(os), worker), func(s Store) error {
		return s.Finish(w.k.Context(), worker, os, states, at(w.now))
	})
}

// outcomeStates are those that an outcome can have, the frequent ones twice.
func outcomeStates() []calbell.Status {
	return []calbell.Status{
		calbell.StatusSent, calbell.StatusSent, waiting, waiting, held, planned,
		calbell.StatusDead, calbell.StatusMissed, calbell.StatusDropped, cancelled,
	}
}

func (w *walk) outcome(id calbell.ReminderID) calbell.Outcome {
	all := outcomeStates()
	o := calbell.Outcome{ID: id, Status: all[w.r.IntN(len(all))], PossibleRepeat: w.chance(20)}
	if w.chance(80) {
		o.Try = &calbell.Try{
			At: at(w.now), Took: time.Duration(w.r.IntN(1e9)), Verdict: calbell.Unknown,
			Status: w.r.IntN(600), Answer: w.pick("ok", ""), Error: calbell.Plain(w.pick("reset", "")), RetryAfter: time.Second,
		}
	}
	if o.Status.Final() {
		o.Reason, o.Tell = calbell.English("it ended"), o.Status != calbell.StatusSent && w.chance(50)
	} else {
		o.NextAt = at(w.now + time.Duration(w.r.IntN(100))*time.Second)
		if w.chance(20) {
			o.HeldUntil = o.NextAt
		}
	}
	return o
}

func (w *walk) recover() error {
	worker := w.pick("w1", "w2")
	return w.number("recover "+worker, func(s Store) (int, error) { return s.Recover(w.k.Context(), worker, at(w.now)) })
}

func (w *walk) removeCalendar() error {
	id := calbell.CalendarID(w.calendar())
	if w.chance(50) {
		return nil
	}
	return w.both("remove calendar "+string(id), func(s Store) error {
		return s.RemoveCalendar(w.k.Context(), id, at(w.now))
	})
}

func (w *walk) prune() error {
	before, limit := w.now-time.Duration(w.r.IntN(30))*time.Minute, w.r.IntN(5)
	return w.number("prune", func(s Store) (int, error) { return s.Prune(w.k.Context(), at(before), limit) })
}

func (w *walk) webhooks() error {
	a := hooked(w.pick("chat", "ops", "x"), w.pick("Chat", "Ops", "#"))
	a.Payload = map[string]any{"n": w.r.IntN(1 << 30)}
	name := w.pick("chat", "ops", "x", "#")
	switch w.r.IntN(4) {
	case 0:
		return w.both("remove webhook", func(s Store) error { return s.Webhooks().Remove(w.k.Context(), a.ID) })
	case 1:
		return w.both("webhooks of the file", func(s Store) error {
			return s.SetFileWebhooks(w.k.Context(), []calbell.Webhook{a})
		})
	case 2:
		var both []calbell.WebhookID
		err := w.both("webhook "+name, func(s Store) error {
			got, err := s.Webhooks().Get(w.k.Context(), calbell.WebhookID(name))
			both = append(both, got.ID)
			return err
		})
		if both[0] != both[1] {
			return fmt.Errorf("%q is %q, the model says %q", name, both[0], both[1])
		}
		return err
	}
	return w.both("put webhook", func(s Store) error { return s.Webhooks().Put(w.k.Context(), a) })
}

func (w *walk) someState() calbell.WebhookState {
	if w.chance(40) {
		return calbell.WebhookState{}
	}
	return calbell.WebhookState{PausedUntil: at(w.now), Reason: calbell.Plain(w.pick("rest", "gone"))}
}

func (w *walk) webhookState() error {
	st := w.someState()
	return w.both("state", func(s Store) error {
		return s.WebhookStates().Put(w.k.Context(), store.WebhookState{ID: "ops", WebhookState: st})
	})
}

func (w *walk) restart() error {
	w.last = "restart"
	if w.chance(30) {
		w.k.reopen()
	}
	return nil
}

func cmpDiff[T any](both []T) string {
	return gocmp.Diff(both[1], both[0], cmpopts.EquateEmpty())
}

// Walk returns a function that does one random operation on s at each call, and says
// which; an operation that fails where the contract does not say so fails t. For tests of
// a backend's crashes.
func Walk(t *testing.T, s Store, seed uint64) (step func() string) {
	w := newWalk(&kit{T: t, Handle: &Handle{Store: s}}, seed)
	return func() string {
		w.step()
		return w.last
	}
}

// Snapshot returns all that a store shows, to be compared with go-cmp or reflect.
func Snapshot(t testing.TB, s Store) any { return snapshot(t, s) }
