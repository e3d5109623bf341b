package recur

import "time"

// dayFilter says which days satisfy the BY parts of a rule that speak of days: BYMONTH,
// BYWEEKNO, BYYEARDAY, BYMONTHDAY and BYDAY, all at once. A day fits when it satisfies
// each part that is present. That one reading serves expanding and limiting alike, once
// what DTSTART contributes has been filled in (see [Iterator]).
type dayFilter struct {
	all bool // nothing is asked of a day

	months     uint16 // bit m: month m; 0: every month
	monthDays  uint32 // bit d: day d of the month
	monthTails uint32 // bit d: day -d of the month
	yearDays   []int
	weekdays   uint8    // bit w: every weekday w
	nth        []DayNum // the numeric ones; the others are skipped
	nthInYear  bool     // numbers count within the year, not the month
	byDay      bool     // weekdays and nth are asked for, even if both are empty
	weeks      uint64   // bit n: week n
	weekTails  uint64   // bit n: week -n
	weekStart  time.Weekday
	skip       Skip // Omit where no day can be missing: see skips

	// What is known of the years seen so far, by shape: first three, which is all that most
	// calls need, then all.
	few     [3]dayset
	fewOf   [3]int // 1 + the shape of few; 0: free
	known   *[yearShapes]dayset
	isKnown uint32 // bit k: known[k]
}

// yearShapes is the number of shapes that a year has for a filter: its first weekday,
// whether it is a leap year, and whether one of its neighbours is, on which the number of
// weeks of the neighbours depends.
const yearShapes = 4 * 7

// limitWeekdays keeps the weekdays of a set. Numbered ones are not at issue: frequencies
// that have them take no steps of days.
func (f *dayFilter) limitWeekdays(set uint8) {
	if set == 0x7f {
		return
	}
	if !f.byDay {
		f.byDay, f.weekdays = true, 0x7f
	}
	f.weekdays &= set
	f.all = false
}

// limitMonths keeps the months that lie whole steps from a month, counted from any January,
// and reports whether any is left.
func (f *dayFilter) limitMonths(from, step int) bool {
	if f.months == 0 {
		f.months = allMonths
	}
	for m := 1; m <= 12; m++ {
		if (m-1-from)%step != 0 {
			f.months &^= 1 << m
		}
	}
	f.all = false
	return f.months != 0
}

// allMonths is the set of all months.
const allMonths = 1<<13 - 2

// shapeOf returns the number of a year's shape.
func shapeOf(year int, first time.Weekday) int {
	switch {
	case leap(year):
		return int(first)
	case leap(year - 1):
		return 7 + int(first)
	case leap(year + 1):
		return 14 + int(first)
	}
	return 21 + int(first)
}

// year returns the days of a calendar year that fit. The result belongs to the filter.
func (f *dayFilter) year(year int) *dayset {
	first := weekdayOf(yearStart(year))
	shape := shapeOf(year, first)
	for i := range f.few {
		if f.fewOf[i] == shape+1 {
			return &f.few[i]
		}
		if f.fewOf[i] == 0 {
			f.fewOf[i] = shape + 1
			f.build(&f.few[i], year, first)
			return &f.few[i]
		}
	}
	if f.known == nil {
		f.known = new([yearShapes]dayset)
	}
	set := &f.known[shape]
	if f.isKnown>>shape&1 == 0 {
		f.isKnown |= 1 << shape
		f.build(set, year, first)
	}
	return set
}

// fits reports whether a day fits.
func (f *dayFilter) fits(day int64) bool {
	if f.all {
		return true
	}
	year, yday := yearOf(day)
	return f.year(year).has(yday)
}

// span returns the days that fit among length days from base on.
func (f *dayFilter) span(base int64, length int) (set dayset) {
	if f.skip == Forward {
		return f.spanForward(base, length)
	}
	if f.all {
		set.addRange(0, length)
		return set
	}
	year, yday := yearOf(base)
	for i := 0; i < length; {
		n := min(64, yearDays(year)-yday, length-i)
		set.addBits(i, f.year(year).bits(yday)&lowBits(n))
		i, yday = i+n, yday+n
		if yday == yearDays(year) {
			year, yday = year+1, 0
		}
	}
	return set
}

// build finds the days of a year that fit.
func (f *dayFilter) build(set *dayset, year int, first time.Weekday) {
	y := yearFrame{length: yearDays(year), leap: leap(year), first: first}
	if f.skip == Forward {
		f.addForward(set, y)
	} else {
		f.addMonths(set, y)
	}
	if f.monthDays|f.monthTails != 0 {
		var part dayset
		f.addMonthDays(&part, y)
		set.and(&part)
	}
	if len(f.yearDays) > 0 {
		var part dayset
		f.addYearDays(&part, y)
		set.and(&part)
	}
	if f.byDay {
		var part dayset
		f.addWeekdays(&part, y)
		set.and(&part)
	}
	if f.weeks|f.weekTails != 0 {
		y.before, y.after = yearDays(year-1), yearDays(year+1)
		var part dayset
		f.addWeeks(&part, y)
		set.and(&part)
	}
}

