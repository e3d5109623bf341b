package web

import (
	"strings"

	"calbell"
)

// maxPeople is how many attendees are named.
const maxPeople = 12

// People names attendees; how many more there are, when they are many.
func (v *view) People(list []calbell.Person) string {
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
func (v *view) StatusText(i calbell.Instance) string {
	var list []string
	for _, word := range []string{i.Status, i.Class, i.Transparency} {
		if key := "event.is." + strings.ToLower(word); word != "" && v.Has(key) {
			list = append(list, v.T(key))
		}
	}
	return strings.Join(list, ", ")
}

// Recurs says how often something recurs, as far as its rule is a plain one.
func (v *view) Recurs(rule string) string {
	for part := range strings.SplitSeq(strings.ToUpper(rule), ";") {
		if freq, ok := strings.CutPrefix(part, "FREQ="); ok && v.Has("recurs."+strings.ToLower(freq)) {
			return v.T("recurs." + strings.ToLower(freq))
		}
	}
	return v.T("recurs")
}
