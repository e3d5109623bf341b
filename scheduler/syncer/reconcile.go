package syncer

import (
	"context"
	"maps"
	"slices"

	"calbell"
	"calbell/scheduler/plan"
	"calbell/store"
)

// Reconcile applies the configuration to the store: it removes excluded calendars, and replans
// those whose settings changed. It neither contacts nor waits for a server: an account that is
// being synced follows when its sync ends. It must run before anything is dispatched, and after
// a reload.
func (s *Syncer) Reconcile(ctx context.Context) error {
	if err := s.adopt(ctx, ""); err != nil {
		return err
	}
	if err := s.tellOrphans(ctx); err != nil { // while their reminders still exist
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
		if err := s.reconcile(ctx, account, by[account]); err != nil {
			return err
		}
	}
	return nil
}

// ReconcileOf is Reconcile after a change that concerns some accounts alone, by their keys: their
// calendars are made to agree with the settings, and no others are looked at. Calendars of an account that is
// no longer in force are removed.
func (s *Syncer) ReconcileOf(ctx context.Context, accounts ...string) error {
	for _, account := range accounts {
		calendars, err := s.stored(ctx, account)
		if err != nil {
			return err
		}
		s.recallOf(account, calendars)
		var ids []calbell.CalendarID
		for _, c := range calendars {
			ids = append(ids, c.ID)
		}
		if err := s.reconcile(ctx, account, ids); err != nil {
			return err
		}
	}
	return nil
}

// forgetNames removes the resolved names of accounts that no longer exist.
func (s *Syncer) forgetNames(ctx context.Context) error {
	names, err := store.AllListedNames(ctx, s.store.ListedNames())
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
		if err := s.store.ListedNames().Put(ctx, store.ListedNames{Account: n.Account, Names: nil}); err != nil {
			return err
		}
	}
	return nil
}

// reconcile applies the configuration to calendars of one account. It does not run during a
// sync of the account, which would store plans of outdated settings; that sync calls settle
// when it ends.
func (s *Syncer) reconcile(ctx context.Context, account string, ids []calbell.CalendarID) error {
	a := s.known(account)
	for {
		select {
		case a.busy <- struct{}{}:
		default:
			return nil
		}
		policy := s.policy()
		err := s.handOver(ctx, account) // data that now belongs to another account follows with that account
		if err == nil {
			err = s.fitAll(ctx, policy, ids)
		}
		if err == nil {
			s.noteFitted(account, policy)
		}
		<-a.busy
		if err != nil || s.policy() == policy { // otherwise another caller may have found the account busy
			return err
		}
	}
}

// settle applies the configuration to an account's calendars if it changed during their sync.
// If that fails, it is done after the next sync.
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
		err = s.reconcile(ctx, account, ids)
	}
	if err != nil && ctx.Err() == nil {
		s.log.Error("plan again", "account", account, "err", err)
	}
}

// fitAll applies a configuration to calendars.
func (s *Syncer) fitAll(ctx context.Context, policy *plan.Policy, ids []calbell.CalendarID) error {
	for _, id := range ids {
		c, err := s.store.Calendar(ctx, id) // the state after the latest sync
		switch {
		case calbell.IsNotFound(err):
			continue
		case err == nil && policy.Wants(c):
			_, err = s.fit(ctx, policy, c)
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
