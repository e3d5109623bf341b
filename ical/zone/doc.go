// Package zone finds the zone that a TZID means and maps wall-clock times to instants
// (RFC 5545 §3.2.19, §3.3.5, §3.6.5).
//
// Zone data come from the system first, then from the copy that time/tzdata embeds
// into the program: the system's is updated without a new Calbell.
//
// It is pure, and may import the root package and ical/recur.
//
//	clock.go      wall clock → instant, and back
//	book.go       the zones of one text: a TZID → zone, and how it was found
//	zone.go       zones by name alone, and the version of the zone data
//	display.go    display names of Windows, and names that give an offset
//	vtimezone.go  a VTIMEZONE → zone
//	names.go      generated: the names of the IANA database
//	windows.go    generated: the names of Windows with their IANA zones
//	gen.go        makes names.go and windows.go
package zone
