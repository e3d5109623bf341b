package recur_test

import (
	"slices"
	"time"

	"calbell/ical/recur"
)

// reference expands rules in the plainest way there is: it walks every day (or, below a
// day, every hour, minute or second), asks of each whether it fits, and collects what fits
// period by period. It shares nothing with the package but the words, and takes its dates
// from package time.
type reference struct {
	rule  *recur.Rule
	start time.Time
}

func newReference(r *recur.Rule, start recur.Wall) *reference {
	return &reference{rule: r, start: start.Time()}
}

// between returns the instances of the rule from a (which is to lie a period or more
// after the first thing asked for) to b, without DTSTART of its own and without COUNT.
func (f *reference) between(a, b time.Time) (all []recur.Wall) {
	if f.rule.Freq < recur.Daily {
		return f.units(a, b)
	}
	var set []recur.Wall
	key, first := int64(0), true
	flush := func() {
		all = append(all, pickPositions(set, f.rule.BySetPos)...)
		set = set[:0]
	}
	for day := midnight(a); !day.After(b); day = day.AddDate(0, 0, 1) {
		k, takesPart := f.periodOf(day)
		if first || k != key {
			flush()
			key, first = k, false
		}
		if takesPart && f.dayFits(day) {
			set = f.timesOn(day, set)
		}
	}
	flush()
	return slices.DeleteFunc(all, func(w recur.Wall) bool { return int64(w) < f.start.Unix() })
}

// from returns DTSTART and what follows it up to b, at most COUNT.
func (f *reference) from(b time.Time) []recur.Wall {
	all := []recur.Wall{recur.Wall(f.start.Unix())}
	for _, w := range f.between(f.widen(f.start, -1), f.widen(b, 1)) {
		if w > all[0] && int64(w) <= b.Unix() {
			all = append(all, w)
		}
	}
	if n := f.rule.Count; n > 0 && int64(len(all)) > n {
		all = all[:n]
	}
	return all
}

// widen moves t by more than a period, so that no period is cut at the edge of a window.
func (f *reference) widen(t time.Time, sign int) time.Time {
	if f.rule.Freq < recur.Daily {
		return t.Add(time.Duration(sign) * time.Hour)
	}
	return t.AddDate(sign, 0, sign*40)
}

func midnight(t time.Time) time.Time { return t.Truncate(24 * time.Hour) }

func pickPositions(set []recur.Wall, positions []int) (out []recur.Wall) {
	if len(positions) == 0 {
		return set
	}
	for i, w := range set {
		if slices.Contains(positions, i+1) || slices.Contains(positions, i-len(set)) {
			out = append(out, w)
		}
	}
	return out
}

// weekOf returns the year and number of the week of a day, and the number of weeks in
// that year.
func (f *reference) weekOf(day time.Time) (year, number, of int) {
	mid := func(d time.Time) time.Time {
		return d.AddDate(0, 0, 3-(int(d.Weekday())-int(f.rule.WeekStart)+7)%7)
	}
	m := mid(day)
	year = m.Year()
	last := mid(time.Date(year, 12, 28, 0, 0, 0, 0, time.UTC))
	return year, (m.YearDay() + 6) / 7, (last.YearDay() + 6) / 7
}

// periodOf names the period of a day, and reports whether the interval takes it.
func (f *reference) periodOf(day time.Time) (int64, bool) {
	var k, k0 int64
	switch s := f.start; f.rule.Freq {
	case recur.Daily:
		k, k0 = day.Unix()/86400, midnight(s).Unix()/86400
	case recur.Weekly:
		weekOf := func(d time.Time) int64 {
			d = d.AddDate(0, 0, -((int(d.Weekday()) - int(f.rule.WeekStart) + 7) % 7))
			return floor(midnight(d).Unix()/86400, 7)
		}
		k, k0 = weekOf(day), weekOf(s)
	case recur.Monthly:
		k, k0 = int64(day.Year()*12+int(day.Month())), int64(s.Year()*12+int(s.Month()))
	case recur.Yearly:
		k, k0 = int64(day.Year()), int64(s.Year())
		if len(f.rule.ByWeekNo) > 0 {
			y, _, _ := f.weekOf(day)
			y0, _, _ := f.weekOf(midnight(s))
			k, k0 = int64(y), int64(y0)
		}
	}
	return k, (k-k0)%f.rule.Interval == 0
}

