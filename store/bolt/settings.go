package bolt

import (
	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
)

// Accounts implements store.Settings.
func (s *settingsStore) Accounts() store.Table[string, calbell.Account] {
	return newTable[string](s.database, accounts(), failpoint.Settings)
}

// Rules implements store.Settings.
func (s *settingsStore) Rules() store.Table[calbell.RuleID, calbell.StoredRule] {
	return newTable[calbell.RuleID](s.database, rules(), failpoint.Settings)
}

// CalendarSettings implements store.Settings.
func (s *settingsStore) CalendarSettings() store.Table[calbell.CalendarID, store.CalendarSettings] {
	return newTable[calbell.CalendarID](s.database, settings(), failpoint.Settings)
}

// ListedNames implements store.Settings.
func (s *settingsStore) ListedNames() store.Table[string, store.ListedNames] {
	b := newTable[string](s.database, listedNames(), failpoint.SaveCalendar)
	b.put = putUnless(b.rs, func(l *store.ListedNames) bool { return len(l.Names) == 0 })
	return b
}
