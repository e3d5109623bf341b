// Package words says to a reader what the program knows: in their language, and by their clock.
// It has no clock of its own and knows no HTML; the words themselves are in i18n.
//
//	words.go   errors, reasons and warnings
//	events.go  when events are, who takes part, and what is paused
//	leads.go   times before an event
package words
