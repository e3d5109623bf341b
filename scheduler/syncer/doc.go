// Package syncer keeps the store in step with the calendar servers: it asks what changed, has it
// planned, and stores objects and reminders in one transaction. It posts nothing.
//
//	sync.go        an account's sync, and who may begin one
//	round.go       the calendars of one sync, one after the other
//	run.go         one calendar: changes → plan → store
//	late.go        reminders that become known after they fell due
//	discover.go    which calendars an account has
//	listed.go      which of them the names of the configuration mean
//	recognise.go   calendars that are known under another address
//	gone.go        calendars that are gone at their server
//	adopt.go       accounts that were renamed in the configuration
//	reconcile.go   settings that changed: the store made to agree with them, without the server
//	layouts.go     planning again, and on as time goes by, without the server
//	states.go      what is known of the accounts between their syncs
//	attach.go      what people attach to events
//	writeback.go   what is attached, written into the event at the server
//	correct.go     what was announced and is no longer so
//	standing.go    how an announced instance is now
//	presync.go     a sync just before a reminder
//	limiter.go     how many accounts at a time, and which first
//	patience.go    how long a server is waited for
//	backoff.go     how long something that failed is left alone
//	allowance.go   how much the calendars of one person may hold
//	health.go      how the sync of an account is
//	progress.go    how far a sync is
//	forget.go      what is dropped when the configuration changed
package syncer
