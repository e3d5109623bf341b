package service

import (
	"cmp"
	"context"
	"slices"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/scheduler/plan"
)

const (
	// comingAhead is the least period that [Deliveries.Coming] covers.
	comingAhead = 7 * 24 * time.Hour
	// maxComing limits the list for callers who page through it: a series has no end, and each page is
	// computed from the beginning.
	maxComing = 20_000
)

// ComingPage is a page of upcoming reminders.
type ComingPage struct {
	Rows []types.UpcomingRow
	Next string // cursor of the next page; "" on the last one
}

// ComingPage returns a page of the upcoming reminders, by the time of their next try.
// cursor is Next of the previous page; "" for the first. The pages together contain what
// [Deliveries.Coming] lists.
func (s *Deliveries) ComingPage(ctx context.Context, who calbell.Caller, limit int, cursor string, now time.Time) (ComingPage, error) {
	mark, err := parseMark(cursor)
	if err == nil && mark != nil && mark.in != inUpcoming {
		err = noCursor(cursor)
	}
	if err != nil {
		return ComingPage{}, err
	}
	for size := limit; ; size = min(2*size, maxComing) {
		rows, more, err := s.coming(ctx, who, size, now)
		if err != nil {
			return ComingPage{}, err
		}
		full := len(rows) == size // else it ends where the next look ahead would, too
		if mark != nil {
			rows = slices.DeleteFunc(rows, func(r types.UpcomingRow) bool {
				return cmp.Or(r.At().Compare(mark.at), cmp.Compare(r.ID, mark.id)) <= 0
			})
		}
		if len(rows) < limit && full && size < maxComing {
			continue
		}
		more = more && full && len(rows) == limit || len(rows) > limit
		p := ComingPage{Rows: rows[:min(limit, len(rows))]}
		if more {
			last := p.Rows[limit-1]
			p.Next = deliveryMark{inUpcoming, last.At(), last.ID}.cursor()
		}
		return p, nil
	}
}

// Coming returns the upcoming reminders, at most limit, by due time. more reports whether
// there are further ones.
func (s *Deliveries) Coming(ctx context.Context, who calbell.Caller, limit int, now time.Time) (rows []types.UpcomingRow, more bool, err error) {
	rows, more, err = s.coming(ctx, who, limit, now)
	slices.SortStableFunc(rows, func(a, b types.UpcomingRow) int { return a.Due.Compare(b.Due) })
	return rows, more, err
}

// coming returns the reminders that are tried next. The store holds two days of a series
// and its next reminder; occurrences between these and the last row, and all those of the
// next week, are computed from the event.
func (s *Deliveries) coming(ctx context.Context, who calbell.Caller, limit int, now time.Time) (rows []types.UpcomingRow, more bool, err error) {
	v, err := s.visibility(ctx, who)
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
	leave, err := s.readers.Enter(ctx, who)
	if err != nil {
		return nil, false, err
	}
	defer leave()
	c := comingList{s: s, limit: limit, until: now.Add(comingAhead), has: map[calbell.ReminderID]bool{}}
	for _, d := range laid {
		r := types.UpcomingRow{DeliveryRow: d}
		c.add(r)
		if r.At().After(c.until) {
			c.until = r.At()
		}
	}
	c.cut()
	if c.bound, err = s.bindings(ctx, who); err != nil {
		return nil, false, err
	}
	for _, src := range sourcesOf(list) {
		if err := c.expand(ctx, src); err != nil {
			return nil, false, err
		}
	}
	c.cut()
	return c.rows, c.more, nil
}

// sourcesOf returns the first source object of each delivery, without duplicates.
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

// comingList collects rows. Once it is full it is cut after its last row, so that later
// series are expanded no further than that.
type comingList struct {
	s     *Deliveries
	bound bindings
	rows  []types.UpcomingRow
	has   map[calbell.ReminderID]bool
	limit int
	until time.Time
	more  bool
}

// cut sorts the rows and drops those beyond the limit.
func (c *comingList) cut() {
	slices.SortStableFunc(c.rows, func(a, b types.UpcomingRow) int {
		return cmp.Or(a.At().Compare(b.At()), cmp.Compare(a.ID, b.ID))
	})
	if len(c.rows) > c.limit {
		c.rows, c.more = c.rows[:c.limit], true
	}
	if len(c.rows) == c.limit && c.limit > 0 {
		c.until = c.rows[c.limit-1].At()
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
	if calbell.KindOf(err) == calbell.KindNotFound { // removed in the meantime
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
				c.addAlarm(a, route, calbell.EventID(src.Calendar, src.Href, e.UID()))
			}
		}
		if _, follows := ringing.NextAlarm(c.until.Add(1)); follows || more {
			c.more = true
		}
	}
	if len(c.rows) > c.limit+c.limit/4 { // not at every row, since a cut sorts all rows
		c.cut()
	}
	return nil
}

// add adds a row, unless it is in the list already.
func (c *comingList) add(r types.UpcomingRow) {
	if !c.has[r.ID] {
		c.has[r.ID], c.rows = true, append(c.rows, r)
	}
}

// addAlarm adds a reminder that is not laid out yet.
func (c *comingList) addAlarm(a calbell.AlarmInstant, route calbell.Route, event string) {
	c.add(types.UpcomingRow{Event: event, DeliveryRow: types.DeliveryRow{
		ID:     calbell.NewReminderID(route.Webhook, a.Instance.UID, a.Instance.RecurrenceID, a.Trigger),
		Status: calbell.StatusPlanned, Due: a.Trigger, NextAt: ptr(a.Trigger), Webhook: route.Webhook,
		UID: a.Instance.UID, RecurrenceID: a.Instance.RecurrenceID, Subject: a.Instance.Summary,
	}})
}
