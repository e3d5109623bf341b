// Package calbell holds the words of the domain: what a calendar, an event, a
// reminder, a webhook and a delivery are. It has no I/O and no clock, and it
// imports the standard library and golang.org/x/text alone, so that every other
// package can import it.
//
// # The two loops
//
// Two loops share one queue. Sync reads calendars and writes down what must
// happen (reminders, each with an instant Due); dispatch claims what is due,
// posts it and records the outcome. Neither acts on what it just learnt: a crash
// between any two steps leaves a state from which the next step is taken again.
// ARCHITECTURE.md follows one reminder through both, function by function.
//
// # The packages, bottom-up
//
// This walk begins with the way of the data, from a calendar server to a chat. A
// package imports only packages that stand before it here, or the tools at the end; the
// demo also runs the calendar server of the tests.
//
// Calendars at their servers:
//
//	caldav/dav        the bodies of WebDAV: questions → XML, answers → responses, within bounds
//	caldav/transport  one request → an answer within bounds; credentials go to the account's servers
//	caldav/ics        an .ics file → objects, one per UID
//	caldav            server → changes: discovery, sync tokens, ETags, raw objects. What an event
//	                  means is left to ical, so that one that cannot be read is stored all the same
//
// From text to instants. All of it is pure, so that the same text gives the same instants:
//
//	ical/syntax  text → components and properties, whatever is damaged in it
//	ical/recur   recurrence rules → wall-clock times. It knows no zones: a rule speaks of the
//	             clock on the wall, and a VTIMEZONE, which defines a zone, has rules itself
//	ical/zone    TZID, VTIMEZONE and Windows names → zones, wall clock → instant
//	ical         iCalendar text → events, instances, alarm instants
//	ical/edit    a new event → text, and alarms into a text; every other byte stays
//
// From an instant to a text. Chats differ, and only one package knows how:
//
//	templates/markup  text with values from outside → one text, in which the values have no power
//	webhook/dialect   the chats, a file each: addresses, fields, markup, limits, codes. It is apart
//	                  from webhook because the texts and the checks need it, and post nothing
//	templates/dates   days and times in words, for a reader; it knows no templates
//	templates         %subject% %date% … → text, escaped for the chat that it goes to
//
// The queue between the loops. Each method is a step of the domain and one transaction:
//
//	store            what the program asks of a database, in interfaces; it has no backend
//	store/record     what every backend shares: keys, encoding, sealing, what follows from a change
//	store/bolt/file  one bbolt file that outlives damaged pages and full disks
//	store/bolt/sent  the journal of what has ended, so that a restored copy posts nothing twice
//	store/bolt       the store in one bbolt file
//
// The loops. The three after plan do not know each other, so that none can wait for another:
//
//	scheduler/plan      settings and an object → reminders, and where each goes. It is pure, and
//	                    the service asks it too: what is explained is what happens
//	scheduler           the timetable, and how a loop is woken
//	scheduler/syncer    the first loop: calendars → plan → store
//	scheduler/dispatch  the second loop: store → webhook → store. It posts through an interface
//	scheduler/notices   troubles, missed reminders and agendas → the queue, the way of a reminder
//
// The end of the way:
//
//	webhook  text → POST, and the verdict on the answer; it decides which addresses may be reached
//
// People, beside that way. They look at the store and change what it holds:
//
//	api/types           what the API says over the wire, as JSON: defined once for the service that
//	                    answers, for the API and its client, for the page and the commands
//	service/passhash    hashes of passwords; it knows no user
//	service/throttle    limits on sign-ins and on what is asked of other servers and read for a
//	                    user; limits know no rule
//	service/eventindex  the events that a question can mean, found without reading all
//	service             what a person may do. Every rule takes its caller, so that no way in can
//	                    forget a permission
//	access              an HTTP request → its caller; other sites and floods stay outside
//	api                 HTTP + JSON over the service; it decides nothing itself
//	api/client          the other end of it, for the commands; it does not import the server
//	web/i18n            the words of the page in four languages, and the program's errors in them;
//	                    free of HTML, for translators
//	web/words           what the program knows, said to a reader: in their language, by their clock
//	web/form            what the page's forms hold, and what is wrong with a field
//	web/chat            the demo's chat; the page draws previews with it
//	web                 the page: HTML made here; it has no power that the API lacks
//
// The program:
//
//	config/yamltree       a YAML file that people write → a tree with places, findings that show no secret
//	config                one YAML file, environment and secrets → settings, errors with their place
//	daemon                wires all of these and owns their life; it alone may import them all
//	cmd/calbell/demodata  the calendars of the demo
//	cmd/calbell/times     times as the commands show and read them
//	cmd/calbell           the command line: it asks the daemon, or works without one
//
// Tools, which know nothing of the domain:
//
//	internal/failpoint  places at which a test build is stopped or made to fail
//	internal/durable    files that appear whole and on disk, or not at all
//	internal/rights     the rights to a file, in words
//	internal/scheme     http spoken to https, and the other way round
//	systemd             the unit files, and the tests that keep them right
//
// What tests stand on, each beside what it is for:
//
//	internal/arch            keeps the import table, the sizes and this style true
//	internal/filltest        fills structs, for tests that carry every field
//	caldav/caldavtest        calendar servers: one in memory, with faults, and real ones
//	webhook/webhooktest      a chat's receiving end
//	store/storetest          the contract of the store, which every backend runs
//	service/servicetest      the service over a real store, without the program
//	scheduler/schedulertest  judges a history: nothing lost, nothing twice, nothing early
//	bench/chaos              breaks things around the built program while reminders fall due
//
// # The files of this package
//
// Calendars and their events:
//
//	calendar.go  accounts, calendars and their objects
//	event.go     events: instances and alarms
//	warning.go   what was read otherwise than it is written
//	gone.go      calendars that are not at their server any more
//	sync.go      what a sync is asked for, and how far it is
//	health.go    how the sync of an account or a calendar is
//
// Reminders and what becomes of them:
//
//	reminder.go      a reminder, its ID and its sources
//	delivery.go      its delivery: states, tries, claims, verdicts
//	webhook.go       a webhook, and what people define of it
//	webhookstate.go  the health of a webhook
//	notice.go        messages of Calbell's own
//	agenda.go        agendas and corrections
//
// What people set:
//
//	attach.go     bindings, rules, defaults, digests, pauses
//	match.go      the text of a rule
//	remind.go     #remind lines in descriptions
//	lead.go       times before a start
//	leadwords.go  … as people write them
//	quiet.go      until when quiet hours last
//	hours.go      … as people write them
//	people.go     users, tokens, roles, callers
//
// What all of these stand on:
//
//	errors.go      errors that people read, with their next step
//	noun.go        what people call the kinds of things
//	text.go        texts with a key, by which they are translated
//	systemtext.go  those of the system's own errors
//	check.go       what is wrong with a rule, or with how an account signs in
//	limits.go      bounds and times, with reasons
//	secret.go   texts that hide themselves
//	network.go  sets of addresses
//	suggest.go  the name that was probably meant
//
// Names are those of RFC 5545 (iCalendar), 4791 (CalDAV), 6578 (sync-collection)
// and 9074 (alarms).
package calbell
