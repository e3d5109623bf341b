// Package edit writes iCalendar text: a new event, or alarms put into an event or taken out, with
// every other byte unchanged. It finds components and properties as the reader does, by
// ical/syntax, and works out no instants. What is new is encoded by go-ical; what exists is
// patched.
//
// It is pure, and may import the root package, ical/syntax and github.com/emersion/go-ical.
//
//	patch.go  alarms put into a text, or taken out, and nothing else changed
//	write.go  a new event as text
package edit
