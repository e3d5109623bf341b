package recur

import (
	"math/bits"
	"slices"
)

// compile prepares the rule for walking: the parts become sets, what they leave open is
// taken from DTSTART, and rules that cannot yield anything are recognised.
func (it *Iterator) compile(r *Rule) {
	it.freq, it.interval, it.count, it.dates = r.Freq, max(r.Interval, 1), r.Count, r.dates
	if it.dates { // to the end of the day
		it.end += daySeconds - 1 - Wall(floorMod(int64(it.end), daySeconds))
	}
	valid := r.Freq >= Secondly && r.Freq <= Yearly
	if it.start < MinWall || it.start > MaxWall || !valid {
		it.never = true
		return
	}
	day := floorDiv(int64(it.start), daySeconds)
	it.compileDays(r, day)
	it.compileTimes(r, int(int64(it.start)-day*daySeconds))
	it.setPos = r.BySetPos
	it.first = it.numberOf(it.start)
	it.implyFromInterval(day)
	it.findNever()
	it.steady = it.findSteady()
}

// compileDays fills the filter of days: the parts, then what they leave open.
func (it *Iterator) compileDays(r *Rule, day int64) {
	f := &it.days
	f.weekStart = r.WeekStart
	f.months = uint16(bitSet(r.ByMonth, 1, 12))
	f.monthDays, f.monthTails = uint32(bitSet(r.ByMonthDay, 1, 31)), uint32(bitSet(r.ByMonthDay, -31, -1))
	f.yearDays = r.ByYearDay
	f.weeks, f.weekTails = bitSet(r.ByWeekNo, 1, 53), bitSet(r.ByWeekNo, -53, -1)
	f.nthInYear = r.Freq == Yearly && len(r.ByMonth) == 0
	numbered := r.Freq == Monthly || r.Freq == Yearly && len(r.ByWeekNo) == 0
	for _, d := range r.ByDay {
		f.byDay = true
		if d.N == 0 || !numbered {
			f.weekdays |= 1 << d.Day
		} else {
			f.nth = r.ByDay
		}
	}
	it.openDays(r, day)
	if f.skips(r.Freq) {
		f.skip = r.Skip
	}
	f.all = f.months == 0 && f.monthDays|f.monthTails == 0 && len(f.yearDays) == 0 && !f.byDay && !it.byWeek()
}

// openDays takes from DTSTART what the parts leave open (RFC 5545 §3.3.10: "information not
// contained in the rule").
func (it *Iterator) openDays(r *Rule, day int64) {
	f := &it.days
	year, yday := yearOf(day)
	month, mday := monthOf(yday, leap(year))
	noDay := len(r.ByDay) == 0 && len(r.ByMonthDay) == 0
	switch {
	case r.Freq == Weekly && len(r.ByDay) == 0, r.Freq == Yearly && len(r.ByWeekNo) > 0 && len(r.ByYearDay) == 0 && noDay:
		f.byDay, f.weekdays = true, 1<<weekdayOf(day)
	case r.Freq == Monthly && noDay:
		f.monthDays = 1 << mday
	case r.Freq == Yearly && len(r.ByWeekNo) == 0 && len(r.ByYearDay) == 0 && len(r.ByDay) == 0:
		if noDay {
			f.monthDays = 1 << mday
		}
		if len(r.ByMonth) == 0 {
			f.months = 1 << month
		}
	}
}

// compileTimes fills the times of a day or of a unit, and which units are allowed.
func (it *Iterator) compileTimes(r *Rule, tod int) {
	hours, minutes, seconds := bitSet(r.ByHour, 0, 23), bitSet(r.ByMinute, 0, 59), bitSet(r.BySecond, 0, 60)
	if seconds>>60&1 != 0 { // a leap second: this clock has none
		seconds = seconds&lowBits(60) | 1<<59
	}
	open := func(set *uint64, value uint64) {
		if *set == 0 {
			*set = value
		}
	}
	if it.freq >= Daily {
		open(&hours, 1<<(tod/3600))
	}
	open(&hours, lowBits(24))
	if it.freq >= Hourly {
		open(&minutes, 1<<(tod/60%60))
	}
	open(&minutes, lowBits(60))
	if it.freq >= Minutely {
		open(&seconds, 1<<(tod%60))
	}
	open(&seconds, lowBits(60))
	if it.freq < Daily {
		it.units = newUnits(it.freq, it.interval, hours, minutes, seconds)
	}
	// What limits the units is no longer part of the times within one.
	for i, hand := range []*uint64{&seconds, &minutes, &hours} {
		if it.freq <= Secondly+Frequency(i) {
			*hand = 1
		}
	}
	it.times = clock{newHand(hours), newHand(minutes), newHand(seconds)}
}

// implyFromInterval limits the filter to what the interval can reach: steps of whole weeks
// keep the weekday, steps of months that share a divisor with 12 keep to some months. So
// rules that contradict their own interval are seen to end, instead of being searched to
// the end of the calendar.
func (it *Iterator) implyFromInterval(day int64) {
	f := &it.days
	switch {
	case it.freq < Daily:
		f.limitWeekdays(it.reachedWeekdays(day))
	case it.freq == Daily && it.interval%7 == 0:
		f.limitWeekdays(1 << weekdayOf(day))
	case it.freq == Monthly && it.interval%2*(it.interval%3) == 0:
		it.never = !f.limitMonths(int(it.first), int(gcd(it.interval, 12)))
	}
	it.never = it.never || f.byDay && f.weekdays == 0 && len(f.nth) == 0
}

