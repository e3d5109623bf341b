package service

import (
	"context"
	"slices"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/ical"
)

// instanceOf returns the recurrence ID of the instance that a request means. The request
// names it by its recurrence ID, by its start in any zone, or by its day if the event takes
// place once on that day. With Onwards and without a name it is the next instance.
func instanceOf(n types.NewReminder, e *ical.Event, now time.Time) (calbell.RecurrenceID, error) {
	if n.Instance == "" {
		if !n.Onwards {
			return "", nil
		}
		if list, _ := e.Instances(now, now.AddDate(50, 0, 0), 1); len(list) > 0 && list[0].RecurrenceID != "" {
			return list[0].RecurrenceID, nil
		}
		return "", &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("service:event-no-further-occurrences", "the event has no further occurrences"), Hint: calbell.T("service:leave-from-here-out", "leave --from-here out")}
	}
	if i, ok := e.Instance(n.Instance); ok {
		return i.RecurrenceID, nil
	}
	var list []*calbell.Instance
	if t, err := time.Parse(time.RFC3339, string(n.Instance)); err == nil {
		list, _ = e.Instances(t, t.Add(1), atOnce)
		list = slices.DeleteFunc(list, func(i *calbell.Instance) bool { return !i.Start.Equal(t) })
	} else if t, err := time.ParseInLocation(time.DateOnly, string(n.Instance), shownInstance(e, now).Start.Location()); err == nil {
		list, _ = e.Instances(t, t.AddDate(0, 0, 1), atOnce)
		list = slices.DeleteFunc(list, func(i *calbell.Instance) bool { return i.Start.Before(t) })
	}
	if len(list) == 1 && list[0].RecurrenceID != "" {
		return list[0].RecurrenceID, nil
	}
	return "", &calbell.Error{
		Kind: calbell.KindNotFound, What: calbell.T("service:event-no-occurrence", "the event has no occurrence %q", n.Instance),
		Hint: calbell.T("service:name-start-event-show", "name it by its start, as event show tells: 2026-12-01T09:00:00Z, or 2026-12-01 when all-day"),
	}
}

// Unmute removes the mutes of an event, or of one of its instances. It returns how many
// there were.
func (s *Reminders) Unmute(ctx context.Context, who calbell.Caller, event string, instance calbell.RecurrenceID) (int, error) {
	f, err := s.findEvent(ctx, who, event)
	if err != nil {
		return 0, err
	}
	named := instance
	if id, err := instanceOf(types.NewReminder{Instance: instance}, f.event, time.Now()); err == nil {
		named = id // an instance that no longer exists keeps the name in the request
	}
	n := 0
	err = s.bindingStore.Attach(ctx, f.calendar.Account, func(old []calbell.Binding) (_ []calbell.Binding, remove []calbell.BindingID, _ error) {
		for _, b := range bindingsOf(old, f.event.UID()) {
			if b.Mute && (instance == "" || b.Instance == instance || b.Instance == named) {
				remove = append(remove, b.ID)
			}
		}
		n = len(remove)
		return nil, remove, nil
	})
	return n, err
}
