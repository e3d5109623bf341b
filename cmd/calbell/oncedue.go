// What is due in a calendar file: the alarms of its events, and the reminders of --before.

package main

import (
	"cmp"
	"slices"
	"time"

	"calbell"
	"calbell/ical"
)

// reminder is one message to post. alarm is the zero Alarm for a reminder of --before.
type reminder struct {
	due      time.Time
	instance *calbell.Instance
	alarm    calbell.Alarm
}

// maxOnce limits the occurrences and alarms of one event in a run. It protects against
// endless series in short intervals.
const maxOnce = 10000

// dueBetween returns the reminders in [from, to), sorted by time. Several of one occurrence
// at the same instant become one, as in the daemon.
func dueBetween(f *ical.File, leads []calbell.Lead, from, to time.Time) []reminder {
	var list []reminder
	for _, e := range f.Events {
		alarms, _ := e.Alarms(from, to, maxOnce)
		for _, al := range alarms {
			list = append(list, reminder{al.Trigger, al.Instance, al.Alarm})
		}
		for _, l := range leads {
			list = append(list, leadsBetween(e, l, from, to)...)
		}
	}
	slices.SortStableFunc(list, func(a, b reminder) int {
		return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.instance.UID, b.instance.UID), cmp.Compare(a.instance.RecurrenceID, b.instance.RecurrenceID))
	})
	return slices.CompactFunc(list, func(a, b reminder) bool {
		return a.due.Equal(b.due) && a.instance.UID == b.instance.UID && a.instance.RecurrenceID == b.instance.RecurrenceID
	})
}

// leadSlack widens the search for occurrences: the days of a lead are calendar days, which
// differ from 24 hours when clocks change, and its time of day may be later than the start.
const leadSlack = 48 * time.Hour

// leadsBetween returns the reminders of an event by one lead in [from, to).
func leadsBetween(e *ical.Event, l calbell.Lead, from, to time.Time) (list []reminder) {
	length := time.Duration(l.Days)*24*time.Hour + l.Exact
	instances, _ := e.Instances(from.Add(length-leadSlack), to.Add(length+leadSlack), maxOnce)
	for _, i := range instances {
		if due := l.Before(i.Start); !due.Before(from) && due.Before(to) {
			list = append(list, reminder{due: due, instance: i})
		}
	}
	return list
}

// nextDue returns the first reminder from now on, however far away, as a list of at most
// one.
func nextDue(f *ical.File, leads []calbell.Lead, now time.Time) []reminder {
	var list []reminder
	for _, e := range f.Events {
		if al, ok := e.NextAlarm(now); ok {
			list = append(list, reminder{al.Trigger, al.Instance, al.Alarm})
		}
	}
	for _, e := range f.Events {
		for _, l := range leads {
			if r, ok := nextLead(e, l, now); ok {
				list = append(list, r)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b reminder) int { return a.due.Compare(b.due) })
	return list[:min(1, len(list))]
}

// nextLead returns the first reminder of an event by one lead from now on; false when there
// is none.
func nextLead(e *ical.Event, l calbell.Lead, now time.Time) (reminder, bool) {
	from := now.Add(time.Duration(l.Days)*24*time.Hour + l.Exact - leadSlack)
	end := time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC) // iCalendar writes no later year
	instances, _ := e.Instances(from, end, maxOnce)
	for _, i := range instances {
		if due := l.Before(i.Start); !due.Before(now) {
			return reminder{due: due, instance: i}, true
		}
	}
	return reminder{}, false
}
