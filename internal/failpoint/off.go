//go:build !failpoints

package failpoint

// Enabled reports whether places can be switched on. It is for a hook that would not be there
// without them.
const Enabled = false

// Before is called before what the point names is done; an error stands for its failure.
func Before(Point) error { return nil }

// After is called when it has been done with success; an error stands for a failure that is
// reported although it happened.
func After(Point) error { return nil }

// At is called where a point is only passed.
func At(Point) {}
