// Package client is the other end of the API, over the daemon's unix socket; the commands use it.
// Its methods take and return the types of api/types, and its errors are those of the daemon, with
// their kind and next step. It does not know the server.
//
// It may import the root package and api/types.
//
//	client.go  the connection and its errors; state, calendars, webhooks, events, deliveries
//	attach.go  reminders that are attached to events, and why an event rings
//	people.go  users, tokens, accounts, rules, and changes of what people define
//	pauses.go  pauses
//	upkeep.go  backups, checks of the database, sending again
package client
