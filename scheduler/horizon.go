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
// any more are removed, and those whose plan rests on other settings are planned again.
// It speaks to no server. It is to be called before anything is dispatched, and after a
// reload.
func (s *Syncer) Prepare(ctx context.Context) error {
	calendars, err := s.store.Calendars(ctx)
	if err != nil {
		return err
	}
	planner := s.planner()
	for _, c := range calendars {
		if planner.wants(c) {
			_, err = s.refit(ctx, planner, c)
		} else {
			s.log.Info("calendar removed, the configuration does not list it", "account", c.Account, "calendar", c.Name)
			err = s.store.RemoveCalendar(ctx, c.ID, time.Now())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// wants says whether the configuration still asks for a stored calendar. One that it
// lists stays, whatever the server calls it by now.
func (p *Planner) wants(c calbell.Calendar) bool {
	a, known := p.accounts[c.Account]
	if known && c.Listed != "" && p.settings(c).Name == c.Listed {
		return true
	}
	_, wanted := listedAs(a, c)
	return known && wanted
}

// refit makes a calendar agree with the configuration in force: one that was found while
// the account had no list, or under another name in it, takes its place there; one whose
// plan rests on other settings is planned again.
func (s *Syncer) refit(ctx context.Context, planner *Planner, c calbell.Calendar) (calbell.Calendar, error) {
	if planner.settings(c).Name == "" {
		c.Listed, _ = listedAs(planner.accounts[c.Account], c)
	}
	key := planner.Key(c)
	if c.PlanKey == key || c.PlanKey == "" { // "": nothing is planned yet
		return c, nil
	}
	return s.replan(ctx, planner, c, key)
}

// replan lays a whole calendar out anew, quietly: new settings fire nothing past.
func (s *Syncer) replan(ctx context.Context, planner *Planner, c calbell.Calendar, key string) (calbell.Calendar, error) {
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
		return c, err
	}
	change.Calendar.PlanKey = key // with the last page: a crash before it plans again
	if err := flush(); err != nil {
		return c, err
	}
	s.o.Changed()
	return change.Calendar, nil
}

// Roll continues the layouts that have come near their end. It ends when none is left,
// and speaks to no server: reminders go on however long a calendar is unreachable. It is
// to be called before the first sync: what a changed object rang while nobody was there
// to see counts as past, what an unchanged one rang counts as missed.
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
