//go:build !failpoints

package failpoint

// Enabled reports whether places can be switched on. It is for a hook that would not be there
// without them.
const Enabled = false

// Point is something that the program does and that a test may disturb.
//
// Without fail points it is a plain number: a type of its own would leave its package's name in the
// program.
type Point = uint8

// Before is called before what the point names is done; an error stands for its failure.
func Before(Point) error { return nil }

// After is called when it has been done with success; an error stands for a failure that is
// reported although it happened.
func After(Point) error { return nil }

// At is called where a point is only passed.
func At(Point) {}
