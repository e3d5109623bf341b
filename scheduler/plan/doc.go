// Package plan decides what should happen: which reminders an object makes, where each goes and
// until when it may be posted. It is pure: it reads no clock and changes nothing.
//
//	plan.go         object → reminders, and what follows them later
//	news.go         which of them fall due late and were not known before
//	policy.go       the settings in force, compiled for look-up; immutable
//	roster.go       accounts and webhooks: who owns what
//	choose.go       where a calendar's reminders go by the settings
//	routing.go      where one alarm goes, and which alarms are made beside it
//	silent.go       why an instance posts nothing, whoever wants it
//	rules.go        rules, compiled
//	carriers.go     what an event itself says about its reminders
//	writtenback.go  alarms that were written into an event and came back
//	switchedoff.go  calendars of other people, and which names mean a calendar
//	authorize.go    who may send to which webhook
//	renamed.go      accounts that are called otherwise in the file now
//	deadline.go     until when a reminder is worth posting
//	instance.go     an announced instance as its event has it now
//	render.go       the message of a claim, from the newest copy of its event
//	agendarow.go    an instance as a line of an agenda
package plan
