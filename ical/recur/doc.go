// Package recur reads recurrence rules (RFC 5545 §3.3.10) and walks their instances
// on the wall clock, without zones.
//
// A caller that knows zones turns DTSTART and UNTIL into a [Wall] each, walks, and turns
// every result back into an instant (RFC 5545 §3.3.5):
//
//	rule, err := recur.Parse("FREQ=MONTHLY;BYDAY=-1FR")
//	it := rule.Iterate(start, recur.NoUntil)
//	it.Seek(now)
//	next, ok := it.Next()
//
// DTSTART is always the first instance and counts once, whether it fits its own rule or
// not. For all-day events, pass midnights and the rule that [Rule.ForDates] returns.
//
// An iterator seeks by arithmetic: the next instance of a rule that began in 1970 costs
// what that of a rule from yesterday costs. Whatever the rule, one call does a bounded
// number of steps; see [ErrBudget].
package recur
