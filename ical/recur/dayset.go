package recur

import (
	"math/bits"
	"time"
)

// daysetDays is the number of days a [dayset] holds. The longest period, a year of 53
// weeks, has 371.
const daysetDays = 6 * 64

// dayset is a set of days, each named by its index in a period.
type dayset [daysetDays / 64]uint64

func (s *dayset) has(i int) bool { return s[i>>6]>>(i&63)&1 != 0 }

func (s *dayset) add(i int) { s[i>>6] |= 1 << (i & 63) }

// addRange adds the days from a up to b, exclusive.
func (s *dayset) addRange(a, b int) {
	for a < b {
		n := min(64-a&63, b-a)
		s[a>>6] |= lowBits(n) << (a & 63)
		a += n
	}
}

// addBits adds the days of a word that begins at index i.
func (s *dayset) addBits(i int, word uint64) {
	s[i>>6] |= word << (i & 63)
	if over := i & 63; over != 0 && i>>6+1 < len(s) {
		s[i>>6+1] |= word >> (64 - over)
	}
}

// addWeekly adds every one of some weekdays, given as bits, when day 0 is the given weekday.
func (s *dayset) addWeekly(weekdays uint8, first time.Weekday) {
	const everySeventh = 1 | 1<<7 | 1<<14 | 1<<21 | 1<<28 | 1<<35 | 1<<42 | 1<<49 | 1<<56 | 1<<63
	for k := range s {
		from := (int(first) + 64*k) % 7
		week := (uint64(weekdays)>>from | uint64(weekdays)<<(7-from)) & 0x7f
		s[k] |= week * everySeventh
	}
}

// bits returns the 64 days from index i on.
func (s *dayset) bits(i int) uint64 {
	word := s[i>>6] >> (i & 63)
	if over := i & 63; over != 0 && i>>6+1 < len(s) {
		word |= s[i>>6+1] << (64 - over)
	}
	return word
}

func (s *dayset) and(o *dayset) {
	for i := range s {
		s[i] &= o[i]
	}
}

// count returns the number of days.
func (s *dayset) count() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// countBelow returns the number of days with an index below i.
func (s *dayset) countBelow(i int) int {
	if i <= 0 {
		return 0
	}
	i = min(i, daysetDays)
	n := 0
	for _, w := range s[:i>>6] {
		n += bits.OnesCount64(w)
	}
	if i&63 != 0 {
		n += bits.OnesCount64(s[i>>6] & lowBits(i&63))
	}
	return n
}

// next returns the first day at or after index i, or -1.
func (s *dayset) next(i int) int {
	if i >= daysetDays {
		return -1
	}
	word := s[i>>6] &^ lowBits(i&63)
	for k := i >> 6; ; {
		if word != 0 {
			return k<<6 + bits.TrailingZeros64(word)
		}
		if k++; k == len(s) {
			return -1
		}
		word = s[k]
	}
}

// nth returns the day with n days of the set before it, or -1.
func (s *dayset) nth(n int) int {
	for k, w := range s {
		c := bits.OnesCount64(w)
		if n >= c {
			n -= c
			continue
		}
		for range n {
			w &= w - 1
		}
		return k<<6 + bits.TrailingZeros64(w)
	}
	return -1
}

// lowBits returns a word whose n lowest bits are set.
func lowBits(n int) uint64 {
	if n >= 64 {
		return ^uint64(0)
	}
	return 1<<n - 1
}
