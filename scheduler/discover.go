package scheduler

import (
	"context"
	"strings"

	"calbell"
)

// discover asks for the account's calendars and stores what is new about the ones that
// are wanted. A calendar that is not named any more stays: nothing is lost because a
// server has a bad day.
func (s *Syncer) discover(ctx context.Context, a *accountSync, remote Remote, account calbell.Account) error {
	found, err := remote.Calendars(ctx)
	if err != nil {
		return err
	}
	taken := map[string]bool{}
	a.found = map[calbell.CalendarID]bool{}
	for _, c := range found {
		a.found[c.ID] = true
		listed, wanted := listedAs(account, c)
		if !wanted {
			continue
		}
		taken[listed] = true
		c.Account, c.Listed = account.Name, listed
		if err := s.saveDiscovered(ctx, c); err != nil {
			return err
		}
	}
	s.reportMissing(a, account, taken, found)
	return nil
}

// saveDiscovered stores a calendar's properties and keeps the state of its sync.
func (s *Syncer) saveDiscovered(ctx context.Context, c calbell.Calendar) error {
	old, err := s.store.Calendar(ctx, c.ID)
	switch {
	case calbell.KindOf(err) == calbell.KindNotFound:
		s.log.Info("calendar found", "account", c.Account, "calendar", c.Name)
		return s.store.SaveCalendar(ctx, c)
	case err != nil:
		return err
	}
	merged := old
	merged.URL, merged.Name, merged.Color, merged.TimeZone, merged.ReadOnly = c.URL, c.Name, c.Color, c.TimeZone, c.ReadOnly
	merged.Addresses, merged.Unlisted = c.Addresses, false
	if c.Listed != "" {
		merged.Listed = c.Listed
	}
	return s.store.SaveCalendar(ctx, merged)
}

// listedAs returns the name under which the account lists the calendar, and whether it
// is wanted at all. Without a list, all are.
func listedAs(account calbell.Account, c calbell.Calendar) (name string, wanted bool) {
	if account.Calendars == nil {
		return "", true
	}
	for _, s := range account.Calendars {
		if c.Called(s.Name) {
			return s.Name, true
		}
	}
	return "", false
}

// reportMissing says, once, which listed calendars the server does not have, and which
// it has.
func (s *Syncer) reportMissing(a *accountSync, account calbell.Account, taken map[string]bool, found []calbell.Calendar) {
	var missing, names []string
	for _, set := range account.Calendars {
		if !taken[set.Name] {
			missing = append(missing, set.Name)
		}
	}
	for _, c := range found {
		names = append(names, c.Name)
	}
	if text := strings.Join(missing, ", "); text != a.missing {
		a.missing = text
		if text != "" {
			s.log.Warn("listed calendars not found at the server", "account", account.Name, "missing", text, "found", strings.Join(names, ", "))
		}
	}
}
