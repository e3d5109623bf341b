package syncer

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"calbell"
	"calbell/store"
)

// discover lists the account's calendars and stores changes of those that are wanted. A
// calendar that is no longer listed stays: a temporary fault of a server must lose nothing.
func (s *Syncer) discover(ctx context.Context, a *accountState, remote Remote, account calbell.Account) error {
	found, err := remote.Calendars(ctx)
	if err != nil {
		return err
	}
	known, err := s.recognise(ctx, account, found)
	if err != nil {
		return err
	}
	names, err := s.assign(ctx, account, known.found, known.stored)
	if err != nil {
		return err
	}
	room, err := s.roomForCalendars(ctx, account.Owner)
	if err != nil {
		return err
	}
	a.found, a.left, a.counting = map[calbell.CalendarID]bool{}, known.left, false
	for _, c := range known.found {
		a.found[c.ID] = true
		listed, wanted := names.listed[c.ID]
		if !wanted && account.Calendars != nil {
			continue
		}
		c.Account, c.Listed = account.Key(), listed
		if err := s.saveDiscovered(ctx, c, &room); err != nil {
			return err
		}
	}
	if err := s.dropUnlisted(ctx, a, account, names, known.stored); err != nil {
		return err
	}
	s.reportNames(a, account, names)
	return nil
}

// assign resolves the names in the account's list to calendars, and stores the result.
func (s *Syncer) assign(ctx context.Context, account calbell.Account, found, stored []calbell.Calendar) (*assignment, error) {
	was, err := store.NamesOf(ctx, s.store.ListedNames(), account.Key())
	if err != nil {
		return nil, err
	}
	names := &assignment{found: found, before: map[calbell.CalendarID]string{}, now: time.Now()}
	for _, c := range stored {
		names.before[c.ID] = c.Listed
	}
	names.assign(account, was)
	sorted := slices.SortedFunc(slices.Values(names.names), func(x, y calbell.ListedName) int { return strings.Compare(x.Name, y.Name) })
	if slices.Equal(sorted, was) {
		return names, nil
	}
	for _, n := range sorted {
		if old := namedIn(was, n.Name); !n.Trouble.IsZero() && n.Trouble != old.Trouble && n.Trouble.English != troubleMissing.English {
			s.log.Warn("a listed calendar is not used", "account", account.Key(), "name", n.Name, "reason", n.Trouble, "hint", n.Hint)
		}
	}
	return names, s.store.ListedNames().Put(ctx, store.ListedNames{Account: account.Key(), Names: sorted})
}

// roomForCalendars returns how many more calendars an owner may have.
func (s *Syncer) roomForCalendars(ctx context.Context, owner string) (int, error) {
	if owner == "" {
		return math.MaxInt, nil
	}
	own, err := s.store.CalendarsOf(ctx, s.policy().AccountsOf(owner)...)
	return max(0, calbell.MaxOwnCalendars-len(own)), err
}

// saveDiscovered stores a calendar's properties, keeps its sync state, and plans it again if
// they change where its reminders go. A new calendar uses up some of the room; without room it
// is skipped.
func (s *Syncer) saveDiscovered(ctx context.Context, c calbell.Calendar, room *int) error {
	old, err := s.store.Calendar(ctx, c.ID)
	switch {
	case calbell.IsNotFound(err) && *room == 0:
		s.log.Warn("calendar not used: its owner has as many as one user may have", "account", c.Account, "calendar", c.Name, "most", calbell.MaxOwnCalendars)
		return nil
	case calbell.IsNotFound(err):
		*room--
		s.log.Info("calendar found", "account", c.Account, "calendar", c.Name, "ownership", c.Ownership)
		return s.store.SaveCalendar(ctx, c)
	case err != nil:
		return err
	}
	merged := old
	if s.back(&merged); !calbell.SameOrigin(old.URL, c.URL) {
		s.moved(&merged, c.URL)
	}
	merged.FoundAs, merged.FoundBy = c.FoundAs, c.FoundBy
	merged.URL, merged.Name, merged.Color, merged.TimeZone, merged.ReadOnly = c.URL, c.Name, c.Color, c.TimeZone, c.ReadOnly
	merged.Ownership, merged.SharedBy, merged.Listed = c.Ownership, c.SharedBy, c.Listed
	merged.Addresses, merged.Unlisted, merged.StatedToken = c.Addresses, false, c.StatedToken
	if err := s.store.SaveCalendar(ctx, merged); err != nil {
		return err
	}
	// Now, because its next sync may be far off.
	_, err = s.fit(ctx, s.policy(), merged)
	return err
}

// dropUnlisted removes the calendars whose name in the list now means another one.
func (s *Syncer) dropUnlisted(ctx context.Context, a *accountState, account calbell.Account, names *assignment, stored []calbell.Calendar) error {
	if account.Calendars == nil {
		return nil
	}
	for _, c := range stored {
		moved := slices.ContainsFunc(names.names, func(n calbell.ListedName) bool {
			return n.Name == c.Listed && n.Trouble.IsZero() && !c.At(n.URL)
		})
		if names.listed[c.ID] != "" || !a.found[c.ID] && !moved {
			continue
		}
		s.log.Info("calendar removed, the configuration does not list it", "account", c.Account, "calendar", c.Name)
		if err := s.store.RemoveCalendar(ctx, c.ID, time.Now()); err != nil {
			return err
		}
		s.o.Changed()
	}
	return nil
}

// reportNames logs, once, which listed calendars the server lacks, and which names are
// ambiguous.
func (s *Syncer) reportNames(a *accountState, account calbell.Account, names *assignment) {
	var there []string
	for _, c := range names.found {
		there = append(there, c.Name)
	}
	if text := strings.Join(names.missing, ", "); text != a.missing {
		if a.missing = text; text != "" {
			a.there = names.whatThereIs(names.missing[0])
		}
		if text != "" {
			s.log.Warn("listed calendars not found at the server", "account", account.Key(), "missing", text, "found", strings.Join(there, ", "))
		}
	}
	if text := strings.Join(names.many, ", "); text != a.many {
		a.many = text
		if text != "" {
			s.log.Warn("several calendars have a listed name; one is used", "account", account.Key(), "used", text)
		}
	}
}
