package ical

import (
	"cmp"
	"slices"
	"time"

	"calbell"
)

// share makes one event of several that share a UID and are no versions of each other (D12).
// Instances that do not recur have their own start for a name: they must be told apart.
func (e *Event) share(twins []*Event) {
	e.twins = twins
	e.named = true
	for _, t := range twins {
		t.named = true
	}
}

// merge sorts what several events gave into one list of at most limit. A list that was cut
// says nothing of what comes behind its last: more is true then, or when the merged list is
// cut itself.
func merge[T any](e *Event, limit int, ask func(*Event) ([]T, bool), order func(a, b T) int) (list []T, more bool) {
	list, more = ask(e)
	for _, t := range e.twins {
		part, cut := ask(t)
		list, more = append(list, part...), more || cut
	}
	slices.SortStableFunc(list, order)
	if limit = max(limit, 1); len(list) > limit {
		list, more = list[:limit], true
	}
	return list, more
}

// byTrigger orders alarm instants.
func byTrigger(a, b calbell.AlarmInstant) int {
	return cmp.Or(a.Trigger.Compare(b.Trigger), cmp.Compare(a.Instance.RecurrenceID, b.Instance.RecurrenceID))
}

// byStart orders instances.
func byStart(a, b *calbell.Instance) int { return a.Start.Compare(b.Start) }

// Alarms returns the alarm instants in [from, to), by trigger, then RECURRENCE-ID,
// alarm (leads last) and repetition; silent ones (D10, D19) are left out. At most limit of them, which
// is at least 1: more says that there are further ones at or after the last trigger
// returned, or that the event's rules were too costly to look at them all.
func (e *Event) Alarms(from, to time.Time, limit int) (alarms []calbell.AlarmInstant, more bool) {
	if len(e.twins) == 0 {
		return e.alarms(from, to, limit)
	}
	return merge(e, limit, func(e *Event) ([]calbell.AlarmInstant, bool) { return e.alarms(from, to, limit) }, byTrigger)
}

// NextAlarm returns the first alarm instant at or after at, however far away it is;
// false when there is none.
func (e *Event) NextAlarm(at time.Time) (calbell.AlarmInstant, bool) {
	first, ok := e.nextAlarm(at)
	for _, t := range e.twins {
		if next, found := t.nextAlarm(at); found && (!ok || byTrigger(next, first) < 0) {
			first, ok = next, true
		}
	}
	return first, ok
}

// Instances returns the instances that overlap [from, to), by start; one without
// length counts at its start. Cancelled ones are left out. At most limit of them, which
// is at least 1: more says that there are further ones.
func (e *Event) Instances(from, to time.Time, limit int) (list []*calbell.Instance, more bool) {
	if len(e.twins) == 0 {
		return e.instances(from, to, limit)
	}
	return merge(e, limit, func(e *Event) ([]*calbell.Instance, bool) { return e.instances(from, to, limit) }, byStart)
}

// Instance returns the instance of that name, cancelled or not; "" names the only one
// of an event that does not recur, and of a series what its absolute triggers are about:
// the master's own. False when the event has no such instance.
func (e *Event) Instance(id calbell.RecurrenceID) (*calbell.Instance, bool) {
	for _, one := range e.each() {
		if h, ok := one.locate(id); ok {
			return newShown(one, 1).instance(&h), true
		}
	}
	return nil, false
}

// AlarmsOf returns the alarm instants of one instance, by trigger, whenever they are; silent
// ones are left out. At most limit of them; none when the event has no such instance.
func (e *Event) AlarmsOf(id calbell.RecurrenceID, limit int) []calbell.AlarmInstant {
	for _, one := range e.each() {
		if h, ok := one.locate(id); ok {
			return one.alarmsOf(h, limit)
		}
	}
	return nil
}

// each returns the event and those that share its UID.
func (e *Event) each() []*Event { return append([]*Event{e}, e.twins...) }

// Recurring reports whether a master recurs. Overrides alone, and the instance of an event
// that does not recur, are no series.
func (e *Event) Recurring() bool {
	return e.recurs() || slices.ContainsFunc(e.twins, (*Event).recurs)
}
