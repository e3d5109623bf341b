package words

import (
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
)

// maxPeople limits the attendees that are named.
const maxPeople = 12

// People names attendees, and the number of further ones.
func (r Reader) People(list []calbell.Person) string {
	var names []string
	for _, p := range list[:min(len(list), maxPeople)] {
		name := p.Name
		if name == "" {
			name = p.Address
		}
		if p.Status == "DECLINED" {
			name += " (" + r.T("event.declined") + ")"
		}
		names = append(names, name)
	}
	text := strings.Join(names, ", ")
	if more := len(list) - maxPeople; more > 0 {
		text += " " + r.T("event.more-people", more)
	}
	return text
}

// StatusText describes what is unusual about an event, such as that it is tentative; ""
// when nothing is.
func (r Reader) StatusText(i calbell.Instance) string {
	var list []string
	for _, word := range []string{i.Status, i.Class, i.Transparency} {
		if key := "event.is." + strings.ToLower(word); word != "" && r.Has(key) {
			list = append(list, r.T(key))
		}
	}
	return strings.Join(list, ", ")
}

// Moved describes when a moved instance would have taken place; "" when it was not moved.
func (r Reader) Moved(i calbell.Instance) string {
	if i.RecurrenceID == "" || i.AllDay {
		return ""
	}
	from, err := time.Parse(time.RFC3339, string(i.RecurrenceID))
	if err != nil || from.Equal(i.Start) {
		return ""
	}
	return r.T("event.moved", r.Moment(from.In(r.Zone), r.Now))
}

// Times describes when an instance takes place, on the reader's clock and, if that differs,
// on the event's own clock. UTC is not shown as the event's clock, because programs without
// zones write it.
func (r Reader) Times(i calbell.Instance) (here, there string) {
	if i.AllDay {
		last := i.End.AddDate(0, 0, -1)
		if last.After(i.Start) {
			return r.Day(i.Start) + " – " + r.Day(last), ""
		}
		return r.Day(i.Start) + ", " + r.T("agenda.all-day"), ""
	}
	here = r.fromTo(i.Start.In(r.Zone), i.End.In(r.Zone))
	_, mine := i.Start.In(r.Zone).Zone()
	if _, theirs := i.Start.Zone(); theirs != mine && i.Start.Location().String() != time.UTC.String() {
		there = r.fromTo(i.Start, i.End) + " " + i.Start.Location().String()
	}
	return here, there
}

// StartText describes briefly when an instance begins. All-day events are on the same day
// in every zone.
func (r Reader) StartText(e types.EventRow) string {
	if e.AllDay {
		return r.ShortDay(e.Start, r.Now)
	}
	return r.Moment(e.Start.In(r.Zone), r.Now)
}

// fromTo formats a period; the day of the end is shown only when it differs.
func (r Reader) fromTo(from, to time.Time) string {
	text := r.Day(from) + ", " + r.Clock(from)
	switch {
	case !to.After(from):
		return text
	case from.Format(time.DateOnly) == to.Format(time.DateOnly):
		return text + " – " + r.Clock(to)
	}
	return text + " – " + r.Day(to) + ", " + r.Clock(to)
}

// InstanceText formats a recurrence ID for people.
func (r Reader) InstanceText(id calbell.RecurrenceID) string {
	if t, err := time.Parse(time.RFC3339, string(id)); err == nil {
		return r.Moment(t.In(r.Zone), r.Now)
	}
	if t, err := time.Parse(time.DateOnly, string(id)); err == nil {
		return r.ShortDay(t, r.Now)
	}
	return string(id)
}

// PauseText describes the scope of a pause.
func (r Reader) PauseText(p types.PauseRow) string {
	until := r.Moment(p.Until.In(r.Zone), r.Now)
	switch {
	case p.Webhook != "":
		return r.T("pause.webhook", until, p.WebhookName)
	case p.Calendar != "":
		return r.T("pause.calendar", until, p.CalendarName)
	}
	return r.T("pause.everything", until)
}
