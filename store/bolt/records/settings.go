package records

import (
	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
)

// Accounts implements store.Settings.
func (s *SettingsStore) Accounts() store.Table[string, calbell.Account] {
	b := newTable[string](s.db, Accounts(), failpoint.Settings)
	b.opened = &s.accounts
	return b
}

// Rules implements store.Settings.
func (s *SettingsStore) Rules() store.Table[calbell.RuleID, calbell.StoredRule] {
	b := newTable[calbell.RuleID](s.db, Rules(), failpoint.Settings)
	b.opened = &s.rules
	return b
}

// CalendarSettings implements store.Settings.
func (s *SettingsStore) CalendarSettings() store.Table[calbell.CalendarID, store.CalendarSettings] {
	b := newTable[calbell.CalendarID](s.db, CalendarSettings(), failpoint.Settings)
	b.opened = &s.set
	return b
}

// ListedNames implements store.Settings.
func (s *SettingsStore) ListedNames() store.Table[string, store.ListedNames] {
	b := newTable[string](s.db, ListedNames(), failpoint.SaveCalendar)
	b.put = putUnless(b.rs, func(l *store.ListedNames) bool { return len(l.Names) == 0 })
	return b
}
