// Package schedulertest judges a history: what calendars asked for and when, what trouble there
// was, and what the chats received. It demands that nothing is lost, nothing comes early, and
// nothing comes twice without its mark and a reason. The simulation of package scheduler is judged
// by it, and so is the built program while its fail points are switched on (bench/chaos).
//
// It may import the root package and scheduler/plan.
//
//	model.go  what was wanted, what went wrong, what arrived; the judgement
package schedulertest
