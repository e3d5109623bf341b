// Package scheduler holds the two loops and what they decide.
//
//	plan.go       Plan: object → reminders; pure
//	horizon.go    continuing layouts as time goes on
//	sync.go       calendars → plan → store, account by account
//	timetable.go  when syncs and upkeep run (robfig/cron)
//	dispatch.go   store → webhook → store, by due time
//	decide.go     what follows from an answer; pure
//
// Sync and dispatch share the store and nothing else: no lock, pool or time-out of one
// is ever waited for by the other.
package scheduler