func oneOf(list []int, value, length int) bool {
	return slices.Contains(list, value) || slices.Contains(list, value-length-1)
}

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// dayFits asks each part of the rule about a day.
func (f *reference) dayFits(day time.Time) bool {
	r, s := f.rule, f.start
	year, month, mday := day.Date()
	if len(r.ByMonth) > 0 && !slices.Contains(r.ByMonth, int(month)) {
		return false
	}
	if len(r.ByMonthDay) > 0 && !oneOf(r.ByMonthDay, mday, daysIn(year, month)) {
		return false
	}
	if len(r.ByYearDay) > 0 && !oneOf(r.ByYearDay, day.YearDay(), time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC).YearDay()) {
		return false
	}
	if len(r.ByWeekNo) > 0 {
		if _, number, of := f.weekOf(day); !oneOf(r.ByWeekNo, number, of) {
			return false
		}
	}
	if len(r.ByDay) > 0 && !slices.ContainsFunc(r.ByDay, func(d recur.DayNum) bool { return f.weekdayFits(d, day) }) {
		return false
	}
	switch r.Freq {
	case recur.Weekly:
		return len(r.ByDay) > 0 || day.Weekday() == s.Weekday()
	case recur.Monthly:
		return len(r.ByDay)+len(r.ByMonthDay) > 0 || mday == s.Day()
	case recur.Yearly:
		return f.openInYear(day)
	}
	return true
}

// openInYear asks for what a YEARLY rule takes from DTSTART.
func (f *reference) openInYear(day time.Time) bool {
	r, s := f.rule, f.start
	switch {
	case len(r.ByYearDay) > 0:
		return true
	case len(r.ByWeekNo) > 0:
		return len(r.ByDay)+len(r.ByMonthDay) > 0 || day.Weekday() == s.Weekday()
	case len(r.ByDay) > 0:
		return true
	case len(r.ByMonthDay) > 0:
		return len(r.ByMonth) > 0 || day.Month() == s.Month()
	}
	return day.Day() == s.Day() && (len(r.ByMonth) > 0 || day.Month() == s.Month())
}

func (f *reference) weekdayFits(d recur.DayNum, day time.Time) bool {
	if d.Day != day.Weekday() {
		return false
	}
	r := f.rule
	inMonth := r.Freq == recur.Monthly || r.Freq == recur.Yearly && len(r.ByWeekNo) == 0 && len(r.ByMonth) > 0
	inYear := r.Freq == recur.Yearly && len(r.ByWeekNo) == 0 && len(r.ByMonth) == 0
	var before, after int // days of that name in the month or year
	switch {
	case d.N == 0 || !inMonth && !inYear:
		return true
	case inMonth:
		before, after = day.Day()-1, daysIn(day.Year(), day.Month())-day.Day()
	case inYear:
		before = day.YearDay() - 1
		after = time.Date(day.Year(), 12, 31, 0, 0, 0, 0, time.UTC).YearDay() - day.YearDay()
	}
	return d.N == before/7+1 || d.N == -(after/7)-1
}

// orElse returns the list, or the default when it is empty. Second 60 is 59.
func orElse(list []int, value int) []int {
	if len(list) == 0 {
		return []int{value}
	}
	out := slices.Clone(list)
	for i, v := range out {
		out[i] = min(v, 59)
	}
	return slices.Compact(out)
}

// timesOn appends the instances on a day of a frequency of a day or more.
func (f *reference) timesOn(day time.Time, to []recur.Wall) []recur.Wall {
	r, s := f.rule, f.start
	for _, h := range orElse(r.ByHour, s.Hour()) {
		to = f.timesIn(to, day.Unix()+int64(h)*3600, orElse(r.ByMinute, s.Minute()), orElse(r.BySecond, s.Second()))
	}
	return to
}

func (f *reference) timesIn(to []recur.Wall, base int64, minutes, seconds []int) []recur.Wall {
	for _, m := range minutes {
		for _, s := range seconds {
			to = append(to, recur.Wall(base+int64(m)*60+int64(s)))
		}
	}
	return to
}

// units walks the hours, minutes or seconds from a to b.
func (f *reference) units(a, b time.Time) (all []recur.Wall) {
	r := f.rule
	unit := map[recur.Frequency]int64{recur.Hourly: 3600, recur.Minutely: 60, recur.Secondly: 1}[r.Freq]
	first := floor(f.start.Unix(), unit)
	asked := func(list []int, value int) bool {
		return len(list) == 0 || slices.Contains(list, value) || value == 59 && slices.Contains(list, 60)
	}
	today, fits := time.Time{}, false
	for n := floor(a.Unix(), unit); n*unit <= b.Unix(); n++ {
		if (n-first)%r.Interval != 0 || n < first {
			continue
		}
		t := time.Unix(n*unit, 0).UTC()
		if d := midnight(t); d != today {
			today, fits = d, f.dayFits(d)
		}
		if !fits || !asked(r.ByHour, t.Hour()) ||
			unit < 3600 && !asked(r.ByMinute, t.Minute()) || unit < 60 && !asked(r.BySecond, t.Second()) {
			continue
		}
		minutes, seconds := []int{0}, []int{0}
		if unit == 3600 {
			minutes = orElse(r.ByMinute, f.start.Minute())
		}
		if unit >= 60 {
			seconds = orElse(r.BySecond, f.start.Second())
		}
		all = append(all, pickPositions(f.timesIn(nil, n*unit, minutes, seconds), r.BySetPos)...)
	}
	return slices.DeleteFunc(all, func(w recur.Wall) bool { return int64(w) < f.start.Unix() })
}

func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func monthOf(n int) time.Month { return time.Month(n) }
