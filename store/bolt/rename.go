package bolt

import (
	"context"
	"errors"
	"strings"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/bolt/records"
)

// RenameAccount implements store.Calendars.
func (s *calendarStore) RenameAccount(ctx context.Context, from, to string) error {
	if from == "" || to == "" || from == to {
		return &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("rename account %q to %q: two names must be given", from, to)}
	}
	return s.update(ctx, failpoint.SaveCalendar, func(t *tx) error {
		for _, step := range []func(t *tx, from, to string) error{renameCalendars, renameBindings, renameListed, renameSettings} {
			if err := step(t, from, to); err != nil {
				return err
			}
		}
		return nil
	})
}

// renameCalendars gives the calendars of one account to another. What does not open is discovered
// anew.
func renameCalendars(t *tx, from, to string) error {
	for _, c := range records.Calendars().Grouped(t.Tx, store.OfAccount(from)) {
		c.Account = to
		if err := putCalendar(t, t.Box.Calendar(c.ID), &c); err != nil {
			return err
		}
	}
	return nil
}

func renameBindings(t *tx, from, to string) error {
	list := records.Bindings().Grouped(t.Tx, store.OfAccount(from))
	if len(list) == 0 {
		return nil
	}
	for _, b := range list {
		b.Account = to
		if err := records.Bindings().Put(t.Tx, b); err != nil {
			return err
		}
	}
	return errors.Join(bindingsChanged(t, from), bindingsChanged(t, to))
}

func renameListed(t *tx, from, to string) error {
	r, err := records.ListedNames().Get(t.Tx, from)
	if err != nil || r == nil {
		return err
	}
	r.Account = to
	if _, err := records.ListedNames().Remove(t.Tx, from); err != nil {
		return err
	}
	return records.ListedNames().Put(t.Tx, *r)
}

// renameSettings follows in what is set for the calendars, which have the new account already: it calls
// them account/calendar.
func renameSettings(t *tx, from, to string) error {
	var keys [][]byte
	for _, c := range records.Calendars().Grouped(t.Tx, store.OfAccount(to)) {
		keys = append(keys, records.CalendarSettings().Key(t.Box, string(c.ID)))
	}
	for _, r := range records.CalendarSettings().Some(t.Tx, keys) {
		if rest, its := strings.CutPrefix(r.Name, from+"/"); its {
			r.Name = to + "/" + rest
			if err := records.CalendarSettings().Put(t.Tx, r); err != nil {
				return err
			}
		}
	}
	return nil
}
