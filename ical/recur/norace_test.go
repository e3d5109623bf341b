//go:build !race

package recur_test

const raceEnabled = false

func rounds(n int) uint64 { return uint64(n) }
