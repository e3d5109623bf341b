package words

import (
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
)

// ShortAlarm describes briefly when an alarm is due: 10 min, 1 day, at start, 18:00. Alarms
// of all-day events are shown as a time of day, not as hours before.
func (r Reader) ShortAlarm(a types.AlarmRow, allDay bool) string {
	if l := a.Before; l != nil && l.AtClock {
		return r.LeadText(*l)
	}
	if allDay {
		return r.LeadText(clockLead(a))
	}
	switch d := a.Start.Sub(a.Trigger); {
	case d == 0:
		return r.T("lead.start.short")
	case d < 0:
		return r.T("lead.after", r.ExactSpan(-d))
	default:
		return r.ExactSpan(d)
	}
}

// ExactSpan formats a duration exactly, down to minutes, rounded as in messages.
func (r Reader) ExactSpan(d time.Duration) string {
	if whole := d.Round(time.Minute); whole > 0 {
		d = whole
	}
	days, rest := int(d/(24*time.Hour)), d%(24*time.Hour)
	switch {
	case days == 0:
		return r.Span(rest)
	case rest < time.Minute:
		return r.N("lead.days", days)
	}
	return r.N("lead.days", days) + " " + r.Span(rest)
}

// clockLead returns when an alarm of an all-day event is due, as days before it and a time
// of day. An alarm on a later day has negative days.
func clockLead(a types.AlarmRow) calbell.Lead {
	at := a.Trigger.In(a.Start.Location())
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	clock := time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
	return calbell.Lead{Days: int(day(a.Start).Sub(day(at)) / (24 * time.Hour)), AtClock: true, Clock: clock}
}

// AlarmText describes when an alarm is due.
func (r Reader) AlarmText(a types.AlarmRow, allDay bool) string {
	switch {
	case a.Before != nil && (a.Before.AtClock || !allDay):
		return r.LeadText(*a.Before)
	case allDay:
		return r.LeadText(clockLead(a))
	}
	switch d := a.Start.Sub(a.Trigger); {
	case d == 0:
		return r.T("lead.start")
	case d < 0:
		return r.T("lead.after", r.ExactSpan(-d))
	default:
		return r.T("lead.before", r.ExactSpan(d))
	}
}

// LeadText describes how long before a start a reminder is due.
func (r Reader) LeadText(l calbell.Lead) string {
	clock := time.Time{}.Add(l.Clock).Format("15:04")
	switch {
	case l.AtClock && l.Days < 0:
		return r.T("lead.days-after", r.N("lead.days", -l.Days), clock)
	case l.AtClock && l.Days == 0:
		return r.T("lead.same-day", clock)
	case l.AtClock && l.Days == 1:
		return r.T("lead.day-before", clock)
	case l.AtClock:
		return r.T("lead.days-before", r.N("lead.days", l.Days), clock)
	case l.Days == 0 && l.Exact == 0:
		return r.T("lead.start")
	case l.Days > 0 && l.Exact == 0:
		return r.T("lead.before", r.N("lead.days", l.Days))
	}
	return r.T("lead.before", r.ExactSpan(time.Duration(l.Days)*24*time.Hour+l.Exact))
}

// LeadsText describes several leads.
func (r Reader) LeadsText(list []calbell.Lead) string {
	texts := make([]string, len(list))
	for i, l := range list {
		texts[i] = r.LeadText(l)
	}
	return strings.Join(texts, ", ")
}
