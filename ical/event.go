package ical

import (
	"time"

	"calbell"
)

// Event is everything a text says under one UID: the master, its overrides, or
// overrides alone (D18). It does not change and may be used by many goroutines.
type Event struct {
	uid  calbell.UID
	kind calbell.ComponentKind
}

// UID returns the UID; one made from the content when the text gives none.
func (e *Event) UID() calbell.UID { return e.uid }

// Kind says whether it is an event or a to-do.
func (e *Event) Kind() calbell.ComponentKind { return e.kind }

// Recurring says whether the event has more than one instance by its own words:
// RRULE, RDATE or overrides.
func (e *Event) Recurring() bool { return false }

// Alarms returns the alarm instants in [from, to), by trigger, then RECURRENCE-ID,
// alarm and repetition; silent ones (D10, D19) are left out. At most limit of them:
// more says that there are further ones at or after the last trigger returned.
func (e *Event) Alarms(from, to time.Time, limit int) (alarms []calbell.AlarmInstant, more bool) {
	return nil, false
}

// NextAlarm returns the first alarm instant at or after at, however far away it is;
// false when there is none.
func (e *Event) NextAlarm(at time.Time) (calbell.AlarmInstant, bool) {
	return calbell.AlarmInstant{}, false
}

// Instances returns the instances that overlap [from, to), by start; one without
// length counts at its start. Cancelled ones are left out. At most limit of them: more
// says that there are further ones.
func (e *Event) Instances(from, to time.Time, limit int) (list []*calbell.Instance, more bool) {
	return nil, false
}

// Instance returns the instance of that name, cancelled or not; "" names the only one
// of an event that does not recur. False when the event has no such instance.
func (e *Event) Instance(id calbell.RecurrenceID) (*calbell.Instance, bool) {
	return nil, false
}
