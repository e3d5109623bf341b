// Package scheduler holds the timetable of the program; the packages below it hold the two loops and
// their rules:
//
//	plan      what should happen: settings → policy, object → reminders; pure
//	syncer    calendars → plan → store
//	dispatch  store → webhook → store, by due time
//	notices   troubles, missed reminders and agendas → store
//
// syncer, dispatch and notices know plan and the store, and not each other. No lock, pool or
// time-out of one is ever waited for by another.
//
// It may import the root package and github.com/robfig/cron/v3.
//
// The files of this package:
//
//	timetable.go  when syncs and upkeep run (robfig/cron)
//	cron.go       cron specs, for digests
//	signal.go     how a loop is woken
package scheduler
