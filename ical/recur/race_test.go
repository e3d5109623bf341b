//go:build race

package recur_test

const raceEnabled = true

// rounds is fewer under the race detector, which has nothing to find in one goroutine.
func rounds(n int) uint64 { return uint64(n / 10) }
