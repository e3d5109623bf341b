// Package edit writes iCalendar text: a new event, and alarms put into an event or taken out with
// every other byte left as it is. It knows a text by its components and properties alone, and
// works out no instants: that is package ical's.
//
// It is pure, and imports the root, ical/syntax and go-ical, whose encoder writes new objects.
//
//	patch.go  alarms put into a text, or taken out, and nothing else changed
//	write.go  a new event as text
package edit
