package ical

import (
	"strings"
	"time"

	"calbell"
	"calbell/ical/recur"
	"calbell/ical/syntax"
	"calbell/ical/zone"
)

// stamp reads a single date or time with its zone.
func (r *reader) stamp(p syntax.Property, uid calbell.UID) (stamp, error) {
	p = r.parameters(p, uid)
	s, err := readStamp(p.Value)
	if err != nil {
		return stamp{}, err
	}
	return r.placed(r.typed(s, p, uid), p, uid), nil
}

// maxColons bounds the colons at which a value may begin: those of an unquoted TZID and of
// times such as 10:00:00.
const maxColons = 12

// parameters puts parameters that slid into the value back to the others (D29): those behind a
// colon in the place of a semicolon, and the rest of an unquoted value with a colon in it, as
// in TZID=UTC+02:00.
func (r *reader) parameters(p syntax.Property, uid calbell.UID) syntax.Property {
	if strings.IndexByte(p.Value, ':') < 0 && strings.IndexByte(p.Value, '=') < 0 {
		return p
	}
	written := p.Value
	for slid(p.Value) {
		end := syntax.EndOfParams(";"+p.Value, 0)
		if end < 0 {
			end = strings.IndexByte(p.Value, ';') + 1 // a semicolon in the place of the colon
		}
		if end < 1 {
			break
		}
		p.Params, p.Value = p.Params+";"+p.Value[:end-1], p.Value[end:]
	}
	if p.Value != written {
		r.Warn(p.Num, uid, calbell.WarnParameter, p.Name, written, p.Value)
	}
	for from, i := 0, 0; i < maxColons && !readable(p.Value[from:]); i++ {
		next := strings.IndexByte(p.Value[from:], ':')
		if next < 0 {
			break
		}
		if from += next + 1; readable(p.Value[from:]) {
			p.Params, p.Value = p.Params+":"+p.Value[:from-1], p.Value[from:]
			break
		}
	}
	return p
}

// slid reports whether a value begins with a parameter that dates, times or durations have.
func slid(value string) bool {
	name, _, ok := strings.Cut(value, "=")
	if !ok {
		return false
	}
	switch strings.ToUpper(strings.TrimSpace(name)) {
	case "VALUE", "TZID", "RELATED", "RANGE":
		return true
	}
	return false
}

// readable reports whether a value begins with a date, a time or a duration.
func readable(value string) bool {
	one, _, _ := strings.Cut(value, ",")
	one, _, _ = strings.Cut(one, "/")
	if _, err := readStamp(one); err == nil {
		return true
	}
	_, _, err := readLength(one)
	return err == nil
}

// typed makes a stamp the DATE that VALUE asks for, and reports what is not written as
// its type is to be. A time of day other than midnight is one, whatever VALUE (D31).
func (r *reader) typed(s stamp, p syntax.Property, uid calbell.UID) stamp {
	value := p.Param("VALUE")
	asDate := s.form != formDate && strings.EqualFold(value, "DATE")
	switch {
	case s.form == formDate && strings.EqualFold(value, "DATE-TIME"):
		r.Warn(p.Num, uid, calbell.WarnDateTyped, p.Name, p.Value)
	case asDate && s.wall != day(s.wall):
		r.Warn(p.Num, uid, calbell.WarnClock, p.Name, p.Value)
	case asDate:
		r.Warn(p.Num, uid, calbell.WarnMidnight, p.Name, p.Value)
		s.form = formDate
		return s
	}
	if !strict(p.Value) {
		r.Warn(p.Num, uid, calbell.WarnTime, p.Name, p.Value, s.String())
	}
	return s
}

// placed gives a stamp its zone: that of TZID, UTC, or the one that stands for floating
// and all-day times (D21).
func (r *reader) placed(s stamp, p syntax.Property, uid calbell.UID) stamp {
	s.loc = r.file.Zone
	switch s.form {
	case formUTC:
		s.loc = time.UTC
	case formFloating:
		tzid := p.Param("TZID")
		if tzid == "" {
			break
		}
		loc, source := r.book.Find(tzid)
		if source != zone.Named && r.tell(tzid, p.Name) {
			r.unusual(p, uid, tzid, loc, source)
		}
		if loc != nil {
			s.form, s.loc = formZoned, loc
		}
	}
	return s
}

// told is a TZID that was reported of a component.
type told struct {
	component int // its line
	tzid      string
	follows   bool
}

// tell reports whether a zone is to be reported: once for each component, and again where
// another zone stands for it.
func (r *reader) tell(tzid, property string) bool {
	key := told{r.reading, strings.Clone(tzid), follows(property)}
	if r.told[key] || r.told[told{key.component, key.tzid, false}] || len(r.told) >= syntax.MaxProblems {
		return false
	}
	if r.told == nil {
		r.told = map[told]bool{}
	}
	r.told[key] = true
	return true
}

// follows reports whether times of a property in an unknown zone are read in that of the
// series (D3), which is that of DTSTART.
func follows(property string) bool {
	switch property {
	case "EXDATE", "RDATE", "RECURRENCE-ID", "DTEND", "DUE":
		return true
	}
	return false
}

// unusual reports a zone that is not what its name alone says, or none.
func (r *reader) unusual(p syntax.Property, uid calbell.UID, tzid string, loc *time.Location, source zone.Source) {
	switch {
	case loc != nil:
		r.warnZone(p.Num, uid, tzid, loc, source)
	case follows(p.Name):
		r.Warn(p.Num, uid, calbell.WarnZoneSeries, zone.Clean(tzid), p.Name)
	default:
		r.Warn(p.Num, uid, calbell.WarnZone, zone.Clean(tzid), r.file.Zone.String())
	}
}

// warnZone reports how a zone was found, when that is not its name alone.
func (r *reader) warnZone(line int, uid calbell.UID, tzid string, loc *time.Location, source zone.Source) {
	name := zone.Clean(tzid)
	switch source {
	case zone.Defined:
		r.Warn(line, uid, calbell.WarnZoneDefined, name)
	case zone.Display:
		r.Warn(line, uid, calbell.WarnZoneDisplay, name, loc.String())
	case zone.Offset:
		r.Warn(line, uid, calbell.WarnZoneOffset, name, loc.String())
	case zone.Part:
		r.Warn(line, uid, calbell.WarnZonePart, name, loc.String())
	}
}

// duration reads a DURATION, and reports one that is not written as it is to be (D28).
func (r *reader) duration(p syntax.Property, uid calbell.UID) (length, error) {
	l, odd, err := readLength(p.Value)
	if err == nil && odd {
		r.Warn(p.Num, uid, calbell.WarnDuration, p.Name, p.Value, l.String())
	}
	return l, err
}

// length reads the DURATION of an event or to-do.
func (r *reader) length(d *draft, p syntax.Property) {
	p = r.parameters(p, d.uid)
	l, err := r.duration(p, d.uid)
	switch {
	case err != nil:
		r.WarnError(p.Num, d.uid, calbell.WarnNoDuration, err, p.Name, p.Value)
	case l.negative():
		r.Warn(p.Num, d.uid, calbell.WarnNegative, p.Name, p.Value)
	default:
		d.length, d.hasLength = l, true
	}
}

// String returns the stamp as RFC 5545 writes it.
func (s stamp) String() string {
	switch s.form {
	case formDate:
		return s.wall.String()[:len("20060102")]
	case formUTC:
		return s.wall.String() + "Z"
	}
	return recur.Wall(s.wall).String()
}
