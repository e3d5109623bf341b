package plan

import (
	"time"

	"calbell"
	"calbell/ical"
)

// around is how far from an announced instance its series is looked at, and maxAround how many
// instances of it.
const (
	around    = 8 * 24 * time.Hour
	maxAround = 400
)

// InstanceNow is the instance that once had a name and a start, as its event has it now; nil
// when it has it no more. When a whole series is moved to another time of day, its instances
// have other names: the only one of the same day is the one that was meant, if nothing of the
// series is left at the old time of day. Else that instance alone was taken out.
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
