// Package scheduler holds the two loops and what they decide.
//
//	plan.go       Plan: object → reminders; pure
//	planner.go    what the configuration means for a calendar; immutable
//	horizon.go    continuing layouts as time goes on, or planning again
//	discover.go   which calendars there are
//	sync.go       calendars → plan → store, account by account
//	limiter.go    which accounts at the same time; patience.go: how long a server is waited for
//	digest.go     agendas, at their times; agenda.go: what they hold
//	correct.go    what was announced and is no longer so; standing.go: how it stands now
//	timetable.go  when syncs and upkeep run (robfig/cron)
//	dispatch.go   store → webhook → store, by due time
//	lane.go       one webhook's share of it; rate.go: how often
//	host.go       one host's share of it
//	combine.go    several reminders in one message
//	expire.go     what is too late
//	pause.go      what people paused; quiet.go: hours in which a webhook gets nothing
//	clock.go      a clock that jumps
//	record.go     writing down what became of the attempts
//	decide.go     what follows from an answer; pure
//
// Sync and dispatch share the store and nothing else: no lock, pool or time-out of one
// is ever waited for by the other.
package scheduler
