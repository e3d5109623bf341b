package ical

import (
	"strings"

	"calbell"
	"calbell/ical/recur"
	"calbell/ical/syntax"
	"calbell/ical/zone"

	goical "github.com/emersion/go-ical"
)

// Bounds of a VTIMEZONE. Real ones have some 500 bytes, long histories some 20 kB.
const (
	maxZoneDates  = 1000      // RDATEs of one observance
	maxZoneBytes  = 256 << 10 // content of all parts
	maxZoneParams = 1024      // parameters of one line
)

// timezone notes a VTIMEZONE in the book, and returns its TZID. Its parts are left for when they
// are needed.
func (r *reader) timezone(b syntax.Block) (tzid string) {
	d := zone.Definition{Observances: func() []zone.Observance { return r.observances(b) }}
	for walk := b.Body.Lines(); ; {
		l, ok := walk.Scan()
		if !ok {
			break
		}
		name := l.Name()
		if name != goical.PropTimezoneID && name != "X-LIC-LOCATION" {
			continue
		}
		p, ok := l.Property()
		switch {
		case !ok:
		case name == goical.PropTimezoneID:
			d.TZID = p.Value
		default:
			d.Location = p.Value
		}
	}
	if d.Location != "" || len(b.Parts) > 0 {
		r.book.Define(d)
	}
	return d.TZID
}

// observances reads the parts of a VTIMEZONE by go-ical.
func (r *reader) observances(b syntax.Block) []zone.Observance {
	calendar, err := goical.NewDecoder(strings.NewReader(guarded(b))).Decode()
	if err != nil {
		r.WarnError(b.Line, "", calbell.WarnTimeZone, err)
		return nil
	}
	var list []zone.Observance
	for i, part := range calendar.Children {
		if o, ok := observance(part); ok {
			list = append(list, o)
		} else {
			r.Warn(b.Parts[i].Line, "", calbell.WarnObservance, part.Name)
		}
	}
	return list
}

// guarded writes the parts of a block as go-ical can read them: it panics on parameters
// that are not well-formed, takes time that grows with their square, and one bad line
// loses the whole component. So it gets whole lines that are short and in order.
func guarded(b syntax.Block) string {
	var out strings.Builder
	out.WriteString("BEGIN:VCALENDAR\r\n")
	for _, part := range b.Parts {
		out.WriteString("BEGIN:" + part.Name + "\r\n")
		for walk := part.Body.Lines(); out.Len() < maxZoneBytes; {
			l, ok := walk.Scan()
			if !ok {
				break
			}
			p, ok := l.Property()
			if !ok || p.Name == "BEGIN" || p.Name == "END" {
				continue
			}
			out.WriteString(p.Name)
			if len(p.Params) <= maxZoneParams && wellFormed(p.Params) {
				out.WriteString(p.Params)
			}
			out.WriteString(":" + p.Value[:min(len(p.Value), maxZoneBytes)] + "\r\n")
		}
		out.WriteString("END:" + part.Name + "\r\n")
	}
	out.WriteString("END:VCALENDAR\r\n")
	return out.String()
}

// observance reads a STANDARD or DAYLIGHT part; false when its start or an offset is
// missing.
func observance(part *goical.Component) (zone.Observance, bool) {
	o := zone.Observance{Daylight: part.Name == goical.CompTimezoneDaylight}
	start, err := readStamp(value(part, goical.PropDateTimeStart))
	o.Start = start.wall
	to, known := readOffset(value(part, goical.PropTimezoneOffsetTo))
	if err != nil || !known {
		return o, false
	}
	o.To = to
	if o.From, known = readOffset(value(part, goical.PropTimezoneOffsetFrom)); !known {
		o.From = to
	}
	o.Name = syntax.Unescape(value(part, goical.PropTimezoneName))
	rules := part.Props.Values(goical.PropRecurrenceRule)
	for _, p := range rules[:min(len(rules), maxRules)] {
		if rule, err := recur.Parse(p.Value); err == nil {
			o.Rules = append(o.Rules, rule)
		}
	}
	for _, p := range part.Props.Values(goical.PropRecurrenceDates) {
		o.Dates = zoneDates(o.Dates, p.Value)
	}
	return o, true
}

// value returns the value of a property of a component, "" when absent.
func value(c *goical.Component, name string) string {
	if p := c.Props.Get(name); p != nil {
		return p.Value
	}
	return ""
}

// wellFormed reports whether parameters are a sequence of ";name=value,value", values quoted
// as a whole or without any quote.
func wellFormed(params string) bool {
	for params != "" {
		name, rest, ok := strings.Cut(params[1:], "=")
		if !ok || params[0] != ';' || name == "" || strings.ContainsAny(name, ";:,\"") {
			return false
		}
		for more := true; more; {
			if rest, ok = cutValue(rest); !ok {
				return false
			}
			rest, more = strings.CutPrefix(rest, ",")
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

// zoneDates adds the dates of an RDATE.
func zoneDates(list []recur.Wall, value string) []recur.Wall {
	for one := range strings.SplitSeq(value, ",") {
		one, _, _ = strings.Cut(one, "/")
		if s, err := readStamp(one); err == nil && len(list) < maxZoneDates {
			list = append(list, s.wall)
		}
	}
	return list
}

// readOffset reads a UTC-OFFSET (RFC 5545 §3.3.14) in seconds.
func readOffset(s string) (int, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, false
	}
	sign := 1
	switch s[0] {
	case '-':
		sign, s = -1, s[1:]
	case '+':
		s = s[1:]
	}
	s = strings.ReplaceAll(s, ":", "")
	if len(s) != 2 && len(s) != 4 && len(s) != 6 {
		return 0, false
	}
	var f [3]int
	for i := 0; i < len(s); i += 2 {
		if s[i] < '0' || s[i] > '9' || s[i+1] < '0' || s[i+1] > '9' {
			return 0, false
		}
		f[i/2] = int(s[i]-'0')*10 + int(s[i+1]-'0')
	}
	if f[0] > 23 || f[1] > 59 || f[2] > 59 {
		return 0, false
	}
	return sign * (f[0]*3600 + f[1]*60 + f[2]), true
}
