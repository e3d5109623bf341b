package recur

// skips reports whether a rule names days that some month or year lacks, by their number. The
// number of a weekday is none: there is no fifth Monday, rather than an invalid one.
func (f *dayFilter) skips(freq Frequency) bool {
	const short = 28 // days that every month has
	if f.weeks|f.weekTails != 0 || freq < Monthly {
		return false // weeks have all their days, and in shorter periods the parts only limit
	}
	named := f.monthDays>>(short+1) != 0 || f.monthTails>>(short+1) != 0
	for _, d := range f.yearDays {
		named = named || freq == Yearly && (d == 366 || d == -366)
	}
	return named
}

// addForward adds the days on which an instance of SKIP=FORWARD can lie: one that moves may
// leave its month, or its year.
func (f *dayFilter) addForward(set *dayset, y yearFrame) {
	if f.monthDays|f.monthTails != 0 { // they name days of the months wanted only
		set.addRange(0, y.length+1)
		return
	}
	f.addMonths(set, y)
	if f.months == 0 {
		set.add(y.length)
	}
}

// moveMonthDays adds what stands for the days that a month from index start up to end lacks:
// its last day, or the first of the next month (RFC 7529 §4.1). Counted from the end, the day
// before the first one is the last of the month before, which is not this month's to give:
// there only FORWARD has a day.
func (f *dayFilter) moveMonthDays(set *dayset, start, end int) {
	if f.monthDays>>(end-start+1) != 0 {
		if f.skip == Forward {
			set.add(end)
		} else {
			set.add(end - 1)
		}
	}
	if f.skip == Forward && f.monthTails>>(end-start+1) != 0 {
		set.add(start)
	}
}

// spanForward is span for SKIP=FORWARD: the day that follows the period may belong to it, and
// its first day to the period before.
func (f *dayFilter) spanForward(base int64, length int) (set dayset) {
	year, yday := yearOf(base)
	own := *f
	own.isKnown, own.known, own.fewOf = 0, nil, [3]int{}
	month := 0
	if length <= 31 { // a month
		month, _ = monthOf(yday, leap(year))
		if !f.wants(month) {
			return set
		}
		own.months = 1 << month
	}
	var days dayset // of the year that the period alone gives, and of the first day after
	own.build(&days, year, weekdayOf(yearStart(year)))
	for i := range length + 1 {
		if days.has(yday + i) {
			set.add(i)
		}
	}
	return set
}
