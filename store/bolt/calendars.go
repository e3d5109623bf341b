package bolt

import (
	"context"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/bolt/file"
	"calbell/store/bolt/records"
	"calbell/store/record"
)

// Calendars implements store.Calendars. What does not open is discovered anew.
func (s *calendarStore) Calendars(ctx context.Context) ([]calbell.Calendar, error) {
	return records.View(ctx, recordsDB{s.database}, records.Calendars(), func(t *file.Tx) []calbell.Calendar { return records.Calendars().All(t) })
}

// CalendarsOf implements store.Calendars.
func (s *calendarStore) CalendarsOf(ctx context.Context, accounts ...string) ([]calbell.Calendar, error) {
	return records.View(ctx, recordsDB{s.database}, records.Calendars(), func(t *file.Tx) []calbell.Calendar {
		return records.Calendars().Grouped(t, ofAccounts(accounts)...)
	})
}

// CalendarsByID implements store.Calendars.
func (s *calendarStore) CalendarsByID(ctx context.Context, ids ...calbell.CalendarID) ([]calbell.Calendar, error) {
	return records.View(ctx, recordsDB{s.database}, records.Calendars(), func(t *file.Tx) []calbell.Calendar {
		keys := make([][]byte, 0, len(ids))
		for _, id := range ids {
			key := s.box.Calendar(id)
			keys = append(keys, key[:])
		}
		return records.Calendars().Some(t, keys)
	})
}

func ofAccounts(accounts []string) []store.Group {
	groups := make([]store.Group, 0, len(accounts))
	for _, a := range accounts {
		groups = append(groups, store.OfAccount(a))
	}
	return groups
}

// Calendar implements store.Calendars.
func (s *calendarStore) Calendar(ctx context.Context, id calbell.CalendarID) (calbell.Calendar, error) {
	var cal *calbell.Calendar
	err := s.view(ctx, func(t *tx) (err error) {
		cal, err = t.calendar(s.box.Calendar(id))
		return err
	})
	switch {
	case err != nil:
		return calbell.Calendar{}, err
	case cal == nil:
		return calbell.Calendar{}, calbell.NotFound(calbell.NounCalendar, string(id))
	}
	return *cal, nil
}

// SaveCalendar implements store.Calendars.
func (s *calendarStore) SaveCalendar(ctx context.Context, c calbell.Calendar) error {
	return s.update(ctx, failpoint.SaveCalendar, func(t *tx) error {
		return putCalendar(t, s.box.Calendar(c.ID), &c)
	})
}

// calendar reads one; nil when there is none.
func (t *tx) calendar(key record.CalendarKey) (*calbell.Calendar, error) {
	return records.Calendars().GetAt(t.Tx, key[:])
}

func putCalendar(t *tx, key record.CalendarKey, c *calbell.Calendar) error {
	return records.Calendars().Put(t.Tx, *c)
}
