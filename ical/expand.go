package ical

import "time"

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
func Expand(files []*File, from, to time.Time) ([]Record, []Problem) { return nil, nil }
