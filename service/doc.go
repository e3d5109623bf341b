// Package service is what a person may do, and whether they may: the one layer of rules
// that the API (and so the command line) and the page speak through. Every method takes
// the caller first.
//
// [Service] is a struct of parts. All share a core: the store, the configuration, who may see and
// change what, and limits.
//
// It may import the root package, api/types, ical, ical/edit, ical/zone, scheduler/plan,
// service/authz, service/eventindex, service/passhash, service/throttle, store, templates and
// webhook/dialect.
//
//	service.go     the parts, and what the program gives them
//	core.go        what all parts share
//	authz.go       who may see, use and change what
//	lookup.go      what a name means, among the things that the caller may see
//	etag.go        edits that must not overwrite another edit
//	quota.go       how much one user may store
//	errors.go      errors that several parts return
//	nouns.go     where people see all things of a kind
//
// People and Tokens:
//
//	people.go       users: list, add, change, remove
//	password.go     passwords that are taken, hashed and compared by turns
//	signin.go       signing in by a stored password, or at the calendar server
//	signincount.go  how sign-ins ended
//	setup.go        the link by which the first admin is made
//	tokens.go       the tokens of programs
//
// Accounts and Calendars:
//
//	accounts.go      accounts at calendar servers
//	accountnames.go  names and keys of new accounts
//	accountrows.go   accounts as the caller may see them
//	pem.go           certificates of accounts
//	removal.go       what is removed together with a user or an account
//	calendars.go     calendars: list, sync, delete what the brake holds back
//	setcalendar.go   what people set for a calendar
//	problems.go      how many objects of a calendar are bad or mended
//
// Events and Reminders:
//
//	finder.go    one event by its ID or UID, with what Calbell makes of it
//	events.go    lists of events, one event, and why it rings or does not
//	agenda.go    events with their reminders
//	alarms.go    the alarms of an event, and where they go
//	warm.go      keeps the index up to date while nobody asks
//	watcher.go   what the store notifies the service of
//	create.go    new events
//	reminders.go attaches reminders to events, and removes them
//	instance.go  which occurrence a request means, and muted ones
//
// Webhooks and Rules:
//
//	webhooks.go    webhooks: list, add, change, remove
//	newwebhook.go  a webhook as it is asked for
//	preview.go     previews and tests of a webhook
//	rules.go       rules that send events to webhooks
//
// Deliveries, Pauses and Feed:
//
//	deliveries.go  what ended, and what was tried
//	coming.go      what falls due next
//	underway.go    what fell due of one event and has not ended
//	message.go     the message of a delivery
//	resend.go      sends ended deliveries again
//	pauses.go      pauses of calendars and webhooks
//	feed.go        tells listeners what happens
//
// Upkeep:
//
//	upkeep.go  state, settings and reload of the program, backups and checks of its database
package service
