// Package client speaks the daemon's API over its unix socket. It is what the command
// line uses.
//
//	client.go  the connection and its errors; state, calendars, webhooks, events, deliveries
//	attach.go  reminders that are attached to events, and why an event rings
//	people.go  users, tokens, accounts, rules, and changes of what people define
//	pauses.go  pauses
//	upkeep.go  backups, checks of the database, sending again
package client
