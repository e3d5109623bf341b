package syncer

import (
	"context"
	"slices"
	"time"

	"calbell"
	"calbell/scheduler/plan"
	"calbell/store"
)

// Attach changes bindings of one account and replans their events, in one transaction.
func (s *layouts) Attach(ctx context.Context, account string, change calbell.BindingsChange) error {
	s.plans.Lock()
	defer s.plans.Unlock()
	var err error
	for range maxPlanAgain {
		if err = s.attach(ctx, account, change); !changedMeanwhile(err) {
			break
		}
	}
	if err == nil {
		s.changed()
	}
	return err
}

func (s *layouts) attach(ctx context.Context, account string, change calbell.BindingsChange) error {
	old, state, err := s.store.Bindings(ctx, account)
	if err != nil {
		return err
	}
	put, remove, err := change(old)
	if err != nil {
		return err
	}
	list := slices.DeleteFunc(slices.Clone(old), func(b calbell.Binding) bool {
		return slices.Contains(remove, b.ID) || slices.ContainsFunc(put, func(n calbell.Binding) bool { return n.ID == b.ID })
	})
	by := rebound{was: plan.BindingsOf(old)[account], is: plan.BindingsOf(append(list, put...))[account], now: time.Now()}
	a := store.Attachment{Account: account, Put: put, Remove: remove, Bound: state}
	for _, uid := range touched(old, put, remove) {
		if a.Plans, err = s.plansOf(ctx, a.Plans, account, uid, by); err != nil {
			return err
		}
	}
	return s.store.Attach(ctx, a, by.now)
}

// rebound is a change of an account's bindings.
type rebound struct {
	was, is plan.Bindings
	now     time.Time
}

// touched returns the events that a change of bindings affects.
func touched(old, put []calbell.Binding, remove []calbell.BindingID) (uids []calbell.UID) {
	add := func(uid calbell.UID) {
		if !slices.Contains(uids, uid) {
			uids = append(uids, uid)
		}
	}
	for _, b := range old {
		if slices.Contains(remove, b.ID) || slices.ContainsFunc(put, func(n calbell.Binding) bool { return n.ID == b.ID }) {
			add(b.UID)
		}
	}
	for _, b := range put {
		add(b.UID)
	}
	return uids
}

// plansOf adds the plans of the account's objects with an event.
func (s *layouts) plansOf(ctx context.Context, plans []store.Planned, account string, uid calbell.UID, by rebound) ([]store.Planned, error) {
	objects, err := s.store.ObjectsByUID(ctx, uid)
	if err != nil {
		return nil, err
	}
	policy := s.policy()
	for _, o := range objects {
		known := func(p store.Planned) bool { return p.Object.Calendar == o.Calendar && p.Object.Href == o.Href }
		c, err := s.store.Calendar(ctx, o.Calendar)
		switch {
		case err != nil:
			return nil, err
		case c.Account == account && !slices.ContainsFunc(plans, known): // one object can hold several events
			in := policy.Input(c, o, by.is, by.now)
			in.Quiet = c.SyncedAt.IsZero()
			p := plan.Plan(in)
			in.Bindings = by.was
			plan.OnlyNews(p, in)
			plans = append(plans, p)
		}
	}
	return plans, nil
}

// TendBindings records which bindings' events are gone, and removes bindings whose events have
// been gone for [calbell.KeepGone].
func (s *layouts) TendBindings(ctx context.Context) error {
	all, err := s.store.AllBindings(ctx)
	if err != nil {
		return err
	}
	calendars := map[calbell.CalendarID]calbell.Calendar{}
	list, err := s.store.Calendars(ctx)
	if err != nil {
		return err
	}
	for _, c := range list {
		calendars[c.ID] = c
	}
	change := map[string][]tended{}
	for _, b := range all {
		objects, err := s.store.ObjectsByUID(ctx, b.UID)
		if err != nil {
			return err
		}
		objects = slices.DeleteFunc(objects, func(o calbell.Object) bool { return calendars[o.Calendar].Account != b.Account })
		if t := (tended{b, len(objects) > 0, s.madeIn(b, objects, calendars)}); t.changes(time.Now()) {
			change[b.Account] = append(change[b.Account], t)
		}
	}
	for account, list := range change {
		for step := range slices.Chunk(list, tendStep) {
			if err := s.tend(ctx, account, step); err != nil {
				return err
			}
		}
	}
	return nil
}

// madeIn returns the calendar of an event at the time a binding was attached to it. Earlier
// versions did not store it: then it is a calendar that is not switched off, if there is one.
func (s *layouts) madeIn(b calbell.Binding, objects []calbell.Object, calendars map[calbell.CalendarID]calbell.Calendar) calbell.CalendarID {
	if b.Calendar != "" || len(objects) == 0 {
		return b.Calendar
	}
	policy := s.policy()
	for _, o := range objects {
		if !policy.SwitchedOff(calendars[o.Calendar]) {
			return o.Calendar
		}
	}
	return objects[0].Calendar
}

// tendStep is the number of bindings changed in one transaction.
const tendStep = 200

// tended is a binding, whether its event exists, and where it was attached.
type tended struct {
	calbell.Binding
	here   bool
	madeIn calbell.CalendarID
}

// changes reports whether that differs from the stored state, or the event has been gone long
// enough to remove the binding.
func (t tended) changes(now time.Time) bool {
	gone := !t.GoneAt.IsZero()
	return t.here == gone || t.madeIn != t.Calendar || !t.here && now.Sub(t.GoneAt) >= calbell.KeepGone
}

// tend records which bindings' events exist.
func (s *layouts) tend(ctx context.Context, account string, list []tended) error {
	news := map[calbell.BindingID]tended{}
	for _, t := range list {
		news[t.ID] = t
	}
	now := time.Now()
	return s.Attach(ctx, account, func(old []calbell.Binding) (put []calbell.Binding, remove []calbell.BindingID, _ error) {
		for _, o := range old { // the current state: a person may have removed it
			t, ok := news[o.ID]
			switch {
			case !ok || !o.GoneAt.Equal(t.GoneAt):
			case t.here:
				o.GoneAt, o.Calendar = time.Time{}, t.madeIn
				put = append(put, o)
			case o.GoneAt.IsZero():
				o.GoneAt = now
				put = append(put, o)
			default:
				remove = append(remove, o.ID)
			}
		}
		return put, remove, nil
	})
}
