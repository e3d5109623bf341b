package zone

import (
	"math"
	"time"

	"calbell/ical/recur"
)

// Instant returns the instant at which clocks in loc read w. A reading that a change of
// offset skips is taken with the offset before it; one that comes twice is the first
// (RFC 5545 §3.3.5). [time.Date] promises neither.
func Instant(w recur.Wall, loc *time.Location) time.Time {
	c := NewClock(loc)
	return time.Unix(c.Unix(w), 0).In(loc)
}

// Wall returns what the clocks in the zone of t read at t.
func Wall(t time.Time) recur.Wall {
	_, offset := t.Zone()
	return recur.Wall(t.Unix() + int64(offset))
}

// Clock maps between the wall clock of one zone and instants. It remembers the two periods
// that it used last, which makes neighbouring times cheap, and times on two sides of a
// change, such as a start and its alarm; so it is for one goroutine.
type Clock struct {
	loc       *time.Location
	now, last known
}

// period is a time between two changes of offset.
type period struct {
	start, end int64 // Unix seconds, end exclusive
	offset     int64 // seconds east of UTC
}

// known is a period with the readings in [lo, hi), which have its offset and no other.
// The zero value is empty.
type known struct {
	period
	lo, hi int64
}

// NewClock returns a clock of the zone.
func NewClock(loc *time.Location) Clock { return Clock{loc: loc} }

// Location returns the zone of the clock.
func (c *Clock) Location() *time.Location { return c.loc }

// Wall returns what the clock reads at an instant, given in Unix seconds.
func (c *Clock) Wall(unix int64) recur.Wall {
	if unix < c.now.start || unix >= c.now.end {
		c.now, c.last = c.last, c.now
		if unix < c.now.start || unix >= c.now.end {
			c.now = c.know(periodAt(unix, c.loc))
		}
	}
	return recur.Wall(unix + c.now.offset)
}

// Unix returns the instant at which the clock reads w, in Unix seconds, by the rules of
// [Instant].
func (c *Clock) Unix(w recur.Wall) int64 {
	r := int64(w)
	if r < c.now.lo || r >= c.now.hi {
		c.now, c.last = c.last, c.now
		if r < c.now.lo || r >= c.now.hi {
			guess := periodAt(r, c.loc)
			unix := read(r, periodAt(r-guess.offset, c.loc), c.loc)
			c.now = c.know(periodAt(unix, c.loc))
			return unix
		}
	}
	return r - c.now.offset
}

// know finds the readings that belong to p alone.
func (c *Clock) know(p period) known {
	k := known{p, math.MinInt64, math.MaxInt64}
	if p.start != math.MinInt64 {
		// Readings that also fall before the change are the earlier period's: the first counts.
		k.lo = p.start + max(p.offset, periodAt(p.start-1, c.loc).offset)
	}
	if p.end != math.MaxInt64 {
		k.hi = p.end + p.offset
	}
	return k
}

// read finds the instant of a reading that lies in p or beside it.
func read(r int64, p period, loc *time.Location) int64 {
	if r-p.offset >= p.end {
		next := periodAt(p.end, loc)
		if r-next.offset >= p.end {
			return r - next.offset
		}
		return r - p.offset // skipped: the offset before
	}
	if p.start == math.MinInt64 {
		return r - p.offset
	}
	before := periodAt(p.start-1, loc)
	if r-before.offset < p.start || r-p.offset < p.start {
		return r - before.offset // it comes twice, or is skipped
	}
	return r - p.offset
}

// periodAt returns the period around an instant.
func periodAt(unix int64, loc *time.Location) period {
	t := time.Unix(unix, 0).In(loc)
	_, offset := t.Zone()
	start, end := t.ZoneBounds()
	p := period{start: math.MinInt64, end: math.MaxInt64, offset: int64(offset)}
	if !start.IsZero() {
		p.start = start.Unix()
	}
	if !end.IsZero() {
		p.end = end.Unix()
	}
	return p
}

// Earliest returns the least reading that means unix or a later instant. Readings that a
// change of offset skips lie below those of the time to which they are shifted; those that
// come twice mean the first time only.
func (c *Clock) Earliest(unix int64) recur.Wall {
	w := c.Wall(unix)
	if c.now.start == math.MinInt64 {
		return w
	}
	before := periodAt(c.now.start-1, c.loc).offset
	switch change := c.now.offset - before; {
	case change > 0 && unix < c.now.start+change:
		return recur.Wall(unix + before)
	case change < 0 && unix < c.now.start-change:
		return recur.Wall(c.now.start + before)
	}
	return w
}

// Variation returns the difference between the highest and the lowest UTC offset from one
// instant to another; most, when there are too many changes between them to look at.
func Variation(from, to int64, loc *time.Location, most int64) int64 {
	const maxChanges = 12
	p := periodAt(from, loc)
	low, high := p.offset, p.offset
	for range maxChanges {
		if p.end > to {
			return high - low
		}
		p = periodAt(p.end, loc)
		low, high = min(low, p.offset), max(high, p.offset)
	}
	return most
}
