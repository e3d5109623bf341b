package recur

import "slices"

// weekEpoch returns a day on which a week begins, on or shortly after the epoch.
func (it *Iterator) weekEpoch() int64 { return floorMod(int64(it.days.weekStart)-4, 7) }

// numberOf returns the number of the period in which a reading lies.
func (it *Iterator) numberOf(w Wall) int64 {
	if it.freq < Daily {
		return floorDiv(int64(w), it.units.seconds)
	}
	day := floorDiv(int64(w), daySeconds)
	switch it.freq {
	case Daily:
		return day
	case Weekly:
		return floorDiv(day-it.weekEpoch(), 7)
	}
	year, yday := yearOf(day)
	switch {
	case it.freq == Monthly:
		month, _ := monthOf(yday, leap(year))
		return int64(12*year + month - 1)
	case it.byWeek():
		return int64(weekYearOf(day, it.days.weekStart))
	}
	return int64(year)
}

// byWeek reports whether the years of a YEARLY rule are those of its weeks.
func (it *Iterator) byWeek() bool { return it.days.weeks|it.days.weekTails != 0 }

// span returns the first day and the length of a period of days or more.
func (it *Iterator) span(number int64) (base int64, length int) {
	switch it.freq {
	case Daily:
		return number, 1
	case Weekly:
		return number*7 + it.weekEpoch(), 7
	case Monthly:
		year, month := int(floorDiv(number, 12)), int(floorMod(number, 12))+1
		a, b := monthStart(month, leap(year)), monthStart(month+1, leap(year))
		return yearStart(year) + int64(a), b - a
	}
	year := int(min(number, maxYear+1)) // beyond it, all the same: past the end
	if it.byWeek() {
		base = weekYearStart(year, it.days.weekStart)
		return base, int(weekYearStart(year+1, it.days.weekStart) - base)
	}
	return yearStart(year), yearDays(year)
}

// wallOf returns the reading at which a period begins.
func (it *Iterator) wallOf(number int64) Wall {
	if it.freq < Daily {
		return Wall(number * it.units.seconds)
	}
	base, _ := it.span(number)
	return Wall(base * daySeconds)
}

// align returns the first period from number on that takes part.
func (it *Iterator) align(number int64) int64 {
	if number <= it.first {
		return it.first
	}
	if it.interval == 1 {
		return number
	}
	return it.first + (number-it.first+it.interval-1)/it.interval*it.interval
}

// instance returns instance i of the loaded period.
func (it *Iterator) instance(i int) Wall {
	p := &it.now
	if len(it.setPos) > 0 {
		i = p.picks[i]
	}
	if it.freq < Daily {
		return Wall(p.number*it.units.seconds + int64(it.times.at(i)))
	}
	perDay := it.times.size()
	nth, i := i/perDay, i%perDay
	switch {
	case p.nth < 0 || nth < p.nth || nth > p.nth+1:
		p.day = p.set.nth(nth)
	case nth == p.nth+1:
		p.day = p.set.next(p.day + 1)
	}
	p.nth = nth
	return Wall((p.base+int64(p.day))*daySeconds + int64(it.times.at(i)))
}

// below returns the number of instances of the loaded period before a reading.
func (it *Iterator) below(w Wall) int {
	n := it.rank(w)
	if len(it.setPos) > 0 {
		n, _ = slices.BinarySearch(it.now.picks, n)
	}
	return n
}

// rank is below without BYSETPOS.
func (it *Iterator) rank(w Wall) int {
	p := &it.now
	if it.freq < Daily {
		into := int64(w) - p.number*it.units.seconds
		if into >= it.units.seconds {
			return p.size
		}
		return it.times.below(int(max(into, 0)))
	}
	day := floorDiv(int64(w), daySeconds)
	into := day - p.base
	switch {
	case into < 0:
		return 0
	case into >= daysetDays:
		return p.size
	}
	n := p.set.countBelow(int(into)) * it.times.size()
	if p.set.has(int(into)) {
		n += it.times.below(int(int64(w) - day*daySeconds))
	}
	return n
}
