//go:build race

package scheduler_test

// Under the race detector a simulation takes ten times as long and finds races alone, which a
// few of them show as well.
const simulations, months = 3, 1
