package scheduler

// Signal wakes the loop that reads from a channel of capacity 1. It never waits: a loop that was
// woken and has not turned since turns once.
func Signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
