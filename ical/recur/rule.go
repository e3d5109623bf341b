package recur

import "time"

// Frequency is the FREQ of a rule, from the shortest period to the longest.
type Frequency uint8

// The frequencies. The zero value is none of them.
const (
	Secondly Frequency = iota + 1
	Minutely
	Hourly
	Daily
	Weekly
	Monthly
	Yearly
)

// Skip is what becomes of days that a month or a year does not have (RFC 7529 §4.1).
type Skip uint8

// What SKIP can ask for.
const (
	Omit     Skip = iota // they give no instance
	Backward             // the last day of that month or year
	Forward              // the first day of the next one
)

// DayNum is an element of BYDAY: a weekday, with N ≠ 0 the N-th one of the month or the
// year, counted from its end when N is negative.
type DayNum struct {
	N   int
	Day time.Weekday
}

// Until is the value of UNTIL as written. The package that knows zones turns it into a
// [Wall] bound.
type Until struct {
	Year                 int
	Month                time.Month
	Day                  int
	Hour, Minute, Second int
	HasTime              bool // a DATE-TIME; else a DATE, and the time of day is zero
	UTC                  bool // written with a Z
}

// Bound returns the literal reading as an inclusive bound: for a DATE, the last second of
// that day. For a value in UTC, it is the reading of a clock in UTC.
func (u Until) Bound() Wall {
	if !u.HasTime {
		return WallOf(u.Year, u.Month, u.Day, 23, 59, 59)
	}
	return WallOf(u.Year, u.Month, u.Day, u.Hour, u.Minute, u.Second)
}

// Rule is a recurrence rule. Lists are sorted and free of duplicates, nil when the part is
// absent.
type Rule struct {
	Freq       Frequency
	Interval   int64 // ≥ 1
	Count      int64 // 0: no COUNT
	Until      *Until
	BySecond   []int // 0–60; 60 is taken as 59 (RFC 5545 §3.3.12)
	ByMinute   []int // 0–59
	ByHour     []int // 0–23
	ByDay      []DayNum
	ByMonthDay []int // ±1–31
	ByYearDay  []int // ±1–366
	ByWeekNo   []int // ±1–53
	ByMonth    []int // 1–12
	BySetPos   []int // ±1–366
	WeekStart  time.Weekday
	Skip       Skip
	Raw        string // as written
	// Odd reports that the rule is not written as RFC 5545 and 7529 ask, and a person may have
	// meant something else.
	Odd bool

	dates bool // see ForDates
}

// ForDates returns the rule as it applies to a DTSTART that is a DATE. BYHOUR, BYMINUTE and
// BYSECOND are ignored (RFC 5545 §3.3.10). Of a frequency below a day, every date on which
// an interval ends is an instance, once: HOURLY with an interval of a day or less is DAILY.
// COUNT counts dates. Readings passed to the iterator are to be midnights.
func (r *Rule) ForDates() *Rule {
	c := *r
	c.dates = true
	c.ByHour, c.ByMinute, c.BySecond = nil, nil, nil
	unit := int64(0)
	switch r.Freq {
	case Secondly:
		unit = 1
	case Minutely:
		unit = 60
	case Hourly:
		unit = 60 * 60
	}
	if unit > 0 && r.Interval <= daySeconds/unit {
		c.Freq, c.Interval = Daily, 1
	}
	return &c
}