// reachedWeekdays returns the weekdays, as bits, on which any unit allowed lies whole
// intervals from DTSTART. Over the weeks, an interval visits every unit of the week that
// leaves DTSTART's remainder by the divisor it has in common with a week.
func (it *Iterator) reachedWeekdays(day int64) (set uint8) {
	u := it.units
	u.setInterval(gcd(it.interval, 7*u.perDay))
	if it.interval%7 != 0 { // then every day of the week is alike
		if t, _ := u.scan(floorMod(it.first, u.interval)); t < 0 {
			return 0
		}
		return 0x7f
	}
	for d := day; d < day+7; d++ {
		if t, _ := u.scan(floorMod(it.first-d*u.perDay, u.interval)); t >= 0 {
			set |= 1 << weekdayOf(d)
		}
	}
	return set
}

// findNever recognises positions beyond the largest set.
func (it *Iterator) findNever() {
	if len(it.setPos) == 0 {
		return
	}
	largest := it.largestSet()
	it.never = it.never || !slices.ContainsFunc(it.setPos, func(p int) bool {
		return p != 0 && max(p, -p) <= largest
	})
}

// unattainable reports whether no month, or no year, has enough instances for BYSETPOS.
// False: some has, or it is not known.
func (it *Iterator) unattainable() bool {
	if len(it.setPos) == 0 || it.freq < Monthly {
		return false
	}
	years := 28 // hold a year of every shape; see yearShapes
	if it.byWeek() {
		years = 400 // hold all there is
	}
	most := 0
	last := it.numberOf(WallOf(2000+years, 1, 15, 0, 0, 0))
	for number := it.numberOf(WallOf(2000, 1, 15, 0, 0, 0)); number < last; number++ {
		set := it.days.span(it.span(number))
		most = max(most, set.count())
	}
	return len(pick(nil, it.setPos, most*it.times.size())) == 0
}

// largestSet returns a bound on the number of instances in a period.
func (it *Iterator) largestSet() int {
	f := &it.days
	days, months, weekdays := 1, 1, 1 // in a period; of one kind in a period
	switch it.freq {
	case Weekly:
		days = 7
	case Monthly:
		days, weekdays = 31, 5
	case Yearly:
		days, months, weekdays = 371, 12, 53
	}
	if n := bits.OnesCount16(f.months); n > 0 {
		months = min(months, n)
	}
	if n := bits.OnesCount32(f.monthDays) + bits.OnesCount32(f.monthTails); n > 0 {
		days = min(days, n*months)
	}
	if len(f.yearDays) > 0 {
		days = min(days, len(f.yearDays))
	}
	if f.byDay {
		days = min(days, bits.OnesCount8(f.weekdays)*weekdays+len(f.nth)*months)
	}
	if n := bits.OnesCount64(f.weeks) + bits.OnesCount64(f.weekTails); n > 0 {
		perWeek := 7
		if f.byDay {
			perWeek = bits.OnesCount8(f.weekdays)
		}
		days = min(days, n*perWeek+len(f.nth)*months)
	}
	return days * it.times.size()
}

// findSteady returns how many instances every period has that takes part; 0 when that
// varies, or is not easily told.
func (it *Iterator) findSteady() int64 {
	f := &it.days
	only := func(months, monthDays, weekdays bool) bool {
		return (months || f.months == 0) && (monthDays || f.monthDays|f.monthTails == 0) &&
			(weekdays || !f.byDay) && f.nth == nil && len(f.yearDays) == 0 && !it.byWeek()
	}
	inAll := f.monthDays == 0 || f.monthTails == 0 // no day is named twice
	inAll = inAll && (f.monthDays|f.monthTails)>>29 == 0 && f.monthDays|f.monthTails != 0
	months := bits.OnesCount16(f.months)
	every := int64(months) == 12/gcd(it.interval, 12) // month that takes part, see limitMonths
	if months == 0 {
		months, every = 12, true
	}
	days := 0
	switch {
	case f.all && it.freq <= Daily && (it.freq == Daily || it.units.all):
		days = 1
	case it.freq == Weekly && only(false, false, true):
		days = bits.OnesCount8(f.weekdays)
	case it.freq == Monthly && only(every, true, false) && inAll:
		days = bits.OnesCount32(f.monthDays | f.monthTails)
	case it.freq == Yearly && only(true, true, false) && inAll:
		days = bits.OnesCount32(f.monthDays|f.monthTails) * months
	}
	size := days * it.times.size()
	if len(it.setPos) > 0 {
		size = len(pick(nil, it.setPos, size))
	}
	return int64(size)
}

// bitSet returns the absolute values of those elements that lie from lo to hi, as bits.
func bitSet(list []int, lo, hi int) (set uint64) {
	for _, v := range list {
		if v >= lo && v <= hi {
			set |= 1 << max(v, -v)
		}
	}
	return set
}
