package syncer

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"calbell"
)

// Reasons for cancelling the reminders of a removed calendar.
var (
	accountGone    = calbell.T("syncer:account-no-longer-configuration", "its account is no longer in the configuration file")
	calendarUnsaid = calbell.T("syncer:calendar-no-longer-listed", "its calendar is no longer listed in the configuration file")
)

// adopt moves stored data of accounts that were renamed in the file to their new names. It
// skips an account that is being synced, unless the caller waits for it.
func (s *Syncer) adopt(ctx context.Context, only string) error {
	if only != "" {
		if fresh, err := s.isFresh(ctx, only); err != nil || !fresh {
			return err
		}
	}
	calendars, err := s.store.Calendars(ctx)
	if err != nil {
		return err
	}
	heirs := s.policy().Renamed(calendars)
	for _, name := range slices.Sorted(maps.Keys(heirs)) {
		if only != "" && heirs[name] != only {
			continue
		}
		if err := s.adoptOne(ctx, name, only != ""); err != nil {
			return err
		}
	}
	return nil
}

// isFresh reports whether an account of the file has no calendars yet: only such an account can be
// another one under a new name.
func (s *Syncer) isFresh(ctx context.Context, account string) (bool, error) {
	if a, known := s.policy().Account(account); !known || a.Origin == calbell.OriginStored {
		return false, nil
	}
	calendars, err := s.store.CalendarsOf(ctx, account)
	return len(calendars) == 0, err
}

// adoptOne moves the stored data of one account to its new name. No sync of it may run
// meanwhile, because it would store data under the old name.
func (s *Syncer) adoptOne(ctx context.Context, name string, wait bool) error {
	a := s.known(name)
	select {
	case a.busy <- struct{}{}:
	default:
		if !wait {
			return nil
		}
		select {
		case a.busy <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer func() { <-a.busy }()
	return s.handOver(ctx, name)
}

// handOver is adoptOne for callers that hold the account's turn. Another caller may have done
// it already.
func (s *Syncer) handOver(ctx context.Context, name string) error {
	if _, known := s.policy().Account(name); known {
		return nil // it is not renamed
	}
	calendars, err := s.store.Calendars(ctx)
	if err != nil {
		return err
	}
	heir, ok := s.policy().Renamed(calendars)[name]
	if !ok {
		return nil
	}
	s.log.Info("account renamed in the configuration, what is attached goes with it", "was", name, "is", heir)
	return s.store.RenameAccount(ctx, name, heir)
}

// Orphans counts the reminders attached in accounts that no longer exist and were not renamed.
func (s *Syncer) Orphans(ctx context.Context) (map[string]int, error) {
	calendars, err := s.store.Calendars(ctx)
	if err != nil {
		return nil, err
	}
	bindings, err := s.store.AllBindings(ctx)
	policy := s.policy()
	heirs, orphans := policy.Renamed(calendars), map[string]int{}
	for _, b := range bindings {
		if _, known := policy.Account(b.Account); !known && heirs[b.Account] == "" && !b.Removed && !b.Mute {
			orphans[b.Account]++
		}
	}
	return orphans, err
}

// tellOrphans logs, once, the removed accounts with attached reminders, and the missing
// webhooks of attached reminders.
func (s *Syncer) tellOrphans(ctx context.Context) error {
	orphans, err := s.Orphans(ctx)
	if err != nil {
		return err
	}
	bindings, err := s.store.AllBindings(ctx)
	if err != nil {
		return err
	}
	astray := s.policy().Astray(bindings)
	s.mu.Lock()
	told, toldAstray := s.orphans, s.astray
	s.orphans, s.astray = orphans, astray
	s.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(astray)) {
		if toldAstray[id] != astray[id] {
			s.log.Warn("reminders are attached that go to a webhook which does not exist, or is not shared", "webhook", id, "reminders", astray[id],
				"hint", "give the webhook its name again, or attach them to another: calbell explain EVENT")
		}
	}
	for _, account := range slices.Sorted(maps.Keys(orphans)) {
		if told[account] != orphans[account] {
			s.log.Warn("reminders are attached in an account that is no longer in the configuration file", "account", account, "reminders", orphans[account],
				"hint", fmt.Sprintf("give the account its name again; they are kept for %d days", int(calbell.KeepGone.Hours()/24)))
		}
	}
	return nil
}
