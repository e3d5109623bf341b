package ical

import (
	"slices"
	"testing"
	"time"

	"calbell"
)

// The alarms of each instance, one by one, are those of the event.
func TestAlarmsOf(t *testing.T) {
	for name, text := range map[string]string{
		"single":   "DTSTART:20261201T140000Z\r\nDURATION:PT1H\r\n",
		"series":   "DTSTART;TZID=Europe/Zurich:20261020T140000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=9\r\n",
		"all-day":  "DTSTART;VALUE=DATE:20261201\r\nRRULE:FREQ=DAILY;COUNT=4\r\n",
		"override": "DTSTART:20261201T140000Z\r\nRRULE:FREQ=DAILY;COUNT=3\r\nDURATION:PT1H\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			alarms := "BEGIN:VALARM\r\nTRIGGER:-PT10M\r\nREPEAT:2\r\nDURATION:PT2M\r\nEND:VALARM\r\n" +
				"BEGIN:VALARM\r\nTRIGGER;RELATED=END:P1D\r\nEND:VALARM\r\nBEGIN:VALARM\r\nTRIGGER;VALUE=DATE-TIME:20261130T080000Z\r\nEND:VALARM\r\n"
			ics := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:e\r\n" + text + alarms + "END:VEVENT\r\n"
			if name == "override" {
				ics += "BEGIN:VEVENT\r\nUID:e\r\nRECURRENCE-ID:20261202T140000Z\r\nDTSTART:20261202T180000Z\r\n" + alarms + "END:VEVENT\r\n"
			}
			f, err := Parse([]byte(ics+"END:VCALENDAR\r\n"), Options{Zone: time.UTC})
			if err != nil {
				t.Fatal(err)
			}
			lead, _ := calbell.ParseLead("1d@18:00")
			e := f.Events[0].With([]calbell.Lead{lead})
			all, _ := e.Alarms(time.Unix(0, 0), time.Unix(1e11, 0), 1000)
			var ids []calbell.RecurrenceID
			n := 0
			for _, a := range all {
				if id := a.Instance.RecurrenceID; !slices.Contains(ids, id) {
					ids = append(ids, id)
				}
			}
			for _, id := range ids {
				for _, a := range e.AlarmsOf(id, 100) {
					n++
					if !slices.ContainsFunc(all, func(b calbell.AlarmInstant) bool {
						return b.Trigger.Equal(a.Trigger) && b.Instance.RecurrenceID == id && b.Alarm.Index == a.Alarm.Index && b.Alarm.Repeat == a.Alarm.Repeat
					}) {
						t.Errorf("%q rings at %v, index %d", id, a.Trigger, a.Alarm.Index)
					}
				}
			}
			if n != len(all) || n == 0 {
				t.Errorf("%d alarms one by one, %d in all", n, len(all))
			}
			if got := e.AlarmsOf("19990101T000000Z", 10); got != nil {
				t.Errorf("no such instance, and it rings: %v", got)
			}
		})
	}
}
