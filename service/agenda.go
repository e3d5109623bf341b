package service

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"calbell"
	"calbell/scheduler"
)

// Agenda lists the instances of a time with their reminders, by start. next is the Cursor of
// what follows, "" when nothing does.
func (s *Service) Agenda(ctx context.Context, who calbell.Caller, q calbell.EventQuery) (rows []calbell.RemindedEvent, next string, err error) {
	skip, err := skipOf(q.Cursor)
	if err != nil {
		return nil, "", err
	}
	limit := min(cmp.Or(q.Limit, defaultEvents), maxEvents)
	q.Limit = min(skip+limit+1, maxEvents)
	bindings, err := s.bindings(ctx)
	if err != nil {
		return nil, "", err
	}
	rows = []calbell.RemindedEvent{}
	p, seen := s.daemon.Planner(), 0
	err = s.walk(ctx, who, q, func(l listed) bool {
		counts := seen >= skip && len(rows) < limit
		if !counts && !q.Unreminded { // only counted
			seen++
			return seen < q.Limit
		}
		row := reminded(l, p.Routing(l.calendar).On(bindings.of(l.calendar, l.event)))
		if q.Unreminded && len(row.Reminders) > 0 {
			return true
		}
		seen++
		if counts {
			rows = append(rows, row)
		}
		return seen < q.Limit
	})
	if err == nil && seen > skip+limit {
		next = cursor(strconv.Itoa(skip + limit))
	}
	return rows, next, err
}

// reminded is an instance with its reminders.
func reminded(l listed, r *scheduler.Router) calbell.RemindedEvent {
	out := calbell.RemindedEvent{EventRow: l.row(), Color: l.calendar.Color, Reminders: []calbell.AlarmRow{}}
	for _, a := range r.Event(l.event).AlarmsOf(l.instance.RecurrenceID, atOnce) {
		d := r.Route(a)
		switch {
		case len(d.Routes) > 0 && len(out.Reminders) < calbell.MaxBindings:
			out.Reminders = append(out.Reminders, alarmRow(a, d))
		case len(d.Routes) == 0 && a.Alarm.Lead == nil: // what nobody wants is no alarm
			out.Silent = cmp.Or(out.Silent, d.Silent)
		}
	}
	if len(out.Reminders) > 0 {
		out.Silent = ""
	}
	slices.SortStableFunc(out.Reminders, func(a, b calbell.AlarmRow) int { return a.Trigger.Compare(b.Trigger) })
	return out
}
