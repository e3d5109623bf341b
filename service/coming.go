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
	// comingAhead is how far ahead [Deliveries.Coming] looks at least.
	comingAhead = 7 * 24 * time.Hour
	// maxComing is where the list of what comes next ends for callers who ask page by page: a series
	// has no end, and each page is found from the beginning.
	maxComing = 20_000
)

// ComingPage is a part of what comes next.
type ComingPage struct {
	Rows []types.UpcomingRow
	Next string // the cursor of what follows; "": nothing does
}

// ComingPage lists what falls due next in parts, by when it is tried; cursor is the Next of the
// part before, "" the beginning. The last part ends where all of [Deliveries.Coming] does.
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

// Coming lists what falls due next, at most limit, by when it fell due. more reports whether
// something follows.
func (s *Deliveries) Coming(ctx context.Context, who calbell.Caller, limit int, now time.Time) (rows []types.UpcomingRow, more bool, err error) {
	rows, more, err = s.coming(ctx, who, limit, now)
	slices.SortStableFunc(rows, func(a, b types.UpcomingRow) int { return a.Due.Compare(b.Due) })
	return rows, more, err
}

// coming returns what is tried next. Of a series the store holds two days and the next reminder; the
// occurrences between that and the last row are asked of the event itself, and those of the next
// week in any case.
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
	s     *Deliveries
	bound bindings
	rows  []types.UpcomingRow
	has   map[calbell.ReminderID]bool
	limit int
	until time.Time
	more  bool
}

// cut puts the rows in order and ends the list where it is full.
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
				c.addAlarm(a, route, calbell.EventID(src.Calendar, src.Href, e.UID()))
			}
		}
		if _, follows := ringing.NextAlarm(c.until.Add(1)); follows || more {
			c.more = true
		}
	}
	if len(c.rows) > c.limit+c.limit/4 { // each cut sorts all
		c.cut()
	}
	return nil
}

// add adds a row, unless it is there.
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
