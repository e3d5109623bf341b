package service

import (
	"slices"
	"time"

	"calbell"
	"calbell/ical"
	"calbell/scheduler/plan"
)

// alarmsAt are the alarms of one instance with where they go, by trigger.
func alarmsAt(e *ical.Event, r *plan.Router, i *calbell.Instance) []calbell.AlarmRow {
	rows := []calbell.AlarmRow{}
	for _, a := range r.Event(e).AlarmsOf(i.RecurrenceID, atOnce) {
		d := r.Route(a)
		if a.Alarm.Lead == nil || len(d.Routes) > 0 || d.Unrouted { // what nobody wants is no alarm
			rows = append(rows, alarmRow(a, d))
		}
	}
	slices.SortStableFunc(rows, func(a, b calbell.AlarmRow) int { return a.Trigger.Compare(b.Trigger) })
	return rows
}

// fires are the next instants at which bindings, alone, make an event fire. One that has just
// passed is among them when it is sent all the same.
func (s *finder) fires(f found, bs []calbell.Binding, now time.Time) []calbell.AlarmRow {
	r := s.config.Policy().Routing(f.calendar).On(bs)
	ringing, rows := r.Event(f.event), []calbell.AlarmRow{}
	at := firstFire(ringing, r, bs, now)
	for range lookedAt {
		first, ok := ringing.NextAlarm(at)
		if !ok || len(rows) >= nextAlarms {
			break
		}
		at = first.Trigger.Add(1)
		alarms, _ := ringing.Alarms(first.Trigger, at, atOnce)
		for _, a := range alarms {
			if d := r.Route(a); attached(d) && plan.Fires(a, now) {
				rows = append(rows, alarmRow(a, d))
			}
		}
	}
	return rows
}

// firstFire is from when on to look: what is attached to one instance alone may fire behind
// many others.
func firstFire(e *ical.Event, r *plan.Router, bs []calbell.Binding, now time.Time) time.Time {
	if len(bs) == 0 || bs[0].Instance == "" {
		return plan.FirstFires(now)
	}
	for _, a := range e.AlarmsOf(bs[0].Instance, atOnce) {
		if attached(r.Route(a)) && plan.Fires(a, now) {
			return a.Trigger
		}
	}
	return plan.FirstFires(now)
}

// attached reports whether a binding decided.
func attached(d plan.Decision) bool {
	return slices.ContainsFunc(d.Routes, func(r calbell.Route) bool { return r.Step == calbell.StepBinding })
}
