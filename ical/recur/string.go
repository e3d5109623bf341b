package recur

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// String returns the name of the frequency in a rule; "" for one that is none.
func (f Frequency) String() string {
	switch f {
	case Secondly:
		return "SECONDLY"
	case Minutely:
		return "MINUTELY"
	case Hourly:
		return "HOURLY"
	case Daily:
		return "DAILY"
	case Weekly:
		return "WEEKLY"
	case Monthly:
		return "MONTHLY"
	case Yearly:
		return "YEARLY"
	}
	return ""
}

// String returns the value as it is written in SKIP; "" for one that is none.
func (s Skip) String() string {
	switch s {
	case Omit:
		return "OMIT"
	case Backward:
		return "BACKWARD"
	case Forward:
		return "FORWARD"
	}
	return ""
}

// String returns the element as it is written in BYDAY.
func (d DayNum) String() string {
	name := weekdayName(d.Day)
	if d.N == 0 {
		return name
	}
	return strconv.Itoa(d.N) + name
}

func weekdayName(day time.Weekday) string { return weekdayNames[2*day : 2*day+2] }

// String returns the value as it is written in UNTIL.
func (u Until) String() string {
	s := fmt.Sprintf("%04d%02d%02d", u.Year, u.Month, u.Day)
	if u.HasTime {
		s += fmt.Sprintf("T%02d%02d%02d", u.Hour, u.Minute, u.Second)
		if u.UTC {
			s += "Z"
		}
	}
	return s
}

// String returns the rule in one canonical spelling, which [Parse] reads back as the same
// rule. What was written is in Raw.
func (r *Rule) String() string {
	parts := []string{"FREQ=" + r.Freq.String()}
	if r.Skip != Omit {
		parts = []string{"RSCALE=GREGORIAN", "FREQ=" + r.Freq.String(), "SKIP=" + r.Skip.String()}
	}
	add := func(name, val string) {
		if val != "" {
			parts = append(parts, name+"="+val)
		}
	}
	if r.Interval > 1 {
		add("INTERVAL", strconv.FormatInt(r.Interval, 10))
	}
	if r.Count > 0 {
		add("COUNT", strconv.FormatInt(r.Count, 10))
	}
	if r.Until != nil {
		add("UNTIL", r.Until.String())
	}
	add("BYSECOND", join(r.BySecond, strconv.Itoa))
	add("BYMINUTE", join(r.ByMinute, strconv.Itoa))
	add("BYHOUR", join(r.ByHour, strconv.Itoa))
	add("BYDAY", join(r.ByDay, DayNum.String))
	add("BYMONTHDAY", join(r.ByMonthDay, strconv.Itoa))
	add("BYYEARDAY", join(r.ByYearDay, strconv.Itoa))
	add("BYWEEKNO", join(r.ByWeekNo, strconv.Itoa))
	add("BYMONTH", join(r.ByMonth, strconv.Itoa))
	add("BYSETPOS", join(r.BySetPos, strconv.Itoa))
	if r.WeekStart != time.Monday {
		add("WKST", weekdayName(r.WeekStart))
	}
	return strings.Join(parts, ";")
}

func join[T any](list []T, text func(T) string) string {
	words := make([]string, len(list))
	for i, v := range list {
		words[i] = text(v)
	}
	return strings.Join(words, ",")
}
