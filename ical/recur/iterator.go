package recur

import (
	"slices"
)

// ErrBudget says that a call did all the steps it may do without finding an instance. The
// next call of Next goes on from there.
var ErrBudget = errorf("recur:expand-rule-step-budget", "expand rule: step budget spent")

// What one call of Next may do, in steps of some 20 ns each: a call stays below a
// millisecond. Rules of people take fewer than a hundred steps.
const (
	maxSteps     = 1 << 15
	stepsPeriod  = 4 // to lay out a period
	stepsUnit    = 2 // to look at a day of a rule below a day
	bigsPerStep  = 2 // big units looked at in such a day
	picksPerStep = 8 // positions of BYSETPOS worked out
)

// suspicious is the number of periods without instances after which it pays to ask whether
// any period can have one.
const suspicious = 512

// Iterator walks the instances of a rule in the order of the wall clock, each once. It is
// not safe for use by several goroutines at once.
//
// # Reading of the rule
//
// Periods (years, months, weeks, … by FREQ) lie whole intervals from that of DTSTART. In
// each, the BY parts choose a set of instances, and BYSETPOS takes members of it: of the
// whole set, that of the first period included, whatever part of it lies before DTSTART.
//
// What the rule leaves open comes from DTSTART: the time of day; the weekday of WEEKLY, and
// of YEARLY with BYWEEKNO; the day of the month of MONTHLY, and of YEARLY with or without
// BYMONTH; the month of YEARLY, also when BYMONTHDAY is given, but none of BYMONTH, BYYEARDAY,
// BYWEEKNO and BYDAY: YEARLY;BYMONTHDAY=13;BYDAY=FR means every Friday the 13th.
//
// With BYWEEKNO, the years of a YEARLY rule are those of its weeks: week 1 belongs to one
// year even if it begins in December, and intervals count from the year of DTSTART's week.
//
// A part that the RFC gives no meaning at a frequency (N/A in its table, such as BYWEEKNO in
// a MONTHLY rule) limits, as the RFC says of longer parts in general; a number in BYDAY that
// the RFC forbids is ignored.
type Iterator struct {
	start Wall
	end   Wall  // the bound, before results are cut to dates
	count int64 // 0: no COUNT

	freq     Frequency
	interval int64
	first    int64 // a period that takes part
	never    bool  // nothing but DTSTART
	dates    bool  // results are cut to their date, see Rule.ForDates
	steady   int64 // instances of every period that takes part; 0: it varies

	days   dayFilter
	times  clock // of the instances: within the day, or within a unit below a day
	units  units // below a day
	setPos []int

	// The position: the next instance is the first at or after at, and done instances lie
	// before at when there is a COUNT. Until they are counted up to target, at is less.
	at, target Wall
	done       int64
	anchor     Checkpoint // what a Seek backwards starts from
	now        period     // the period of the next instance, when loaded
	loaded     bool
	over       bool
	steps      int // left of the budget of this call
	err        error
}

// period is a set of instances.
type period struct {
	number int64  // years, months, …, seconds, counted from an epoch
	base   int64  // of a frequency of days or more: its first day
	set    dayset // and its days with instances
	size   int    // of the set of instances, before BYSETPOS
	chosen int    // after BYSETPOS
	next   int    // the next instance, from 0 to chosen
	nth    int    // day (below) is the nth of set; -1: unknown
	day    int

	picks    []int // what BYSETPOS takes of a set of pickSize
	pickSize int
}

// Iterate returns an iterator over DTSTART, always, and then over the instances of the rule
// after DTSTART up to until, inclusive. DTSTART counts as the first instance, whether it
// fits the rule or not. r.Until is not looked at: it takes a zone to know its bound.
//
// The rule must not be changed while the iterator is in use.
func (r *Rule) Iterate(start, until Wall) *Iterator {
	it := &Iterator{start: start, end: min(until, MaxWall), at: start, target: start}
	it.anchor = Checkpoint{At: start + 1, Done: 1}
	it.compile(r)
	return it
}

// StartFits reports whether the rule gives DTSTART by itself, as it must for an EXRULE to take
// DTSTART away. It looks at neither COUNT nor UNTIL.
func (r *Rule) StartFits(start Wall) bool {
	it := r.Iterate(start, start)
	it.steps = maxSteps
	return !it.never && it.load() && it.instance(it.now.next) == start
}

// Seek positions the iterator so that Next returns the first instance at or after at, be
// that before or after what it returned last.
func (it *Iterator) Seek(at Wall) {
	it.over, it.loaded, it.err = false, false, nil
	if at <= it.start {
		it.at, it.target, it.done = it.start, it.start, 0
		return
	}
	at = min(at, MaxWall+1)
	if it.dates {
		at += Wall(floorMod(-int64(at), daySeconds)) // to midnight
	}
	switch {
	case it.start > MaxWall:
		it.over = true
	case it.count == 0:
		it.at = at
	case at < it.at || it.at <= it.start:
		it.rewind(at)
	}
	it.target = at
}

// rewind goes to the latest known count at or before at.
func (it *Iterator) rewind(at Wall) {
	c := it.anchor
	if c.At > at {
		c = Checkpoint{At: it.start + 1, Done: 1}
	}
	it.at, it.done = c.At, c.Done
}

// Next returns the next instance. It returns false at the end of the rule, of the bound or
// of the calendar (MaxWall), and when the budget of steps is spent: then Err returns
// [ErrBudget].
func (it *Iterator) Next() (Wall, bool) {
	it.err, it.steps = nil, maxSteps
	if it.at <= it.start && !it.over {
		return it.takeStart(), true
	}
	it.over = it.over || it.never
	if it.over || it.count > 0 && !it.settle() || !it.load() {
		return 0, false
	}
	w := it.instance(it.now.next)
	if w > it.end {
		it.over = true
		return 0, false
	}
	it.now.next++
	it.at, it.target = w+1, w+1
	it.done++
	if it.dates {
		w -= Wall(floorMod(int64(w), daySeconds))
	}
	return w, true
}

