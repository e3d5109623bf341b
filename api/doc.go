// Package api is the daemon's HTTP and JSON interface (OpenAPI 3.1): at the page's address for
// programs with a token, and over the unix socket for the commands. Each operation is a few lines:
// decode, ask service, encode. It decides nothing itself. Errors are problem details (RFC 9457).
//
// It may import the root package, api/types, service and github.com/danielgtaylor/huma/v2.
//
//	api.go      the handler, the caller of a request, scopes; each operation begins here
//	problem.go  an error → a problem with its status and next step
//	lists.go    limits and pages of lists
//	patch.go    changes by JSON merge patch, and ETags
//	events.go   operations: events, what falls due, deliveries
//	attach.go   … reminders that are attached to events, and why an event rings
//	things.go   … calendars and webhooks
//	people.go   … users, tokens, sessions, accounts, rules
//	pauses.go   … pauses
//	upkeep.go   … deliveries sent again and their messages, backups, checks of the database
//	stream.go   … what happens, as server-sent events
package api
