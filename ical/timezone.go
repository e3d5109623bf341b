package ical

import (
	"strings"

	"calbell/ical/recur"
	"calbell/ical/zone"
)

// maxZoneDates bounds the RDATEs of one observance.
const maxZoneDates = 1000

// timezone reads a VTIMEZONE into the book.
func (r *reader) timezone(b block) {
	var d zone.Definition
	for walk := linesIn(r.text, b.body, b.first, b.skip); ; {
		l, ok := walk.scan()
		if !ok {
			break
		}
		p, ok := propertyOf(l)
		switch {
		case !ok:
		case p.name == "TZID":
			d.TZID = p.value
		case p.name == "X-LIC-LOCATION":
			d.Location = p.value
		}
	}
	for _, part := range b.parts {
		if o, ok := r.observance(part); ok {
			d.Observances = append(d.Observances, o)
		} else {
			r.warn(part.line, "", "%s of the zone %s cannot be read", part.name, quoted(d.TZID))
		}
	}
	r.book.Define(d)
}

// observance reads a STANDARD or DAYLIGHT part; false when its start or an offset is
// missing.
func (r *reader) observance(part part) (zone.Observance, bool) {
	o := zone.Observance{Daylight: part.name == "DAYLIGHT"}
	var started, from, to bool
	for walk := linesIn(r.text, part.body, part.first, part.skip); ; {
		l, ok := walk.scan()
		if !ok {
			break
		}
		p, ok := propertyOf(l)
		if !ok {
			continue
		}
		switch p.name {
		case "DTSTART":
			s, err := readStamp(p.value)
			o.Start, started = s.wall, err == nil
		case "TZOFFSETFROM":
			o.From, from = readOffset(p.value)
		case "TZOFFSETTO":
			o.To, to = readOffset(p.value)
		case "TZNAME":
			o.Name = unescape(p.value)
		case "RRULE":
			if rule, err := recur.Parse(p.value); err == nil {
				o.Rules = append(o.Rules, rule)
			}
		case "RDATE":
			o.Dates = zoneDates(o.Dates, p.value)
		}
	}
	if !from {
		o.From = o.To
	}
	return o, started && to
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