// Err returns [ErrBudget] when the latest call of Next was cut, else nil.
func (it *Iterator) Err() error { return it.err }

// takeStart returns DTSTART and goes past it.
func (it *Iterator) takeStart() Wall {
	it.at, it.target, it.done, it.loaded = it.start+1, it.start+1, 1, false
	it.over = it.never
	return it.start
}

// load makes sure that a period with instances to come is loaded.
func (it *Iterator) load() bool {
	if it.count > 0 && it.done >= it.count || it.at > it.end {
		it.over = true
		return false
	}
	if it.loaded && it.now.next < it.now.chosen {
		return true
	}
	number := it.numberOf(it.at)
	if it.days.skip == Forward { // the first day of a period may be the one before's
		number = it.numberOf(it.at - daySeconds)
	}
	if it.loaded {
		number = max(number, it.now.number+1)
	}
	for it.enter(number) {
		if it.loaded {
			return true
		}
		number = it.now.number + 1 // all of it lies before at
	}
	return false
}

// enter loads the first period from number on that has instances, and goes to its first
// instance at or after at. When there is none, the period is not left loaded.
func (it *Iterator) enter(number int64) bool {
	it.loaded = false
	p := &it.now
	if !it.find(number) {
		return false
	}
	p.next, p.nth = 0, -1
	if it.wallOf(p.number) < it.at {
		p.next = it.below(it.at)
	}
	it.loaded = p.next < p.chosen
	return true
}

// find finds the first period from number on that takes part and has instances.
func (it *Iterator) find(number int64) bool {
	if it.freq < Daily {
		return it.findUnit(number)
	}
	for failed := 0; it.spend(stepsPeriod, number); failed++ {
		if failed == suspicious && it.unattainable() {
			it.over, it.never = true, true
			return false
		}
		number = it.align(number)
		base, length := it.span(number)
		if base*daySeconds > int64(it.end) {
			it.over = true
			return false
		}
		p := &it.now
		p.number, p.base, p.set = number, base, it.days.span(base, length)
		if p.size = p.set.count() * it.times.size(); p.size > 0 && it.choose() {
			return true
		}
		if it.days.skip == Forward { // days that move are in no year's own set
			number++
			continue
		}
		day, ok := it.nextDay(base+int64(length), number+1)
		if !ok {
			return false
		}
		number = max(number+1, it.numberOf(Wall(day*daySeconds)))
	}
	return false
}

// findUnit is find for a frequency below a day.
func (it *Iterator) findUnit(number int64) bool {
	u := &it.units
	for it.spend(stepsUnit, number) {
		number = it.align(number)
		today := floorDiv(number, u.perDay)
		day, ok := it.nextDay(today, number)
		if !ok {
			return false
		}
		if day > today {
			number = day * u.perDay
			continue
		}
		if number*u.seconds > int64(it.end) {
			it.over = true
			return false
		}
		t, looked := u.scan(number - today*u.perDay)
		if t >= 0 {
			it.now.number, it.now.size = today*u.perDay+t, it.times.size()
			return it.choose()
		}
		it.steps -= int(looked / bigsPerStep)
		number = (today + 1) * u.perDay
	}
	return false
}

// nextDay returns the first day from day on that fits. When there is none, or the budget is
// spent, the search is to go on from period number.
func (it *Iterator) nextDay(day, number int64) (int64, bool) {
	if it.days.all {
		return day, true
	}
	year, yday := yearOf(day)
	last, _ := yearOf(floorDiv(int64(it.end), daySeconds))
	for ; year <= last; year++ {
		if i := it.days.year(year).next(yday); i >= 0 {
			return yearStart(year) + int64(i), true
		}
		if !it.spend(1, number) {
			return 0, false
		}
		yday = 0
	}
	it.over = true
	return 0, false
}

// spend takes steps from the budget. When it is spent, the next call goes on from the
// given period.
func (it *Iterator) spend(n int, number int64) bool {
	if it.steps -= n; it.steps >= 0 {
		return true
	}
	it.err = ErrBudget
	it.loaded = false
	it.at = max(it.at, it.wallOf(number))
	return false
}

// choose applies BYSETPOS to the loaded period, and reports whether anything is left.
func (it *Iterator) choose() bool {
	p := &it.now
	p.chosen = p.size
	if len(it.setPos) == 0 {
		return true
	}
	if p.pickSize != p.size {
		it.steps -= len(it.setPos) / picksPerStep
		p.picks, p.pickSize = pick(p.picks[:0], it.setPos, p.size), p.size
	}
	p.chosen = len(p.picks)
	return p.chosen > 0
}

// pick appends the places, counted from 0 and sorted, that sorted positions name in a set
// of the given size.
func pick(to []int, positions []int, size int) []int {
	zero, _ := slices.BinarySearch(positions, 0)
	ends, starts := positions[:zero], positions[zero:]
	for len(ends) > 0 || len(starts) > 0 {
		place := size
		if len(ends) > 0 {
			place = size + ends[0]
		}
		if len(starts) > 0 && starts[0]-1 < place {
			place, starts = starts[0]-1, starts[1:]
		} else if len(ends) > 0 {
			ends = ends[1:]
		}
		switch {
		case place >= size:
			return to
		case place >= 0 && (len(to) == 0 || to[len(to)-1] != place):
			to = append(to, place)
		}
	}
	return to
}
