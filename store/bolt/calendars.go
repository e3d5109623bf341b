package bolt

import (
	"context"
	"slices"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store/record"
)

// Calendars implements store.Calendars. What does not open is discovered anew.
func (s *calendarStore) Calendars(ctx context.Context) (cals []calbell.Calendar, err error) {
	err = s.view(ctx, func(t *tx) error {
		cals = calendars().all(t)
		return nil
	})
	slices.SortFunc(cals, calendars().Order)
	return cals, err
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
	sealed := t.Get(bCalendars, key[:])
	if sealed == nil {
		return nil, nil
	}
	c, err := calendars().open(t, key[:], sealed)
	if err != nil {
		return nil, err
	}
	return &c, nil
}

func putCalendar(t *tx, key record.CalendarKey, c *calbell.Calendar) error {
	return calendars().putAt(t, key[:], *c)
}
