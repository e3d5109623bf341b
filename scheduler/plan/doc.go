// Package plan decides what should happen: which reminders an object has, where each goes and
// until when it may be posted. It is pure: it reads no clock and changes nothing.
// The page and "explain" ask it as well: what they show is what happens. A plan never fails: an
// object that cannot be read is returned with its problem.
//
// It is pure, and may import the root package, ical, ical/zone, store and templates.
//
//	plan.go         object → reminders, and what follows them later
//	news.go         reminders that are past due but new
//	policy.go       the current settings, compiled for look-up; immutable
//	roster.go       accounts and webhooks: who owns what
//	choose.go       where a calendar's reminders go by the settings
//	routing.go      where one alarm goes, and which alarms are added
//	silent.go       why an instance has no reminders at all
//	rules.go        rules, compiled
//	carriers.go     directives on an event about its reminders
//	writtenback.go  alarms that are bindings written into the event
//	switchedoff.go  calendars of other people, and which names mean a calendar
//	authorize.go    who may send to which webhook
//	renamed.go      accounts that were renamed in the file
//	deadline.go     when a reminder expires
//	instance.go     the current state of an announced instance
//	render.go       the message of a claim, from the newest copy of its event
//	agendarow.go    an instance as a line of an agenda
package plan
