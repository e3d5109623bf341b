package ical

import (
	"errors"
	"strconv"
	"strings"
	"time"

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

var errTime = errors.New("no date or time")

// readStamp reads a DATE or DATE-TIME (RFC 5545 §3.3.4, §3.3.5) without its zone. The
// separators of ISO 8601 and missing seconds are accepted.
func readStamp(s string) (stamp, error) {
	s = strings.TrimSpace(s)
	var f [6]int // year, month, day, hour, minute, second
	rest, ok := readDigits(s, '-', f[:3], 4, 2, 2)
	if !ok {
		return stamp{}, errTime
	}
	out := stamp{form: formDate}
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

// strict says whether a date or time that readStamp reads is written as RFC 5545 asks for.
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

// inRange says whether the fields name a day of the calendar and a time of day; 24:00:00
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

// length is a duration of RFC 5545 §3.3.6: days by the wall clock, then exact seconds.
// Both have the sign of the whole.
type length struct{ days, secs int64 }

// Limits of a duration, either sign.
const (
	maxDays = 366 * 100
	maxSecs = maxDays * daySeconds
)

var (
	errDuration     = errors.New("no duration")
	errDurationLong = errors.New("longer than 100 years")
)

// readLength reads a DURATION. Weeks beside days, and parts in odd places, are accepted
// as long as they can mean only one thing.
func readLength(s string) (length, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	negative := strings.HasPrefix(s, "-")
	s, ok := strings.CutPrefix(strings.TrimLeft(s, "+-"), "P")
	if !ok || s == "" || s == "T" {
		return length{}, errDuration
	}
	var out length
	inTime := false
	for s != "" {
		if s[0] == 'T' && !inTime {
			inTime, s = true, s[1:]
			continue
		}
		n, unit, rest, err := cutNumber(s)
		if err != nil {
			return length{}, err
		}
		if !out.add(n, unit, inTime) {
			return length{}, errDuration
		}
		if out.days > maxDays || out.secs > maxSecs {
			return length{}, errDurationLong
		}
		s = rest
	}
	if negative {
		out.days, out.secs = -out.days, -out.secs
	}
	return out, nil
}

// cutNumber cuts a number and the letter behind it off.
func cutNumber(s string) (n int64, unit byte, rest string, err error) {
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	if i == 0 || i == len(s) {
		return 0, 0, "", errDuration
	}
	n, err = strconv.ParseInt(s[:i], 10, 64)
	if err != nil || n > maxSecs {
		return 0, 0, "", errDurationLong
	}
	return n, s[i], s[i+1:], nil
}

// add adds n of a unit; false when the unit cannot stand there.
func (l *length) add(n int64, unit byte, inTime bool) bool {
	switch {
	case unit == 'W' && !inTime:
		l.days += 7 * n
	case unit == 'D' && !inTime:
		l.days += n
	case unit == 'H' && inTime:
		l.secs += 3600 * n
	case unit == 'M' && inTime:
		l.secs += 60 * n
	case unit == 'S' && inTime:
		l.secs += n
	default:
		return false
	}
	return true
}

// negative says whether the length goes backwards.
func (l length) negative() bool { return l.days < 0 || l.secs < 0 }

// zero says whether the length is none.
func (l length) zero() bool { return l == length{} }

// seconds returns the length with days of 24 hours.
func (l length) seconds() int64 { return l.days*daySeconds + l.secs }

// after returns the instant that lies l after a time, given as the instant and as its
// reading on the clock: days by the wall, then exact seconds.
func (l length) after(unix int64, wall recur.Wall, c *zone.Clock) int64 {
	if l.days == 0 {
		return unix + l.secs
	}
	return c.Unix(wall+recur.Wall(l.days)*daySeconds) + l.secs
}
