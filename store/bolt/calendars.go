package bolt

import (
	"cmp"
	"context"
	"slices"
	"time"

	"calbell"
	"calbell/internal/failpoint"
)

// calendarRecord is a calendar with the fields that calbell.Calendar keeps out of JSON.
type calendarRecord struct {
	calbell.Calendar
	Addresses    []string          `json:"addresses,omitempty"`
	SyncToken    string            `json:"sync_token,omitempty"`
	CTag         string            `json:"ctag,omitempty"`
	StatedToken  string            `json:"stated_token,omitempty"`
	StatesToken  bool              `json:"states_token,omitempty"`
	Level        calbell.SyncLevel `json:"level,omitempty"`
	PlanKey      string            `json:"plan_key,omitempty"`
	ReconciledAt time.Time         `json:"reconciled_at,omitzero"`
	ReadAt       time.Time         `json:"read_at,omitzero"`
	// Reaches is null where it was not recorded: a list of none is another thing.
	Reaches []calbell.WebhookID `json:"reaches"`
	ReadOff bool                `json:"read_off,omitempty"`
	FoundAs calbell.CalendarID  `json:"found_as,omitempty"`
	FoundBy calbell.Login       `json:"found_by,omitzero"`
	Moved   bool                `json:"moved,omitempty"`
}

func newCalendarRecord(c *calbell.Calendar) calendarRecord {
	r := calendarRecord{
		Calendar: *c, Addresses: c.Addresses, SyncToken: c.SyncToken, CTag: c.CTag,
		StatedToken: c.StatedToken, StatesToken: c.StatesToken,
		Level: c.Level, PlanKey: c.PlanKey, ReconciledAt: c.ReconciledAt.UTC(),
		ReadAt: c.ReadAt.UTC(), Reaches: c.Reaches, ReadOff: c.ReadOff,
		FoundAs: c.FoundAs, FoundBy: c.FoundBy, Moved: c.Moved,
	}
	r.Gone.Since, r.Gone.SilentAt = c.Gone.Since.UTC(), c.Gone.SilentAt.UTC()
	r.SyncedAt, r.FailingSince = c.SyncedAt.UTC(), c.FailingSince.UTC()
	return r
}

func (r *calendarRecord) calendar() calbell.Calendar {
	c := r.Calendar
	c.Addresses, c.SyncToken, c.CTag = r.Addresses, r.SyncToken, r.CTag
	c.StatedToken, c.StatesToken = r.StatedToken, r.StatesToken
	c.Level, c.PlanKey, c.ReconciledAt = r.Level, r.PlanKey, r.ReconciledAt
	c.ReadAt, c.Reaches, c.ReadOff = r.ReadAt, r.Reaches, r.ReadOff
	c.FoundAs, c.FoundBy, c.Moved = r.FoundAs, r.FoundBy, r.Moved
	return c
}

// Calendars implements store.Calendars.
func (s *Store) Calendars(ctx context.Context) ([]calbell.Calendar, error) {
	var cals []calbell.Calendar
	err := s.view(ctx, func(t *tx) error {
		for k, v := range t.rows(bCalendars, nil) {
			var r calendarRecord
			if err := t.unsealJSON(bCalendars, k, v, &r); err != nil {
				t.damaged(err) // it is discovered anew
				continue
			}
			cals = append(cals, r.calendar())
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
func (s *Store) Calendar(ctx context.Context, id calbell.CalendarID) (calbell.Calendar, error) {
	var cal *calbell.Calendar
	err := s.view(ctx, func(t *tx) (err error) {
		cal, err = t.calendar(s.box.calendar(id))
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
func (s *Store) SaveCalendar(ctx context.Context, c calbell.Calendar) error {
	return s.update(ctx, failpoint.SaveCalendar, func(t *tx) error {
		return t.putCalendar(s.box.calendar(c.ID), &c)
	})
}

// listedRecord is what the names in one account's list of calendars stand for.
type listedRecord struct {
	Account string               `json:"account"`
	Names   []calbell.ListedName `json:"names"`
}

func listedNames() shelf[listedRecord, listedRecord] {
	return plain(bListed, func(r *listedRecord) string { return r.Account })
}

// ListedNames implements store.Calendars.
func (s *Store) ListedNames(ctx context.Context) (names []calbell.ListedName, err error) {
	err = s.view(ctx, func(t *tx) error {
		for _, r := range listedNames().all(t) {
			names = append(names, r.Names...)
		}
		return nil
	})
	slices.SortFunc(names, func(a, b calbell.ListedName) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Name, b.Name))
	})
	return names, err
}

// SetListedNames implements store.Calendars.
func (s *Store) SetListedNames(ctx context.Context, account string, names []calbell.ListedName) error {
	return s.update(ctx, failpoint.SaveCalendar, func(t *tx) error {
		if len(names) == 0 {
			_, err := listedNames().remove(t, account)
			return err
		}
		r := listedRecord{Account: account}
		for _, n := range names {
			n.Account, n.Since = account, n.Since.UTC()
			r.Names = append(r.Names, n)
		}
		return listedNames().put(t, r)
	})
}

// calendar reads one; nil when there is none.
func (t *tx) calendar(key calKey) (*calbell.Calendar, error) {
	sealed := t.get(bCalendars, key[:])
	if sealed == nil {
		return nil, nil
	}
	var r calendarRecord
	if err := t.unsealJSON(bCalendars, key[:], sealed, &r); err != nil {
		return nil, err
	}
	c := r.calendar()
	return &c, nil
}

func (t *tx) putCalendar(key calKey, c *calbell.Calendar) error {
	return t.putJSON(bCalendars, key[:], newCalendarRecord(c))
}
