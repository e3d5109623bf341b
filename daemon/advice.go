package daemon

import (
	"context"
	"fmt"
	"slices"

	"calbell"
	"calbell/config"
)

// Stored is what a database adds to a configuration file, for what the file alone cannot tell.
type Stored struct {
	// Calendars are those that the latest syncs found, and Listed what the names in lists of
	// calendars stand for.
	Calendars []calbell.Calendar
	Listed    []calbell.ListedName
}

// warnings returns what is unwise in a configuration that is to be in force.
func (d *Daemon) warnings(ctx context.Context, cfg *config.Config) ([]calbell.ConfigWarning, error) {
	var s Stored
	var err error
	if s.Calendars, err = d.store.Calendars(ctx); err != nil {
		return nil, err
	}
	if s.Listed, err = d.store.ListedNames(ctx); err != nil {
		return nil, err
	}
	return Advise(cfg, s), nil
}

// Advise returns what is unwise in a configuration and in its files, by what is stored.
func Advise(cfg *config.Config, s Stored) []calbell.ConfigWarning {
	all := append([]calbell.ConfigWarning{}, cfg.Warnings()...)
	for _, a := range cfg.Accounts {
		all = append(all, s.unknownNames(a)...)
	}
	return all
}

// unknownNames warns of names in an account's list that no calendar had at the latest sync. Of an
// account that was never synced nothing is known.
func (s Stored) unknownNames(a calbell.Account) (all []calbell.ConfigWarning) {
	var names []string
	for _, c := range s.Calendars {
		if c.Account == a.Key() {
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	for _, l := range a.Calendars {
		if s.has(a, l.Name) {
			continue
		}
		hint := "the next sync looks for it; calbell status names it when the server does not have it"
		if near := calbell.Nearest(l.Name, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		all = append(all, calbell.ConfigWarning{What: fmt.Sprintf("account %q: no calendar %q was found so far", a.Name, l.Name), Hint: hint})
	}
	return all
}

// has reports whether a name of an account's list stands for a calendar.
func (s Stored) has(a calbell.Account, name string) bool {
	called := func(c calbell.Calendar) bool { return c.Account == a.Key() && c.Called(name) }
	bound := func(n calbell.ListedName) bool {
		return n.Account == a.Key() && n.Name == name && n.URL != "" && n.Trouble == ""
	}
	return slices.ContainsFunc(s.Calendars, called) || slices.ContainsFunc(s.Listed, bound)
}