// yearFrame is what the parts need to know of a year.
type yearFrame struct {
	length        int // in days
	leap          bool
	first         time.Weekday // of January 1
	before, after int          // lengths of the neighbours
}

// wants reports whether the days of a month can fit.
func (f *dayFilter) wants(month int) bool { return f.months == 0 || f.months>>month&1 != 0 }

func (f *dayFilter) addMonths(set *dayset, y yearFrame) {
	if f.months == 0 {
		set.addRange(0, y.length)
		return
	}
	for m := 1; m <= 12; m++ {
		if f.wants(m) {
			set.addRange(monthStart(m, y.leap), monthStart(m+1, y.leap))
		}
	}
}

func (f *dayFilter) addMonthDays(set *dayset, y yearFrame) {
	for m := 1; m <= 12; m++ {
		if !f.wants(m) {
			continue
		}
		start, end := monthStart(m, y.leap), monthStart(m+1, y.leap)
		set.addBits(start, uint64(f.monthDays>>1)&lowBits(end-start))
		if f.skip != Omit {
			f.moveMonthDays(set, start, end)
		}
		for d := 1; d <= end-start; d++ {
			if f.monthTails>>d&1 != 0 {
				set.add(end - d)
			}
		}
	}
}

func (f *dayFilter) addYearDays(set *dayset, y yearFrame) {
	for _, d := range f.yearDays {
		if d < 0 {
			d += y.length + 1
		}
		switch {
		case d >= 1 && d <= y.length:
			set.add(d - 1)
		case d > y.length && f.skip == Backward:
			set.add(y.length - 1)
		case d > y.length && f.skip == Forward:
			set.add(y.length)
		case d == 0 && f.skip == Forward: // -366 of a short year
			set.add(0)
		}
	}
}

func (f *dayFilter) addWeekdays(set *dayset, y yearFrame) {
	set.addWeekly(f.weekdays, y.first)
	for _, d := range f.nth {
		if !f.nthInYear && max(d.N, -d.N) > 5 {
			continue // no month has six
		}
		if f.nthInYear {
			addNth(set, y, d, 0, y.length)
			continue
		}
		for m := 1; m <= 12; m++ {
			if f.wants(m) {
				addNth(set, y, d, monthStart(m, y.leap), monthStart(m+1, y.leap))
			}
		}
	}
}

// addNth adds the N-th weekday of the days from a up to b, if there is one.
func addNth(set *dayset, y yearFrame, d DayNum, a, b int) {
	var i int
	if d.N > 0 {
		i = a + floorMod(int(d.Day)-int(y.first)-a, 7) + 7*(d.N-1)
	} else {
		i = b - 1 - floorMod(int(y.first)+b-1-int(d.Day), 7) + 7*(d.N+1)
	}
	if d.N != 0 && i >= a && i < b {
		set.add(i)
	}
}

// addWeeks adds the days of the chosen weeks. A week belongs to the year that has four
// or more of its days, so the year's first and last days can lie in a neighbour's week.
func (f *dayFilter) addWeeks(set *dayset, y yearFrame) {
	start := firstWeek(y.first, f.weekStart)
	next := y.length + f.weekOne(y, y.length)
	after := y.length + y.after + f.weekOne(y, y.length+y.after)
	before := -y.before + f.weekOne(y, -y.before)
	f.addWeekYear(set, y.length, before, start)
	f.addWeekYear(set, y.length, start, next)
	f.addWeekYear(set, y.length, next, after)
}

// weekOne returns where week 1 begins relative to a January 1 that lies offset days from
// that of the frame.
func (f *dayFilter) weekOne(y yearFrame, offset int) int {
	return firstWeek(time.Weekday(floorMod(int(y.first)+offset, 7)), f.weekStart)
}

// addWeekYear adds, among the days 0 to length, those of the chosen weeks of the year
// whose weeks run from index a up to b.
func (f *dayFilter) addWeekYear(set *dayset, length, a, b int) {
	count := (b - a) / 7
	for n := 1; n <= count; n++ {
		if f.weeks>>n&1 == 0 && f.weekTails>>(count+1-n)&1 == 0 {
			continue
		}
		i := a + 7*(n-1)
		set.addRange(max(i, 0), min(i+7, length))
	}
}
