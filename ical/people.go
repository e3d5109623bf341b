package ical

import (
	"strings"

	goical "github.com/emersion/go-ical"
)

// maxPersonParams bounds the parameters of one ORGANIZER or ATTENDEE: go-ical takes time
// that grows with their square.
const maxPersonParams = 1024

// decodePeople takes properties with many parameters apart by go-ical. It panics on
// parameters that are not well-formed, and one error loses the whole component: so it
// gets only lines in which every parameter is as RFC 5545 §3.1 wants it. Of the others,
// the value counts alone.
func decodePeople(list []property) []goical.Prop {
	if len(list) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\n")
	for _, p := range list {
		b.WriteString(p.name)
		if len(p.params) <= maxPersonParams && wellFormed(p.params) {
			b.WriteString(p.params)
		}
		b.WriteByte(':')
		b.WriteString(p.value)
		b.WriteString("\r\n")
	}
	b.WriteString("END:VCALENDAR\r\n")
	calendar, err := goical.NewDecoder(strings.NewReader(b.String())).Decode()
	if err != nil {
		return nil
	}
	return append(calendar.Props[goical.PropOrganizer], calendar.Props[goical.PropAttendee]...)
}

// wellFormed says whether parameters are a sequence of ";name=value,value", values quoted
// as a whole or without any quote.
func wellFormed(params string) bool {
	for params != "" {
		name, rest, ok := strings.Cut(params[1:], "=")
		if !ok || params[0] != ';' || name == "" || strings.ContainsAny(name, ";:,\"") {
			return false
		}
		for more := true; more; {
			var rest2 string
			if rest2, ok = cutValue(rest); !ok {
				return false
			}
			more = strings.HasPrefix(rest2, ",")
			rest = strings.TrimPrefix(rest2, ",")
		}
		params = rest
	}
	return true
}

// cutValue cuts one parameter value off; false when it is not well-formed.
func cutValue(s string) (rest string, ok bool) {
	if strings.HasPrefix(s, `"`) {
		_, rest, ok = strings.Cut(s[1:], `"`)
		return rest, ok && (rest == "" || rest[0] == ',' || rest[0] == ';')
	}
	i := strings.IndexAny(s, ",;\"")
	if i < 0 {
		return "", !strings.Contains(s, ":")
	}
	return s[i:], s[i] != '"' && !strings.Contains(s[:i], ":")
}
