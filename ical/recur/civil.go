package recur

import "time"

// Days are counted from 1970-01-01, in the proleptic Gregorian calendar. Years run from
// minYear to maxYear, and a little beyond while a period at the edge is looked at.
const (
	minYear = 0
	maxYear = 9999

	// epochShift is the number of days from -0399-01-01 to 1970-01-01: counted from there,
	// every day at hand is positive, and whole 400-year cycles lie on multiples.
	epochShift = 719162 + 146097
)

// floorDiv returns the quotient of a by b > 0, rounded down.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// floorMod returns the remainder in [0, b) of a by b > 0.
func floorMod[T int | int64](a, b T) T {
	m := a % b
	if m < 0 {
		m += b
	}
	return m
}

// gcd returns the greatest common divisor of two positive numbers.
func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func leap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// yearDays returns the length of a year in days.
func yearDays(year int) int {
	if leap(year) {
		return 366
	}
	return 365
}

// yearStart returns the day of January 1.
func yearStart(year int) int64 {
	p := int64(year) + 399 // whole years since -0399
	return 365*p + p/4 - p/100 + p/400 - epochShift
}

// yearOf returns the year of a day, and the day's index in it from 0.
func yearOf(day int64) (year, yday int) {
	z := day + epochShift
	n400, z := z/146097, z%146097
	n100 := min(z/36524, 3)
	z -= n100 * 36524
	n4, z := z/1461, z%1461
	n1 := min(z/365, 3)
	return int(400*n400+100*n100+4*n4+n1) - 399, int(z - n1*365)
}

// monthStart returns the index in the year of the first day of month 1 to 13, where 13
// stands for the next January.
func monthStart(month int, leapYear bool) int {
	short := 2 // how much February is shorter than the even pattern of 275/9
	if leapYear {
		short = 1
	}
	return 275*month/9 - (month+9)/12*short - 30
}

// monthOf returns the month of the day with index yday, and the day of the month from 1.
func monthOf(yday int, leapYear bool) (month, mday int) {
	month = yday/32 + 1
	if yday >= monthStart(month+1, leapYear) {
		month++
	}
	return month, yday - monthStart(month, leapYear) + 1
}

// weekdayOf returns the weekday of a day.
func weekdayOf(day int64) time.Weekday {
	return time.Weekday((day + epochShift + 1) % 7) // -0399-01-01 was a Monday
}

// firstWeek returns the index, from -3 to 3, of the day on which week 1 begins in a year whose
// January 1 is the given weekday: the first week with four days in that year
// (RFC 5545 §3.3.10).
func firstWeek(january1, weekStart time.Weekday) int {
	into := int(january1-weekStart+7) % 7
	if into <= 3 {
		return -into
	}
	return 7 - into
}

// weekYearStart returns the day on which week 1 of a year begins.
func weekYearStart(year int, weekStart time.Weekday) int64 {
	first := yearStart(year)
	return first + int64(firstWeek(weekdayOf(first), weekStart))
}

// weekYearOf returns the year to which the week of a day belongs.
func weekYearOf(day int64, weekStart time.Weekday) int {
	year, _ := yearOf(day)
	switch {
	case day < weekYearStart(year, weekStart):
		return year - 1
	case day >= weekYearStart(year+1, weekStart):
		return year + 1
	}
	return year
}
