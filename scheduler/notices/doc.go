// Package notices queues the program's own messages: that reminders were
// missed, that webhooks, accounts or calendars fail, that they work again, and the agendas of
// digests. It posts nothing: dispatch does.
// The ID of a notice follows from its content, so that it is sent once.
//
// It may import the root package, ical, ical/zone, scheduler, scheduler/plan and store.
//
//	notifier.go  the loop, and notices of missed reminders
//	trouble.go   current troubles, compared with those reported
//	digests.go   due times of digests
//	agenda.go    the content of an agenda
package notices
