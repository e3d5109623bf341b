//go:build !race

package scheduler_test

// So many runs of chance there are where the race detector does not watch.
const simulations, months = 20, 3
