// Package syncer keeps the store in step with the calendar servers: it fetches changes, has them
// planned, and stores objects and reminders in one transaction. It posts nothing.
//
// It may import the root package, ical, ical/edit, scheduler, scheduler/plan and store.
//
//	sync.go        the sync of an account
//	round.go       the calendars of one sync, one after the other
//	run.go         one calendar: changes → plan → store
//	late.go        reminders that become known after they fell due
//	discover.go    discovery of an account's calendars
//	listed.go      calendars for the names in the configuration
//	recognise.go   calendars whose address has changed
//	gone.go        calendars that are gone at their server
//	adopt.go       accounts that were renamed in the configuration
//	reconcile.go   applies changed settings to the store, without the server
//	layouts.go     replanning and extending plans, without the server
//	states.go      the state of accounts between their syncs
//	attach.go      bindings
//	writeback.go   writes bindings into events at the server
//	correct.go     corrections of announced events
//	standing.go    the current state of an announced instance
//	presync.go     a sync just before a reminder
//	limiter.go     limits on concurrent syncs
//	patience.go    time-outs of servers
//	backoff.go     back-off after failures
//	allowance.go   limits on an owner's stored calendars
//	health.go      the sync state of accounts
//	progress.go    the progress of syncs
//	forget.go      resets state when the configuration changes
package syncer
