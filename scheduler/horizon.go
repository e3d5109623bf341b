package scheduler

import (
	"context"
	"time"

	"calbell"
	"calbell/store"
)

// pageSize is how many objects are planned and stored in one transaction: few enough
// for a claim to pass between two, enough for a commit to be worth its fsync.
const pageSize = 200

// Prepare makes the store agree with the configuration: calendars that it does not want
// any more are removed, those whose plan rests on other settings are planned again, and
// every layout reaches the horizon. It speaks to no server. It is to be called before
// the first sync and after a reload.
func (s *Syncer) Prepare(ctx context.Context) error {
	calendars, err := s.store.Calendars(ctx)
	if err != nil {
		return err
	}
	planner := s.planner()
	for _, c := range calendars {
		if !planner.wants(c) {
			s.log.Info("calendar removed, the configuration does not list it", "account", c.Account, "calendar", c.Name)
			err = s.store.RemoveCalendar(ctx, c.ID, time.Now())
		} else if key := planner.Key(c); c.PlanKey != key && !c.SyncedAt.IsZero() {
			err = s.replan(ctx, planner, c, key)
		}
		if err != nil {
			return err
		}
	}
	return s.Roll(ctx)
}

// wants says whether the configuration still asks for a stored calendar.
func (p *Planner) wants(c calbell.Calendar) bool {
	a, ok := p.accounts[c.Account]
	if !ok || a.Calendars == nil {
		return ok
	}
	return c.Listed != "" && p.settings(c).Name == c.Listed || unlistedBefore(a, c)
}

// unlistedBefore: a calendar found while the account had no list is judged by its name.
func unlistedBefore(a calbell.Account, c calbell.Calendar) bool {
	_, wanted := listedAs(a, c)
	return c.Listed == "" && wanted
}

// replan lays a whole calendar out anew, quietly: new settings fire nothing past.
func (s *Syncer) replan(ctx context.Context, planner *Planner, c calbell.Calendar, key string) error {
	if c.Listed == "" {
		c.Listed, _ = listedAs(planner.accounts[c.Account], c)
		key = planner.Key(c)
	}
	s.log.Info("planning again", "account", c.Account, "calendar", c.Name)
	change := store.Change{Calendar: c}
	flush := func() error {
		defer func() { change.Put = nil }()
		return s.store.Apply(ctx, change, time.Now())
	}
	err := s.store.EachObject(ctx, c.ID, func(o calbell.Object) error {
		in := planner.Input(c, o, time.Now())
		in.Quiet = true
		change.Put = append(change.Put, Plan(in))
		if len(change.Put) < pageSize {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	change.Calendar.PlanKey = key // with the last page: a crash before it plans again
	if err := flush(); err != nil {
		return err
	}
	s.o.Changed()
	return nil
}

// Roll continues the layouts that have come near their end. It ends when none is left,
// and speaks to no server: reminders go on however long a calendar is unreachable.
func (s *Syncer) Roll(ctx context.Context) error {
	planner := s.planner()
	calendars := map[calbell.CalendarID]calbell.Calendar{}
	for ctx.Err() == nil {
		now := time.Now()
		objects, err := s.store.DuePlans(ctx, now, pageSize)
		if err != nil || len(objects) == 0 {
			return err
		}
		ext := make([]store.Planned, 0, len(objects))
		for _, o := range objects {
			c, ok := calendars[o.Calendar]
			if !ok {
				if c, err = s.store.Calendar(ctx, o.Calendar); err != nil {
					return err
				}
				calendars[o.Calendar] = c
			}
			ext = append(ext, Continue(planner.Input(c, o, now)))
		}
		if err := s.store.Extend(ctx, ext, now); err != nil {
			return err
		}
		s.o.Changed()
	}
	return ctx.Err()
}
