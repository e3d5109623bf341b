//go:build !race

package recur_test

const raceEnabled = false
