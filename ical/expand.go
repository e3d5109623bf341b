package ical

import (
	"cmp"
	"slices"
	"time"

	"calbell"
	"calbell/ical/zone"
)

// maxExpanded bounds the records of one event: a rule of every second would fill the
// disk of whoever asks for a year.
const maxExpanded = 100_000

// Record is one line of what expand prints: an alarm instant in words for machines.
type Record struct {
	UID          string  `json:"uid"`
	RecurrenceID *string `json:"recurrence_id"` // null: does not recur, or an absolute trigger of a master
	Start        *string `json:"start"`         // "…Z", or a date when all-day; null: a to-do without any date
	End          *string `json:"end"`           // exclusive; DUE of a to-do
	Trigger      string  `json:"trigger_utc"`
	Action       string  `json:"action"`
	AlarmIndex   int     `json:"alarm_index"`
	Repeat       int     `json:"repeat"`
	Summary      string  `json:"summary"`
	Kind         string  `json:"kind"`
}

// Expand returns every alarm instant of the files in [from, to), by trigger, uid,
// recurrence_id, alarm_index and repeat. Identical alarms are all listed. The problems
// name events whose list had to be cut.
func Expand(files []*File, from, to time.Time) ([]Record, []Problem) {
	var list []Record
	var cut []Problem
	for _, f := range files {
		for _, e := range f.each() {
			found, more := e.search(from, to, maxExpanded)
			alarms := found.instants()
			for i := range alarms {
				list = append(list, e.record(&alarms[i], &found.hits[i]))
			}
			if more {
				cut = append(cut, Problem{UID: e.uid, Bad: true, Reason: calbell.T("ical:only-first-alarms-listed", "only the first %d alarms are listed", len(alarms))})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Record) int {
		return cmp.Or(
			cmp.Compare(a.Trigger, b.Trigger),
			cmp.Compare(a.UID, b.UID),
			cmp.Compare(text(a.RecurrenceID), text(b.RecurrenceID)),
			a.AlarmIndex-b.AlarmIndex,
			a.Repeat-b.Repeat,
		)
	})
	return list, cut
}

// each returns the events, those that share a UID one by one.
func (f *File) each() []*Event {
	var list []*Event
	for _, e := range f.Events {
		list = append(list, e.each()...)
	}
	return list
}

// text returns the string, "" for nil.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// record says an alarm instant in words for machines.
func (e *Event) record(a *calbell.AlarmInstant, h *hit) Record {
	in := a.Instance
	r := Record{
		UID: string(in.UID), Trigger: a.Trigger.Format(time.RFC3339), Action: a.Alarm.Action,
		AlarmIndex: a.Alarm.Index, Repeat: a.Alarm.Repeat, Summary: in.Summary, Kind: string(in.Kind),
	}
	if in.RecurrenceID != "" && (h.single != nil || e.recurs()) {
		r.RecurrenceID = (*string)(&in.RecurrenceID)
	}
	switch {
	case e.master != nil && e.master.start.form == formNone:
	case in.AllDay:
		r.Start, r.End = h.days()
	default:
		r.Start, r.End = moment(in.Start), moment(in.End)
	}
	return r
}

// moment writes a start or end.
func moment(t time.Time) *string {
	s := t.UTC().Format(time.RFC3339)
	return &s
}

// days writes the first day of an all-day instance, and the one after its last. They are
// the calendar's own: a zone that skips a day has no midnight from which to tell it.
func (h *hit) days() (start, end *string) {
	x := &h.component().extent
	clock := zone.NewClock(h.loc())
	h.place.finish(x, &clock)
	first := h.place.wall.Time().Format(time.DateOnly)
	after := h.place.endWall.Time().Format(time.DateOnly)
	return &first, &after
}
