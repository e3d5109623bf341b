package bolt

import (
	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
)

// Accounts implements store.Settings.
func (s *Store) Accounts() store.Table[string, calbell.Account] {
	return newTable[string](s, accounts(), failpoint.Settings)
}

// Rules implements store.Settings.
func (s *Store) Rules() store.Table[calbell.RuleID, calbell.StoredRule] {
	return newTable[calbell.RuleID](s, rules(), failpoint.Settings)
}

// CalendarSettings implements store.Settings.
func (s *Store) CalendarSettings() store.Table[calbell.CalendarID, store.CalendarSettings] {
	return newTable[calbell.CalendarID](s, settings(), failpoint.Settings)
}

// ListedNames implements store.Settings.
func (s *Store) ListedNames() store.Table[string, store.ListedNames] {
	b := newTable[string](s, listedNames(), failpoint.SaveCalendar)
	b.put = putUnless(b.rs, func(l *store.ListedNames) bool { return len(l.Names) == 0 })
	return b
}
