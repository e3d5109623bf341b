package web

import (
	"time"

	"calbell/api/types"
	"calbell/web/form"
)

const (
	// monthRows limits the events of a month, dayRows those of a day in it.
	monthRows, dayRows = 1000, 4
	// weekDays is the number of days in a row of a month.
	weekDays = 7
)

// monthDay is a day in a month.
type monthDay struct {
	Day     time.Time // its midnight in the viewer's zone
	Label   string    // in full
	Path    string    // of its agenda
	Today   bool
	Outside bool // of the month before or after
	Events  []agendaEvent
	More    int // number of further events
}

// monthOf returns the first days of the month that a day belongs to, and of the next one.
func monthOf(day time.Time) (first, next time.Time) {
	return dayStart(day.Year(), day.Month(), 1, day.Location()), dayStart(day.Year(), day.Month()+1, 1, day.Location())
}

// weeksOf returns the whole weeks, beginning on Monday, that contain a month, without their
// events.
func (v agendaPages) weeksOf(first, next time.Time) [][]monthDay {
	before := (int(first.Weekday()) + weekDays - 1) % weekDays // days since the Monday
	day := func(n int) time.Time { return dayStart(first.Year(), first.Month(), 1-before+n, first.Location()) }
	var weeks [][]monthDay
	for n := 0; day(n).Before(next); n += weekDays {
		week := make([]monthDay, weekDays)
		for i := range week {
			week[i] = v.monthDay(day(n+i), first, next)
		}
		weeks = append(weeks, week)
	}
	return weeks
}

// monthDay returns a day of the month that begins at first.
func (v agendaPages) monthDay(day, first, next time.Time) monthDay {
	return monthDay{
		Day: day, Label: v.Day(day), Path: v.with("view", "", "from", day.Format(time.DateOnly)),
		Today: day.Equal(midnight(v.Now)), Outside: day.Before(first) || !day.Before(next),
	}
}

// fill adds events to each day on which they take place.
func (v agendaPages) fill(weeks [][]monthDay, rows []types.RemindedEvent) {
	place := map[string]*monthDay{}
	for w := range weeks {
		for d := range weeks[w] {
			place[weeks[w][d].Day.Format(time.DateOnly)] = &weeks[w][d]
		}
	}
	first, last := weeks[0][0].Day, weeks[len(weeks)-1][weekDays-1].Day
	for _, r := range rows {
		event := v.agendaEvent(r)
		from, to := v.dayOf(r.EventRow), v.lastDayOf(r.EventRow)
		if from.Before(first) {
			from = first
		}
		for day := from; !day.After(to) && !day.After(last); day = midnight(day.AddDate(0, 0, 1)) {
			place[day.Format(time.DateOnly)].add(event)
		}
	}
}

// add adds an event, or counts it when the day is full.
func (d *monthDay) add(e agendaEvent) {
	if len(d.Events) == dayRows {
		d.More++
		return
	}
	d.Events = append(d.Events, e)
}

// lastDayOf returns the midnight of the last day on which an event takes place for the
// viewer. Its end is exclusive.
func (v agendaPages) lastDayOf(r types.EventRow) time.Time {
	first := v.dayOf(r)
	end := r.End.Add(-time.Nanosecond)
	if r.AllDay {
		y, m, d := end.Date()
		end = dayStart(y, m, d, v.Zone)
	}
	if last := midnight(end.In(v.Zone)); last.After(first) {
		return last
	}
	return first
}

// WeekDays returns the names of the days, beginning on Monday.
func (v agendaPages) WeekDays() []form.Choice {
	var list []form.Choice
	for i := range weekDays {
		day := time.Date(2024, 1, 1+i, 0, 0, 0, 0, time.UTC) // a Monday
		list = append(list, form.Choice{Value: v.WeekDay(day), Text: v.ShortWeekDay(day)})
	}
	return list
}
