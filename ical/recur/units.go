package recur

import "math/bits"

// units is the frame of a frequency below a day: a day cut into equal units (hours,
// minutes or seconds), and which of them the BY parts allow. It finds allowed units that
// lie whole intervals apart without walking them one by one.
type units struct {
	perDay  int64 // units in a day
	seconds int64 // in a unit
	all     bool  // every unit of a day is allowed

	// A unit of the day is a big one (an hour; of seconds, a minute of the day) and a small
	// one in it. Hours have one big unit, the day.
	width  int64  // small units in a big one
	small  uint64 // bit k: small unit k is allowed
	hours  uint64 // bit h: the hour is allowed, where it is not small
	minute uint64 // bit m: the minute is allowed, where it is not small

	interval int64
	comb     uint64 // the bits 0, interval, 2·interval … of a word
}

// newUnits returns the frame of a frequency for the allowed hours, minutes and seconds.
func newUnits(freq Frequency, interval int64, hours, minutes, seconds uint64) units {
	u := units{hours: hours, minute: minutes}
	u.setInterval(interval)
	switch freq {
	case Hourly:
		u.perDay, u.width, u.small = 24, 24, hours
		u.all = hours == lowBits(24)
	case Minutely:
		u.perDay, u.width, u.small = 24*60, 60, minutes
		u.all = hours == lowBits(24) && minutes == lowBits(60)
	default:
		u.perDay, u.width, u.small = daySeconds, 60, seconds
		u.all = hours == lowBits(24) && minutes == lowBits(60) && seconds == lowBits(60)
	}
	u.seconds = daySeconds / u.perDay
	return u
}

func (u *units) setInterval(n int64) {
	u.interval, u.comb = n, 0
	for i := int64(0); i < 64; i += n {
		u.comb |= 1 << i
	}
}

// openBig returns the first big unit at or after b that is allowed, or -1.
func (u *units) openBig(b int64) int64 {
	switch {
	case b*u.width >= u.perDay:
		return -1
	case u.perDay == 24:
		return b
	case u.perDay == 24*60:
		return nextBit(u.hours, b)
	}
	h, m := b/60, b%60
	if u.hours>>h&1 != 0 {
		if m = nextBit(u.minute, m); m >= 0 {
			return h*60 + m
		}
	}
	if h = nextBit(u.hours, h+1); h < 0 {
		return -1
	}
	return h*60 + nextBit(u.minute, 0)
}

// scan returns the first allowed unit of the day that is t or whole intervals after it,
// or -1, and how many big units it looked at.
func (u *units) scan(t int64) (found, looked int64) {
	if u.all && t < u.perDay {
		return t, 1
	}
	for t < u.perDay {
		looked++
		big, off := t/u.width, t%u.width
		open := u.openBig(big)
		if open < 0 {
			break
		}
		if open == big {
			if hit := u.small & (u.comb << off); hit != 0 {
				return big*u.width + int64(bits.TrailingZeros64(hit)), looked
			}
			open++
		}
		t += (open*u.width - t + u.interval - 1) / u.interval * u.interval
	}
	return -1, looked
}

// count returns how many allowed units of the day lie whole intervals after t, t
// included, and before end.
func (u *units) count(t, end int64) (n int64) {
	if u.all {
		return max(0, (end-t+u.interval-1)/u.interval)
	}
	for t < end {
		big, off := t/u.width, t%u.width
		open := u.openBig(big)
		if open < 0 {
			break
		}
		if open == big {
			hit := u.small & (u.comb << off) & lowBits(int(min(u.width, end-big*u.width)))
			n += int64(bits.OnesCount64(hit))
			open++
		}
		t += (open*u.width - t + u.interval - 1) / u.interval * u.interval
	}
	return n
}

// nextBit returns the lowest bit of a word at or above i, or -1.
func nextBit(word uint64, i int64) int64 {
	word &^= lowBits(int(i))
	if word == 0 {
		return -1
	}
	return int64(bits.TrailingZeros64(word))
}
