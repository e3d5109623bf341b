package scheduler

// Signal wakes the loop that reads from a channel of capacity 1. It never blocks: several
// signals before the loop's next turn cause one turn.
func Signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
