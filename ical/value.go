package ical

import (
	"strings"
	"time"

	"calbell"

	"calbell/ical/recur"
	"calbell/ical/zone"
)

// form is how a date or time is written.
type form uint8

const (
	formNone     form = iota // absent
	formDate                 // DATE
	formFloating             // DATE-TIME without zone
	formZoned                // DATE-TIME with TZID
	formUTC                  // DATE-TIME with Z
)

// stamp is a date or time as written, with the zone in which it is to be read.
type stamp struct {
	form form
	wall recur.Wall
	loc  *time.Location // nil only when form is formNone
}

// unix returns the instant of the stamp.
func (s stamp) unix() int64 {
	if s.form == formUTC {
		return int64(s.wall)
	}
	c := zone.NewClock(s.loc)
	return c.Unix(s.wall)
}

// in returns what the clocks of another zone read at the stamp; its own reading when it
// is of that zone, which keeps readings that a change of offset skips.
func (s stamp) in(loc *time.Location) recur.Wall {
	if s.loc == loc {
		return s.wall
	}
	c := zone.NewClock(loc)
	return c.Wall(s.unix())
}

// day returns the midnight at or before a reading.
func day(w recur.Wall) recur.Wall {
	rest := w % daySeconds
	if rest < 0 {
		rest += daySeconds
	}
	return w - rest
}

const daySeconds = 24 * 60 * 60

// date returns the day that the stamp means for an all-day event (D5): of a value in UTC
// its literal date when it reads midnight or the last second of a day, else the date in
// the calendar's zone.
func (s stamp) date(loc *time.Location) recur.Wall {
	midnight := day(s.wall)
	if s.form != formUTC || s.wall == midnight || s.wall == midnight+daySeconds-1 {
		return midnight
	}
	return day(s.in(loc))
}

var errTime = calbell.Errorf("ical:no-date-or-time", "no date or time")

// readStamp reads a DATE or DATE-TIME (RFC 5545 §3.3.4, §3.3.5) without its zone. The
// separators of ISO 8601, missing seconds and a Z behind a date are accepted.
func readStamp(s string) (stamp, error) {
	s = strings.TrimSpace(s)
	var f [6]int // year, month, day, hour, minute, second
	rest, ok := readDigits(s, '-', f[:3], 4, 2, 2)
	if !ok {
		return stamp{}, errTime
	}
	out := stamp{form: formDate}
	if rest == "Z" || rest == "z" {
		rest = "" // of a date, which has no zone (D30)
	}
	if rest != "" {
		if rest[0]|0x20 != 't' {
			return stamp{}, errTime
		}
		if rest, ok = readDigits(rest[1:], ':', f[3:], 2, 2, 2); !ok {
			return stamp{}, errTime
		}
		if out.form, ok = formOf(rest); !ok {
			return stamp{}, errTime
		}
	}
	if !inRange(f) {
		return stamp{}, errTime
	}
	out.wall = recur.WallOf(f[0], time.Month(f[1]), f[2], f[3], f[4], min(f[5], 59))
	return out, nil
}

// strict reports whether a date or time that readStamp reads is written as RFC 5545 asks for.
func strict(s string) bool {
	s = strings.TrimSpace(s)
	if len(s) == len("20060102") {
		return true
	}
	return (len(s) == len("20060102T150405") || len(s) == len("20060102T150405Z")) && s[9:11] != "24" && !strings.ContainsAny(s, "-:.")
}

// readDigits reads fields of so many digits each, with or without a separator between
// them, and returns what follows. The last of the time fields may be missing.
func readDigits(s string, separator byte, into []int, widths ...int) (string, bool) {
	for i, width := range widths {
		if i > 0 && len(s) > 0 && s[0] == separator {
			s = s[1:]
		}
		if separator == ':' && i == 2 && (s == "" || s[0] < '0' || s[0] > '9') {
			return s, true
		}
		if len(s) < width {
			return "", false
		}
		for _, c := range []byte(s[:width]) {
			if c < '0' || c > '9' {
				return "", false
			}
			into[i] = into[i]*10 + int(c-'0')
		}
		s = s[width:]
	}
	return s, true
}

// formOf tells from what follows the seconds whether a time is in UTC; fractions are
// dropped.
func formOf(rest string) (form, bool) {
	if rest != "" && rest[0] == '.' {
		rest = strings.TrimLeft(rest[1:], "0123456789")
	}
	switch rest {
	case "":
		return formFloating, true
	case "Z", "z":
		return formUTC, true
	}
	return formNone, false
}

// inRange reports whether the fields name a day of the calendar and a time of day; 24:00:00
// ends a day, and 60 is a leap second.
func inRange(f [6]int) bool {
	if f[1] < 1 || f[1] > 12 || f[2] < 1 || f[2] > daysIn(f[0], time.Month(f[1])) {
		return false
	}
	return f[3] <= 23 && f[4] <= 59 && f[5] <= 60 || f[3] == 24 && f[4] == 0 && f[5] == 0
}

// daysIn returns the number of days of a month.
func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
