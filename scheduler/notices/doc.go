// Package notices puts into the queue what the program has to say for itself: that reminders were
// missed, that webhooks, accounts or calendars fail, that they work again, and the agendas of
// digests. It posts nothing: dispatch does.
//
//	notifier.go  the loop, missed reminders, the way into the queue
//	trouble.go   what is wrong now, compared with what was reported
//	digests.go   when which digest is due
//	agenda.go    what an agenda holds
package notices
