package service

import (
	"cmp"
	"context"
	"slices"
	"time"

	"calbell"
	"calbell/scheduler/plan"
)

// comingAhead is how far ahead [Service.Coming] looks at least.
const comingAhead = 7 * 24 * time.Hour

// Coming is what falls due next: a delivery, or a reminder of a series that is not laid out yet.
type Coming struct {
	calbell.DeliveryRow
	Event string // of a reminder that has no delivery yet: the ID of its event; else ""
}

// Coming lists what falls due next, at most limit. Of a series the store holds two days and the
// next reminder; the occurrences between that and the last row are asked of the event itself, and
// those of the next week in any case. more reports whether something follows.
func (s *Service) Coming(ctx context.Context, who calbell.Caller, limit int, now time.Time) (rows []Coming, more bool, err error) {
	v, err := s.sight(ctx, who)
	if err != nil {
		return nil, false, err
	}
	list, err := s.upcoming(ctx, v, limit+1, nil)
	if err != nil {
		return nil, false, err
	}
	laid, err := s.rows(ctx, list)
	if err != nil {
		return nil, false, err
	}
	leave, err := s.looks.enter(ctx, who)
	if err != nil {
		return nil, false, err
	}
	defer leave()
	c := comingList{s: s, limit: limit, until: now.Add(comingAhead)}
	for _, r := range laid {
		c.rows = append(c.rows, Coming{DeliveryRow: r})
		if r.Due.After(c.until) {
			c.until = r.Due
		}
	}
	c.cut()
	if c.bound, err = s.bindings(ctx); err != nil {
		return nil, false, err
	}
	for _, src := range sourcesOf(list) {
		if err := c.expand(ctx, src); err != nil {
			return nil, false, err
		}
	}
	return c.rows, c.more, nil
}

// sourcesOf are the objects of deliveries, the first of each, once.
func sourcesOf(list []calbell.Delivery) (sources []calbell.Source) {
	seen := map[calbell.Source]bool{}
	for _, d := range list {
		if len(d.Sources) == 0 {
			continue
		}
		src := calbell.Source{Calendar: d.Sources[0].Calendar, Href: d.Sources[0].Href}
		if !seen[src] {
			seen[src], sources = true, append(sources, src)
		}
	}
	return sources
}

// comingList grows by the occurrences of series. As soon as it is full it ends with its last row,
// so that each next series is looked at no further.
type comingList struct {
	s     *Service
	bound bindings
	rows  []Coming
	limit int
	until time.Time
	more  bool
}

// cut puts the rows in order and ends the list where it is full.
func (c *comingList) cut() {
	slices.SortStableFunc(c.rows, func(a, b Coming) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) })
	if len(c.rows) > c.limit {
		c.rows, c.more = c.rows[:c.limit], true
	}
	if len(c.rows) == c.limit && c.limit > 0 {
		c.until = c.rows[c.limit-1].Due
	}
}

// expand adds the reminders of an object's events that are not laid out yet.
func (c *comingList) expand(ctx context.Context, src calbell.Source) error {
	o, err := c.s.store.Object(ctx, src.Calendar, src.Href)
	if err == nil && (o.Until.IsZero() || o.Until.After(c.until)) {
		return nil
	}
	var in calbell.Calendar
	if err == nil {
		in, err = c.s.store.Calendar(ctx, src.Calendar)
	}
	if calbell.KindOf(err) == calbell.KindNotFound { // it went meanwhile
		return nil
	}
	if err != nil {
		return err
	}
	p := c.s.config.Policy()
	for _, e := range plan.Read(o, p.Options(in)).Events {
		r := p.Routing(in).On(c.bound.of(in, e))
		ringing := r.Event(e)
		alarms, more := ringing.Alarms(o.Until, c.until.Add(1), c.limit)
		for _, a := range alarms {
			for _, route := range r.Route(a).Routes {
				c.add(a, route, calbell.EventID(src.Calendar, src.Href, e.UID()))
			}
		}
		if _, follows := ringing.NextAlarm(c.until.Add(1)); follows || more {
			c.more = true
		}
	}
	c.cut()
	return nil
}

// add adds one reminder, unless it is there.
func (c *comingList) add(a calbell.AlarmInstant, route calbell.Route, event string) {
	id := calbell.NewReminderID(route.Webhook, a.Instance.UID, a.Instance.RecurrenceID, a.Trigger)
	if slices.ContainsFunc(c.rows, func(r Coming) bool { return r.ID == id }) {
		return
	}
	c.rows = append(c.rows, Coming{Event: event, DeliveryRow: calbell.DeliveryRow{
		ID: id, Status: calbell.StatusPlanned, Due: a.Trigger, NextAt: ptr(a.Trigger), Webhook: route.Webhook,
		UID: a.Instance.UID, RecurrenceID: a.Instance.RecurrenceID, Subject: a.Instance.Summary,
	}})
}
