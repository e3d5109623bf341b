package service

import (
	"cmp"
	"context"
	"slices"

	"calbell"
	"calbell/api/types"
	"calbell/scheduler/plan"
	"calbell/service/eventindex"
)

// Agenda lists the instances of a period with their reminders, by start. next is the cursor
// of the next page; "" on the last one.
func (s *Events) Agenda(ctx context.Context, who calbell.Caller, q types.EventQuery) (rows []types.RemindedEvent, next string, err error) {
	bindings, err := s.bindings(ctx, who)
	if err != nil {
		return nil, "", err
	}
	p := s.config.Policy()
	return page(ctx, s, who, q, func(i eventindex.Item) (types.RemindedEvent, bool) {
		row := remindedRow(i, p.Routing(i.Calendar).On(bindings.of(i.Calendar, i.Event)))
		return row, !q.Unreminded || len(row.Reminders) == 0
	})
}

// remindedRow returns an instance with its reminders.
func remindedRow(i eventindex.Item, r *plan.Router) types.RemindedEvent {
	out := types.RemindedEvent{EventRow: eventRow(i.Calendar, i.Object, i.Instance), Color: i.Calendar.Color, Reminders: []types.AlarmRow{}}
	for _, a := range r.Event(i.Event).AlarmsOf(i.Instance.RecurrenceID, atOnce) {
		d := r.Route(a)
		switch {
		case len(d.Routes) > 0 && len(out.Reminders) < calbell.MaxBindings:
			out.Reminders = append(out.Reminders, alarmRow(a, d))
		case len(d.Routes) == 0 && a.Alarm.Lead == nil: // what nobody wants is no alarm
			out.Silent = cmp.Or(out.Silent, d.Silent)
		}
	}
	if len(out.Reminders) > 0 {
		out.Silent = calbell.Text{}
	}
	slices.SortStableFunc(out.Reminders, func(a, b types.AlarmRow) int { return a.Trigger.Compare(b.Trigger) })
	return out
}
