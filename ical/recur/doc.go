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
//
// It is pure, and may import the root package.
//
//	rule.go      what a rule is
//	parse.go     text → rule
//	string.go    rule → text
//	wall.go      readings of a clock without a zone
//	iterator.go  the walk: seek, next instance, budget of steps
//	compile.go   rule and DTSTART → what the walk looks things up in
//	period.go    the periods of a frequency, numbered, and the instances in one
//	filter.go    which days fit the BY parts
//	skip.go      … and what stands for days that a month lacks (RFC 7529)
//	units.go     frequencies below a day: hours, minutes, seconds
//	clock.go     the times of a day
//	count.go     COUNT without walking every instance, and checkpoints
//	dayset.go    sets of days, as bits
//	error.go     errors with the keys of their translations
//	civil.go     days, weeks, months and years of the Gregorian calendar
package recur
