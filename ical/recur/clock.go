package recur

import "math/bits"

// clock is a set of times of day: every combination of its hours, minutes and seconds.
// The combinations are numbered from 0 in the order of time, and never laid out.
type clock struct {
	hours, minutes, seconds clockHand
}

// clockHand is a sorted set of readings from 0 to 59.
type clockHand struct {
	set  uint64
	list [60]uint8
	n    int
}

// newHand returns the hand with the readings of a set.
func newHand(set uint64) (h clockHand) {
	h.set = set
	for ; set != 0; set &= set - 1 {
		h.list[h.n] = uint8(bits.TrailingZeros64(set))
		h.n++
	}
	return h
}

// below returns the number of readings before v.
func (h *clockHand) below(v int) int { return bits.OnesCount64(h.set & lowBits(v)) }

func (h *clockHand) has(v int) bool { return h.set>>v&1 != 0 }

// size returns the number of combinations.
func (c *clock) size() int { return c.hours.n * c.minutes.n * c.seconds.n }

// at returns combination i, in seconds.
func (c *clock) at(i int) int {
	i, s := i/c.seconds.n, i%c.seconds.n
	h, m := i/c.minutes.n, i%c.minutes.n
	return int(c.hours.list[h])*3600 + int(c.minutes.list[m])*60 + int(c.seconds.list[s])
}

// below returns the number of combinations before a time in seconds.
func (c *clock) below(seconds int) int {
	h, m, s := seconds/3600, seconds/60%60, seconds%60
	n := c.hours.below(h) * c.minutes.n * c.seconds.n
	if !c.hours.has(h) {
		return n
	}
	n += c.minutes.below(m) * c.seconds.n
	if !c.minutes.has(m) {
		return n
	}
	return n + c.seconds.below(s)
}
