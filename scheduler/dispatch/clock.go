package dispatch

import "time"

// jumpSize is by how much the wall clock must differ from the time that passed to count as a
// jump; less is what a time server corrects all day.
const jumpSize = 2 * time.Second

// clock compares the wall clock with the time that passed (monotonic, which stands still
// while the machine sleeps).
type clock struct{ last time.Time }

// jumped returns by how much the wall clock went ahead of the time that passed since the
// last call: negative when it was set back; 0 when it was not moved.
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
