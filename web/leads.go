package web

import (
	"slices"
	"strconv"
	"time"

	"calbell"
	"calbell/api/types"
)

// shortLead says when an alarm rings, as short as it goes: 10 min, 1 day, at start, 18:00. Before
// days nobody counts hours: there it is a time of a day.
func (v fields) shortLead(a types.AlarmRow, allDay bool) string {
	if l := a.Before; l != nil && l.AtClock {
		return v.leadText(*l)
	}
	if allDay {
		return v.leadText(clockLead(a))
	}
	switch d := a.Start.Sub(a.Trigger); {
	case d == 0:
		return v.T("lead.start.short")
	case d < 0:
		return v.T("lead.after", v.exact(-d))
	default:
		return v.exact(d)
	}
}

// exact writes a length of time without loss, down to minutes, rounded as messages round it.
func (v fields) exact(d time.Duration) string {
	if r := d.Round(time.Minute); r > 0 {
		d = r
	}
	days, rest := int(d/(24*time.Hour)), d%(24*time.Hour)
	switch {
	case days == 0:
		return v.Span(rest)
	case rest < time.Minute:
		return v.N("lead.days", days)
	}
	return v.N("lead.days", days) + " " + v.Span(rest)
}

// clockLead is when an alarm of an all-day event rings, as a day before it and a time of day. One
// that rings on a later day has negative days.
func clockLead(a types.AlarmRow) calbell.Lead {
	at := a.Trigger.In(a.Start.Location())
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	clock := time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
	return calbell.Lead{Days: int(day(a.Start).Sub(day(at)) / (24 * time.Hour)), AtClock: true, Clock: clock}
}

// LeadText says when an alarm rings.
func (v fields) LeadText(a types.AlarmRow, allDay bool) string {
	switch {
	case a.Before != nil && (a.Before.AtClock || !allDay):
		return v.leadText(*a.Before)
	case allDay:
		return v.leadText(clockLead(a))
	}
	switch d := a.Start.Sub(a.Trigger); {
	case d == 0:
		return v.T("lead.start")
	case d < 0:
		return v.T("lead.after", v.exact(-d))
	default:
		return v.T("lead.before", v.exact(d))
	}
}

// leadText says how long before a start something rings.
func (v fields) leadText(l calbell.Lead) string {
	clock := time.Time{}.Add(l.Clock).Format("15:04")
	switch {
	case l.AtClock && l.Days < 0:
		return v.T("lead.days-after", v.N("lead.days", -l.Days), clock)
	case l.AtClock && l.Days == 0:
		return v.T("lead.same-day", clock)
	case l.AtClock && l.Days == 1:
		return v.T("lead.day-before", clock)
	case l.AtClock:
		return v.T("lead.days-before", v.N("lead.days", l.Days), clock)
	case l.Days == 0 && l.Exact == 0:
		return v.T("lead.start")
	case l.Days > 0 && l.Exact == 0:
		return v.T("lead.before", v.N("lead.days", l.Days))
	}
	return v.T("lead.before", v.exact(time.Duration(l.Days)*24*time.Hour+l.Exact))
}

// The entries of the list of leads that are none.
const (
	leadOwn   = "own"
	leadAlarm = "alarm"
)

// leadChoices are the times before a start to choose from.
// onTheDay is offered first for an all-day event, last for what may become one.
func (v fields) leadChoices(allDay, alarms bool, onTheDay calbell.Lead, chosen string) []choice {
	leads := []string{"0m", "5m", "10m", "15m", "30m", "1h", "2h", "1d", "1d@18:00"}
	if allDay {
		leads = []string{onTheDay.String(), "0d@07:00", "1d@18:00", "1d@09:00", "2d@09:00", "7d@09:00"}
	} else if onTheDay.AtClock {
		leads = append(leads, onTheDay.String())
	}
	var list []choice
	for _, text := range slices.Compact(leads) {
		l, err := calbell.ParseLead(text)
		if err == nil {
			list = append(list, choice{Value: text, Text: v.leadText(l)})
		}
	}
	list = append(list, choice{Value: leadOwn, Text: v.T("lead.own")})
	if alarms {
		list = append(list, choice{Value: leadAlarm, Text: v.T("lead.alarm")})
	}
	if chosen == "" {
		chosen = "15m"
		if allDay {
			chosen = leads[0]
		}
	}
	return choose(list, chosen)
}

// unitChoices are the units of a time of one's own.
func (v fields) unitChoices(chosen string) []choice {
	var list []choice
	for _, unit := range []string{"m", "h", "d", "w"} {
		list = append(list, choice{Value: unit, Text: v.T("unit." + unit)})
	}
	return choose(list, chosen)
}

// lead reads the form's time before the start. alarm: it is when the calendar's own alarm
// rings.
func (v fields) lead() (l calbell.Lead, alarm bool, err error) {
	text := v.value("before")
	switch text {
	case leadAlarm:
		return l, true, nil
	case leadOwn:
		n, numErr := strconv.Atoi(v.value("own"))
		if numErr != nil || n < 0 {
			return l, false, &calbell.Error{Kind: calbell.KindUsage, What: v.T("lead.own.wrong")}
		}
		text = strconv.Itoa(n) + v.value("unit")
	}
	l, err = calbell.ParseLead(text)
	return l, false, err
}
