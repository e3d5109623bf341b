package web

import (
	"strings"
	"time"

	"calbell"
	"calbell/service"
)

// maxPeople is how many attendees are named.
const maxPeople = 12

// People names attendees; how many more there are, when they are many.
func (v eventPages) People(list []calbell.Person) string {
	var names []string
	for _, p := range list[:min(len(list), maxPeople)] {
		name := p.Name
		if name == "" {
			name = p.Address
		}
		if p.Status == "DECLINED" {
			name += " (" + v.T("event.declined") + ")"
		}
		names = append(names, name)
	}
	text := strings.Join(names, ", ")
	if more := len(list) - maxPeople; more > 0 {
		text += " " + v.T("event.more-people", more)
	}
	return text
}

// StatusText says what is out of the ordinary about an event; "" when nothing is.
func (v eventPages) StatusText(i calbell.Instance) string {
	var list []string
	for _, word := range []string{i.Status, i.Class, i.Transparency} {
		if key := "event.is." + strings.ToLower(word); word != "" && v.Has(key) {
			list = append(list, v.T(key))
		}
	}
	return strings.Join(list, ", ")
}

// Recurs says how often something recurs, as messages do.
func (v eventPages) Recurs(rule string) string { return upperFirst(service.Recurrence(rule, v.Lang())) }

// Moved says when an instance would have taken place, when it was moved; "" when it was not.
func (v eventPages) Moved(i calbell.Instance) string {
	if i.RecurrenceID == "" || i.AllDay {
		return ""
	}
	from, err := time.Parse(time.RFC3339, string(i.RecurrenceID))
	if err != nil || from.Equal(i.Start) {
		return ""
	}
	return v.T("event.moved", v.Moment(from.In(v.Zone), v.Now))
}
