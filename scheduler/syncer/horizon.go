package syncer

import (
	"context"
	"maps"
	"slices"
	"time"

	"calbell"
	"calbell/scheduler/plan"
	"calbell/store"
)

// pageSize is how many objects are planned and stored in one transaction: few enough
// for a claim to pass between two, enough for a commit to be worth its fsync.
const pageSize = 200

// Prepare makes the store agree with the configuration: calendars that it does not want
// any more are removed, and those whose plan rests on other settings are planned again.
// It speaks to no server, and waits for none: an account that is being synced follows when
// that ends. It is to be called before anything is dispatched, and after a reload.
func (s *Syncer) Prepare(ctx context.Context) error {
	if err := s.adopt(ctx, ""); err != nil {
		return err
	}
	if err := s.tellOrphans(ctx); err != nil { // before their reminders are cancelled
		return err
	}
	calendars, err := s.store.Calendars(ctx)
	if err != nil {
		return err
	}
	by := map[string][]calbell.CalendarID{}
	stored := map[string][]calbell.Calendar{}
	for _, c := range calendars {
		by[c.Account] = append(by[c.Account], c.ID)
		stored[c.Account] = append(stored[c.Account], c)
	}
	s.recall(stored)
	if err := s.forgetNames(ctx); err != nil {
		return err
	}
	for _, account := range slices.Sorted(maps.Keys(by)) {
		if err := s.prepare(ctx, account, by[account]); err != nil {
			return err
		}
	}
	return nil
}

// recall takes over what is stored of the accounts: who answered the last time, and where.
func (s *Syncer) recall(stored map[string][]calbell.Calendar) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, account := range s.policy().Accounts() {
		s.account(name).recall(account, stored[name])
	}
}

// forgetNames drops what the lists of accounts stood for that are no more.
func (s *Syncer) forgetNames(ctx context.Context) error {
	names, err := s.store.ListedNames(ctx)
	if err != nil {
		return err
	}
	calendars, err := s.store.Calendars(ctx)
	if err != nil {
		return err
	}
	policy := s.policy()
	heirs := policy.Renamed(calendars)
	for _, n := range names {
		if _, known := policy.Account(n.Account); known || heirs[n.Account] != "" {
			continue
		}
		if err := s.store.SetListedNames(ctx, n.Account, nil); err != nil {
			return err
		}
	}
	return nil
}

// prepare makes calendars of one account agree with the configuration. No sync of the account
// runs meanwhile: what that stores would rest on settings that are no longer in force. One that
// runs already does this itself when it ends; see settle.
func (s *Syncer) prepare(ctx context.Context, account string, ids []calbell.CalendarID) error {
	a := s.known(account)
	for {
		select {
		case a.busy <- struct{}{}:
		default:
			return nil
		}
		policy := s.policy()
		err := s.handOver(ctx, account) // what is another account's by that follows with it
		if err == nil {
			err = s.fit(ctx, policy, ids)
		}
		if err == nil {
			s.noteFitted(account, policy)
		}
		<-a.busy
		if err != nil || s.policy() == policy { // else somebody may have found it busy
			return err
		}
	}
}

func (s *Syncer) noteFitted(account string, policy *plan.Policy) {
	a := s.known(account)
	s.mu.Lock()
	defer s.mu.Unlock()
	a.fitted = policy
}

// settle makes an account's calendars agree with the configuration if that changed while it was
// synced. What cannot be done now is done after the next sync.
func (s *Syncer) settle(ctx context.Context, account string) {
	a := s.known(account)
	s.mu.Lock()
	fits := a.fitted == s.policy()
	s.mu.Unlock()
	if fits || ctx.Err() != nil {
		return
	}
	calendars, err := s.stored(ctx, account)
	if err == nil {
		ids := make([]calbell.CalendarID, 0, len(calendars))
		for _, c := range calendars {
			ids = append(ids, c.ID)
		}
		err = s.prepare(ctx, account, ids)
	}
	if err != nil && ctx.Err() == nil {
		s.log.Error("plan again", "account", account, "err", err)
	}
}

// fit makes calendars agree with a configuration.
func (s *Syncer) fit(ctx context.Context, policy *plan.Policy, ids []calbell.CalendarID) error {
	for _, id := range ids {
		c, err := s.store.Calendar(ctx, id) // as the latest sync left it
		switch {
		case calbell.IsNotFound(err):
			continue
		case err == nil && policy.Wants(c):
			_, err = s.refit(ctx, policy, c)
		case err == nil:
			reason := calendarUnsaid
			if _, known := policy.Account(c.Account); !known {
				reason = accountGone
			}
			s.log.Info("calendar removed, the configuration does not list it", "account", c.Account, "calendar", c.Name)
			err = s.removeCalendar(ctx, c, reason)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// refit makes a calendar agree with the configuration in force: one that was found while
// the account had no list, or under another name in it, takes its place there; one whose
// plan rests on other settings is planned again.
func (s *Syncer) refit(ctx context.Context, policy *plan.Policy, c calbell.Calendar) (calbell.Calendar, error) {
	if a, _ := policy.Account(c.Account); !plan.Lists(a, c.Listed) {
		c.Listed = plan.ListName(a, c)
		if c.Ownership == calbell.OwnershipOther && !calbell.IsAddress(c.Listed) {
			c.Listed = "" // the name may be meant for one that is not stored yet: the next discovery decides
		}
	}
	key := policy.Key(c)
	if c.PlanKey == key || c.PlanKey == "" { // "": nothing is planned yet
		return c, nil
	}
	return s.replan(ctx, policy, c, key)
}

// replan lays a whole calendar out anew, quietly: new settings fire nothing past.
func (s *Syncer) replan(ctx context.Context, policy *plan.Policy, c calbell.Calendar, key string) (calbell.Calendar, error) {
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
	change.Calendar.PlanKey = key // with the last page: a crash before it plans again
	if err := flush(); err != nil {
		return c, err
	}
	s.o.Changed()
	return change.Calendar, nil
}

// Roll continues the layouts that have come near their end. It ends when none is left,
// and speaks to no server: reminders go on however long a calendar is unreachable. It is
// to be called before the first sync: what a changed object rang while nobody was there
// to see counts as past, what an unchanged one rang counts as missed.
func (s *Syncer) Roll(ctx context.Context) error {
	for ctx.Err() == nil {
		n, err := s.rollPage(ctx)
		if err != nil || n == 0 {
			return err
		}
		s.o.Changed()
	}
	return ctx.Err()
}

// rollPage continues some layouts and says how many. Nobody attaches anything meanwhile: an
// extension takes nothing back that was laid out by other bindings or settings.
func (s *Syncer) rollPage(ctx context.Context) (int, error) {
	s.plans.Lock()
	defer s.plans.Unlock()
	now, policy := time.Now(), s.policy()
	objects, err := s.store.DuePlans(ctx, now, pageSize)
	if err != nil || len(objects) == 0 {
		return 0, err
	}
	all, _, err := s.store.Bindings(ctx, "")
	if err != nil {
		return 0, err
	}
	by := plan.BindingsOf(all)
	calendars := map[calbell.CalendarID]calbell.Calendar{}
	ext := make([]store.Planned, 0, len(objects))
	for _, o := range objects {
		c, ok := calendars[o.Calendar]
		if !ok {
			if c, err = s.store.Calendar(ctx, o.Calendar); err != nil {
				return 0, err
			}
			calendars[o.Calendar] = c
		}
		ext = append(ext, plan.Continue(policy.Input(c, o, by[c.Account], now)))
	}
	return len(ext), s.store.Extend(ctx, ext, now)
}
