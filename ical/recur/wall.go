package recur

import "time"

// Wall is a reading of a clock without zone: seconds since 1970-01-01T00:00:00 on that
// clock, in the proleptic Gregorian calendar, without leap seconds.
type Wall int64

// The range of [Wall] values that an iterator works on: the years 0 to 9999, which are
// those that iCalendar can write (RFC 5545 §3.3.4).
const (
	MinWall Wall = -62167219200 // 0000-01-01T00:00:00
	MaxWall Wall = 253402300799 // 9999-12-31T23:59:59
)

// NoUntil is the bound of a rule without UNTIL.
const NoUntil = MaxWall

const daySeconds = 24 * 60 * 60

// WallOf returns the reading for a date and time of day. Values outside their usual range
// are carried over, as [time.Date] does.
func WallOf(year int, month time.Month, day, hour, minute, sec int) Wall {
	return Wall(time.Date(year, month, day, hour, minute, sec, 0, time.UTC).Unix())
}

// Time returns a time with the same clock reading, in UTC.
func (w Wall) Time() time.Time { return time.Unix(int64(w), 0).UTC() }

// String returns the reading in the form of RFC 5545 §3.3.5, as 20260131T090000.
func (w Wall) String() string { return w.Time().Format("20060102T150405") }
