package bolt

import (
	"context"
	"slices"
	"strings"

	"calbell"
	"calbell/internal/failpoint"
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
	list := slices.DeleteFunc(calendars().all(t), func(c calbell.Calendar) bool { return c.Account != from })
	for i := range list {
		list[i].Account = to
		if err := putCalendar(t, t.Box.Calendar(list[i].ID), &list[i]); err != nil {
			return err
		}
	}
	return nil
}

func renameBindings(t *tx, from, to string) error {
	list := slices.DeleteFunc(bindings().all(t), func(b calbell.Binding) bool { return b.Account != from })
	for i := range list {
		list[i].Account = to
	}
	return putBindings(t, list, nil)
}

func renameListed(t *tx, from, to string) error {
	r, err := listedNames().get(t, from)
	if err != nil || r == nil {
		return err
	}
	r.Account = to
	if _, err := listedNames().remove(t, from); err != nil {
		return err
	}
	return listedNames().put(t, *r)
}

// renameSettings follows in what is set for calendars, which calls them account/calendar.
func renameSettings(t *tx, from, to string) error {
	for _, r := range settings().all(t) {
		if rest, its := strings.CutPrefix(r.Name, from+"/"); its {
			r.Name = to + "/" + rest
			if err := settings().put(t, r); err != nil {
				return err
			}
		}
	}
	return nil
}
