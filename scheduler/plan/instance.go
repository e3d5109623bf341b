package plan

import (
	"time"

	"calbell"
	"calbell/ical"
)

// around is how far from an announced instance its series is searched, and maxAround how many
// instances are examined.
const (
	around    = 8 * 24 * time.Hour
	maxAround = 400
)

// InstanceNow returns the current state of an instance that once had a name and a start; nil
// when it no longer exists. When a whole series moves to another time of day, its instances
// have other names. Then the only instance of the same day is the one, provided that no
// instance remains at the old time of day. If one remains, the announced instance alone was
// removed.
func InstanceNow(e *ical.Event, id calbell.RecurrenceID, start time.Time) *calbell.Instance {
	if i, ok := e.Instance(id); ok {
		return i
	}
	old, err := time.Parse(time.RFC3339, string(id))
	if err != nil {
		return nil
	}
	list, more := e.Instances(start.Add(-around), start.Add(around), maxAround)
	if more {
		return nil
	}
	var found *calbell.Instance
	for _, i := range list {
		zone := i.Start.Location()
		if original, err := time.Parse(time.RFC3339, string(i.RecurrenceID)); err == nil && sameClock(original.In(zone), old.In(zone)) {
			return nil
		}
		if !sameDay(i.Start, start.In(zone)) {
			continue
		}
		if found != nil {
			return nil
		}
		found = i
	}
	return found
}

func sameClock(a, b time.Time) bool { return a.Hour() == b.Hour() && a.Minute() == b.Minute() }

func sameDay(a, b time.Time) bool { return a.YearDay() == b.YearDay() && a.Year() == b.Year() }
