// Package calbell holds the words of the domain: what a calendar, an event, a
// reminder, a webhook and a delivery are. It has no I/O and no clock, and it
// imports the standard library alone, so that every other package can import it.
//
// A walk through the program, in the order in which the data flows:
//
//	caldav     server → Changes: discovery, sync-tokens, ETags, raw objects
//	ical       iCalendar text → events, instances, alarm instants (recur, zone)
//	scheduler  plan (pure) · syncer · dispatch · notices · timetable: the two loops
//	store      what the program asks of a database; store/bolt answers it
//	templates  %subject% %date% … → text, escaped for the chat it goes to
//	webhook    text → POST, and the verdict on the answer
//	service    what a person may do; api and web only speak for it
//	daemon     wires all of these and owns their life
//	cmd        the command line
//
// Two loops share one queue. Sync reads calendars and writes down what must
// happen (reminders, each with an instant Due); dispatch claims what is due,
// posts it and records the outcome. Neither acts on what it just learnt: a crash
// between any two steps leaves a state from which the next step is taken again.
//
// Names are those of RFC 5545 (iCalendar), 4791 (CalDAV), 6578 (sync-collection)
// and 9074 (alarms).
package calbell
