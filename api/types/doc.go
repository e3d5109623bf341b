// Package types is what the API says over the wire, as JSON: the bodies of requests and of
// answers, each defined once for those who write it and those who read it. The service answers
// with these types, the API and its client encode and decode them, the page and the command line
// show them. A thing of the domain that is answered as it is, such as a token, is the root's.
//
// Times are RFC 3339. An ETag is of the thing as it was shown: an edit with one that is not that
// of now is refused, so that nobody undoes what they did not see. "" edits whatever is there.
//
// It knows no HTTP, no rule and no database.
//
// It is pure, and may import the root package.
//
//	accounts.go    accounts, and what discovery finds
//	calendars.go   calendars, their settings and their syncs
//	deliveries.go  what falls due and what ended, and sending it again
//	events.go      events, their instances and alarms
//	pauses.go      pauses
//	people.go      users, tokens, sign-ins, removals
//	problem.go     errors
//	reminders.go   reminders that are attached to events
//	rules.go       rules
//	upkeep.go      the state of the program, its settings, its database
//	webhooks.go    webhooks, their tests and previews
package types
