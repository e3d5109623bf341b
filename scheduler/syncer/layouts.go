package syncer

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"calbell"
	"calbell/scheduler/plan"
	"calbell/store"
)

// layouts plans stored objects: again when settings or bindings change, and further as time
// goes by.
type layouts struct {
	store   Store
	policy  func() *plan.Policy
	log     *slog.Logger
	changed func()
	writing chan struct{} // holds a token for each account that is being planned and stored
	plans   sync.Mutex    // held while layouts are extended, or bindings change
}

// pageSize is the number of objects planned and stored in one transaction: few enough for a
// claim to pass between two, enough to make an fsync worthwhile.
const pageSize = 200

// fit applies the current configuration to a calendar. A calendar found before it was listed,
// or listed under another name, gets its place in the list. A calendar planned with other
// settings is planned again.
func (s *layouts) fit(ctx context.Context, policy *plan.Policy, c calbell.Calendar) (calbell.Calendar, error) {
	if a, _ := policy.Account(c.Account); !plan.Lists(a, c.Listed) {
		c.Listed = plan.ListName(a, c)
		if c.Ownership == calbell.OwnershipOther && !calbell.IsAddress(c.Listed) {
			c.Listed = "" // the name may mean a calendar that is not stored yet: the next discovery decides
		}
	}
	key := policy.Key(c)
	if c.PlanKey == key || c.PlanKey == "" { // "": not planned yet
		return c, nil
	}
	return s.replan(ctx, policy, c, key)
}

// replan plans a whole calendar again, quietly: new settings send no past reminders.
func (s *layouts) replan(ctx context.Context, policy *plan.Policy, c calbell.Calendar, key string) (calbell.Calendar, error) {
	s.log.Info("planning again", "account", c.Account, "calendar", c.Name)
	change := store.Change{Calendar: c, Reason: c.Gone.Reason}
	var page []calbell.Object
	flush := func() error {
		defer func() { page = nil }()
		return s.planned(ctx, c.Account, func(bs plan.Bindings, state store.BindingsState) error {
			change.Put, change.Bound = nil, &state
			for _, o := range page {
				in := policy.Input(c, o, bs, time.Now())
				in.Quiet = true
				change.Put = append(change.Put, plan.Plan(in))
			}
			return s.store.Apply(ctx, change, time.Now())
		})
	}
	err := s.store.EachObject(ctx, c.ID, func(o calbell.Object) error {
		if page = append(page, o); len(page) < pageSize {
			return nil
		}
		return flush()
	})
	if err != nil {
		return c, err
	}
	change.Calendar.PlanKey = key // in the last page, so that a crash before it leads to planning again
	if err := flush(); err != nil {
		return c, err
	}
	s.changed()
	return change.Calendar, nil
}

// ExtendLayouts extends the layouts that end soon, until none is left. It contacts no server,
// so reminders continue however long a calendar is unreachable. It must run before the first
// sync. Alarms of a changed object that passed while the program was down count as past; those
// of an unchanged object count as missed.
func (s *layouts) ExtendLayouts(ctx context.Context) error {
	for ctx.Err() == nil {
		n, err := s.extendPage(ctx)
		if err != nil || n == 0 {
			return err
		}
		s.changed()
	}
	return ctx.Err()
}

// extendPage extends some layouts and returns how many. Bindings must not change meanwhile: an
// extension removes nothing that other bindings or settings planned.
func (s *layouts) extendPage(ctx context.Context) (int, error) {
	s.plans.Lock()
	defer s.plans.Unlock()
	now, policy := time.Now(), s.policy()
	objects, err := s.store.DuePlans(ctx, now, pageSize)
	if err != nil || len(objects) == 0 {
		return 0, err
	}
	calendars, bindings, err := s.around(ctx, objects)
	if err != nil {
		return 0, err
	}
	ext := make([]store.Planned, 0, len(objects))
	for _, o := range objects {
		c, ok := calendars[o.Calendar]
		if !ok {
			return 0, calbell.NotFound(calbell.NounCalendar, string(o.Calendar))
		}
		ext = append(ext, plan.Continue(policy.Input(c, o, bindings[c.Account], now)))
	}
	return len(ext), s.store.Extend(ctx, ext, now)
}

// around returns the calendars of some objects, and the bindings of their accounts.
func (s *layouts) around(ctx context.Context, objects []calbell.Object) (map[calbell.CalendarID]calbell.Calendar, map[string]plan.Bindings, error) {
	var ids []calbell.CalendarID
	for _, o := range objects {
		ids = append(ids, o.Calendar)
	}
	list, err := s.store.CalendarsByID(ctx, ids...)
	if err != nil {
		return nil, nil, err
	}
	calendars, accounts := map[calbell.CalendarID]calbell.Calendar{}, []string{}
	for _, c := range list {
		calendars[c.ID] = c
		accounts = append(accounts, c.Account)
	}
	bindings, err := s.store.BindingsOf(ctx, accounts...)
	return calendars, plan.BindingsOf(bindings), err
}

// maxPlanAgain limits how often a plan is repeated because bindings or objects changed
// meanwhile: people are slower.
const maxPlanAgain = 20

// planned makes and stores a plan with the current bindings, and repeats it when they change
// meanwhile. Only a few syncs do so at a time, because others need the processors and the
// database too.
func (s *layouts) planned(ctx context.Context, account string, apply func(plan.Bindings, store.BindingsState) error) error {
	select {
	case s.writing <- struct{}{}:
		defer func() { <-s.writing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	var err error
	for range maxPlanAgain {
		var list []calbell.Binding
		var state store.BindingsState
		if list, state, err = s.store.Bindings(ctx, account); err != nil {
			return err
		}
		if err = apply(plan.BindingsOf(list)[account], state); !changedMeanwhile(err) {
			return err
		}
	}
	return err
}

// changedMeanwhile reports whether a plan is based on an outdated state.
func changedMeanwhile(err error) bool {
	return errors.Is(err, store.ErrBindingsChanged) || errors.Is(err, store.ErrObjectChanged)
}

// removeCalendar removes a calendar that the configuration excludes. Its reminders are
// cancelled with a reason for people.
func (s *layouts) removeCalendar(ctx context.Context, c calbell.Calendar, reason calbell.Text) error {
	objects, err := s.store.ETags(ctx, c.ID)
	if err != nil {
		return err
	}
	now := time.Now()
	if err := s.store.Apply(ctx, store.Change{Calendar: c, Delete: slices.Collect(maps.Keys(objects)), Reason: reason}, now); err != nil {
		return err
	}
	return s.store.RemoveCalendar(ctx, c.ID, now)
}
