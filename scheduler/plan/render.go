package plan

import (
	"time"

	"calbell"
	"calbell/templates"
)

// Render returns the message of a claim, from the newest copy of its event. It falls back to
// the plan for anything missing there: a message is never blocked.
func (p *Policy) Render(c calbell.Claim, message *templates.Hook, now time.Time) calbell.Message {
	d := templates.Data{
		ID: c.ID, Due: c.Due, Now: now, Calendar: c.Calendar.Name, Repeat: c.PossibleRepeat,
		Zone: p.set.Zone, Locale: p.set.Locale, // unless the webhook has its own
		Say: p.set.Say,
	}
	if c.HeldUntil.After(c.Due) { // deferral by quiet hours does not count as late
		d.Due = c.HeldUntil
	}
	if d.Notice = c.Notice; d.Notice == nil {
		d.Instance, d.Alarm = p.find(c)
		d.Busy = p.Discreet(c.Calendar, d.Instance)
	}
	return message.Render(d)
}

// Discreet reports whether a message must hide the event's texts. A reminder that a person
// attached to a private event shows them, unless the calendar's settings forbid it.
func (p *Policy) Discreet(c calbell.Calendar, i *calbell.Instance) bool {
	return hidden(i) && p.SettingsOf(c).Private == "busy"
}

// find returns the instance and alarm of a claim.
func (p *Policy) find(c calbell.Claim) (*calbell.Instance, calbell.Alarm) {
	planned := &calbell.Instance{
		UID: c.UID, RecurrenceID: c.RecurrenceID, Kind: calbell.KindEvent,
		Summary: c.Subject, Start: c.Start, End: c.End,
	}
	if c.Object == nil {
		return planned, calbell.Alarm{}
	}
	file, err := parse(c.Object.Raw, p.Options(c.Calendar))
	if err != nil {
		return planned, calbell.Alarm{}
	}
	for _, e := range file.Events {
		if e.UID() != c.UID {
			continue
		}
		alarms, _ := e.Alarms(c.Due, c.Due.Add(1), calbell.MaxRemindersPerLayout)
		for _, a := range alarms {
			if a.Instance.RecurrenceID == c.RecurrenceID {
				return a.Instance, a.Alarm
			}
		}
		if i, ok := e.Instance(c.RecurrenceID); ok {
			return i, calbell.Alarm{}
		}
	}
	return planned, calbell.Alarm{}
}
