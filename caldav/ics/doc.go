// Package ics takes an .ics file that holds a calendar apart: one object per UID, with the zones that
// it needs, under a key and a tag that follow from what it says. A file costs its own size and little
// more, and one that was cut off is an error. What an event means is left to package ical.
//
// It does no I/O, and imports the root alone.
//
//	split.go  a file → objects
//	head.go   what a file says of itself: its name, how often to ask
package ics
