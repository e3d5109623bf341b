//go:build failpoints

package failpoint

import (
	"fmt"
	"syscall"
	"time"
)

// Enabled reports whether places can be switched on. It is for a hook that would not be there
// without them.
const Enabled = true

// Point is something that the program does and that a test may disturb.
type Point uint8

// Before is called before what the point names is done; an error stands for its failure.
func Before(p Point) error { return current().hit(Place{p, BeforeIt}) }

// After is called when it has been done with success; an error stands for a failure that is
// reported although it happened.
func After(p Point) error { return current().hit(Place{p, AfterIt}) }

// At is called where a point is only passed.
func At(p Point) { _ = current().hit(Place{p, AtIt}) }

// hit counts that a place was reached, and applies the matching rule.
func (c *control) hit(p Place) error {
	r := c.next(p)
	if r == nil {
		return nil
	}
	switch r.Action {
	case Exit:
		// Like kill -9: nothing is closed and no deferred function runs.
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
		select {}
	case Panic:
		panic(fmt.Sprintf("fail point %s", p))
	case Sleep:
		time.Sleep(r.For)
		return nil
	}
	return fmt.Errorf("fail point %s: %w", p, r.Err)
}
