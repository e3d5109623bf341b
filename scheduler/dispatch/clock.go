package dispatch

import "time"

// jumpSize is the difference between wall clock and elapsed time that counts as a jump; time
// servers correct smaller ones all day.
const jumpSize = 2 * time.Second

// clock compares the wall clock with the elapsed time (monotonic, stops while the machine
// sleeps).
type clock struct{ last time.Time }

// jumped returns how far the wall clock moved ahead of the time elapsed since the last call:
// negative when it was set back, 0 when it did not jump.
func (c *clock) jumped(now time.Time) time.Duration {
	last := c.last
	c.last = now
	if last.IsZero() {
		return 0
	}
	by := now.Round(0).Sub(last.Round(0)) - now.Sub(last)
	if by.Abs() < jumpSize {
		return 0
	}
	return by
}
