// Package words says what the program knows to a reader: in their language, and by their clock. It
// has no clock of its own and knows no HTML; the words themselves are in web/i18n.
//
// It is pure, and may import the root package, api/types and web/i18n.
//
//	words.go   errors, reasons and warnings
//	events.go  when events are, who takes part, and what is paused
//	leads.go   times before an event
package words
