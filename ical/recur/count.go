package recur

// Checkpoint is a position in a rule with COUNT that can be kept and given back to
// [Iterator.Resume], so that a long series need not be counted from its beginning. It holds
// for the same rule and start only.
type Checkpoint struct {
	At   Wall  `json:"at"`   // no instance is between those counted and At
	Done int64 `json:"done"` // instances before At, DTSTART included
}

// Checkpoint returns how far instances have been counted: up to the one that Next returned
// last, or as far as the budget reached. Without a COUNT it returns the zero value, since
// nothing is counted then.
func (it *Iterator) Checkpoint() Checkpoint {
	if it.count == 0 || it.at <= it.start {
		return Checkpoint{}
	}
	return Checkpoint{At: it.at, Done: it.done}
}

// Resume makes the iterator count from c, and positions it there; a Seek to before c still
// counts from DTSTART. A checkpoint that cannot be of this rule, as the zero value, is
// ignored.
func (it *Iterator) Resume(c Checkpoint) {
	if it.count == 0 || c.At <= it.start || c.At > MaxWall+1 || c.Done < 1 {
		return
	}
	it.anchor = c
	it.over, it.loaded, it.err = false, false, nil
	it.at, it.target, it.done = c.At, c.At, c.Done
}

// settle counts the instances between at and target, and reports whether it got there.
func (it *Iterator) settle() bool {
	for it.at < it.target {
		if it.done >= it.count {
			it.over = true
			return false
		}
		if !it.loaded || it.now.next == it.now.chosen {
			if !it.leap() {
				return false
			}
			if it.at >= it.target {
				break
			}
			if !it.load() {
				return false
			}
		}
		it.pass()
	}
	return true
}

// pass counts the instances of the loaded period that lie before target.
func (it *Iterator) pass() {
	p := &it.now
	it.steps -= stepsPeriod / 2
	n := max(p.next, it.below(it.target))
	it.done += int64(n - p.next)
	p.next = n
	if n < p.chosen {
		it.at = it.target
	} else {
		next := it.wallOf(p.number + 1)
		if it.days.skip == Forward && p.chosen > 0 {
			next = max(next, it.instance(p.chosen-1)+1)
		}
		it.at = max(it.at, min(it.target, next))
	}
}

// leap counts as much of the way to target as can be counted without looking at every
// period, and leaves the rest to pass. False: the budget is spent.
func (it *Iterator) leap() bool {
	number := it.numberOf(it.at)
	whole := it.wallOf(number) == it.at // no part of a period is left
	last := it.numberOf(it.target)
	switch {
	case last == number:
	case it.steady > 0 && whole:
		it.done += (it.align(last) - it.align(number)) / it.interval * it.steady
		it.at = it.wallOf(last)
	case it.steady > 0:
	case it.freq >= Daily && it.interval == 1 && len(it.setPos) == 0 && it.days.skip != Forward:
		a, b := floorDiv(int64(it.at), daySeconds), floorDiv(int64(it.target), daySeconds)
		it.done += it.days.countDays(a, b)*int64(it.times.size()) +
			it.intoDay(b, it.target) - it.intoDay(a, it.at)
		it.at = it.target
	case it.freq < Daily && whole && it.units.perDay%it.interval == 0:
		it.leapEqualDays(number, last)
	case it.freq < Daily && whole && it.interval < it.units.perDay:
		return it.leapUnequalDays(number, last)
	}
	return true
}

// intoDay returns the number of times of a day that lie before a reading on it; 0 when the
// day does not fit.
func (it *Iterator) intoDay(day int64, w Wall) int64 {
	if !it.days.fits(day) {
		return 0
	}
	return int64(it.times.below(int(int64(w) - day*daySeconds)))
}

// leapEqualDays counts the units from number up to last of an interval that divides the
// day, so that all days that fit have equally many.
func (it *Iterator) leapEqualDays(number, last int64) {
	u := &it.units
	phase := floorMod(it.first, it.interval)
	into := func(n int64) int64 {
		day := floorDiv(n, u.perDay)
		if !it.days.fits(day) {
			return 0
		}
		return u.count(phase, n-day*u.perDay)
	}
	a, b := floorDiv(number, u.perDay), floorDiv(last, u.perDay)
	n := it.days.countDays(a, b)*u.count(phase, u.perDay) + into(last) - into(number)
	it.done += n * it.perUnit()
	it.at = it.wallOf(last)
}

// leapUnequalDays counts the units from number up to last day by day.
func (it *Iterator) leapUnequalDays(number, last int64) bool {
	u := &it.units
	steps := stepsUnit + int(u.perDay/max(u.width, it.interval))/bigsPerStep
	for number = it.align(number); number < last; number = it.align(number) {
		today := floorDiv(number, u.perDay)
		day, ok := it.nextDay(today, number)
		if !ok || !it.spend(steps, number) {
			return false
		}
		if day > today {
			number = day * u.perDay
			continue
		}
		end := min(last, (today+1)*u.perDay)
		it.done += u.count(number-today*u.perDay, end-today*u.perDay) * it.perUnit()
		number = end
		it.at = it.wallOf(end)
	}
	it.at = it.wallOf(last)
	return true
}

// perUnit returns the number of instances in a unit below a day.
func (it *Iterator) perUnit() int64 {
	size := it.times.size()
	if len(it.setPos) > 0 {
		size = len(pick(nil, it.setPos, size))
	}
	return int64(size)
}

// countDays returns how many days from a up to b fit.
func (f *dayFilter) countDays(a, b int64) (n int64) {
	if f.all {
		return b - a
	}
	year, yday := yearOf(a)
	last, end := yearOf(b)
	for ; year < last; year++ {
		set := f.year(year)
		n += int64(set.count() - set.countBelow(yday))
		yday = 0
	}
	set := f.year(last)
	return n + int64(set.countBelow(end)-set.countBelow(yday))
}
