package bolt

import (
	"cmp"
	"context"
	"slices"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store/record"
)

// Calendars implements store.Calendars.
func (s *calendarStore) Calendars(ctx context.Context) ([]calbell.Calendar, error) {
	var cals []calbell.Calendar
	err := s.view(ctx, func(t *tx) error {
		for k, v := range t.Rows(bCalendars, nil) {
			var r record.Calendar
			if err := t.UnsealJSON(bCalendars, k, v, &r); err != nil {
				t.Damaged(err) // it is discovered anew
				continue
			}
			cals = append(cals, r.Unpack())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(cals, func(a, b calbell.Calendar) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return cals, nil
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
		return calbell.Calendar{}, notFound("calendar %q", id)
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
	var r record.Calendar
	if err := t.UnsealJSON(bCalendars, key[:], sealed, &r); err != nil {
		return nil, err
	}
	c := r.Unpack()
	return &c, nil
}

func putCalendar(t *tx, key record.CalendarKey, c *calbell.Calendar) error {
	return t.PutJSON(bCalendars, key[:], record.NewCalendar(c))
}
